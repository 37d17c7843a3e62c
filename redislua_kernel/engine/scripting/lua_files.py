"""Our own Lua files, in one Lua state: each is compiled once for all states of the process."""

from __future__ import annotations

from importlib import resources
from typing import Any

from redislua_kernel.engine.scripting.bytecode.dump import strip_lines

__all__ = ["LuaFiles"]

_FOLDER = resources.files("redislua_kernel.engine") / "lua"

#: Position and name of our own code must not show in the texts of errors.
_CHUNK = b"=sandbox"

#: What the files were compiled to, by name.
_COMPILED: dict[str, bytes] = {}


class LuaFiles:
    """Makes functions of our Lua files; begun while the state has all its globals."""

    def __init__(self, lua: Any) -> None:
        stock = lua.globals()
        self._loadstring, self._dump = stock[b"loadstring"], stock[b"string"][b"dump"]
        self._globals, self._set_globals = lua.table_from(dict(stock.items())), stock[b"setfenv"]

    def load(self, name: str) -> Any:
        """Give a file as the function that it is."""
        code = _COMPILED.get(name)
        if code is None:
            text = (_FOLDER / f"{name}.lua").read_bytes()
            code = _COMPILED[name] = strip_lines(self._dump(self._loadstring(text, _CHUNK)))
        return self._loadstring(code, _CHUNK)

    def load_late(self, name: str) -> Any:
        """Give a file as `load` does, after the globals were taken away: it sees them as of old."""
        return self._set_globals(self.load(name), self._globals)

    def load_visible(self, name: str) -> Any:
        """Give a file whose name and lines errors and debuggers show."""
        return self._loadstring((_FOLDER / f"{name}.lua").read_bytes(), b"@" + name.encode())
