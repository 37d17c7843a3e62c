"""What stands around scripts in a Lua state, put together: the sandbox and the `redis` object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from redislua_kernel.engine.scripting.libs import load_libraries
from redislua_kernel.engine.scripting.lua_files import LuaFiles

__all__ = ["assemble"]

#: The Lua files around `redis.lua`; each may use those before it.
_PARTS = (
    "generator", "sandbox", "patterns", "results", "parameters", "interrupts", "learning", "pinned",
    "repeated", "replies", "dispatch", "calls", "failures", "registering", "redis",
)  # fmt: skip


def assemble(
    lua: Any,
    files: LuaFiles,
    ours: Mapping[bytes, Any],
    heeded: Mapping[bytes, Callable[..., Any]],
    weigh: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> Any:
    """Put a state together, and leave nothing in its globals.

    Gives a table of what each file returned, by name. The files are given `ours`, and `heeded`:
    functions before whose calls Lua's memory is looked at. `weigh` makes a function ask whether
    there is room for the text that it gives.
    """
    host = lua.table_from(ours)
    host[b"write_position"] = files.load_visible("err_handler_def")()
    host[b"memory"] = files.load("memory")(host)
    heed = host[b"memory"][b"heed"]
    for name, function in heeded.items():
        host[name] = heed(function)
    host[b"real_tables"] = lua.eval(b"setmetatable({}, {__mode = 'k'})")
    libraries = load_libraries(
        lua, files, host[b"real_tables"], lambda function: heed(weigh(function))
    )
    host[b"libraries"] = lua.table_from(libraries)
    for part in _PARTS:
        host[part.encode()] = files.load(part)(host)
    stock = lua.globals()
    for name in list(stock):
        stock[name] = None
    # Where lupa looks for the handler of errors in what it calls.
    stock[b"debug"] = lua.table_from({b"traceback": host[b"failures"][b"record_error"]})
    return host
