"""The checksum of DUMP payloads."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.engine.rdb.crc64 import crc64


def test_the_checksums_are_those_of_the_reference() -> None:
    assert crc64(b"") == 0
    assert crc64(b"123456789") == 0xE9C6D914C4B8D9CA


@given(st.binary(), st.binary())
def test_parts_give_the_checksum_of_the_whole(head: bytes, tail: bytes) -> None:
    assert crc64(tail, crc64(head)) == crc64(head + tail)


@given(st.randoms(use_true_random=False), st.integers(0, 5000), st.integers(0, (1 << 64) - 1))
def test_long_data_have_the_checksum_of_their_bytes(rng: Random, size: int, before: int) -> None:
    data = rng.randbytes(size)
    expected = before
    for byte in data:
        expected = crc64(bytes([byte]), expected)
    assert crc64(data, before) == expected
