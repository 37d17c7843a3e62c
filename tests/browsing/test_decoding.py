"""What a string seems to be, and how it is shown."""

import json

import msgpack
import pytest

from redislua_kernel.browsing.decoding import brief, read_string
from redislua_kernel.browsing.text import cut, name_of, read_quoted, writable


def test_text_is_shown_as_it_is() -> None:
    piece = read_string("zwölf\nBoxer 👩‍🚀".encode())
    assert (piece.kind, piece.text) == ("text", "zwölf\nBoxer 👩‍🚀")


def test_what_would_turn_the_text_round_is_written_out() -> None:
    assert read_string("a\u202eb".encode()).text == "a\\u202eb"


def test_json_is_laid_out_and_no_number_is_rounded() -> None:
    text = '{"a": [1.0e5, 12345678901234567890, {}], "a": null, "é": "x\\ny"}'
    piece = read_string(text.encode())
    assert piece.kind == "JSON"
    assert piece.text.splitlines() == [
        "{",
        '  "a": [',
        "    1.0e5,",
        "    12345678901234567890,",
        "    {}",
        "  ],",
        '  "a": null,',
        '  "é": "x\\ny"',
        "}",
    ]


@pytest.mark.parametrize("data", [b"[1, 2", b"{}x", b"[" * 100_000, b"[" + b"1" * 5000])
def test_what_only_begins_like_json_is_text(data: bytes) -> None:
    assert read_string(data).kind == "text"


def test_deep_json_is_cut() -> None:
    piece = read_string(b"[" * 300 + b"]" * 300)
    assert "[…]" in piece.text


def test_messagepack_is_decoded_if_it_is_that_as_a_whole() -> None:
    packed = msgpack.packb({"id": 7, "raw": b"\xff", "list": [1, 2.5, None, True]})
    piece = read_string(packed)
    assert piece.kind == "MessagePack"
    assert [line.strip() for line in piece.text.splitlines()] == [
        "{",
        '"id": 7,',
        '"raw": "\\xff",',
        '"list": [',
        "1,",
        "2.5,",
        "null,",
        "true",
        "]",
        "}",
    ]
    assert read_string(packed + b"\xc1").kind == "binary"
    assert read_string(packed[:-1]).kind == "binary"
    assert read_string(b"\xc0").kind == "binary"


def test_an_element_that_is_messagepack_is_decoded_on_one_line() -> None:
    assert brief(msgpack.packb({"id": 7, "tags": ["a"]})) == '{ "id": 7, "tags": [ "a" ] }'
    assert brief(b"\xff\x00") == '"\\xff\\x00"'
    assert brief(b'{"a": 1}') == '{"a": 1}'


def test_bytes_are_dumped_in_hex_and_ascii() -> None:
    piece = read_string(bytes(range(0xF0, 0x100)) + b"<b>\0")
    assert piece.text.splitlines() == [
        "00000000  f0 f1 f2 f3 f4 f5 f6 f7  f8 f9 fa fb fc fd fe ff  " + "·" * 16,
        "00000010  3c 62 3e 00                                       <b>·",
    ]
    assert read_string(b"plain", raw=True).text.endswith("plain")


def test_long_strings_are_given_piece_by_piece() -> None:
    text = "é" * 10_001
    data = b"x" + text.encode()
    pieces, first = [], 0
    while first < len(data):
        piece = read_string(data, first)
        assert piece.total == len(data)
        pieces.append(piece.text)
        first += piece.most
    assert "".join(pieces) == "x" + text
    assert read_string(json.dumps(list(range(1000))).encode(), 300).text.strip().startswith("299")


def test_huge_strings_are_not_decoded_but_shown() -> None:
    assert read_string(b'["' + b"x" * (1 << 20) + b'"]').kind == "text"
    assert read_string(b"\xff" * (2 << 20), 1 << 20).length == 512


def test_names_are_readable_or_in_quotes() -> None:
    assert name_of("user:é".encode()) == "user:é"
    assert name_of(b"") == '""'
    assert name_of(b" a") == '" a"'
    assert name_of(b"\xff\n") == '"\\xff\\n"'
    assert cut("é".encode() * 200, 3) == "é … 398 bytes more"


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b'say "hi"', "zwölf\n".encode(), b"\r\n"])
def test_what_is_given_to_edit_can_be_read_back(data: bytes) -> None:
    text, is_quoted = writable(data)
    assert (read_quoted(text) if is_quoted else text.encode()) == data
    assert read_quoted('"a" "b"') is read_quoted('"') is None
