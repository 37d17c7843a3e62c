"""Replies of known commands as people would rather look at them, however they came."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from redislua_kernel import Engine
from redislua_kernel.language.calls import sole_call
from redislua_kernel.render.bundle import reply_bundle
from redislua_kernel.render.replies import reply_html
from redislua_kernel.reply import Map, Pairs, SetReply

HOSTILE = b"<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = Engine()
    engine.execute("ZADD", "board", 1, "ann", 2.5, "bob", "-4", HOSTILE, "inf", "zoe")
    engine.execute("XADD", "log", "1700000000123-0", "event", "login", "user", HOSTILE)
    engine.execute("XADD", "log", "1700000000124-0", "event", "logout")
    engine.execute("GEOADD", "sicily", 13.361389, 38.115556, "Palermo", 15.08, 37.5, HOSTILE)
    engine.execute("HSET", "user:1", "name", "Ann", HOSTILE, HOSTILE)
    yield engine
    engine.close()


def replies(engine: Engine, command: str) -> list[Any]:
    """Give a command's reply as a client gets it, and as scripts in both versions return it."""
    words = command.split()
    call = f"redis.call({', '.join(repr(word) for word in words)})"
    return [
        engine.execute(*words),
        engine.execute("EVAL", f"return {call}", 0),
        engine.execute("EVAL", f"redis.setresp(3) return {call}", 0),
    ]


def cells(html: str) -> list[list[str]]:
    """Give the texts of a table's cells, row by row."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [
        [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)]
        for row in rows
    ]


@pytest.mark.parametrize(
    ("command", "header", "first"),
    [
        ("HGETALL user:1", ["field", "value"], ["&quot;name&quot;", "&quot;Ann&quot;"]),
        ("HMGET user:1 name", ["field", "value"], ["&quot;name&quot;", "&quot;Ann&quot;"]),
        ("HSCAN user:1 0", ["field", "value"], ["&quot;name&quot;", "&quot;Ann&quot;"]),
        ("ZRANGE board 1 2 WITHSCORES", ["member", "score", ""], ["&quot;ann&quot;", "1", ""]),
        ("ZREVRANGE board 0 1 WITHSCORES", ["member", "score", ""], ["&quot;zoe&quot;", "inf", ""]),
        ("ZSCAN board 0 MATCH a*", ["member", "score", ""], ["&quot;ann&quot;", "1", ""]),
        (
            "XRANGE log - +",
            ["id", "time (UTC)", "event", "user"],
            ["1700000000123-0", "2023-11-14 22:13:20.123", "&quot;login&quot;"],
        ),
        (
            "XREAD STREAMS log 0",
            ["id", "time (UTC)", "event", "user"],
            ["1700000000123-0", "2023-11-14 22:13:20.123", "&quot;login&quot;"],
        ),
        ("GEOPOS sicily Palermo", ["member", "longitude", "latitude"], ["&quot;Palermo&quot;"]),
        (
            "GEOSEARCH sicily FROMMEMBER Palermo BYRADIUS 300 km ASC WITHCOORD WITHDIST",
            ["member", "distance", "longitude", "latitude"],
            ["&quot;Palermo&quot;", "0.0000"],
        ),
        (
            "GEOSEARCH sicily FROMMEMBER Palermo BYRADIUS 300 km ASC WITHDIST",
            ["member", "distance", ""],
            ["&quot;Palermo&quot;", "0.0000"],
        ),
    ],
)
def test_a_view_is_the_same_for_clients_and_scripts(
    engine: Engine, command: str, header: list[str], first: list[str]
) -> None:
    for reply in replies(engine, command):
        html = reply_html(reply, command=command.encode().split())
        shown = cells(html)
        assert shown[0] == header
        assert shown[1][: len(first)] == first
        assert "<img" not in html


def test_bars_reach_from_zero_to_the_score(engine: Engine) -> None:
    reply = engine.execute("ZRANGE", "board", 0, -1, "WITHSCORES")
    html = reply_html(reply, command=[b"zrange", b"board", b"0", b"-1", b"withscores"])
    bars = re.findall(r'<rect x="([\d.]+)" width="([\d.]+)"', html)
    # From -4 to 2.5 in 120 pixels; what is infinite ends with the others.
    assert bars == [("0.0", "73.8"), ("73.8", "18.5"), ("73.8", "46.2"), ("73.8", "46.2")]


def test_places_are_on_a_map(engine: Engine) -> None:
    reply = engine.execute("GEOPOS", "sicily", "Palermo", HOSTILE, "none")
    html = reply_html(reply, command=[b"GEOPOS", b"sicily", b"Palermo", HOSTILE, b"none"])
    assert 'aria-label="A map of 2 places"' in html
    assert html.count("<circle") == 2
    assert "<img" not in html


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("ZRANGE z 0 -1 WITHSCORES", [b"a", b"no number"]),
        ("ZRANGE z 0 -1 WITHSCORES", [b"a", 1.0, b"b"]),
        ("GEOSEARCH g WITHCOORD", [[b"a", [b"x", b"y"]]]),
        ("GEOSEARCH g WITHCOORD", [[b"a"]]),
        ("HGETALL h", b"QUEUED"),
        ("HMGET h a", [1, 2]),
        ("XREAD STREAMS s 0", [[b"s", [[b"no id", []]]]]),
        ("XAUTOCLAIM s g c 0 0", [b"0-0"]),
        ("XPENDING s g", [1, b"1-1", b"1-1", [[b"c", b"1"]]]),
        ("ZMPOP 1 z MIN", [b"z"]),
        ("HGETALL h", []),
        ("HGETALL h", None),
    ],
)
def test_what_has_not_the_shape_is_shown_as_it_is(command: str, reply: Any) -> None:
    assert reply_html(reply, command=command.encode().split()) == reply_html(reply)


def test_entries_of_a_stream_need_no_command() -> None:
    html = reply_html([[b"1-1", [b"f", b"v"]], [b"1-2", [b"g", b"w"]]])
    assert cells(html) == [
        ["id", "f", "g"],
        ["1-1", "&quot;v&quot;", ""],
        ["1-2", "", "&quot;w&quot;"],
    ]


def test_many_fields_share_a_column_and_so_do_repeated_ones() -> None:
    many = [word for number in range(9) for word in (b"f%d" % number, b"v")]
    for fields in (many, [b"f", b"1", b"f", b"2"]):
        html = reply_html([[b"1-1", fields]])
        assert cells(html)[0] == ["id", "fields"]
        assert "<details" in html


def test_a_view_ends_after_as_many_rows_as_wanted() -> None:
    reply = Pairs([(b"%d" % number, float(number)) for number in range(50)])
    html = reply_html(reply, rows=10, command=[b"ZRANGE", b"z", b"0", b"-1", b"WITHSCORES"])
    assert html.count("<rect") == 10
    assert "… 40 more" in html


def test_what_is_nested_folds_under_its_kind_and_length() -> None:
    reply = {b"tags": SetReply([b"a", b"b"]), b"list": [1, [2, [3, [4]]]], b"map": Map([(1, {})])}
    html = reply_html(reply, 3)
    assert re.findall(r"<details( open)?><summary>(.*?)</summary>", html) == [
        (" open", "set of 2"),
        (" open", "array of 2"),
        (" open", "array of 2"),
        ("", "array of 2"),
        ("", "array of 1"),
        (" open", "map of 1"),
    ]


def test_a_reply_nested_wide_and_deep_stays_short() -> None:
    reply: Any = 1
    for _ in range(4):
        reply = [reply] * 100
    assert len(reply_html(reply)) < 1_000_000


def test_text_is_redis_clis_whatever_the_view() -> None:
    reply = [b"a", b"1"]
    command = [b"ZRANGE", b"z", b"0", b"-1", b"WITHSCORES"]
    bundle = reply_bundle(reply, command=command)
    assert bundle["text/plain"] == reply_bundle(reply)["text/plain"] == '1) "a"\n2) "1"'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"return redis.call('HGETALL', KEYS[1])", [b"HGETALL", b"user:1"]),
        (b"redis.call('GET', 'k');", [b"GET", b"k"]),
        (b"return server.pcall('MGET', ARGV[2], KEYS[2])", [b"MGET", b"y", b"KEYS[2]"]),
        (b"-- why\nreturn redis.call('GET', 'a' .. f(1, 2))", [b"GET", b"'a' .. f(1, 2)"]),
        (b"return redis.call('GET', [[long]])", [b"GET", b"long"]),
        (b"return redis.call('GET', 'a'), redis.call('GET', 'b')", []),
        (b"return redis.call('GET', 'a')[1]", []),
        (b"return redis.call()", []),
        (b"return redis.call('GET',)", []),
        (b"local a = 1 return a", []),
        (b"\xff(", []),
    ],
)
def test_a_script_that_is_one_call_is_seen_through(body: bytes, words: Sequence[bytes]) -> None:
    assert sole_call(body, [b"user:1"], [b"x", b"y"]) == words
