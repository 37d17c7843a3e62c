"""Replies as MIME bundles."""

import json

import pytest

from redislua_kernel.engine.errors import SYNTAX_ERROR
from redislua_kernel.render.bundle import reply_bundle, to_json
from redislua_kernel.reply import NULL_ARRAY, OK, Map, Pairs, Reply


def test_text_html_and_json_stand_side_by_side() -> None:
    bundle = reply_bundle([1, b"two", None])
    assert bundle["text/plain"] == '1) (integer) 1\n2) "two"\n3) (nil)'
    assert "<table" in bundle["text/html"]
    assert bundle["application/json"] == [1, "two", None]


def test_data_are_no_mathematics() -> None:
    assert "mathjax_ignore tex2jax_ignore" in reply_bundle(b"$5 or $6")["text/html"]


def test_html_is_escaped() -> None:
    html = reply_bundle({b"<b>": b"<script>alert(1)</script>"})["text/html"]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_map_is_a_table_of_pairs_in_both_versions() -> None:
    for resp in (2, 3):
        html = reply_bundle({b"field": b"value"}, resp)["text/html"]
        assert html.count("<tr>") == 1
        assert html.count("<td ") == 2


def test_maps_alike_are_rows_under_one_header() -> None:
    html = reply_bundle([{b"name": b"a", b"n": 1}, {b"name": b"b", b"n": 2}])["text/html"]
    assert ">name</th>" in html
    assert ">n</th>" in html


def test_a_long_table_says_how_much_is_left() -> None:
    html = reply_bundle(list(range(10)), rows=4)["text/html"]
    assert "… 6 more" in html


def test_json_says_what_json_cannot_hold() -> None:
    reply = [b"\xff", OK, SYNTAX_ERROR, float("inf"), True, NULL_ARRAY, 1.5]
    assert to_json(reply) == [
        {"base64": "/w=="}, "OK", {"error": "ERR syntax error"}, "inf", True, None, 1.5,
    ]  # fmt: skip


def test_keys_of_maps_become_text() -> None:
    assert to_json(Map([(b"\xff", 1), (2, Pairs([(b"a", 1.0)]))])) == {
        '"\\xff"': 1,
        "2": [["a", 1.0]],
    }


def test_a_reply_nested_thousands_deep_is_shown() -> None:
    reply: list[object] = []
    for _ in range(5000):
        reply = [reply]
    bundle = reply_bundle(reply)
    json.dumps(bundle["application/json"])
    assert " left out" in bundle["text/html"]


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (list(range(100)), "  1) (integer) 0\n… 99 of 100 elements"),
        ([[], [1, {b"a": 2}]], "1) (empty array)\n… 3 of 4 elements"),
        (b"x" * 100, f'"{"x" * 16}"\n… 84 of 100 bytes'),
        ([b"x" * 100, None], f'1) "{"x" * 13}"\n… 1 of 2 elements and 87 of 100 bytes'),
    ],
)
def test_of_a_long_reply_the_beginning_is_shown_and_what_is_left_out(
    reply: Reply, text: str
) -> None:
    bundle = reply_bundle(reply, most=16)
    more = "left out: %config reply-limit 16 shows so many bytes"
    assert bundle["text/plain"] == f"{text} {more}"
    assert "application/json" not in bundle


def test_a_reply_that_is_all_shown_says_nothing_more() -> None:
    assert reply_bundle([1, 2], most=29)["text/plain"] == "1) (integer) 1\n2) (integer) 2"
    assert reply_bundle(b"xxxx", most=7)["text/plain"] == '"xxxx"'
