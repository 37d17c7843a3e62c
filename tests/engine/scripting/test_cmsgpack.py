"""cmsgpack: expected values are those of redis-server 8.2.3."""

import math

import pytest

from tests.engine.scripting.lua_libraries import Script


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("true", "c3"),
        ("nil", "c0"),
        ("function() end", "c0"),
        ("cjson.null", "c0"),
        ("127", "7f"),
        ("128", "cc80"),
        ("65535", "cdffff"),
        ("2^32", "cf0000000100000000"),
        ("-32", "e0"),
        ("-129", "d1ff7f"),
        ("-2^31-1", "d3ffffffff7fffffff"),
        ("-2^63", "d38000000000000000"),
        ("-0", "00"),
        ("1.5", "ca3fc00000"),
        ("0.1", "cb3fb999999999999a"),
        ("2^63", "ca5f000000"),
        ("1e20", "cb4415af1d78b58c40"),
        ("-1/0", "caff800000"),
        ("-(0/0)", "cb7ff8000000000000"),
        ("'abc'", "a3616263"),
        ("{1, 2}", "920102"),
        ("{}", "90"),
        ("{[0] = 1}", "810001"),
        ("{[1] = 1, [3] = 3}", "8201010303"),
        ("{a = {true}}", "81a16191c3"),
    ],
)
def test_pack_chooses_the_shortest_form(script: Script, value: str, expected: str) -> None:
    assert script.value(f"cmsgpack.pack({value})").hex() == expected


@pytest.mark.parametrize(
    ("length", "header"), [(31, "bf"), (32, "d920"), (256, "da0100"), (65536, "db00010000")]
)
def test_strings_have_the_header_of_their_length(script: Script, length: int, header: str) -> None:
    packed = script.value(f"cmsgpack.pack(('a'):rep({length}))")
    assert packed == bytes.fromhex(header) + b"a" * length


def test_several_values_make_one_stream(script: Script) -> None:
    assert script.value("cmsgpack.pack(1, 'a', nil)") == b"\x01\xa1a\xc0"
    assert script.values("cmsgpack.unpack('\\1\\161a\\192')") == [1, b"a", None]


def test_tables_nested_deeper_than_sixteen_levels_pack_as_nil(script: Script) -> None:
    ok, packed = script.run("local t = {} t[1] = t return cmsgpack.pack(t)")
    assert (ok, packed) == (True, b"\x91" * 16 + b"\xc0")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("cf" + "ff" * 8, -1),
        ("d3" + "ff" * 8, -1),
        ("ce80000000", 2**31),
        ("d280000000", -(2**31)),
        ("d18000", -32768),
        ("e0", -32),
        ("ca3fc00000", 1.5),
        ("ca7f800000", math.inf),
        ("cb3fb999999999999a", 0.1),
        ("cb0000000000000001", 5e-324),
        ("d903616263", b"abc"),
    ],
)
def test_unpack_reads_every_form(script: Script, data: str, expected: object) -> None:
    assert script.value("cmsgpack.unpack(ARGV[1])", bytes.fromhex(data)) == expected


def test_tables_come_back_as_they_were(script: Script) -> None:
    ok, same = script.run(
        "local t = cmsgpack.unpack(cmsgpack.pack({1, {a = 'x', [2.5] = false}}))"
        "return t[1] == 1 and t[2].a == 'x' and t[2][2.5] == false"
    )
    assert (ok, same) == (True, True)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("unpack_one('\\1\\2\\3')", [1, 1]),
        ("unpack_one('\\1\\2\\3', 2)", [-1, 3]),
        ("unpack_one('abc', 3)", [-1]),
        ("unpack_limit('\\1\\2\\3', 2)", [2, 1, 2]),
        ("unpack_limit('abc', 0, 1)", [1]),
        ("unpack_limit('abc', 0)", [97, 98, 99]),
        ("unpack('')", []),
    ],
)
def test_the_offset_of_what_is_left_goes_in_front(
    script: Script, call: str, expected: list[object]
) -> None:
    assert script.values(f"cmsgpack.{call}") == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("pack()", "bad argument #0 to 'pack' (MessagePack pack needs input.)"),
        ("unpack()", "bad argument #1 to 'unpack' (string expected, got no value)"),
        ("unpack({})", "bad argument #1 to 'unpack' (string expected, got table)"),
        ("unpack_limit('a')", "bad argument #2 to 'unpack_limit' (number expected, got no value)"),
        ("unpack_one('abc', 4)", "Start offset 4 greater than input length 3."),
        ("unpack_one('abc', -1)", "Invalid request to unpack with offset of -1 and limit of 3."),
        ("unpack('\\204')", "Missing bytes in input."),
        ("unpack('\\193')", "Bad data format in input."),
    ],
)
def test_errors_have_the_words_of_the_c_library(script: Script, call: str, expected: str) -> None:
    assert script.error(f"cmsgpack.{call}") == f"user_script:1: {expected}"


def test_a_key_that_no_table_takes_is_an_error_without_a_line(script: Script) -> None:
    assert script.error("cmsgpack.unpack('\\129\\192\\192')") == "table index is nil"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xdd\xff\xff\xff\xff", "Missing bytes in input."),
        (b"\xdb\xff\xff\xff\xff", "Missing bytes in input."),
        (b"\x91" * 100_000, "stack overflow (in function mp_decode_to_lua_array)"),
        (b"\x81" * 100_000, "stack overflow (too many return values at once; use unpack_one"),
        (b"a" * 8000, "stack overflow (too many return values at once; use unpack_one"),
    ],
)
def test_hostile_input_is_an_error(script: Script, data: bytes, expected: str) -> None:
    assert expected in script.error("cmsgpack.unpack(ARGV[1])", data)


def test_almost_eight_thousand_values_come_back_at_once(script: Script) -> None:
    assert len(script.values("cmsgpack.unpack(('a'):rep(7999))")) == 7999
