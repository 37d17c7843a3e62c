"""What each rule finds, and what it lets pass."""

import pytest

from redislua_kernel.engine.commands import load_commands
from redislua_kernel.language.lint import RULES, Level, Setting, lint

load_commands()

_LIBRARY = "#!lua name=l\n"

FAULTS = {
    "always-true": [
        "if redis.call('EXISTS', KEYS[1]) then return 1 end",
        "local n = redis.call('SISMEMBER', KEYS[1], 'a')\nif not n then return 1 end",
        "local call = redis.call\nif call('SMEMBERS', KEYS[1]) and ARGV[1] then return 1 end",
    ],
    "cross-slot": ["redis.call('SET', 'a', 1)\nredis.call('SET', 'b', 1)"],
    "deprecated": ["return table.getn(ARGV)", "table.foreach(ARGV, tonumber)"],
    "endless-loop": [
        "while true do redis.call('PING') end",
        "while 1 do for i = 1, 3 do break end end",
        "repeat local x = 1 until false",
    ],
    "float-in-reply": [
        "return 3.5",
        "return {1, 2.5}",
        "local x = tonumber(ARGV[1])\nreturn x / 2",
        "return math.sqrt(2)",
        f"{_LIBRARY}redis.register_function('f', function() return 0.1 end)",
    ],
    "global-read": ["return nosuch", "return keys[1]", f"{_LIBRARY}local x = KEYS[1]"],
    "global-write": ["x = 1", "local a\na, b = 1, 2", "function f() end"],
    "json-empty-array": [
        "local t = {}\nfor _, v in ipairs(ARGV) do table.insert(t, v) end\nreturn cjson.encode(t)",
        "local t = {}\nt[#t + 1] = ARGV[1]\nreturn cjson.encode({items = t})",
        "return cjson.encode(redis.call('SMEMBERS', KEYS[1]))",
    ],
    "json-precision": [
        "return cjson.encode({id = 1234567890123456})",
        "local t = redis.call('TIME')\nreturn cjson.encode({at = t[1] * 1000000 + t[2]})",
    ],
    "large-number": ["return tostring(9007199254740993)", "return tonumber('9007199254740993')"],
    "library-write": ["string.trim = function() end", "_G.x = 1"],
    "missing-allow-oom": ["#!lua flags=allow-stale\nreturn redis.call('DEL', KEYS[1])"],
    "missing-no-writes": [
        "return redis.call('GET', KEYS[1])",
        f"{_LIBRARY}local function f(keys) return redis.call('GET', keys[1]) end\n"
        "redis.register_function('f', f)",
    ],
    "name-in-reply": [
        "return {name = 'Ann'}",
        "local t = {}\nt.name = 'Ann'\nreturn t",
    ],
    "never-there": [
        "return KEYS[0]",
        f"{_LIBRARY}redis.register_function('f', function(keys, args) return args[0] end)",
        "local list = {1, 2, 3}\nreturn list[0]",
        "return redis.call('LRANGE', KEYS[1], 0, -1)[0]",
        "local user = redis.call('HGETALL', KEYS[1])\nreturn user.name",
        "local user = redis.call('HGETALL', KEYS[1])\nreturn user['name']",
        "local tasks = redis.call('LRANGE', KEYS[1], 0, -1)\nreturn tasks.length",
        "local name = ARGV[1]\nreturn name.length",
        "return ('text').len",
        "local a, b = redis.call('MGET', KEYS[1], KEYS[2])\nreturn b",
        "local reply, err = redis.pcall('GET', KEYS[1])\nif err then return err end",
    ],
    "nil-in-reply": ["return {1, nil, 3}", "return {{nil}}"],
    "nil-reply": [
        "if redis.call('GET', KEYS[1]) == nil then return 1 end",
        "local v = redis.call('HGET', KEYS[1], 'f')\nif v ~= nil then return v end",
        "local v = redis.call('HMGET', KEYS[1], 'f', 'g')\nif v[2] == nil then return 1 end",
        "local get = redis.call\nreturn get('LPOP', KEYS[1]) == nil",
    ],
    "not-in-scripts": ["redis.call('SUBSCRIBE', 'c')"],
    "older-command": ["return redis.call('HMSET', KEYS[1], 'f', 'v')"],
    "replicate-commands": ["redis.replicate_commands()"],
    "server-alias": ["return server.call('PING')"],
    "status-compare": ["return redis.call('SET', KEYS[1], 1) == 'OK'"],
    "string-number": [
        "return ARGV[1] == 5",
        "return ARGV[1] > 5",
        "local n = redis.call('GET', KEYS[1])\nif n == 1 then return 1 end",
        "return redis.call('LLEN', KEYS[1]) < ARGV[1]",
    ],
    "templated-body": [
        "return redis.call('GET', 'user:${id}')",
        "redis.call('EXPIRE', KEYS[1], #{timeout})",
    ],
    "text-precision": [
        "local t = redis.call('TIME')\nreturn tostring(t[1] * 1000000 + t[2])",
        "local t = redis.call('TIME')\nlocal now = t[1] * 1000000 + t[2]\nreturn 'at:' .. now",
    ],
    "undeclared-key": [
        "return redis.call('GET', 'user')",
        "return redis.call('SET', KEYS[1] .. ':meta', 1)",
        "local key = ARGV[1]\nreturn redis.call('DEL', KEYS[1], key)",
        "return redis.call('ZUNIONSTORE', KEYS[1], 1, 'other')",
    ],
    "unknown-command": ["redis.call('GETT', KEYS[1])", "redis.call('CONFIG GET', 'save')",
                        "redis.call('OBJECT', 'NOPE', KEYS[1])"],
    "unknown-member": ["return os.time()", "return table.unpack(ARGV)", "return redis.cal('PING')"],
    "unpack-arguments": ["return redis.call('SADD', KEYS[1], unpack(ARGV))"],
    "unpack-limit": [
        "return redis.call('DEL', unpack(redis.call('KEYS', '*')))",
        "local m = redis.call('LRANGE', KEYS[1], 0, -1)\nreturn redis.call('SADD', 'k', unpack(m))",
    ],
    "unused-pcall": [
        "redis.pcall('DEL', KEYS[1])\nreturn 1",
        "local unused = redis.pcall('DEL', KEYS[1])\nreturn 1",
        "pcall(redis.call, 'DEL', KEYS[1])\nreturn 1",
    ],
    "unused-reply": [
        "if #KEYS == 0 then redis.error_reply('NOKEY none') end\nreturn 1",
        "local unused = redis.error_reply('NOKEY none')\nreturn 1",
    ],
    "varying-body": ["return redis.call('GET', 'user:5')"],
    "write-in-no-writes": [
        "#!lua flags=no-writes\nreturn redis.call('SET', KEYS[1], 1)",
        f"{_LIBRARY}local function put(key) redis.call('SET', key, 1) end\n"
        "redis.register_function{function_name = 'f', flags = {'no-writes'},\n"
        "callback = function(keys) put(keys[1]) end}",
    ],
    "wrong-arguments": ["return redis.call('GET')", "return redis.call('GET', 'a', 'b', 'c')"],
}  # fmt: skip

_OTHERS = tuple(f"return redis.call('GET', 'user:{number}')" for number in range(3))


@pytest.mark.parametrize(
    ("rule", "code"), [(rule, code) for rule, codes in FAULTS.items() for code in codes]
)
def test_it_finds_each_fault(rule: str, code: str) -> None:
    found = lint(code, Level.STRICT, Setting(others=_OTHERS))
    assert rule in {each.rule for each in found}


def test_every_rule_is_tried_and_has_a_summary() -> None:
    assert set(FAULTS) == set(RULES)
    assert all(rule.summary.endswith(".") for rule in RULES.values())


@pytest.mark.parametrize(
    "code",
    [
        # A piece that scripts include.
        "local function owner(key) return redis.call('GET', key) end",
        "return redis.call('GET', KEYS[1]) or ARGV[1]",
        "redis.error_reply('A value of a cell')",
        "redis.pcall('DEL', KEYS[1])",
        "if redis.call('EXISTS', KEYS[1]) == 1 then return 1 end",
        "if not redis.call('GET', KEYS[1]) then return 1 end",
        "if redis.call('SET', KEYS[1], 1, 'NX') then return 1 end",
        "if redis.call('SET', KEYS[1], 1).ok == 'OK' then return 1 end",
        "local v = redis.call('GET', KEYS[1])\nif v == nil or v == false then return 1 end",
        "local v = redis.call('GET', KEYS[1])\nif v and v ~= nil then return 1 end",
        "local v\nif ARGV[1] then v = redis.call('GET', KEYS[1]) end\nreturn v == nil",
        "redis.setresp(3)\nreturn redis.call('GET', KEYS[1]) == nil",
        "local t = redis.call('HMGET', KEYS[1], unpack(ARGV))\nreturn t[9] == nil",
        "return ARGV[2] == nil",
        "return tonumber(ARGV[1]) > 5",
        "local n = redis.call('LPOP', KEYS[1], 5)\nreturn n == nil",
        "local t = {}\nt[#t + 1] = 1\nif #t == 0 then return '[]' end\nreturn cjson.encode(t)",
        "return cjson.encode({a = 1})",
        "return (#ARGV - 1) / 2",
        "return redis.call('HGET', KEYS[1], '${FIELD_NAME}')",
        "return redis.call('HGET', KEYS[1], '${')",
        "local t = cjson.decode(redis.call('GET', KEYS[1]) or '[]')\nlocal n = {}\n"
        "for _, v in ipairs(t) do n[#n + 1] = v end\nlocal s = cjson.encode(n)\n"
        "redis.call('SET', KEYS[1], s)",
        "local t = {}\nt.a = 1\nreturn cjson.encode(t)",
        "return {1, false, 'x'}",
        "return {err = 'ERR no'}",
        "return {map = {a = 1}}",
        "return math.floor(5 / 2)",
        "return tostring(0.5)",
        "local half = 0.5\nreturn redis.call('INCRBYFLOAT', KEYS[1], half)",
        "local function f() return 0.5 end\nreturn math.floor(f())",
        "return unpack(ARGV, 1, 100)",
        "while true do if redis.call('RPOP', KEYS[1]) == false then break end end",
        "while true do error('no') end",
        "local r = redis.pcall('GET', KEYS[1])\nif r.err then return r end",
        "return redis.pcall('GET', KEYS[1])",
        "pcall(error, 'x')",
        "return pcall(redis.call, 'GET', KEYS[1])",
        "local t = redis.call('TIME')\nreturn cjson.encode({at = t[1] + t[2] / 1000000})",
        "local function f(...) return #arg end\nreturn f(1)",
        "local t = setmetatable({}, {__index = function() return 1 end})\nreturn t.x",
        "return redis.call('JSON.SET', KEYS[1], '$', '{}')",
        "return redis.call('DEL', unpack(KEYS))",
        "return string.format('%.0f', 1.5e15)",
        "#!lua flags=no-writes\nreturn redis.call('GET', KEYS[1])",
        "if redis.breakpoint then return 1 end",
        "return redis.call('GET', KEYS[1]) -- a ${comment}",
        "local api = rawget(_G, 'server') or redis\nreturn api.call('PING')",
        "local a, b = unpack(redis.call('MGET', KEYS[1], KEYS[2]))\nreturn b",
        "local ok, reply = pcall(redis.call, 'GET', KEYS[1])\nreturn reply",
        "local a, b = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])\nreturn b",
        "local a, _ = redis.call('GET', KEYS[1])\nreturn a",
        "local a, b = redis.call('GET', KEYS[1])\nb = 1\nreturn a + b",
        "local t = {1, 2}\nt[0] = 3\nreturn t[0]",
        "local t = {[0] = 1}\nreturn t[0]",
        "local function fill(t) t[0] = 1 end\nlocal t = {1}\nfill(t)\nreturn t[0]",
        "local t = {1}\nlocal u = t\nu[0] = 1\nreturn t[0]",
        "redis.setresp(3)\nlocal user = redis.call('HGETALL', KEYS[1])\nreturn user.map.name",
        "local all = redis.pcall('HGETALL', KEYS[1])\nif all.err then return all end",
        "local t = cjson.decode(ARGV[1])\nreturn t.name, t[0], t.length",
        "local user = redis.call('HGETALL', KEYS[1])\n"
        "for i = 1, #user, 2 do user[user[i]] = user[i + 1] end\nreturn user.name",
        "return ('text'):len()",
        "1 + 1",
        "redis.call('GET', KEYS[1])",
        "local x = = 1",
        "",
        f"{_LIBRARY}redis.register_function('f', function(keys, args) return args[1] end)",
    ],
)  # fmt: skip
def test_it_lets_pass(code: str) -> None:
    assert lint(code) == []


def test_a_fraction_that_is_written_out_is_told_as_it_comes() -> None:
    (written,), (other,) = lint("return 12.5"), lint("return math.sqrt(2)")
    assert "12.5 comes as 12" in written.message
    assert "3.7 would come as 3" in other.message


def test_a_finding_tells_where_in_characters() -> None:
    (found,) = lint("local ü = 'ü'\nreturn ü, x")
    assert (found.line, found.column) == (2, 11)


def test_a_bare_expression_keeps_its_place() -> None:
    (found,) = lint("redis.call('GET',\n KEYS[1]) == nil")
    assert (found.rule, found.line, found.column) == ("nil-reply", 1, 1)


@pytest.mark.parametrize(
    "comment",
    [
        "x = 1 -- lint: ignore global-write",
        "x = 1 -- lint: ignore",
        "-- lint: ignore global-read, global-write\n\n-- and why\nx = 1",
    ],
)
def test_a_comment_silences_a_rule(comment: str) -> None:
    assert lint(comment) == []


def test_a_comment_silences_no_other_rule_and_no_other_line() -> None:
    assert lint("x = 1 -- lint: ignore nil-reply")
    assert lint("local a -- lint: ignore\nx = 1")


def test_a_long_number_is_told_of_once() -> None:
    code = FAULTS["json-precision"][1]
    assert [each.rule for each in lint(code)] == ["json-precision"]


def test_a_real_server_may_know_other_commands() -> None:
    assert lint("redis.call('NEWER', KEYS[1])", setting=Setting(is_embedded=False)) == []


def test_valkey_has_its_alias() -> None:
    assert lint("return server.call('PING')", setting=Setting("valkey")) == []


@pytest.mark.parametrize(
    "code",
    [
        "((" * 3000,
        "if a then " * 3000,
        "return " + "a .. " * 5000 + "a",
        "return " + "- " * 5000 + "1",
    ],
)
def test_no_text_is_too_much_for_it(code: str) -> None:
    lint(code, Level.STRICT)
