"""Reply values: what a command returns, from the engine up to the renderer.

Plain Python values stand for the RESP types that have a counterpart:

| RESP              | value                                                  |
|-------------------|--------------------------------------------------------|
| bulk string       | `bytes`                                                |
| simple string     | `Status` (a `bytes`)                                   |
| error             | `ResponseError`, raised at the top, a value in arrays  |
| integer           | `int`                                                  |
| null              | `None`; `NULL_ARRAY` where RESP2 says `*-1`            |
| array             | `list` or `tuple`; `Strings`; `LazyArray`, to clients of a server alone |
| double            | `float` (RESP2: bulk string)                           |
| boolean           | `bool` (RESP2: integer)                                |
| map               | `dict` (RESP2: flat array); `Map` when keys are no keys |
| pairs             | `Pairs` (RESP3: array of two-element arrays; RESP2: flat array) |
| set               | `SetReply` (RESP2: array)                              |
| big number        | `BigNumber` (RESP2: bulk string)                       |
| verbatim string   | `Verbatim` (RESP2: bulk string)                        |
| push              | `Push` (RESP2: array)                                  |
| attribute         | `Attributed` (RESP2: bulk string)                      |
| a file (SYNC)     | `FileReply`                                            |

The types follow the RESP specification; how each one falls back in RESP2 follows
redis-server 8.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from redislua_kernel.doubles import format_double
from redislua_kernel.errors import ResponseError

__all__ = [
    "NO_REPLY",
    "NULL_ARRAY",
    "OK",
    "QUEUED",
    "Attributed",
    "BigNumber",
    "EntryColumns",
    "EntryReply",
    "FileReply",
    "LazyArray",
    "Map",
    "MemberColumns",
    "MembersReply",
    "NoReply",
    "NullArray",
    "Pairs",
    "PlaceReply",
    "Push",
    "Reply",
    "ResponseError",
    "ScoredReply",
    "SetReply",
    "Status",
    "StreamsReply",
    "Strings",
    "TextsReply",
    "Verbatim",
    "as_dict",
    "down_to_resp2",
    "format_double",
]


class Status(bytes):
    """A simple string such as OK."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Status({bytes.__repr__(self)})"


class BigNumber(bytes):
    """The digits of a number too large for an integer reply."""

    __slots__ = ()


class Verbatim(bytes):
    """A text with a three-letter format (`txt`, `mkd`); the bytes are the text alone."""

    format: bytes

    def __new__(cls, text: bytes, format: bytes = b"txt") -> Verbatim:
        self = super().__new__(cls, text)
        self.format = format
        return self


class Attributed(bytes):
    """A bulk string with something said about it besides, which RESP2 leaves out."""

    attributes: dict[bytes, Reply]

    def __new__(cls, text: bytes, attributes: dict[bytes, Reply]) -> Attributed:
        self = super().__new__(cls, text)
        self.attributes = attributes
        return self


class FileReply(bytes):
    """A file that goes over the wire as it is: its length comes first, and no line's end last."""

    __slots__ = ()


class Strings(list[Any]):
    """An array of which whoever made it knows that it holds bulk strings alone."""

    __slots__ = ()


class Pairs(list[Any]):
    """Two-element arrays that RESP2 shows flat: members with scores, fields with values."""

    __slots__ = ()


class Map(list[Any]):
    """A map reply as (key, value) pairs, for keys a dict cannot hold."""

    __slots__ = ()


class EntryColumns(NamedTuple):
    """Entries of a stream as their ids, and the fields and values of each: for scripts alone."""

    ids: list[bytes]
    fields: list[tuple[bytes, ...]]


class SetReply(list[Any]):
    """A set reply, in the order in which the server would send it."""

    __slots__ = ()


class Push(list[Any]):
    """An out-of-band message: invalidation, pub/sub message."""

    __slots__ = ()


class LazyArray:
    """An array whose elements are made as they are sent: there may be more than memory holds.

    `in_pairs`: its elements are pairs, as those of `Pairs`.
    """

    __slots__ = ("_count", "_elements", "in_pairs")

    def __init__(
        self, count: int, elements: Callable[[], Iterator[Any]], *, in_pairs: bool = False
    ) -> None:
        self._count = count
        self._elements = elements
        self.in_pairs = in_pairs

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        return self._elements()


class NullArray:
    """The type of `NULL_ARRAY`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NULL_ARRAY"

    def __bool__(self) -> bool:
        return False


class NoReply:
    """The type of `NO_REPLY`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NO_REPLY"

    def __bool__(self) -> bool:
        return False


#: A reply value, as the table in the module's docstring lists them.
Reply = Any

#: Strings that keys hold, of which each may be long, and nulls.
TextsReply = Strings | list[bytes | None]

#: Members of a sorted set, alone or with their scores.
MembersReply = list[bytes] | Pairs

#: The same members and their scores, each in a list: for scripts alone.
MemberColumns = tuple[list[bytes], list[float]]

#: A member of a sorted set with its score, or nothing.
ScoredReply = tuple[bytes, float] | tuple[()]

#: An entry of a stream: its id, and its fields and values in turn.
EntryReply = tuple[bytes, tuple[bytes, ...]]

#: What was read of some streams: pairs of a key and its entries, in RESP3 a map; or nothing.
StreamsReply = list[list[Any]] | Map | NullArray

#: A member's longitude and latitude; null for one that there is not.
PlaceReply = list[float] | NullArray

OK: Final = Status(b"OK")
QUEUED: Final = Status(b"QUEUED")
NULL_ARRAY: Final = NullArray()
#: Nothing is sent: SUBSCRIBE has answered with pushes, CLIENT REPLY OFF wants no answer.
NO_REPLY: Final = NoReply()


def as_dict(reply: Reply) -> dict[bytes, Reply]:
    """Give names and their values, as FUNCTION LIST has them, whatever the RESP version."""
    if isinstance(reply, dict):
        pairs: Iterable[tuple[Reply, Reply]] = reply.items()
    else:
        pairs = reply if isinstance(reply, Map) else zip(reply[::2], reply[1::2], strict=True)
    return {bytes(name): value for name, value in pairs}


def down_to_resp2(reply: Reply) -> Reply:
    """Give a reply as a RESP2 client sees it: only bytes, int, None, errors, lists remain.

    `Status` stays, and so does `NULL_ARRAY`: both exist in RESP2.
    """
    kind = reply.__class__
    if kind is bytes or kind is int or reply is None or kind is Status:
        return reply
    if kind is list or kind is Strings or kind is tuple or kind is SetReply or kind is Push:
        return [down_to_resp2(item) for item in reply]
    if kind is dict:
        return [down_to_resp2(item) for pair in reply.items() for item in pair]
    if kind is Pairs or kind is Map:
        return [down_to_resp2(item) for pair in reply for item in pair]
    if kind is bool:
        return int(reply)
    if kind is float:
        return format_double(reply)
    if isinstance(reply, bytes):
        return bytes(reply)
    return reply
