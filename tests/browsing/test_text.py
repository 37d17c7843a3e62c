"""Bytes as people read them."""

import pytest

from redislua_kernel.browsing.text import legible


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("Zoë 日本".encode(), '"Zoë 日本"'),
        (b"\xff\x00", r'"\xff\x00"'),
        (b"\x00\xc3\xbc", r'"\x00\xc3\xbc"'),
        (rb"\xc3\xbc", r'"\\xc3\\xbc"'),
        ("\\ü".encode(), r'"\\ü"'),
        ("a\u202eb".encode(), r'"a\xe2\x80\xaeb"'),
    ],
)
def test_letters_are_shown_and_other_bytes_are_told(data: bytes, shown: str) -> None:
    assert legible(data) == shown
