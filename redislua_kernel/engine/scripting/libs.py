"""The script libraries cjson, cmsgpack, struct and bit, loaded into a raw Lua runtime.

They are Lua files, run before the sandbox closes: what they need of the standard library they keep
as upvalues. What they share, `arguments.lua` and `number_codec.lua`, is handed to each; scripts
never see it.
"""

import struct
from collections.abc import Callable
from importlib import resources
from typing import Any

from redislua_kernel.engine.scripting.json_escapes import resolve_escapes
from redislua_kernel.engine.scripting.numbers import pack_numbers, read_numbers

__all__ = ["LIBRARIES", "load_libraries"]

LIBRARIES = (b"bit", b"cjson", b"cmsgpack", b"struct")

_LUA = resources.files("redislua_kernel.engine") / "lua"
# Position and name of the library code itself must not show in error texts.
_CHUNK = b"=sandbox"


def _source(name: bytes) -> bytes:
    return (_LUA / f"{name.decode()}.lua").read_bytes()


def load_libraries(
    lua: Any, real_tables: Any = None, heed: Callable[[Any], Any] = lambda function: function
) -> dict[bytes, Any]:
    """Run the library files in a lupa runtime; answer each library's Lua table by its name.

    `real_tables` leads from the sandbox's readonly tables, which are empty, to what they show;
    `heed` makes a function of ours look whether there is room for what it gives.
    """
    loadstring = lua.globals()[b"loadstring"]

    def load(name: bytes, *arguments: Any) -> Any:
        return loadstring(_source(name), _CHUNK)(*arguments)

    double = struct.Struct(">d")
    functions = {
        b"pack_double": double.pack,
        b"pack_numbers": pack_numbers,
        b"read_numbers": read_numbers,
        b"resolve_escapes": resolve_escapes,
        b"struct_pack": struct.pack,
        b"struct_size": struct.calcsize,
        b"struct_unpack": struct.unpack,
        b"unpack_double": double.unpack,
    }
    host = lua.table_from({name: heed(function) for name, function in functions.items()})
    codec, code = load(b"number_codec", host), load(b"struct_code", host)
    shared = (load(b"arguments"), codec, real_tables or lua.table(), code, host)
    return {name: load(name, *shared) for name in LIBRARIES}
