# ruff: noqa: E501  # a script is a line
"""The sandbox: from a script nothing of Python, of files, processes or the network is in reach."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine, ResponseError

#: Each must fail, or reply nothing at all; never a thing from outside.
FAILING = [
    # what stock Lua has
    "return os.execute('id')", "return os.getenv('PATH')", "return os.exit()", "return os.remove('x')",
    "return os.rename('x', 'y')", "return os.tmpname()", "return os.time()", "return os.date()",
    "return os.setlocale('C')", "return io.open('/etc/passwd')", "return io.popen('id')",
    "return io.lines('/etc/passwd')()", "return io.stdout:write('x')", "return require('os')",
    "return package.loadlib('libc.so.6', 'system')", "return package.path", "return package.loaded.io",
    "return package.preload", "return module('x')", "return dofile('/etc/passwd')",
    "return loadfile('/etc/passwd')", "return debug.getregistry()", "return debug.getinfo(1)",
    "return debug.getupvalue(redis.call, 1)", "return debug.setmetatable('', {})",
    "return debug.sethook()", "return debug.getfenv(redis.call)", "return debug.traceback()",
    "return print('x')", "return getfenv(0)", "return getfenv(redis.call)", "return setfenv(1, {})",
    "return newproxy(true)", "return arg[0]",
    # what lupa has
    "return python.eval('1')", "return python.builtins", "return python.globals()", "return python.none",
    "return python.as_attrgetter(redis)", "return python.iter({})", "return lupa", "return _G.python",
    # by strange ways to the same
    "return _G['os']['execute']('id')", "return rawget(_G, 'io').open", "return _G._G._G.io.open('x')",
    "return loadstring('return io.open')()", "return loadstring('return debug')()",
    "return load(function() return nil end, 'x')().io", "return getmetatable(_G).__index.io",
    "return ('').execute('id')", "return (''):open()", "return string.io",
    "return pcall(loadstring('return python'))()", "return coroutine.wrap(function() return io.open end)()",
    "return setmetatable({}, {__index = _G}).io.open", "return redis.io", "return redis.__class__",
    "return redis.call.__globals__", "return redis.call.__class__", "return redis.log.__self__",
    "return redis.sha1hex.__init__", "return math.random.__self__", "return math.random.__globals__",
    "return cjson.null.__class__", "return cjson.encode.__globals__", "return cmsgpack.pack.__class__",
    "return redis.engine", "return redis.runtime", "return KEYS.__class__", "return ARGV.__class__",
    # changing what others see
    "string.rep = nil", "redis.call = nil", "_G.redis = nil", "_G.x = 1", "x = 1", "math.random = nil",
    "rawset(_G, 'x', 1)", "rawset(redis, 'call', 1)", "setmetatable(_G, {})",
    "setmetatable(redis, {})", "getmetatable('').__index = {}", "getmetatable(_G).__index = {}",
    "table.insert(redis, 1)", "cjson.decode = nil", "cjson.null.x = 1", "KEYS = nil",
    "getmetatable(redis).__newindex = nil", "table.sort = table.concat", "coroutine.wrap = nil",
    "_G['call\\0002'] = error", "rawset(_G, 'call\\0002', error)", "return _G['\\0table first'].x",
    "_G['\\0protected'][redis] = nil", "return string.dump(_G['call\\0002'])",
]  # fmt: skip

#: Each runs, and what it gives must not look like anything of Python's or of Lua's inside.
LOOKING = [
    "local t = {} for k, v in pairs(_G) do t[#t + 1] = tostring(k) .. type(v) end return t",
    "local t = {} for k, v in pairs(redis) do t[#t + 1] = tostring(v) end return t",
    "local t = {} for k, v in pairs(string) do t[#t + 1] = tostring(v) end return t",
    "local t = {} for k, v in pairs(math) do t[#t + 1] = tostring(v) .. type(v) end return t",
    "return {map = _G}", "return {set = _G}", "return {map = getmetatable(_G)}",
    "return tostring(redis.call) .. tostring(redis.pcall) .. tostring(cjson.null)",
    "local ok, e = pcall(redis.call) return type(e) == 'table' and tostring(e.err) or tostring(e)",
    "local ok, e = pcall(redis.call, 'GET') return tostring(e)",
    "local ok, e = pcall(error, redis.call) return tostring(e)",
    "local ok, e = xpcall(function() redis.call('x') end, function(e) return e end) return tostring(e)",
    "return tostring(getmetatable(redis.call))", "return tostring(getmetatable(cjson.null))",
    "return tostring(getmetatable(redis))", "return type(redis.pcall('INCR', 'x', 'y'))",
    "return select(2, loadstring('x ='))", "return tostring(select(2, pcall(string.rep)))",
    "return tostring(select(2, pcall(redis.sha1hex, {})))",
    "return tostring(select(2, pcall(math.random, {})))",
    "return tostring(select(2, pcall(cjson.encode, redis.call)))",
    "return tostring(select(2, pcall(cmsgpack.pack, redis.call)))",
    "return tostring(select(2, coroutine.resume(coroutine.create(redis.call or error))))",
    "return tostring(string.gsub('x', 'x', redis.sha1hex))",
    "return tostring(select(2, pcall(setmetatable, redis.call, {})))",
    "return tostring(select(2, pcall(function() return redis.call.x end)))",
    "return tostring(select(2, pcall(function() return redis.call + 1 end)))",
    "return tostring(select(2, pcall(function() return #redis.call end)))",
    "return tostring(select(2, pcall(function() return redis.call < redis.pcall end)))",
    "return tostring(select(2, pcall(next, redis.call)))",
    "return tostring(select(2, pcall(unpack, redis.call)))",
]  # fmt: skip

#: What is no text of a script's own world.
_FOREIGN = (
    "python", "lupa", "<built-in", "<function", "<bound", "object at", "Traceback", "redislua",
    "/usr", "/lib", ".py", "userdata: 0x", "root:", "uid=", "\\x00",
)  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


def test_there_are_many() -> None:
    assert len(FAILING) + len(LOOKING) >= 120


@pytest.mark.parametrize("script", FAILING)
def test_the_way_is_barred(engine: Engine, script: str) -> None:
    try:
        reply = engine.execute("EVAL", script, 0)
    except ResponseError as error:
        said = error.message
    else:
        said = "" if reply is None else f"internal error: a reply of {reply!r}"
    assert "internal error" not in said
    assert_nothing_foreign(script, said)
    assert engine.execute("EVAL", "return redis.call('ECHO', string.rep('x', 3))", 0) == b"xxx"


@pytest.mark.parametrize("script", LOOKING)
def test_nothing_foreign_is_to_be_seen(engine: Engine, script: str) -> None:
    try:
        assert_nothing_foreign(script, engine.execute("EVAL", script, 0))
    except ResponseError as error:
        assert_nothing_foreign(script, error.message)


def assert_nothing_foreign(script: str, reply: object) -> None:
    shown = str(reply)
    for word in _FOREIGN:
        assert word not in shown or word in script, shown
