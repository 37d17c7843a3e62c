"""struct: expected values are those of redis-server 8.2.3."""

import pytest

from tests.engine.scripting.lua_libraries import Script


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("'b', -1", b"\xff"),
        ("'b', 300", b"\x2c"),
        ("'b', -1.9", b"\xff"),
        ("'>H', 258", b"\x01\x02"),
        ("'> H < H', 1, 1", b"\x00\x01\x01\x00"),
        ("'>i3', 258", b"\x00\x01\x02"),
        ("'i', 2^31", b"\x00\x00\x00\x80"),
        ("'l', -2", b"\xfe" + b"\xff" * 7),
        ("'>I8', 2^53", b"\x00\x20\x00\x00\x00\x00\x00\x00"),
        ("'i0', 1", b""),
        ("'c3', 'abcdef'", b"abc"),
        ("'c0', 'abc'", b"abc"),
        ("'s', 12", b"12\x00"),
        ("'f', 1.5", b"\x00\x00\xc0\x3f"),
        ("'>f', -0.1", b"\xbd\xcc\xcc\xcd"),
        ("'f', 1e300", b"\x00\x00\x80\x7f"),
        ("'>d', -0.1", b"\xbf\xb9\x99\x99\x99\x99\x99\x9a"),
        ("'d', -(0/0)", b"\x00\x00\x00\x00\x00\x00\xf8\x7f"),
        ("'h\\0q', 1", b"\x01\x00"),
    ],
)
def test_pack_writes_c_values(script: Script, arguments: str, expected: bytes) -> None:
    assert script.value(f"struct.pack({arguments})") == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("'!bd', 1, 2", b"\x01" + bytes(7) + b"\x00\x00\x00\x00\x00\x00\x00\x40"),
        ("'!8 b i8', 1, 2", b"\x01" + bytes(7) + b"\x02" + bytes(7)),
        ("'!8bi6', 1, 1", b"\x01" + bytes(5) + b"\x01" + bytes(5)),
        ("'!16 b i3', 1, 1", b"\x01\x00\x00\x01\x00\x00"),
    ],
)
def test_alignment_pads_with_zeros(script: Script, arguments: str, expected: bytes) -> None:
    assert script.value(f"struct.pack({arguments})") == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("2^63", bytes(7) + b"\x80"),
        ("2^64", bytes(8)),
        ("1/0", bytes(8)),
        ("0/0", bytes(7) + b"\x80"),
        ("-2^70", bytes(7) + b"\x80"),
    ],
)
def test_numbers_beyond_64_bits_become_what_the_processor_makes_of_them(
    script: Script, number: str, expected: bytes
) -> None:
    assert script.value(f"struct.pack('I8', {number})") == expected


def test_bytes_beyond_the_eighth_are_zero_even_of_negative_numbers(script: Script) -> None:
    assert script.value("struct.pack('i16', -1)") == b"\xff" * 8 + bytes(8)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("'b', '\\255'", [-1, 2]),
        ("'>H', '\\1\\2'", [258, 3]),
        ("'>i8', '\\255\\255\\255\\255\\255\\255\\255\\254'", [-2, 9]),
        ("'I8', ('\\255'):rep(8)", [2**64, 9]),
        ("'i9', '\\200\\1\\1\\1\\1\\1\\1\\1\\1'", [-56, 10]),
        ("'>i12', '\\200\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1\\1'", [-2130640639, 13]),
        ("'x b', 'ab'", [98, 3]),
        ("'bc0', '\\2abc'", [b"ab", 4]),
        ("'sc0', '2\\0abc'", [b"ab", 5]),
        ("'s', 'a\\0b\\0'", [b"a", 3]),
        ("'b', 'xyz', 3", [122, 4]),
        ("'', 'a', 20", [20]),
        ("'fd', struct.pack('fd', 0.5, -2^-1074)", [0.5, -5e-324, 13]),
    ],
)
def test_unpack_reads_values_and_answers_the_next_position(
    script: Script, arguments: str, expected: list[object]
) -> None:
    assert script.values(f"struct.unpack({arguments})") == expected


def test_size_adds_up_fields_and_padding(script: Script) -> None:
    assert script.values("struct.size('hil')") == [14]
    assert script.values("struct.size('!16 b i12')") == [24]
    assert script.values("struct.size('q')") == [0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("struct.pack()", "bad argument #1 to 'pack' (string expected, got no value)"),
        ("struct.pack('h', 'x')", "bad argument #2 to 'pack' (number expected, got string)"),
        ("struct.pack('h')", "bad argument #2 to 'pack' (number expected, got nil)"),
        ("struct.pack('c5', 'abc')", "bad argument #3 to 'pack' (string too short)"),
        ("struct.pack('q', 1)", "bad argument #1 to 'pack' (invalid format option 'q')"),
        ("struct.pack('i33', 1)", "integral size 33 is larger than limit of 32"),
        ("struct.pack('!3b', 1)", "alignment 3 is not a power of 2"),
        ("struct.size('i99999999999')", "integral size overflow"),
        ("struct.size('s')", "bad argument #1 to 'size' (option 's' has no fixed size)"),
        ("struct.size('c0')", "bad argument #1 to 'size' (option 'c0' has no fixed size)"),
        ("struct.unpack('s', 'abc')", "unfinished string in data"),
        ("struct.unpack('c0', 'abc')", "format 'c0' needs a previous size"),
        ("struct.unpack('bc0', '\\9a')", "bad argument #2 to 'unpack' (data string too short)"),
        ("struct.unpack('b', 'a', -1)", "bad argument #2 to 'unpack' (data string too short)"),
        ("struct.unpack('b', 'a', 0)", "bad argument #3 to 'unpack' (offset must be 1 or greater)"),
        ("struct:pack('q')", "calling 'pack' on bad self (string expected, got table)"),
    ],
)
def test_errors_have_the_words_of_the_c_library(
    script: Script, expression: str, expected: str
) -> None:
    assert script.error(expression) == f"user_script:1: {expected}"


def test_values_in_front_of_a_wrong_option_are_checked_first(script: Script) -> None:
    assert "#2 to 'pack' (number expected" in script.error("struct.pack('hq', {})")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("struct.unpack(('b'):rep(8000), ('a'):rep(8000))", "stack overflow (too many results)"),
        ("struct.unpack('c2147483647', 'a')", "data string too short"),
        ("struct.pack('c2147483647', 'a')", "string too short"),
        ("struct.unpack('dc0', struct.pack('d', 1e18))", "data string too short"),
    ],
)
def test_hostile_sizes_are_errors(script: Script, expression: str, expected: str) -> None:
    assert expected in script.error(expression)
