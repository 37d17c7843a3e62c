"""EVAL's kin, SCRIPT and FUNCTION answer as on redis-server 8.2.3, command by command."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.resp_client import Reply, RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

Words = Sequence[str]

SHA_OF_RETURN_1 = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"


def library(name: str, body: str, flags: str = "") -> tuple[str, ...]:
    return "FUNCTION", "LOAD", f"#!lua name={name}{flags}\n{body}"


def register(name: str, body: str = "return 1", rest: str = "") -> str:
    if rest:
        return (
            f"redis.register_function{{function_name='{name}', "
            f"callback=function(keys, args) {body} end, {rest}}}"
        )
    return f"redis.register_function('{name}', function(keys, args) {body} end)"


SESSIONS: dict[str, list[Words]] = {
    "EVAL's numbers of keys": [
        ("EVAL", "return 1", count, *rest)
        for count, rest in (
            ("0", ()),
            ("1", ("k",)),
            ("2", ("k",)),
            ("-1", ()),
            ("x", ()),
            ("1.0", ("k",)),
            (" 1", "k"),
        )
    ]
    + [("EVAL", "return 1"), ("EVAL",), ("EVAL", "return {KEYS, ARGV}", "1", "k", "a", "b")],
    "digests": [
        ("EVALSHA", SHA_OF_RETURN_1, "0"),
        ("SCRIPT", "LOAD", "return 1"),
        ("EVALSHA", SHA_OF_RETURN_1, "0"),
        ("EVALSHA", SHA_OF_RETURN_1.upper(), "0"),
        ("EVALSHA_RO", SHA_OF_RETURN_1, "0"),
        ("EVALSHA", "short", "0"),
        ("EVALSHA", SHA_OF_RETURN_1, "9"),
        ("SCRIPT", "EXISTS", SHA_OF_RETURN_1, SHA_OF_RETURN_1.upper(), "no"),
        ("SCRIPT", "EXISTS"),
        ("SCRIPT", "FLUSH", "ASYNC"),
        ("SCRIPT", "EXISTS", SHA_OF_RETURN_1),
        ("SCRIPT", "FLUSH", "NOW"),
        ("SCRIPT", "FLUSH", "SYNC", "SYNC"),
        ("SCRIPT", "LOAD", "return ("),
        ("SCRIPT", "LOAD"),
        ("SCRIPT", "KILL"),
        ("SCRIPT", "NOSUCH"),
        ("SCRIPT",),
        ("SCRIPT", "HELP"),
    ],
    "keys of calls": [
        ("COMMAND", "GETKEYS", *name, count, "a", "b")
        for name in (("EVAL", "x"), ("FCALL_RO", "f"), ("ZUNION",), ("LMPOP",))
        for count in ("1", "2", "3", "0", "-1", "+1", " 1", "01", "1.5", "2x", "x", "4294967297")
    ],
    "read-only scripts": [
        ("SET", "k", "v"),
        ("EVAL_RO", "return redis.call('GET', 'k')", "0"),
        ("EVAL_RO", "return redis.call('SET', 'k', 'w')", "0"),
        ("EVAL_RO", "return redis.pcall('PUBLISH', 'k', 'w')", "0"),
        ("EVAL_RO", "return redis.pcall('SET', 'k')", "0"),
        ("EVAL_RO", "#!lua\nreturn 1", "0"),
        ("EVAL_RO", "#!lua flags=no-writes\nreturn redis.call('GET', 'k')", "0"),
        ("EVAL", "#!lua flags=no-writes\nreturn redis.call('SET', 'k', 1)", "0"),
        ("EVAL", "#!lua flags=no-writes\nreturn redis.call('PFCOUNT', 'k')", "0"),
    ],
    "shebangs": [
        ("EVAL", code, "0")
        for code in (
            "#!lua\nreturn 1",
            "#!lua",
            "#!\nreturn 1",
            "#!lua \nreturn 1",
            "#!js\nreturn 1",
            "#!LUA\nreturn 1",
            "#!lua flags=\nreturn 1",
            "#!lua flags=no-writes,allow-oom\nreturn 1",
            "#!lua flags=x\nreturn 1",
            "#!lua name=x\nreturn 1",
            "#!lua flags=no-writes flags=allow-oom\nreturn 1",
            "#! lua\nreturn 1",
            "#!lua flags=no-writes,\nreturn 1",
            "#!lua\nreturn redis.call('x')",
            "#!lua\n\nerror('x')",
            "#!lua 'flags=no-writes'\nreturn 1",
            "#!lua 'flags\nreturn 1",
        )
    ],
    "out of memory": [
        ("SET", "k", "v"),
        ("CONFIG", "SET", "maxmemory", "1"),
        ("EVAL", "return 1", "0"),
        ("EVAL", "return redis.call('GET', 'k')", "0"),
        ("EVAL", "return redis.call('SET', 'k', 'w')", "0"),
        ("EVAL", "return redis.pcall('SET', 'k', 'w')", "0"),
        ("EVAL", "redis.call('DEL', 'none') return redis.call('SET', 'k', 'w')", "0"),
        ("EVAL", "#!lua\nreturn 1", "0"),
        ("EVAL", "#!lua flags=no-writes\nreturn 1", "0"),
        ("EVAL", "#!lua flags=allow-oom\nreturn redis.call('SET', 'k', 'x')", "0"),
        library("lib", register("f")),
        ("CONFIG", "SET", "maxmemory", "0"),
        ("GET", "k"),
    ],
    "arguments of redis.call": [
        ("EVAL", f"return redis.call('RPUSH', 'l', {word}) and redis.call('LINDEX', 'l', -1)", "0")
        for word in (
            "1",
            "1.5",
            "-0",
            "0.1",
            "1e15",
            "1e16",
            "1e17",
            "123456789012345678",
            "2^53",
            "2^63",
            "1e100",
            "1/3",
            "1e-7",
            "-1.5e-10",
            "1/0",
            "-1/0",
            "0/0",
            "3.0",
            "100",
            "'x', 'y'",
            "nil",
            "true",
            "{}",
            "print",
            "unpack({1, 2, nil, 4}, 1, 4)",
            "unpack(KEYS)",
            "(function() local t = {} for i = 1, 100 do t[i] = i end return unpack(t) end)()",
            "(function() local t = {} for i = 1, 100 do t[i] = i end t[50] = nil "
            "return unpack(t, 1, 100) end)()",
        )
    ],
    "commands in scripts": [
        ("EVAL", f"return redis.{form}({call})", "0")
        for form in ("call", "pcall")
        for call in (
            "",
            "nil",
            "{}",
            "'NOSUCH'",
            "'GET'",
            "'SUBSCRIBE', 'c'",
            "'config', 'get', 'x'",
            "'OBJECT', 'x'",
            "'OBJECT'",
            "'CLIENT', 'ID'",
            "'MULTI'",
            "'EVAL', 'return 1', 0",
            "'FUNCTION', 'LIST'",
            "'AUTH', 'x'",
            "'DEBUG', 'SLEEP', 0",
            "'SCRIPT', 'FLUSH'",
            "'QUIT'",
            "'INFO', 'nosuch'",
            "'HELLO'",
            "'SELECT', 99",
            "'BLPOP', 'none', 0",
            "'XREAD', 'BLOCK', 0, 'STREAMS', 'x', '$'",
            "'WAIT', 1, 0",
            "'get', 'a', 'b'",
        )
    ],
    "where errors are": [
        ("EVAL", code, "0")
        for code in (
            "\n\nerror('x')",
            "error('x', 0)",
            "error({err='E x'})",
            "error({1})",
            "error()",
            "error(nil)",
            "local function f() error('x') end\n\nf()",
            "local function f() return redis.call('x') end\nreturn f()",
            "local call = redis.call\n\nreturn call('x')",
            "return\nredis.call('INCR')",
            "return nosuch",
            "x = 1",
            "local t = nil\nreturn t.x",
            "return #nil",
            "return 1 + {}",
            "return ('x')()",
            "return {} .. 'x'",
            "return pcall(redis.call, 'x')",
            "return {pcall(error, 'x')}",
            "local c = redis.pcall\nreturn c('x')",
            "return redis.error_reply('x')",
            "return redis.error_reply('X y')",
            "return {err='a\\nb'}",
            "return {err=''}",
            "return string.rep()",
            "return ('x'):rep({})",
            "return tonumber()",
            "return setmetatable(1, {})",
            "table.insert(nil, 1)",
            "table.insert(redis, 1)",
            "redis.x = 1",
            "redis.call = nil",
            "string.x = 1",
            "_G.x = 1",
            "rawset(_G, 'x', 1)",
            "setmetatable(_G, {})",
            "setmetatable(redis, {})",
            "getmetatable('').x = 1",
            "return loadstring(nil)",
            "return loadstring({})",
            "return loadstring('x', {})",
            "return {loadstring('x y')}",
            "return load('x')",
            "return {load(function() return nil end)}",
            "return loadstring('\\27Lua')",
            "return dofile",
            "return print('x')",
            "return getfenv()",
            "return newproxy",
            "return os.time()",
            "return io",
            "return debug",
            "return require('x')",
            "return module",
            "return package",
            "return coroutine.resume(1)",
            "return {coroutine.resume(coroutine.create(function() error('x') end))}",
            "coroutine.wrap(function() error('x') end)()",
            "return coroutine.wrap(1)",
            "return unpack({}, 1, 1e8)",
            "return {unpack({1,2,3}, 2)}",
            "return unpack(1)",
            "return ('x'):bad()",
            "return next({}, 'x')",
            "return select(0)",
            "return select('#')",
            "return math.random(0)",
            "return math.random(2, 1)",
            "return math.random(1, 2, 3)",
            "math.randomseed()",
            "return xpcall()",
            "return pcall()",
            "return cjson.decode('{')",
            "return cjson.encode(print)",
            "return cmsgpack.unpack('\\195x')",
            "return struct.pack('x')",
            "return bit.band()",
            "return redis.sha1hex()",
            "return redis.sha1hex(1, 2)",
            "return redis.log(1)",
            "return redis.log('x', 'y')",
            "return redis.log(9, 'y')",
            "return redis.setresp(1)",
            "return redis.setresp()",
            "return redis.set_repl(9)",
            "return redis.set_repl()",
            "return redis.status_reply()",
            "return redis.error_reply({})",
            "return redis.acl_check_cmd()",
            "return redis.acl_check_cmd('x')",
            "return redis.acl_check_cmd('GET', 'k')",
            "return redis.register_function('x', print)",
            "local function f() return 1 + f() end f()",
            "return collectgarbage('x')",
            "return redis.breakpoint()",
            "return redis.replicate_commands()",
            "local a <const> = 1",
            "goto x",
            "return 0x1p4",
            "break",
            "return tostring(setmetatable({}, {__tostring=function() return 'T' end}))",
            "return ('%5.2f|%q'):format(1.234, 'a\\n')",
            "return ('x'):format",
            "return string.format('%d', 'x')",
            "return string.gsub('hello', 'l', '%2')",
            "return ('x'):find('[')",
            "for k in pairs(nil) do end",
            "for k in ipairs() do end",
            "return tostring(nil) .. tostring(1e15) .. tostring(2^53)",
        )
    ],
    "loading libraries": [
        ("FUNCTION", "LOAD", code)
        for code in (
            "",
            "x",
            "#!",
            "#!lua",
            "#!lua\n",
            "#!lua name=\nx",
            "#!lua name=a",
            "#!js name=a\nx",
            "#!lua name=a b=c\nx",
            "#!lua name=a name=b\nx",
            "#!lua name=a-b\nx",
            "#!lua name=a\n",
            "#!lua name=a\nx y",
            "#!lua name=a\nreturn 1",
            "#!LUA name=upper\n" + register("upper"),
            "#!lua name=a\n\nerror('x')",
            "#!lua name=a\nerror({err='E'})",
            "#!lua name=a\nx = 1",
            "#!lua name=a\nredis.call('GET', 'k')",
            "#!lua name=a\nreturn math.random()",
            "#!lua name=a\nreturn KEYS",
            "#!lua name=a\nreturn redis.sha1hex",
            "#!lua name=a\nredis.register_function()",
            "#!lua name=a\nredis.register_function(1)",
            "#!lua name=a\nredis.register_function('f')",
            "#!lua name=a\nredis.register_function('f', 1)",
            "#!lua name=a\nredis.register_function({}, print)",
            "#!lua name=a\nredis.register_function('f', print, 1)",
            "#!lua name=a\nredis.register_function('a b', print)",
            "#!lua name=a\nredis.register_function('', print)",
            "#!lua name=a\nredis.register_function{}",
            "#!lua name=a\nredis.register_function{function_name='f'}",
            "#!lua name=a\nredis.register_function{callback=print}",
            "#!lua name=a\nredis.register_function{function_name='f', callback=1}",
            "#!lua name=a\nredis.register_function{function_name={}, callback=print}",
            "#!lua name=a\n" + register("f", rest="x=1"),
            "#!lua name=a\n" + register("f", rest="flags=1"),
            "#!lua name=a\n" + register("f", rest="flags={'x'}"),
            "#!lua name=a\n" + register("f", rest="flags={1}"),
            "#!lua name=a\n" + register("f", rest="description={}"),
            "#!lua name=a\n" + register("f", rest="[{}]=1"),
            "#!lua name=a\n" + register("f") + "\n" + register("f"),
            "#!lua name=a\n" + register("f") + "\n" + register("F"),
            "#!lua name=good\n" + register("f"),
            "#!lua name=good\n" + register("g"),
            "#!lua name=other\n" + register("f"),
            "#!lua name=other\n" + register("F"),
            "#!lua name=num\nredis.register_function(1, function() return 1 end)",
        )
    ]
    + [
        (
            "FUNCTION",
            "LOAD",
            "REPLACE",
            "#!lua name=good\n"
            + register("h", rest="flags={'no-writes','ALLOW-OOM'}, description='d'"),
        ),
        ("FUNCTION", "LOAD", "REPLACE", "#!lua name=good\nerror('x')"),
        ("FUNCTION", "LOAD", "NOSUCH", "#!lua name=good\nerror('x')"),
        ("FUNCTION", "LOAD"),
        ("FUNCTION", "LIST"),
        ("FUNCTION", "LIST", "LIBRARYNAME", "GO*", "WITHCODE"),
        ("FUNCTION", "LIST", "LIBRARYNAME"),
        ("FUNCTION", "LIST", "X"),
        ("FUNCTION", "LIST", "WITHCODE", "WITHCODE"),
        ("FUNCTION", "STATS"),
        ("FUNCTION", "DELETE", "good"),
        ("FUNCTION", "DELETE", "good"),
        ("FUNCTION", "KILL"),
        ("FUNCTION", "FLUSH", "X"),
        ("FUNCTION", "FLUSH", "SYNC", "X"),
        ("FUNCTION", "HELP"),
        ("FUNCTION", "X"),
        ("FUNCTION", "RESTORE", "x"),
        ("FUNCTION", "RESTORE", "x" * 12, "X"),
        ("FUNCTION", "RESTORE", "x" * 12, "FLUSH", "X"),
        ("FUNCTION", "FLUSH"),
        ("FUNCTION", "DUMP"),
        ("FUNCTION", "LIST"),
    ],
    "calling functions": [
        library(
            "lib",
            "\n".join(
                [
                    "local n = 0",
                    register("count", "n = n + 1 return n"),
                    register("show", "return {keys, args}"),
                    register("fails", "return redis.call('NOSUCH')"),
                    register("raises", "error('x')"),
                    register("write", "return redis.call('SET', 'k', 'v')"),
                    register("read", "return redis.call('GET', 'k')", "flags={'no-writes'}"),
                    register("cheats", "return redis.call('SET', 'k', 'x')", "flags={'no-writes'}"),
                    register("global", "x = 1"),
                    register("keys", "return KEYS"),
                    register("late", "redis.register_function('z', print)"),
                    register("debug", "return redis.breakpoint()"),
                ]
            ),
        ),
        *(
            ("FCALL", name, "0")
            for name in (
                "count",
                "COUNT",
                "fails",
                "raises",
                "write",
                "read",
                "cheats",
                "global",
                "keys",
                "late",
                "debug",
                "none",
            )
        ),
        ("FCALL", "show", "1", "k", "a"),
        ("FCALL", "show", "2", "k"),
        ("FCALL", "show", "-1", "k"),
        ("FCALL", "show", "x", "k"),
        ("FCALL", "show"),
        ("FCALL_RO", "read", "0"),
        ("FCALL_RO", "write", "0"),
        ("FCALL_RO", "cheats", "0"),
        ("EVAL", "return redis.call('FCALL', 'count', 0)", "0"),
        ("FUNCTION", "STATS"),
        ("FUNCTION", "LIST"),
    ],
    "math.random": [
        (
            "EVAL",
            "math.randomseed(7) local t = {} for i = 1, 20 do t[i] = math.random(99) end return t",
            "0",
        ),
        ("EVAL", "math.randomseed(-1.5) return {math.random(-5, 5), tostring(math.random())}", "0"),
        ("EVAL", "return tostring(math.random())", "0"),
    ],
    "the script cache after its 500th script": [
        *(("EVAL", f"return {number}", "0") for number in range(3)),
        ("SCRIPT", "LOAD", "return 2"),
        *(("EVAL", f"return '{number}'", "0") for number in range(499)),
        ("SCRIPT", "EXISTS", SHA_OF_RETURN_1),
    ],
}


@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_replies_are_those_of_the_reference(
    reference_server: Server, serve: Server, session: list[Words]
) -> None:
    theirs = replies(reference_server, session)
    ours = replies(serve, session)
    differing = [
        f"{words}\n  expected {expected}\n  answered {answer}"
        for words, expected, answer in zip(session, theirs, ours, strict=True)
        if answer != expected
    ]
    assert not differing, "\n".join(differing)


def replies(server: Server, session: list[Words]) -> list[Reply]:
    with RespClient(server.host, server.port) as client:
        for reset in ("FLUSHALL", "FUNCTION FLUSH", "SCRIPT FLUSH"):
            client.command(*reset.split())
        return [_ordered(client.command(*each)) for each in session]


def _ordered(reply: Reply) -> Reply:
    """Sort what stands for something without order: lists whose first element is a name."""
    value = reply.get("v")
    if not isinstance(value, list):
        return reply
    items = [_ordered(item) for item in value]
    if items and all(isinstance(item.get("v"), list) for item in items):
        items.sort(key=repr)
    return {"t": reply["t"], "v": items}
