"""The package as other programs find it: by the entry points of this working copy."""

import os
import tomllib
from pathlib import Path

import nbformat
import pytest

from tests.jupyter import ROOT


@pytest.fixture
def environment(tmp_path: Path, kernelspec: str) -> dict[str, str]:
    """The environment of a program that finds the kernel, the package and its entry points."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    metadata = tmp_path / "site" / "redislua_kernel-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: redislua-kernel\nVersion: 0\n")
    lines: list[str] = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    path = os.pathsep.join([str(metadata.parent), os.environ["PYTHONPATH"]])
    return {**os.environ, "PYTHONPATH": path}


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook with parameters, a script, a library and a test."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "redislua", "display_name": "Redis Lua"}
    notebook.metadata.language_info = {"name": "lua", "file_extension": ".lua"}
    cells = [
        "%args --n 5 --who Bob",
        "{ARGV[1], ARGV[2]}",
        "%%eval k\nreturn KEYS[1]",
        "#!lua name=twice\nredis.register_function('twice', function(_, a) return a[1] * 2 end)",
        "%%test it doubles\n> FCALL twice 0 21\n(integer) 42",
    ]
    notebook.cells = [nbformat.v4.new_markdown_cell("# A title"), *map(_code_cell, cells)]
    notebook.cells[1].metadata.tags = ["parameters"]
    path = tmp_path / "notebook.ipynb"
    nbformat.write(notebook, path)
    return path


def _code_cell(source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source)
