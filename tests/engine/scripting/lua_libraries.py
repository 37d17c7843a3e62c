"""A raw Lua runtime with the script libraries in it, for the tests of each library."""

from typing import Any

from lupa.lua51 import LuaRuntime

from redislua_kernel.engine.scripting.libs import load_libraries
from redislua_kernel.engine.scripting.lua_files import LuaFiles

_RUN = b"""
local loadstring, pcall, select = loadstring, pcall, select
local function pack(...)
  return { n = select('#', ...), ... }
end
return function(source, ...)
  local script = loadstring('local pack, ARGV = ... ' .. source, '@user_script')
  return pcall(script, pack, { ... })
end
"""


class Script:
    """Runs expressions as a script would."""

    def __init__(self) -> None:
        lua: Any = LuaRuntime(
            encoding=None, unpack_returned_tuples=True, register_eval=False, register_builtins=False
        )
        for name, library in load_libraries(lua, LuaFiles(lua)).items():
            lua.globals()[name] = library
        self._run = lua.execute(_RUN)

    def run(self, source: str, *arguments: bytes) -> tuple[bool, Any]:
        ok, result = self._run(source.encode("latin-1"), *arguments)
        return ok, result

    def values(self, expression: str, *arguments: bytes) -> list[Any]:
        """All values of an expression."""
        ok, table = self.run(f"local result = pack({expression}) return result", *arguments)
        assert ok, table
        return [table[index] for index in range(1, table[b"n"] + 1)]

    def value(self, expression: str, *arguments: bytes) -> Any:
        """The single value of an expression."""
        (value,) = self.values(expression, *arguments)
        return value

    def error(self, expression: str, *arguments: bytes) -> str:
        """The text of the error an expression raises, with the script's line in front."""
        ok, text = self.run(f"local result = pack({expression}) return result", *arguments)
        assert not ok, text
        return str(text, "latin-1")
