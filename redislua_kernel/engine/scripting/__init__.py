"""The scripting engine: EVAL scripts and function libraries on an embedded Lua."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine


class Scripting:
    """Scripts, libraries and the Lua runtime of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
