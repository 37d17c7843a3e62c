"""Listpacks, intsets, ziplists and zipmaps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislua_kernel.engine.rdb import intset, listpack, ziplist, zipmap
from redislua_kernel.engine.rdb.reader import Corrupt
from tests.engine.rdb import packed

#: Words on both sides of every change of encoding.
POWERS = [sign << bits for bits in (0, 3, 7, 12, 15, 23, 31, 63) for sign in (1, -1)]
EDGES = [b"%d" % (power + step) for power in POWERS for step in (-1, 0, 1)]
EDGES += [b"x" * length for length in (0, 1, 63, 64, 125, 126, 127, 4095, 4096, 16378, 20000)]
EDGES += [b"-0", b"007", b"+1", b" 1", b"-", b"1.5"]

words = st.lists(st.binary(max_size=80) | st.sampled_from(EDGES) | st.integers().map(b"%d".__mod__))


@given(words)
def test_a_listpack_gives_back_its_words(words: list[bytes]) -> None:
    data = listpack.encode(words)
    assert listpack.decode(data) == words
    assert len(data) == listpack.EMPTY_SIZE + sum(map(listpack.entry_size, words))


def test_a_listpack_is_laid_out_as_the_reference_does() -> None:
    data = listpack.encode([b"a", b"1", b"-1", b"300", b"-40000"])
    expected = "1d00000005008161020101dfff02c12c02f2c063ff04ff"
    assert data.hex() == expected.replace("1d", f"{len(data):02x}", 1)


def test_a_listpack_of_too_many_words_to_count() -> None:
    words = [b"1"] * 70000
    data = listpack.encode(words)
    assert data[4:6] == b"\xff\xff"
    assert listpack.decode(data) == words


@given(st.sets(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1))
def test_an_intset_gives_back_its_numbers(numbers: set[int]) -> None:
    assert intset.decode(intset.encode(sorted(numbers))) == tuple(sorted(numbers))


@pytest.mark.parametrize(("most", "width"), [(32767, 2), (32768, 4), (1 << 31, 8)])
def test_an_intset_has_the_least_width(most: int, width: int) -> None:
    assert intset.encode([-1, most])[0] == width


@given(words)
def test_a_ziplist_gives_its_words(words: list[bytes]) -> None:
    assert ziplist.decode(packed.ziplist(*words)) == words


@pytest.mark.parametrize("unused", [0, 3])
def test_a_zipmap_gives_its_words(unused: int) -> None:
    words = [b"field", b"value", b"long", b"x" * 300, b"", b""]
    assert zipmap.decode(packed.zipmap(*words, unused=unused)) == words


DECODERS: list[tuple[Callable[[bytes], Any], bytes]] = [
    (listpack.decode, listpack.encode([b"a", b"300", b"x" * 70, b"-7"])),
    (intset.decode, intset.encode([-5, 3, 9])),
    (ziplist.decode, packed.ziplist(b"a", b"300", b"x" * 70, b"-7")),
    (zipmap.decode, packed.zipmap(b"f", b"v", b"g", b"w" * 260)),
]


@pytest.mark.parametrize(("decode", "data"), DECODERS)
def test_damage_is_refused_or_gives_other_words(
    decode: Callable[[bytes], Any], data: bytes
) -> None:
    for place in range(len(data)):
        with pytest.raises(Corrupt):
            decode(data[:place])
        for value in (0, 1, 0x7F, 0x80, 0xC0, 0xF0, 0xFE, 0xFF, data[place] ^ 1):
            with suppress(Corrupt):
                decode(data[:place] + bytes([value]) + data[place + 1 :])


@pytest.mark.parametrize("decode", [decode for decode, _ in DECODERS])
@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(decode: Callable[[bytes], Any], data: bytes) -> None:
    with suppress(Corrupt):
        decode(data)
