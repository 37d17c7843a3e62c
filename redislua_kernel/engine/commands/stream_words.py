"""What the stream commands share: reading ids, shaping entries, error texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.types.stream import MAX_ID, MIN_ID, Entry
from redislua_kernel.engine.types.stream_group import Id
from redislua_kernel.reply import EntryReply

INVALID_ID = CommandError("ERR Invalid stream ID specified as stream command argument")
INVALID_START = CommandError("ERR invalid start ID for the interval")
INVALID_END = CommandError("ERR invalid end ID for the interval")


_MAX = MAX_ID[1]
#: No number of so few digits is too great.
_FEW_DIGITS = 19
_DIGITS = re.compile(rb"[ \t-\r]*([+-]?)([0-9]+)\Z")


def no_group(key: bytes, group: bytes, where: str = "") -> CommandError:
    """Give the error for a key or a group that does not exist."""
    return _named("NOGROUP No such key '%s' or consumer group '%s'" + where, key, group)


def no_such_group(key: bytes, group: bytes) -> CommandError:
    """Give the error for a group that an existing stream lacks."""
    return _named("NOGROUP No such consumer group '%s' for key name '%s'", group, key)


def _named(text: str, *names: bytes) -> CommandError:
    return CommandError((text % tuple(map(shown, names))).replace("\r", " ").replace("\n", " "))


# Ids


def parse_id(word: bytes, missing: int = 0) -> Id:
    """Read `ms-seq` or `ms`, whose sequence number is then `missing`."""
    return parse_whole_id(word) or _parse_unusual(word, missing)


def _parse_unusual(word: bytes, missing: int) -> Id:
    if len(word) > 127:
        raise INVALID_ID
    ms, dash, sequence = word.partition(b"-")
    return _unsigned(ms), _unsigned(sequence) if dash else missing


def parse_whole_id(word: bytes) -> Id | None:
    """Read `ms-seq` as it is mostly written; None if it is not."""
    ms, _, sequence = word.partition(b"-")
    if ms.isdigit() and sequence.isdigit() and len(ms) <= _FEW_DIGITS >= len(sequence):
        return int(ms), int(sequence)
    return None


def parse_new_id(word: bytes) -> tuple[Id, bool]:
    """Read XADD's id; tell whether its sequence number is given (`ms-*`: it is not)."""
    if word.endswith(b"-*"):
        return (_unsigned(word[:-2]), 0), False
    return parse_id(word), True


def parse_start(word: bytes) -> Id:
    """Read where a range starts: an id, `(id` without it, or `-`."""
    if word[:1] != b"(" or len(word) == 1:
        return parse_bound(word, 0)
    ms, sequence = parse_id(word[1:])
    if sequence < _MAX:
        return ms, sequence + 1
    if ms == _MAX:
        raise INVALID_START
    return ms + 1, 0


def parse_end(word: bytes) -> Id:
    """Read where a range ends: an id, `(id` without it, or `+`."""
    if word[:1] != b"(" or len(word) == 1:
        return parse_bound(word, _MAX)
    entry_id = parse_id(word[1:], _MAX)
    if entry_id == MIN_ID:
        raise INVALID_END
    return previous_id(entry_id)


def previous_id(entry_id: Id) -> Id:
    """Give the id just below one that is not 0-0."""
    ms, sequence = entry_id
    return (ms, sequence - 1) if sequence else (ms - 1, _MAX)


def following_id(entry_id: Id) -> Id:
    """Give the id just above one; the greatest one is followed by 0-0, as in the reference."""
    ms, sequence = entry_id
    if sequence < _MAX:
        return ms, sequence + 1
    return (ms + 1, 0) if ms < _MAX else MIN_ID


def format_id(entry_id: Id) -> bytes:
    """Write an id as `ms-seq`."""
    return b"%d-%d" % entry_id


def parse_bound(word: bytes, missing: int = 0) -> Id:
    """Read an id, or `-` or `+` for the least or the greatest one."""
    if word == b"-":
        return MIN_ID
    return MAX_ID if word == b"+" else parse_id(word, missing)


def _unsigned(word: bytes) -> int:
    """Read an unsigned number with strtoull's leniency: blanks, a sign, leading zeros."""
    match = _DIGITS.match(word.partition(b"\0")[0])
    if match is None:
        raise INVALID_ID
    number = int(match[2])
    if number > _MAX or (match[1] == b"-" and word == b"-%d" % number):
        raise INVALID_ID
    return -number & _MAX if match[1] == b"-" else number


# Replies


def entry_reply(entry: Entry) -> EntryReply:
    """Shape an entry: its id, and its fields and values in turn."""
    return b"%d-%d" % entry[0], entry[1]


def entry_replies(entries: Iterable[Entry]) -> list[EntryReply]:
    """Shape several entries."""
    return [(b"%d-%d" % entry_id, fields) for entry_id, fields in entries]
