"""The script libraries cjson, cmsgpack, struct and bit, loaded into a raw Lua runtime.

They are Lua files, run before the sandbox closes: what they need of the standard library they keep
as upvalues. What they share, `arguments.lua` and `number_codec.lua`, is handed to each; scripts
never see it.
"""

import struct
from collections.abc import Callable
from typing import Any

from redislua_kernel.engine.scripting.json_escapes import resolve_escapes
from redislua_kernel.engine.scripting.lua_files import LuaFiles
from redislua_kernel.engine.scripting.numbers import pack_numbers, read_numbers

__all__ = ["load_libraries"]

_LIBRARIES = ("bit", "cjson", "cmsgpack", "struct")


def load_libraries(
    lua: Any,
    files: LuaFiles,
    real_tables: Any = None,
    heed: Callable[[Any], Any] = lambda function: function,
) -> dict[bytes, Any]:
    """Run the library files in a lupa runtime; answer each library's Lua table by its name.

    `real_tables` leads from the sandbox's readonly tables, which are empty, to what they show;
    `heed` makes a function of ours look whether there is room for what it gives.
    """
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
    arguments, codec = files.load("arguments")(), files.load("number_codec")(host)
    shared = (arguments, codec, real_tables or lua.table(), files.load("struct_code")(host), host)
    return {name.encode(): files.load(name)(*shared) for name in _LIBRARIES}
