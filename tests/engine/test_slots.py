"""Hash slots, as the cluster specification defines them."""

import pytest

from redislua_kernel.engine.slots import key_slot, pattern_slot


@pytest.mark.parametrize(
    ("key", "slot"),
    [
        (b"123456789", 0x31C3),
        (b"foo", 12182),
        (b"", 0),
        (b"{foo}.bar", 12182),
        (b"a{foo}b{c}", 12182),
        (b"{foo", key_slot(b"{foo")),
    ],
)
def test_the_slot_is_that_of_the_key_or_of_its_tag(key: bytes, slot: int) -> None:
    assert key_slot(key) == slot


def test_empty_and_open_braces_are_no_tag() -> None:
    assert key_slot(b"{}foo") != key_slot(b"foo")
    assert key_slot(b"{foo") != key_slot(b"foo")
    assert key_slot(b"}foo{") != key_slot(b"foo")


@pytest.mark.parametrize(
    ("pattern", "slot"),
    [
        (b"foo", 12182),
        (b"{foo}*", 12182),
        (b"w_{foo}_*", 12182),
        (b"*{foo}", None),
        (b"a?", None),
        (b"{foo*}", None),
        (b"{}*", None),
        (b"a[b]", None),
        (b"a\\b", None),
    ],
)
def test_a_pattern_has_a_slot_if_all_its_keys_share_one(pattern: bytes, slot: int | None) -> None:
    assert pattern_slot(pattern) == slot
