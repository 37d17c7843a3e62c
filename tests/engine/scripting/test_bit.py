"""bit: expected values are those of redis-server 8.2.3."""

import pytest

from tests.engine.scripting.lua_libraries import Script


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("bit.tobit(2^31)", -2147483648),
        ("bit.tobit(0xffffffff)", -1),
        ("bit.tobit(2^32 + 5)", 5),
        ("bit.tobit('0x10')", 16),
        ("bit.bnot(0x12345678)", -305419897),
        ("bit.band(0x12345678, 0xff)", 0x78),
        ("bit.band(-1, 0x0ff0ff0f)", 0x0FF0FF0F),
        ("bit.bor(1, 2, 4, 8)", 15),
        ("bit.bor(0x12345678, 0x0f0f0f0f)", 0x1F3F5F7F),
        ("bit.bxor(0xa5a5f0f0, 0xaa55ff00)", 0x0FF00FF0),
        ("bit.band(7)", 7),
        ("bit.lshift(1, 33)", 2),
        ("bit.lshift(1, -1)", -2147483648),
        ("bit.rshift(-256, 8)", 0x00FFFFFF),
        ("bit.arshift(-256, 4)", -16),
        ("bit.rol(0x12345678, 12)", 1164411171),
        ("bit.ror(0x12345678, 12)", 1736516421),
        ("bit.rol(0x12345678, 0)", 0x12345678),
        ("bit.bswap(0x12345678)", 0x78563412),
        ("bit.bswap(0x123456ff)", -11127790),
    ],
)
def test_operations_work_on_signed_32_bit_words(
    script: Script, expression: str, expected: int
) -> None:
    assert script.value(expression) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [("0.5", 0), ("1.5", 2), ("2.5", 2), ("-0.5", 0), ("-1.5", -2), ("1/0", 0), ("0/0", 0)],
)
def test_fractions_round_half_to_even_and_infinities_are_zero(
    script: Script, number: str, expected: int
) -> None:
    assert script.value(f"bit.tobit({number})") == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("1", b"00000001"),
        ("-1", b"ffffffff"),
        ("255, 4", b"00ff"),
        ("0xabcdef01, -8", b"ABCDEF01"),
        ("0xabcdef01, 20", b"abcdef01"),
        ("65535, -2147483648", b"0000FFFF"),
        ("1, 0", b""),
    ],
)
def test_tohex_pads_cuts_and_writes_capitals_for_a_negative_count(
    script: Script, arguments: str, expected: bytes
) -> None:
    assert script.value(f"bit.tohex({arguments})") == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("bit.bor('x')", "bad argument #1 to 'bor' (number expected, got string)"),
        ("bit.band()", "bad argument #1 to 'band' (number expected, got no value)"),
        ("bit.band(1, {}, 'x')", "bad argument #3 to 'band' (number expected, got string)"),
        ("bit.band(1, nil)", "bad argument #2 to 'band' (number expected, got nil)"),
        ("bit.lshift(1)", "bad argument #2 to 'lshift' (number expected, got no value)"),
        ("bit.tohex(1, nil)", "bad argument #2 to 'tohex' (number expected, got nil)"),
        ("bit:bnot()", "calling 'bnot' on bad self (number expected, got table)"),
    ],
)
def test_what_is_no_number_is_refused_at_the_callers_line(
    script: Script, expression: str, expected: str
) -> None:
    assert script.error(expression) == f"user_script:1: {expected}"


def test_a_function_called_through_pcall_has_no_name_and_no_line(script: Script) -> None:
    ok, text = script.values("pcall(bit.band, {})")
    assert (ok, text) == (False, b"bad argument #1 to '?' (number expected, got table)")
