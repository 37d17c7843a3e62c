"""What is known of a command's replies before there is one: how they become Lua values."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple, get_type_hints

from redislua_kernel.reply import (
    EntryReply,
    MembersReply,
    NullArray,
    PlaceReply,
    Reply,
    ScoredReply,
    SetReply,
    StreamsReply,
    TextsReply,
)

__all__ = ["Promise", "Shaping", "shaping_of"]


class Promise(Enum):
    """What a command's function returns where that is known: it need not be looked for."""

    STRING = "a bulk string or a null"
    NUMBER = "an integer"
    DOUBLE = "a double or a null"
    STRINGS = "a list of bulk strings, or another array"
    STRINGS_OR_NULLS = "a list of bulk strings and nulls"
    ARRAY = "an array"
    ANYTHING = "any reply"

    @property
    def is_array(self) -> bool:
        """Tell whether it is an array that crosses element by element."""
        return self in (Promise.STRINGS, Promise.STRINGS_OR_NULLS, Promise.ARRAY)


class Shaping(NamedTuple):
    """How a reply becomes what crosses to Lua."""

    #: The method of `replies.Shaper` for it.
    method: str
    promise: Promise


_ANY = Shaping("shape", Promise.ANYTHING)

_SHAPINGS: dict[Any, Shaping] = {
    bytes: Shaping("shape", Promise.STRING),
    bytes | None: Shaping("shape", Promise.STRING),
    int: Shaping("shape", Promise.NUMBER),
    int | None: Shaping("shape", Promise.NUMBER),
    float: Shaping("double", Promise.DOUBLE),
    float | None: Shaping("double", Promise.DOUBLE),
    int | float | None: Shaping("double", Promise.ANYTHING),
    list[bytes]: Shaping("strings", Promise.STRINGS),
    dict[bytes, bytes]: Shaping("strings", Promise.STRINGS),
    SetReply: Shaping("strings", Promise.STRINGS),
    MembersReply: Shaping("members", Promise.STRINGS),
    list[bytes | None]: Shaping("strings_or_nulls", Promise.STRINGS_OR_NULLS),
    TextsReply: Shaping("strings_or_nulls", Promise.ARRAY),
    list[EntryReply]: Shaping("entries", Promise.ARRAY),
    list[EntryReply] | NullArray: Shaping("entries", Promise.ARRAY),
    StreamsReply: Shaping("streams", Promise.ARRAY),
    list[PlaceReply]: Shaping("places", Promise.ARRAY),
    list[float | None]: Shaping("doubles", Promise.ARRAY),
    ScoredReply: Shaping("member", Promise.ARRAY),
}


def shaping_of(function: Callable[..., Reply]) -> Shaping:
    """Tell how what a command's function returns becomes what crosses to Lua."""
    return _SHAPINGS.get(get_type_hints(function).get("return"), _ANY)
