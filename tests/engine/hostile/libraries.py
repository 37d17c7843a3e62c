# ruff: noqa: E501  # a piece of code is a line
"""Libraries and payloads that mean harm: what FUNCTION LOAD, RESTORE and FCALL are given.

Each is a list of commands, made when it is its turn: some are long.
"""

from __future__ import annotations

from collections.abc import Callable

from redislua_kernel.engine.rdb.libraries import write_libraries
from redislua_kernel.engine.rdb.payload import sign

Command = tuple[str | bytes | int, ...]

#: By what they do: commands.
LIBRARIES: dict[str, Callable[[], list[Command]]] = {}

_HEAD = b"#!lua name=lib\n"


def _load(name: str, code: bytes, *calls: Command, head: bytes = _HEAD) -> None:
    LIBRARIES[name] = lambda: [("FUNCTION", "LOAD", head + code), *calls]


def _grow(name: str, code: bytes, times: int, *words: str | bytes) -> None:
    calls: list[Command] = [("FCALL", "f", 0, *words)] * times
    _load(name, code, *calls)


def _restore(name: str, make: Callable[[], bytes], *policy: str) -> None:
    LIBRARIES[name] = lambda: [("FUNCTION", "RESTORE", make(), *policy)]


def _head(name: bytes) -> Callable[[], list[Command]]:
    return lambda: [("FUNCTION", "LOAD", name + b"\nredis.register_function('f', function() end)")]


_F = b"local function f() end "
_TEN_MB = 10**7

# While it is loaded
_load("endless loop", b"while true do end")
_load("endless memory", b"local t = {} while true do t[#t + 1] = {} end")
_load("endless text", b"local s = 'x' while true do s = s .. s end")
_load("endless texts", b"local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e6) .. i end")
_load("endless log", b"while true do redis.log(redis.LOG_WARNING, ('x'):rep(1e6)) end")
_load("endless recursion", b"local function f() return f() + 1 end f()")
_load("endless tail calls", b"local function f() return f() end f()")
_load("endless callbacks", b"local function f() return (('x'):gsub('x', f)) end f()")
_load("endless closures", b"local f for i = 1, 1e9 do local g = f f = function() return g end end")
_load("endless matches", b"for _ in ('x'):rep(1e6):gmatch('') do while true do end end")
_load("a pattern without end", b"('a'):rep(150):find(('a-'):rep(20) .. 'b')")
_load("a pattern of many parts", b"('a'):rep(4e6):find(('a*'):rep(4e6))")
_load("an error as large as can be", b"local x = " + b"y" * _TEN_MB)
_load("an error", b"local t = nil + 1")
_load("deep brackets", b"local x = " + b"(" * 100_000 + b"1" + b")" * 100_000)
_load("deep tables", b"local x = " + b"{" * 100_000)
_load("deep functions", b"local x = " + b"function() return " * 100_000)
_load("deep blocks", b"do " * 1_000_000)
_load(
    "a long constant",
    b"local x = '" + b"x" * _TEN_MB + b"' redis.register_function('f', function() end)",
)

# What it registers
_load("many functions", _F + b"for i = 1, 1e7 do redis.register_function('f' .. i, f) end")
_load("some thousand functions", _F + b"for i = 1, 5e3 do redis.register_function('f' .. i, f) end")
_load("one description for all", _F + b"local d = ('x'):rep(1e7) for i = 1, 300 do "
      b"redis.register_function{function_name = 'f' .. i, callback = f, description = d} end",
      ("FUNCTION", "LIST"))  # fmt: skip
_load("long names", _F + b"for i = 1, 300 do redis.register_function(('x'):rep(1e6) .. i, f) end",
      ("FUNCTION", "LIST"))  # fmt: skip
_load("a long bad name", _F + b"redis.register_function(('x '):rep(1e6), f)")
_load("a million flags", _F + b"local t = {} for i = 1, 1e6 do t[i] = 'no-writes' end "
      b"redis.register_function{function_name = 'f', callback = f, flags = t}")  # fmt: skip
_load("many times many flags", _F + b"local t = {} for i = 1, 1e5 do t[i] = 'no-writes' end "
      b"for i = 1, 1e4 do redis.register_function{function_name = 'f' .. i, callback = f, flags = t} end"
      )  # fmt: skip
_load("a long flag", _F + b"redis.register_function{function_name = 'f', callback = f, "
      b"flags = {('x'):rep(1e7)}}")  # fmt: skip
_load("a long argument", b"redis.register_function{[('x'):rep(1e7)] = 1}")
_load(
    "a million arguments", b"local t = {} for i = 1, 1e6 do t[i] = i end redis.register_function(t)"
)
_load("the API as arguments", b"redis.register_function(redis)")
_load("functions as names", b"redis.register_function(redis.register_function, function() end)")
_load("functions of C", b"redis.register_function('f', redis.register_function) "
      b"redis.register_function('g', ('').rep) redis.register_function('h', ('').gmatch)",
      ("FCALL", "f", 0), ("FCALL", "g", 0), ("FCALL", "h", 1, "x", "y"))  # fmt: skip
LIBRARIES["hundreds of libraries"] = lambda: [
    ("FUNCTION", "LOAD", b"#!lua name=l%d\nredis.register_function('f%d', function() end)" % (i, i))
    for i in range(300)
]

# The first line
LIBRARIES["a name as long as can be"] = _head(b"#!lua name=" + b"x" * _TEN_MB)
LIBRARIES["the same name a million times"] = _head(b"#!lua " + b"name=a " * 1_000_000)
LIBRARIES["a million words"] = _head(b"#!lua name=" + b"x " * 1_000_000)
LIBRARIES["quotes"] = _head(b"#!lua " + b'"' * _TEN_MB)
LIBRARIES["escapes"] = _head(b'#!lua name="' + b"\\x41" * 1_000_000 + b'"')
LIBRARIES["spaces"] = _head(b"#!lua " + b" " * _TEN_MB + b"name=x")
LIBRARIES["an engine as long as can be"] = _head(b"#!" + b"x" * _TEN_MB + b" name=x")

# Payloads
_restore("a thousand libraries", lambda: write_libraries(
    [b"#!lua name=l%d\nredis.register_function('f%d', function() end)" % (i, i) for i in range(500)]
))  # fmt: skip
_restore("libraries that take their time", lambda: write_libraries(
    [b"#!lua name=l%d\nfor i = 1, 1e6 do end redis.register_function('f%d', function() end)" % (i, i)
     for i in range(1000)]
))  # fmt: skip
_restore("libraries that hold much", lambda: write_libraries(
    [b"#!lua name=l%d\nlocal s = ('x'):rep(1e7) .. %d "
     b"redis.register_function('f%d', function() return s end)" % (i, i, i) for i in range(100)]
), "FLUSH")  # fmt: skip
_restore("the same library", lambda: write_libraries(
    [_HEAD + b"redis.register_function('f', function() end)"] * 1000
))  # fmt: skip
_restore("an endless library", lambda: write_libraries([_HEAD + b"while true do end"]))
_restore("a long library", lambda: write_libraries([_HEAD + b"--" + b"x" * 10 * _TEN_MB]))
_restore("a packed library", lambda: sign(
    b"\xf5\xc3\x80" + _TEN_MB.to_bytes(4, "big") + b"\x80" + (88 * _TEN_MB).to_bytes(4, "big")
    + (b"\x00x" + b"\xe0\xff\x00" * (_TEN_MB // 3))[:_TEN_MB]
))  # fmt: skip
_restore("more packed than there can be", lambda: sign(
    b"\xf5\xc3\x05\x81" + (2**62).to_bytes(8, "big") + b"\x00x\xe0\xff\x00"
))  # fmt: skip
_restore("longer than it is", lambda: sign(b"\xf5\x81" + b"\xff" * 8 + b"x"))

# What functions keep from call to call
_grow("a table grows", b"local t = {} redis.register_function('f', function() "
      b"for i = 1, 1e5 do t[#t + 1] = {} end return #t end)", 12)  # fmt: skip
_grow("a text grows", b"local s = 'x' redis.register_function('f', function() "
      b"s = s .. s return #s end)", 30)  # fmt: skip
_grow("texts are kept", b"local t = {} redis.register_function('f', function() "
      b"t[#t + 1] = ('x'):rep(5e6) .. #t return #t end)", 20)  # fmt: skip
_grow("arguments are kept", b"local t = {} redis.register_function('f', function(_, args) "
      b"t[#t + 1] = args return #t end)", 20, b"x" * 5_000_000)  # fmt: skip
_grow("a coroutine keeps texts", b"local t, c = {} redis.register_function('f', function() "
      b"c = c or coroutine.wrap(function() while true do t[#t + 1] = ('x'):rep(1e6) .. #t "
      b"coroutine.yield(#t) end end) return c() end)", 60)  # fmt: skip
_grow("closures are kept", b"local f redis.register_function('f', function() "
      b"for i = 1, 1e5 do local g = f f = function() return g end end end)", 12)  # fmt: skip
_grow("errors are kept", b"local t = {} redis.register_function('f', function() "
      b"t[#t + 1] = ('x'):rep(5e6) .. #t error(t[#t]) end)", 12)  # fmt: skip
