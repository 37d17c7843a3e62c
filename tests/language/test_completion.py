"""What completion offers in Lua."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from redislua_kernel.engine.commands import load_commands
from redislua_kernel.language.completion import Inputs, complete_lua, complete_words
from redislua_kernel.language.matches import Key, Match

load_commands()

KEYS = [
    Key(b"user:1", "hash"),
    Key(b"user:2", "string"),
    Key(b"other", "zset"),
    Key(b"it's \xff", "list"),
]


def find_keys(prefix: bytes, types: frozenset[str] | None) -> Iterator[Key]:
    for key in KEYS:
        if key.name.startswith(prefix) and (types is None or key.type in types):
            yield key


def complete_command(
    words: Sequence[str], prefix: bytes, quote: Callable[[bytes], str]
) -> list[Match]:
    return complete_words(words, prefix, find_keys, quote)


def matches(before: str, inputs: Inputs | None = None) -> list[Match]:
    return complete_lua(before, complete_command, inputs)[1]


def offered(before: str) -> list[str]:
    return [match.text for match in matches(before)]


@pytest.mark.parametrize(
    ("before", "word"),
    [
        ("redis.", "call"),
        ("return redis.sha", "sha1hex"),
        ("redis.LOG_", "LOG_WARNING"),
        ("string.form", "format"),
        ("cjson.enc", "encode"),
        ("local x = K", "KEYS"),
        ("whi", "while"),
        ("local counter = 1\nreturn cou", "counter"),
        ("for index, value in ipairs(t) do val", "value"),
        ("local function add(amount) return am", "amount"),
        ("redis.call('GE", "GET"),
        ('redis.pcall("ge', "get"),
        ("server.call('GE", "GET"),
        ("redis.call('GET', 'us", "user:2"),
        ("redis.call('HGET', 'us", "user:1"),
        ("redis.call('DEL', 'a', 'us", "user:1"),
        ("redis.call('ZUNIONSTORE', 'new', 1, 'o", "other"),
        ("redis.call('OBJECT', 'ENCODING', 'o", "other"),
        ("redis.call('LLEN', 'i", "it\\'s \\255"),
        ('redis.call("LLEN", "i', "it's \\255"),
        ("redis.call('LLEN', 'it\\'", "it\\'s \\255"),
        ("local rcall = redis.call\nrcall('GET', 'us", "user:2"),
        ("redis.call('EXPIRE', 'k', 5, 'G", "GT"),
        ("redis.call('XRANGE', 'k', '-', '+', 'c", "count"),
        ("redis.call('SET', KEYS[1], f(1, 2), 'K", "KEEPTTL"),
        ("redis.call('SET', 'k', 'v', 'n", "nx"),
        ("redis.call('SET', 'k', 'v', 'NX', 'EX', 5, '", "GET"),
        ("redis.call(", "'GET'"),
        ("redis.call('OBJECT', ", "'ENCODING'"),
        ("redis.call('SET', KEYS[1], 'v', ", "'NX'"),
        ("redis.call('SET', KEYS[1], 'v', ", "KEYS"),
        ("local rcall = redis.call\nrcall('SET', KEYS[1], f(1, 2),", "'EX'"),
        ("if x then\n  local inner = 1\n  return inn", "inner"),
        ("local function f(first, ...)\n  for i = 1, 3 do\n    first, i = fi", "first"),
        ("local t = {a = 1, run = function(x) end}\nt.", "run"),
        ("local t = {}\nt.total = 1\nfunction t.add(n) end\nreturn t.to", "total"),
        ("local s = 'x'\ns:", "format"),
        ("redis.register_function{", "function_name"),
        ("redis.register_function{ca", "callback"),
        ("redis.register_function{callback = function(a, b) return {1} end, f", "flags"),
        ("redis.register_function{flags = {'no-writes', 'all", "allow-oom"),
        ("x = 1 -- lint: ignore glo", "global-write"),
        ("x = 1 -- lint: ignore nil-reply, glo", "global-write"),
        ("#!l", "#!lua"),
        ("#!lua fl", "flags="),
        ("#!lua name=x flags=no-writes,allow-s", "allow-stale"),
        ("redis.call('ZADD', 'k', 'X", "XX"),
        ("redis.call('FUNCTION', 'LIST', 'w", "withcode"),
    ],
)
def test_it_offers_what_fits_there(before: str, word: str) -> None:
    assert word in offered(before)


@pytest.mark.parametrize(
    "before",
    [
        "-- redis.",
        "local s = 'redis.",
        "redis.call('NOPE', '",
        "x.",
        "local t = 5\nt.",
        "redis.call('SET', 'k', 'v', 'EX', '",
        "return 12",
        "#!lua flags=no-writes,no-w",
    ],
)
def test_it_offers_nothing(before: str) -> None:
    assert offered(before) == []


@pytest.mark.parametrize(
    ("before", "word"),
    [
        ("redis.call('GET', '", "user:1"),
        ("redis.call('SET', 'k', 'v', 'NX', '", "XX"),
        ("redis.call('SET', 'k', 'v', 'EX', 5, '", "PX"),
        ("redis.call('SET', '", "NX"),
        ("redis.call('SET', ", "'NX'"),
        ("redis.call('GET', ", "'user:2'"),
        ("redis.call('SET', KEYS[1], 'v', 'NX', ", "'XX'"),
        ("redis.call('SET', KEYS[1], 'v', 'EX', ", "'GET'"),
        ("redis.call('SET', KEYS[1], 'v' .. ", "'NX'"),
        ("redis.call('SET', KEYS[1], f(", "'NX'"),
        ("if x then local inner = 1 end\nreturn ", "inner"),
        ("local function f(a) end\nreturn ", "a"),
        ("local late = ", "late"),
        ("redis.register_function{callback = f, ", "callback"),
        ("#!lua name=x ", "name="),
    ],
)
def test_it_does_not_offer(before: str, word: str) -> None:
    assert word not in offered(before)


def test_a_match_begins_where_its_word_does() -> None:
    for before in ("x = redis.", "redis.call('", "#!lua flags=no-writes,", "t = KEYS["):
        assert complete_lua(f"{before}a", complete_command)[0] == len(before) or "[" in before


def test_members_carry_their_signature() -> None:
    assert [(match.text, match.signature) for match in matches("string.rep")] == [
        ("rep", "string.rep(s, n)")
    ]


def test_names_tell_what_they_are() -> None:
    code = "local function add(a, b) end\nlocal n = redis.call('INCR', KEYS[1])\nfor i = 1, 2 do\n"
    kinds = {match.text: (match.kind, match.signature) for match in matches(code)}
    assert kinds["add"] == ("function", "add(a, b)")
    assert kinds["n"] == ("variable", "n = redis.call('INCR', KEYS[1])")
    assert kinds["i"] == ("loop variable", "i")


def test_keys_tell_their_type() -> None:
    assert matches("redis.call('ZCARD', '") == [Match("other", "key", "zset")]


def test_places_in_keys_and_argv_show_what_is_there() -> None:
    inputs = Inputs([b"user:1", b"user:2"], [b"30"])
    assert matches("return KEYS[", inputs) == [
        Match("1", "key", "user:1"),
        Match("2", "key", "user:2"),
    ]
    assert matches("return ARGV[", inputs) == [Match("1", "argument", "30")]
    assert matches("return KEYS[2", inputs) == [Match("2", "key", "user:2")]


@pytest.mark.parametrize(
    "cell",
    [
        "local t = {\n  a = function(x)\n    if x then\n      return redis.call('GET', x",
        "for k, v in pairs(t) do\n  while true do\n    repeat local deep = ",
        "local a = = 1\n)) end local b = 2\nreturn ",
        "function (",
        "\u00fc = '\u00fc' .. [[ \ud800",
    ],
)
def test_every_beginning_of_a_cell_can_be_completed(cell: str) -> None:
    for end in range(len(cell) + 1):
        complete_lua(cell[:end], complete_command)


def test_blocks_nested_deeper_than_lua_takes_them_do_no_harm() -> None:
    assert "function" in offered("function() " * 2000 + "func")
