"""What completion offers in Lua."""

import pytest

from redislua_kernel.engine.commands import load_commands
from redislua_kernel.language.completion import complete_lua

load_commands()


def offered(before: str) -> list[str]:
    keys = [key for key in ("user:1", "user:2", "other")]
    _, matches = complete_lua(before, lambda start: [k for k in keys if k.startswith(start)])
    return [match.text for match in matches]


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
        ("redis.call('SET', KEYS[1], f(1, 2), 'K", "KEEPTTL"),
        ("redis.call('SET', 'k', 'v', 'n", "nx"),
        ("redis.call('ZADD', 'k', 'X", "XX"),
        ("redis.call('FUNCTION', 'LIST', 'w", "withcode"),
    ],
)
def test_it_offers(before: str, word: str) -> None:
    assert word in offered(before)


@pytest.mark.parametrize("before", ["-- redis.", "local s = 'redis.", "redis.call('NOPE', '", "x."])
def test_it_offers_nothing(before: str) -> None:
    assert offered(before) == []


def test_a_match_begins_where_its_word_does() -> None:
    start, _ = complete_lua("x = redis.ca", lambda start: [])
    assert start == len("x = redis.")
    start, _ = complete_lua("redis.call('GE", lambda start: [])
    assert start == len("redis.call('")


def test_members_carry_their_signature() -> None:
    _, matches = complete_lua("string.rep", lambda start: [])
    assert [(match.text, match.signature) for match in matches] == [("rep", "string.rep(s, n)")]
