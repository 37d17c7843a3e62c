"""Our own Lua files: what stands around scripts."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from redislua_kernel.engine.scripting.bytecode.dump import of_kind
from redislua_kernel.engine.scripting.bytecode.opcodes import SETGLOBAL
from tests.engine.scripting.bytecode.compiling import compiled

FILES = sorted(Path(str(resources.files("redislua_kernel.engine")), "lua").glob("*.lua"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_of_ours_sets_no_global(file: Path) -> None:
    functions = compiled(file.read_bytes()).tree()
    assert not any(function.places(of_kind(SETGLOBAL)) for function in functions)
