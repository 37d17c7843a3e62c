"""A library as it is being written: what it is called, and what it would take the place of."""

from __future__ import annotations

from dataclasses import dataclass

from redislua_kernel.engine import Engine
from redislua_kernel.engine.scripting.shebang import read_library_head

__all__ = ["Draft", "read_draft"]


@dataclass(frozen=True)
class Draft:
    """Code to load; `before` is that of the library with its name, None if there is none."""

    name: bytes
    code: bytes
    before: bytes | None


def read_draft(engine: Engine, code: bytes) -> Draft:
    """Read code that is to be loaded. Raises the error of a first line that is none."""
    name = read_library_head(code, engine.dialect).name
    known = engine.scripting.functions.libraries.get(name)
    return Draft(name, code, None if known is None else known.code)
