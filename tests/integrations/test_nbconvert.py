"""nbconvert: a notebook as one file of Lua."""

import subprocess
import sys
from pathlib import Path

import nbformat

from redislua_kernel.engine import Engine
from redislua_kernel.integrations.nbconvert import LuaExporter
from tests.jupyter import NOTEBOOKS

SCRIPT = """-- # A title

-- %args --n 5 --who Bob

do
return {ARGV[1], ARGV[2]}
end

-- %%eval k
do
return KEYS[1]
end

do
-- #!lua name=twice
redis.register_function('twice', function(_, a) return a[1] * 2 end)
end

-- %%test it doubles
-- > FCALL twice 0 21
-- (integer) 42
"""


def test_nbconvert_writes_lua(environment: dict[str, str], notebook: Path) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to", "script", str(notebook)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=240)
    assert notebook.with_suffix(".lua").read_text() == SCRIPT


def test_the_notebooks_become_lua_that_compiles() -> None:
    engine, exporter = Engine(), LuaExporter()
    for path in NOTEBOOKS:
        text, resources = exporter.from_filename(str(path))
        assert engine.scripting.compile_error(text.encode()) is None, path
        assert resources["output_extension"] == ".lua"


def test_a_notebook_of_another_kernel_is_left_as_it_is(notebook: Path) -> None:
    read = nbformat.read(notebook, as_version=4)
    read.metadata.kernelspec.name = "xlua"
    text, _ = LuaExporter().from_notebook_node(read)
    assert text.startswith("%args --n 5 --who Bob\n\n{ARGV[1], ARGV[2]}\n")


def test_a_cell_that_is_no_lua_becomes_a_comment(notebook: Path) -> None:
    read = nbformat.read(notebook, as_version=4)
    read.cells = [nbformat.v4.new_code_cell(each) for each in ("return return", "%keys 'x")]
    text, _ = LuaExporter().from_notebook_node(read)
    assert text == "-- return return\n\n-- %keys 'x\n"
