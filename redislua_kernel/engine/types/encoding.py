"""How the value at a key is kept, as OBJECT ENCODING tells."""

from __future__ import annotations

from redislua_kernel.engine.integers import as_integer
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Value

__all__ = ["encoding_of"]

#: A key, its value and its expiry are kept in one piece up to so many bytes.
_EMBEDDED = 41
_EXPIRY = 8


def encoding_of(key: bytes, value: bytes | Value, is_volatile: bool) -> bytes:
    """Give the encoding of a key's value."""
    if isinstance(value, RawString) and value.is_text:
        text: bytes | bytearray = value.data
    elif isinstance(value, Value):
        return value.encoding()
    elif as_integer(text := value) is not None:
        return b"int"
    length = len(key) + len(text) + _EXPIRY * is_volatile
    return b"embstr" if length <= _EMBEDDED else b"raw"
