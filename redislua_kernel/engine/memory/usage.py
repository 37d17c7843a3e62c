"""MEMORY USAGE: how much a key takes on a server, by the sizes in which its allocator gives memory.

Strings, counters, and collections in one piece are told as a server has them that has just made
them, to the byte where the key is short; of what is larger, what they hold is estimated.
"""

from __future__ import annotations

from itertools import chain

from redislua_kernel.doubles import format_double
from redislua_kernel.engine.memory.estimates import key_memory
from redislua_kernel.engine.rdb.listpack import EMPTY_SIZE, entry_size
from redislua_kernel.engine.types.encoding import encoding_of
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.engine.types.list import List
from redislua_kernel.engine.types.set import INTSET, Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Value

__all__ = ["server_memory"]

#: An object's head, the time at which it expires, and what tells where its key is.
_OBJECT, _EXPIRY, _KEY_HEAD = 16, 8, 1
#: What stands around a string: up to so many bytes, so much.
_STRING_HEADS = ((31, 2), (255, 4), (65535, 6), (1 << 64, 10))
#: One that may grow has no shorter head than this.
_SHORTEST_HEAD = 4
_INTSET_HEAD = 8
_LEAST = 8
_EVEN_UP_TO = 64


def server_memory(key: bytes, value: bytes | Value, samples: int = 5, *, expires: bool) -> int:
    """Give the bytes that a key and its value take; `samples` elements stand for all (0: all)."""
    head = _OBJECT + _EXPIRY * expires + _KEY_HEAD + _string(key, 0)
    encoding = encoding_of(key, value, expires)
    if encoding == b"int":
        return _allocated(head)
    if isinstance(value, bytes | RawString):
        text = value if isinstance(value, bytes) else value.data
        size = _string(text, _SHORTEST_HEAD)
        return _allocated(head + size) if encoding == b"embstr" else _sum(head, size)
    piece = _piece(value) if encoding in (b"listpack", b"intset") else None
    return key_memory(key, value, samples) if piece is None else _sum(head, piece)


def _piece(value: Value) -> int | None:
    """Give the bytes of a collection in one piece."""
    if isinstance(value, Set) and value.form is INTSET:
        most = max((abs(int(member)) for member in value.members), default=0)
        width = 2 if most < 1 << 15 else 4 if most < 1 << 31 else 8
        return _INTSET_HEAD + width * len(value)
    if isinstance(value, List):
        return EMPTY_SIZE + sum(map(entry_size, value.items))
    if isinstance(value, Set):
        return EMPTY_SIZE + sum(map(entry_size, value.members))
    if isinstance(value, Hash):
        return EMPTY_SIZE + sum(map(entry_size, chain.from_iterable(value.fields.items())))
    if isinstance(value, SortedSet):
        scores = map(entry_size, map(format_double, value.scores.values()))
        return EMPTY_SIZE + sum(map(entry_size, value.scores)) + sum(scores)
    return None


def _string(text: bytes | bytearray, least: int) -> int:
    length = len(text)
    return length + max(next(head for most, head in _STRING_HEADS if length <= most), least)


def _sum(*sizes: int) -> int:
    return sum(map(_allocated, sizes))


def _allocated(size: int) -> int:
    """Give the bytes that the allocator gives for so many: four steps between powers of two."""
    step = _LEAST if size <= _EVEN_UP_TO else 1 << (size - 1).bit_length() - 3
    return -(-size // step) * step
