"""Jupyter on this working copy: its kernelspec and its package are found before installed ones."""

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import nbclient
import nbformat
from nbformat import NotebookNode

KERNEL_NAME = "redislua"
ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

#: What a page would show instead of the HTML: the live widget, which is gone, and JSON.
_NOT_STORED = ("application/vnd.jupyter.widget-view+json", "application/json")

#: The magics that show times and rates, and what they look like: `3.5 ms`, `12:30:59`, a bare
#: `17.2`, `99%`, `12.5 MiB`, `123,456`, `▁▃█`.
_MEASURES = re.compile(r"^%%?(trace|profile|scripts|functions|stats)\b", re.MULTILINE)
_TIMES = re.compile(
    r"\b\d+(\.\d+)? ?(µs|ms|s|%|[KMG]iB)|\b\d\d:\d\d:\d\d\b|\b\d+\.\d\b|\b\d+(,\d{3})+\b|[▁-█]+"
)

#: Where the servers listen that a notebook has started.
_PORTS = re.compile(r"\b127\.0\.0\.1:\d{5}\b")


def kernel_environment(directory: Path) -> dict[str, str]:
    """Give the variables with which Jupyter finds this kernel; the directory will hold its spec."""
    kernels = directory / "kernels"
    kernels.mkdir(parents=True)
    (kernels / KERNEL_NAME).symlink_to(ROOT / "kernelspec")
    path = os.environ.get("PYTHONPATH")
    return {
        "JUPYTER_PATH": str(directory),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": str(ROOT) + (os.pathsep + path if path else ""),
    }


def outputs_as_text(notebook: NotebookNode) -> list[tuple[str, list[str]]]:
    """Give each code cell's source, and its outputs as text, without times and free ports."""
    return [
        (cell.source, [_as_text(output, _MEASURES.search(cell.source)) for output in cell.outputs])
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def _as_text(output: NotebookNode, measures: object) -> str:
    if output.output_type == "stream":
        return f"{output.name}: {output.text}"
    if output.output_type == "error":
        return f"{output.ename}: " + _PORTS.sub("127.0.0.1:…", "\n".join(output.traceback))
    text = _PORTS.sub("127.0.0.1:…", output.data["text/plain"])
    if measures:
        # The widths of columns, and the order of some rows, follow from the times in them.
        return "\n".join(sorted(re.sub(" +", " ", _TIMES.sub("…", text)).split("\n")))
    return text


def run_notebook(path: Path) -> NotebookNode:
    """Run a copy of a notebook from top to bottom, as it is to be stored.

    Raises CellExecutionError for an error in a cell without the tag raises-exception. Nothing
    that changes from run to run is kept (no times), and only what pages are to show. The files
    that it writes are gone with the directory it runs in.
    """
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as directory:
        nbclient.NotebookClient(
            notebook,
            kernel_name=KERNEL_NAME,
            timeout=60,
            record_timing=False,
            coalesce_streams=True,
            store_widget_state=False,
            resources={"metadata": {"path": directory}},
        ).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for kind in _NOT_STORED:
                output.get("data", {}).pop(kind, None)
    return notebook
