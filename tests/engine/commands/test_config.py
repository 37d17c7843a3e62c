"""CONFIG: names, ranges, all or nothing."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError


def test_get_takes_several_patterns_and_knows_second_names(engine: Engine) -> None:
    assert engine.execute("CONFIG", "GET", "LUA-time-limit", "hash-max-z*s", "nothing") == {
        b"lua-time-limit": b"5000",
        b"hash-max-ziplist-entries": b"512",
    }


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("maxmemory", "1MB", b"1048576"),
        ("maxmemory", "2k", b"2000"),
        ("loglevel", "DEBUG", b"debug"),
        ("lazyfree-lazy-user-del", "YES", b"yes"),
        ("notify-keyspace-events", "KEA", b"AKE"),
        ("notify-keyspace-events", "KExg", b"gxKE"),
        ("hz", "600", b"500"),
        ("save", "900 1", b"900 1"),
        ("maxmemory-clients", "50%", b"50%"),
        ("shutdown-on-sigterm", "NOW nosave", b"nosave now"),
        ("latency-tracking-info-percentiles", "0.0 33.3333333 100.0", b"0 33.333333 100"),
    ],
)
def test_values_are_shown_as_the_reference_shows_them(
    engine: Engine, name: str, value: str, shown: bytes
) -> None:
    engine.execute("CONFIG", "SET", name, value)
    assert engine.execute("CONFIG", "GET", name) == {name.encode(): shown}


def test_a_second_name_sets_the_same_setting(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "lua-time-limit", 7)
    assert engine.config.busy_reply_threshold == 7


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("maxmemory", "-1"), "argument must be a memory value"),
        (("maxmemory", "9" * 5000), "argument must be a memory value"),
        (("hz", "x"), "argument couldn't be parsed into an integer"),
        (("maxmemory-samples", "65"), "argument must be between 1 and 64 inclusive"),
        (
            ("loglevel", "x"),
            "argument(s) must be one of the following: debug, verbose, notice, warning, nothing",
        ),
        (("activedefrag", "x"), "argument must be 'yes' or 'no'"),
        (("databases", "4"), "can't set immutable config"),
        (("dir", "/"), "can't set protected config"),
        (("maxmemory-clients", "x"), "argument must be a memory or percent value"),
        (("maxmemory-clients", "200%"), "percentage argument must be less or equal to 100"),
        (
            ("shutdown-on-sigterm", "save nosave"),
            "shutdown options SAVE and NOSAVE can't be used simultaneously",
        ),
        (
            ("latency-tracking-info-percentiles", "101"),
            "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
        ),
        (("hz", "1", "hz", "2"), "duplicate parameter"),
    ],
)
def test_a_refused_value_names_the_argument(
    engine: Engine, words: tuple[str, ...], error: str
) -> None:
    with pytest.raises(ResponseError) as raised:
        engine.execute("CONFIG", "SET", *words)
    about = f"ERR CONFIG SET failed (possibly related to argument '{words[0]}') - "
    assert str(raised.value) == about + error


def test_one_refused_value_leaves_all_settings_alone(engine: Engine) -> None:
    with pytest.raises(ResponseError):
        engine.execute("CONFIG", "SET", "maxmemory", 100, "hz", "x")
    assert engine.execute("CONFIG", "GET", "maxmemory") == {b"maxmemory": b"0"}


def test_an_unknown_setting_is_refused(engine: Engine) -> None:
    text = "^ERR Unknown option or number of arguments for CONFIG SET - 'foo'$"
    with pytest.raises(ResponseError, match=text):
        engine.execute("CONFIG", "SET", "foo", "bar")


def test_rewriting_needs_a_file(engine: Engine) -> None:
    with pytest.raises(ResponseError, match=r"^ERR The server is running without a config file$"):
        engine.execute("CONFIG", "REWRITE")


def test_a_hidden_setting_is_shown_to_who_knows_its_name(engine: Engine) -> None:
    assert engine.execute("CONFIG", "GET", "key-load-*") == {}
    assert engine.execute("CONFIG", "GET", "KEY-load-delay") == {b"key-load-delay": b"0"}
