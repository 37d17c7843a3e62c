"""LZF streams."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.engine.rdb.lzf import compress, decompress


@pytest.mark.parametrize(
    ("packed", "text"),
    [
        (b"", b""),
        (b"\x02abc", b"abc"),
        (b"\x02abc\x20\x02", b"abcabc"),
        (b"\x00a\xe0\x05\x00", b"a" * 15),  # a copy that overlaps what it writes
        (b"\x01ab\x20\x01", b"ababa"),
    ],
)
def test_a_compressed_text_comes_back(packed: bytes, text: bytes) -> None:
    assert decompress(packed, len(text)) == text


@pytest.mark.parametrize(
    ("packed", "size"),
    [
        (b"\x02ab", 3),
        (b"\x02abc\x20", 6),
        (b"\x02abc\x20\x03", 6),
        (b"\x02abc", 2),
        (b"\x02abc", 4),
        (b"\xe0", 9),
        (b"\x00a\xe0\xff\x00", 15),
    ],
)
def test_a_damaged_text_is_refused(packed: bytes, size: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        decompress(packed, size)


@given(st.binary(max_size=40), st.integers(0, 100))
def test_any_bytes_give_as_many_as_said_or_an_error(packed: bytes, size: int) -> None:
    with suppress(ValueError):
        assert len(decompress(packed, size)) == size


@given(st.text("ab", max_size=400).map(str.encode) | st.binary(max_size=200))
def test_what_is_compressed_is_shorter_and_comes_back(text: bytes) -> None:
    packed = compress(text, max(len(text) - 4, 0))
    if packed is not None:
        assert len(packed) <= len(text) - 4
        assert decompress(packed, len(text)) == text
