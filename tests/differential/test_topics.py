"""Every topic of the recorded replies, crossed: each value, call, error, flag in each place.

The tables are in `topics`; here they are put into scripts, functions and transactions.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.both import Both, Words, both_sides, is_same, normal
from tests.differential.topics import lines_of
from tests.servers import Server

pytestmark = pytest.mark.reference

#: What the calls of calls.txt and refusals.txt find.
DATA = """
RPUSH l a b c
SADD s m
SADD si 1 2 3
HSET h f v
ZADD z 1.5 a 2 b inf c -inf d 3 e 0.1 f
MSET n 10 str hello big 9223372036854775807 min -9223372036854775808
SET e v EX 1000
GEOADD g 13.361389 38.115556 P 15.087269 37.502669 C
XADD x 1-1 f v
XADD x 1-2 g w
XGROUP CREATE x grp 0
MSET lcsa ohmytext lcsb mynewtext
PFADD hll a b c
SETBIT bits 7 1
"""

#: Puts the data in place of all there are.
PREPARE = """
for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('DEL', key) end
for line in ARGV[1]:gmatch('[^\\n]+') do
  local words = {}
  for word in line:gmatch('%S+') do words[#words + 1] = word end
  redis.call(unpack(words))
end
"""

#: Writes a value out, whatever is in it.
SHOW = """
local function show(value, depth)
  if type(value) == 'number' then return string.format('%.17g', value)
  elseif type(value) ~= 'table' then return type(value) .. ':' .. tostring(value)
  elseif depth > 6 then return '...' end
  local items = {}
  for key, item in pairs(value) do
    items[#items + 1] = show(key, 9) .. '=' .. show(item, depth + 1)
  end
  table.sort(items)
  return '{' .. table.concat(items, ',') .. '}'
end
local function show_all(...)
  local items = {}
  for place = 1, select('#', ...) do items[place] = show((select(place, ...)), 0) end
  return table.concat(items, ' | ')
end
local function hex(text)
  return (text:gsub('.', function(each) return string.format('%02x', each:byte()) end))
end
local d, r, hx = show, show_all, hex
"""

#: What the rights of a user are; the scripts of rights.txt run under them.
RIGHTS = """
+@all ~* &*
+eval +get ~k
+eval +eval_ro +get ~k
+eval +eval_ro +@read ~k*
+eval +eval_ro +@all -set ~*
+eval +eval_ro +@all %R~k
+eval +eval_ro +@all %W~k
+eval +eval_ro +@all ~* -@write
+eval +object|encoding +client|id ~*
+eval +eval_ro +publish ~* resetchannels &d
(+get ~other) +eval +eval_ro +get ~k
+@all -@scripting ~*
"""

CONFIGURATION = (
    "cjson.encode_max_depth(1000) cjson.decode_max_depth(1000) cjson.encode_number_precision(14) "
    "cjson.encode_sparse_array(false, 2, 10) cjson.encode_invalid_numbers(false) "
    "cjson.decode_invalid_numbers(true) cjson.encode_keep_buffer(true) return 1"
)


Session = list[Words]

PREPARED: Words = ("EVAL", PREPARE, "0", DATA)
HEADINGS = ("", "#!lua\n", "#!lua flags=no-writes\n", "#!lua flags=allow-oom\n")
READERS = ("EVAL", "EVAL_RO")


@pytest.fixture(scope="module", params=["2", "3"])
def both(request: pytest.FixtureRequest, reference_server: Server) -> Iterator[Both]:
    with both_sides(reference_server) as both:
        both.run([("HELLO", request.param), ("FUNCTION", "FLUSH")])
        yield both


def check(both: Both, commands: Session) -> None:
    """Run commands, a hundred at a time, and fail with those whose replies differ."""
    for first in range(0, len(commands), 100):
        part = commands[first : first + 100]
        wrong = [
            (words, normal(expected), normal(answer))
            for words, (expected, answer) in zip(part, both.replies(part), strict=True)
            if expected != answer and not is_same(expected, answer)
        ]
        assert wrong == []


def script(code: str, *words: str) -> Words:
    return ("EVAL", code, *(words or ("0",)))


def library(body: str, rest: str = "") -> Words:
    code = f"redis.register_function{{function_name='f', callback=function(KEYS, ARGV) {body}\nend"
    return "FUNCTION", "LOAD", "REPLACE", f"#!lua name=lib\n{code}{rest}}}"


def test_values_become_the_same_replies(both: Both) -> None:
    scripts = [f"return {value}" for value in lines_of("values")] + lines_of("value_scripts")
    check(both, [script(code) for code in scripts])
    check(both, [script(f"redis.setresp(3) {code}") for code in scripts])


def test_replies_become_the_same_values(both: Both) -> None:
    shown = f"{SHOW} return show_all(redis.pcall(unpack(ARGV)))"
    passed_on = "return {redis.pcall(unpack(ARGV))}"
    scripts = [f"redis.setresp({resp}) {code}" for resp in "23" for code in (shown, passed_on)]
    session = Session()
    for line in lines_of("calls"):
        session += [PREPARED, *(script(code, "0", *line.split()) for code in scripts)]
    check(both, session)


def test_refusals_are_the_same(both: Both) -> None:
    session = Session()
    for arguments in lines_of("refusals"):
        caught = (
            f"local e = redis.pcall({arguments}) return {{tostring(e.err), tostring(e.source), "
            "tostring(e.line), tostring(e.ignore_error_stats_update)}"
        )
        session += [PREPARED, script(f"return redis.call({arguments})"), script(caught)]
    check(both, session)


@pytest.mark.parametrize("topic", ["errors", "sandbox"])
def test_scripts_and_functions_fail_the_same(both: Both, topic: str) -> None:
    session = Session([PREPARED])
    words = ("1", "str", "x")
    for code in lines_of(topic):
        session += [script(code, *words), ("EVAL_RO", code, *words), ("SCRIPT", "LOAD", code)]
        session += [library(code), ("FCALL", "f", *words)]
        session.append(("FUNCTION", "LOAD", "REPLACE", f"#!lua name=lib\n{code}"))
    check(both, session)


def test_lua_libraries_take_the_same_values(both: Both) -> None:
    for topic in ("cjson", "cmsgpack"):
        check(both, [script(SHOW + code, "1", "k1", "[1,2]") for code in lines_of(topic)])
        check(both, [script(CONFIGURATION)])
    check(both, [
        script(SHOW + f"return {form}")
        for value in lines_of("lua_values")
        for form in (
            f"cjson.encode({value})",
            f"r(cjson.decode(cjson.encode({{{value}}})))",
            f"hx(cmsgpack.pack({{{value}}}, {value}))",
            f"r(cmsgpack.unpack(cmsgpack.pack({{{value}, 1}}, 2)))",
        )
    ])  # fmt: skip
    reading = f"{SHOW} return r(pcall(cjson.decode, ARGV[1]))"
    check(both, [script(reading, "0", text) for text in lines_of("json_texts")])


def test_numbers_are_written_the_same(both: Both) -> None:
    session = Session()
    for number in lines_of("numbers"):
        scripts = [form.replace("N", f"({number})") for form in lines_of("number_forms")]
        session += [PREPARED, *map(script, scripts)]
    check(both, session)


def test_what_scripts_do_to_data_is_the_same(both: Both) -> None:
    session = Session()
    after: Session = [("DBSIZE",), ("GET", "x"), ("SELECT", "0")]
    for code in lines_of("semantics"):
        session += [PREPARED, script(code), *after, ("MULTI",), script(code), ("EXEC",), *after]
        session += [library(code), ("FCALL", "f", "0"), *after]
    check(both, session)


def test_flags_let_through_the_same(both: Both) -> None:
    bodies = ("\nreturn 1", "\nreturn redis.call('SET', 'a', '1')", "", "\n\nerror('x')", "\nx =")
    check(both, [
        (command, heading + body, "0")
        for heading in lines_of("shebangs")
        for body in bodies
        for command in READERS
    ])  # fmt: skip
    session = Session()
    for body in lines_of("flagged"):
        session += [PREPARED, *(script(heading + body) for heading in HEADINGS)]
        for rest in ("", ", flags={'no-writes'}", ", flags={'allow-oom'}"):
            session += [library(body, rest), ("FCALL", "f", "0"), ("FCALL_RO", "f", "0")]
    check(both, session)


def test_full_memory_stops_the_same(both: Both) -> None:
    session = Session()
    for body in lines_of("full_memory"):
        session += [PREPARED, library(body), ("CONFIG", "SET", "maxmemory", "1")]
        session += [(name, heading + body, "0") for heading in HEADINGS for name in READERS]
        session += [("FCALL", "f", "0"), ("MULTI",), script(body), ("EXEC",)]
        session += [("CONFIG", "SET", "maxmemory", "0"), ("GET", "str")]
    check(both, session)


def test_libraries_load_the_same(both: Both) -> None:
    session = Session([PREPARED])
    for code in lines_of("libraries"):
        load = ("FUNCTION", "LOAD", f"#!lua name=lib\n{code}")
        session += [("FUNCTION", "DELETE", "lib"), load, ("FCALL", "f", "0")]
        session += [("FCALL", "f", "1", "key", "a", "b"), ("FCALL_RO", "f", "0"), load]
    check(both, session)


def test_a_user_is_refused_the_same(both: Both) -> None:
    for rules in RIGHTS.strip().splitlines():
        user = ("ACL", "SETUSER", "ann", "reset", "on", "nopass", *rules.split())
        session: Session = [PREPARED, ("SET", "k", "1"), user, ("AUTH", "ann", "")]
        for code in lines_of("rights"):
            session += [script(code), ("EVAL_RO", code, "1", "k"), script(code, "1", "other")]
        check(both, [*session, ("AUTH", "default", ""), ("ACL", "DELUSER", "ann")])


def test_errors_are_counted_the_same(both: Both) -> None:
    for code in lines_of("counted"):
        session = [PREPARED, ("CONFIG", "RESETSTAT"), script(code), ("EVAL_RO", code, "0")]
        check(both, [*session, library(code), ("FCALL", "f", "0"), ("INFO", "errorstats")])
