"""What kind of value redis.call gives for a command, as far as the command alone tells."""

from __future__ import annotations

from enum import Enum

from redislua_kernel.engine.registry import Command

__all__ = ["Shape", "names", "shape_of"]


def names(text: str) -> frozenset[str]:
    """Read a list of names."""
    return frozenset(text.split())


class Shape(Enum):
    """The kinds of Lua values that replies become under RESP2."""

    INTEGER = "an integer"
    STRING = "a string"
    #: False where there is nothing.
    NULLABLE = "a string, or false where there is nothing"
    ARRAY = "a table"
    STATUS = "a table like {ok = 'OK'}"
    UNKNOWN = "unknown"


#: By the annotation of what a command's function gives.
_BY_ANNOTATION = {
    "bytes": Shape.STRING,
    "float": Shape.STRING,
    "int": Shape.INTEGER,
    "bytes | None": Shape.NULLABLE,
    "float | None": Shape.NULLABLE,
    "Status": Shape.STATUS,
    "SetReply": Shape.ARRAY,
    "Verbatim": Shape.STRING,
}

#: Commands that look at their words before they know what they give. None of these has any option
#: that changes the kind.
_STATUS = names(
    "AUTH FLUSHALL FLUSHDB HMSET LSET LTRIM MSET PFMERGE PSETEX RENAME RESTORE SELECT SETEX"
)
#: These give an array, too, where a count is asked for.
_POPS = names("LPOP RPOP SPOP SRANDMEMBER HRANDFIELD ZRANDMEMBER")
_ARRAYS = names(
    "SSCAN HSCAN ZSCAN SCAN ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX "
    "ZREVRANGEBYLEX ZPOPMIN ZPOPMAX XRANGE XREVRANGE ZUNION ZINTER ZDIFF"
)


def shape_of(command: Command, words: int) -> Shape:
    """Give the kind of a command's reply to a call of so many words, its name included."""
    name = command.name
    if name in _STATUS:
        return Shape.STATUS
    if name in _POPS:
        return Shape.NULLABLE if words == 2 else Shape.UNKNOWN
    if name in _ARRAYS:
        return Shape.ARRAY
    if name == "SET":
        return Shape.STATUS if words == 3 else Shape.UNKNOWN
    annotation = str(command.function.__annotations__.get("return", ""))
    if annotation.startswith(("list[", "dict[")):
        return Shape.ARRAY
    return _BY_ANNOTATION.get(annotation, Shape.UNKNOWN)
