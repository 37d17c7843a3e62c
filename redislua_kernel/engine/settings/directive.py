"""What a setting is, and the kinds there are: numbers, sizes, switches, choices, texts.

The wording of the refusals is redis-server 8.2.3's. The table is `directives`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.signature import parse_int

__all__ = [
    "IMMUTABLE",
    "INT",
    "LONG",
    "PROTECTED",
    "UINT",
    "Directive",
    "Reader",
    "buffer_limits",
    "choice",
    "choices",
    "fixed",
    "memory",
    "memory_or_percent",
    "number",
    "switch",
    "text",
]

#: Reads a new value, or raises a CommandError with the reason alone.
Reader = Callable[[bytes], bytes]

IMMUTABLE = "can't set immutable config"
PROTECTED = "can't set protected config"
NEGATIVE = CommandError("argument must be greater or equal to 0")
TOO_MANY_PERCENT = CommandError("percentage argument must be less or equal to 100")

INT = (1 << 31) - 1
UINT = (1 << 32) - 1
LONG = (1 << 63) - 1

#: The classes of clients by the names they can be given.
_CLIENT_CLASSES = {
    name: name.replace(b"replica", b"slave")
    for name in (b"normal", b"slave", b"replica", b"pubsub")
}
#: The reference reads a number of bytes in a buffer of this size.
_LONGEST = 127
_UNITS = {
    b"": 1, b"b": 1,
    b"k": 1000, b"kb": 1024,
    b"m": 1000**2, b"mb": 1024**2,
    b"g": 1000**3, b"gb": 1024**3,
}  # fmt: skip


class Directive(NamedTuple):
    """One setting: its default, how a new value is read, why it cannot be set (if so)."""

    default: bytes
    read: Reader
    refusal: str = ""
    #: Gives what the setting is to be from what it was and what was read.
    merge: Callable[[bytes, bytes], bytes] = lambda _, new: new


def number(default: int, least: int = 0, most: int = INT, *, unsigned: bool = False) -> Directive:
    """Give a setting that is an integer within bounds."""

    def read(value: bytes) -> bytes:
        try:
            number = parse_int(value)
        except CommandError:
            raise CommandError("argument couldn't be parsed into an integer") from None
        if unsigned and number < 0:
            raise NEGATIVE
        return b"%d" % _within(number, least, most)

    return Directive(b"%d" % default, read)


def memory(default: int, least: int = 0, most: int = LONG, *, unsigned: bool = False) -> Directive:
    """Give a setting that is a number of bytes: 100, 4kb, 1g."""

    def read(value: bytes) -> bytes:
        size = _size(value)
        if size is None:
            raise CommandError("argument must be a memory value")
        if unsigned and size > LONG:
            raise NEGATIVE  # as the reference takes it
        return b"%d" % _within(size, least, most)

    return Directive(b"%d" % default, read)


def memory_or_percent(default: int) -> Directive:
    """Give a setting that is a number of bytes, or a percentage of the greatest there may be."""

    def read(value: bytes) -> bytes:
        percent = value.removesuffix(b"%")
        size = _size(value) if percent == value else _number(percent)
        if size is None:
            raise CommandError("argument must be a memory or percent value")
        if percent == value and size <= LONG:
            return b"%d" % size
        if size > 100:
            raise TOO_MANY_PERCENT
        return b"%d%%" % size

    return Directive(b"%d" % default, read)


def _size(value: bytes) -> int | None:
    if not value:
        return 0
    digits = value.rstrip(b"bkmgBKMG")
    number, unit = _number(digits), _UNITS.get(value[len(digits) :].lower())
    return None if number is None or unit is None else number * unit


def _number(digits: bytes) -> int | None:
    return int(digits) if digits.isdigit() and len(digits) <= _LONGEST else None


def _within(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise CommandError(f"argument must be between {least} and {most} inclusive")
    return number


def switch(default: bool) -> Directive:
    """Give a setting that is on or off."""

    def read(value: bytes) -> bytes:
        if value.lower() not in (b"yes", b"no"):
            raise CommandError("argument must be 'yes' or 'no'")
        return value.lower()

    return Directive(b"yes" if default else b"no", read)


def choice(default: bytes, choices: str) -> Directive:
    """Give a setting that is one of some words."""

    def read(value: bytes) -> bytes:
        return _chosen(value, choices)

    return Directive(default, read)


def choices(default: bytes, choices: str) -> Directive:
    """Give a setting that is one or more of some words, kept in the order of `choices`."""

    def read(value: bytes) -> bytes:
        given = {_chosen(word, choices) for word in value.split() or [b""]}
        return b" ".join(name for name in choices.encode().split() if name in given)

    return Directive(default, read)


def _chosen(word: bytes, choices: str) -> bytes:
    names = choices.split()
    if word.lower().decode("utf-8", "replace") not in names:
        raise CommandError(f"argument(s) must be one of the following: {', '.join(names)}")
    return word.lower()


def buffer_limits(default: bytes) -> Directive:
    """Give a setting that is a hard limit, a soft limit and its seconds for classes of clients.

    A value may leave classes out, whose limits then stay.
    """

    def merge(former: bytes, new: bytes) -> bytes:
        limits = dict(_by_class(former)) | dict(_by_class(new))
        return b" ".join(b"%b %b" % limit for limit in limits.items())

    return Directive(default, _read_buffer_limits, merge=merge)


def _read_buffer_limits(value: bytes) -> bytes:
    words = value.split()
    if len(words) % 4:
        raise CommandError("Wrong number of arguments in buffer limit configuration.")
    read = []
    for name, hard, soft, seconds in zip(*[iter(words)] * 4, strict=True):
        kind = _CLIENT_CLASSES.get(name.lower())
        if kind is None:
            raise CommandError("Invalid client class specified in buffer limit configuration.")
        most, some, time = _size(hard), _size(soft), _number(seconds)
        if most is None or some is None or time is None:
            raise CommandError(
                "Error in hard, soft or soft_seconds setting in buffer limit configuration."
            )
        read.append(b"%b %d %d %d" % (kind, most, some, time))
    return b" ".join(read)


def _by_class(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    words = value.split()
    for place in range(0, len(words), 4):
        yield words[place], b" ".join(words[place + 1 : place + 4])


def text(default: bytes = b"") -> Directive:
    """Give a setting that is any text."""
    return Directive(default, bytes)


def fixed(default: bytes, refusal: str = IMMUTABLE) -> Directive:
    """Give a setting that cannot be set, and why."""
    return Directive(default, bytes, refusal)
