"""What the stream commands share: reading ids and trim options, shaping entries, error texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redislua_kernel.engine.errors import NOT_AN_INTEGER, SYNTAX_ERROR, CommandError
from redislua_kernel.engine.keyspace import Database
from redislua_kernel.engine.signature import parse_int
from redislua_kernel.engine.types.stream import (
    ACKED,
    DELREF,
    KEEPREF,
    MAX_ID,
    MIN_ID,
    Entry,
    Stream,
)
from redislua_kernel.engine.types.stream_group import Group, Id
from redislua_kernel.reply import Reply

INVALID_ID = CommandError("ERR Invalid stream ID specified as stream command argument")
INVALID_START = CommandError("ERR invalid start ID for the interval")
INVALID_END = CommandError("ERR invalid end ID for the interval")
TWO_STRATEGIES = CommandError(
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"
)
NEGATIVE_MAXLEN = CommandError("ERR The MAXLEN argument must be >= 0.")
NEGATIVE_LIMIT = CommandError("ERR The LIMIT argument must be >= 0.")
LIMIT_WITHOUT_STRATEGY = CommandError(
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"
)
LIMIT_WITHOUT_TILDE = CommandError(
    "ERR syntax error, LIMIT cannot be used without the special ~ option"
)
NO_STRATEGY = CommandError("ERR syntax error, XTRIM must be called with a trimming strategy")

POLICIES = {b"KEEPREF": KEEPREF, b"DELREF": DELREF, b"ACKED": ACKED}

_MAX = MAX_ID[1]
_DIGITS = re.compile(rb"[ \t-\r]*([+-]?)([0-9]+)\Z")
_DEFAULT_LIMIT = 10_000


def no_group(key: bytes, group: bytes, where: str = "") -> CommandError:
    """Give the error for a key or a group that does not exist."""
    return _named("NOGROUP No such key '%s' or consumer group '%s'" + where, key, group)


def no_such_group(key: bytes, group: bytes) -> CommandError:
    """Give the error for a group that an existing stream lacks."""
    return _named("NOGROUP No such consumer group '%s' for key name '%s'", group, key)


def _named(text: str, *names: bytes) -> CommandError:
    shown = [name.decode("utf-8", "surrogateescape") for name in names]
    return CommandError((text % tuple(shown)).replace("\r", " ").replace("\n", " "))


def find_group(db: Database, key: bytes, name: bytes) -> tuple[Stream, Group]:
    """Give a stream and its group for changes. Raises NOGROUP."""
    stream = db.edit(key, Stream)
    group = None if stream is None else stream.groups.get(name)
    if stream is None or group is None:
        raise no_group(key, name)
    return stream, group


# Ids


def parse_id(word: bytes, missing: int = 0) -> Id:
    """Read `ms-seq` or `ms`, whose sequence number is then `missing`."""
    ms, dash, sequence = word.partition(b"-")
    if len(word) < 40 and ms.isdigit() and sequence.isdigit():
        entry_id = int(ms), int(sequence)
        if entry_id[0] <= _MAX and entry_id[1] <= _MAX:
            return entry_id
    if len(word) > 127:
        raise INVALID_ID
    return _unsigned(ms), _unsigned(sequence) if dash else missing


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


def entry_reply(entry: Entry) -> Reply:
    """Shape an entry: its id, and its fields and values in turn."""
    return [b"%d-%d" % entry[0], list(entry[1])]


def entry_replies(entries: Iterable[Entry]) -> list[Reply]:
    """Shape several entries."""
    return [[b"%d-%d" % entry_id, list(fields)] for entry_id, fields in entries]


# Trimming


@dataclass
class Trimming:
    """How XADD and XTRIM were told to trim."""

    length: int | None = None
    before: Id | None = None
    is_approximate: bool = False
    limit: int | None = None
    policy: int | None = None
    no_stream: bool = False
    #: Where among the words the threshold is.
    place: int = 0

    @property
    def is_wanted(self) -> bool:
        """Tell whether there is anything to trim by."""
        return self.length is not None or self.before is not None

    def apply(self, stream: Stream) -> int:
        """Trim a stream; give the number of entries deleted."""
        limit = self.limit
        if limit is None:
            limit = _DEFAULT_LIMIT if self.is_approximate else 0
        policy = self.policy or KEEPREF
        if self.before is not None:
            return stream.trim(
                before=self.before, is_approximate=self.is_approximate, limit=limit, policy=policy
            )
        assert self.length is not None
        return stream.trim(
            length=self.length, is_approximate=self.is_approximate, limit=limit, policy=policy
        )

    def settle(self, words: list[bytes], stream: Stream) -> None:
        """Make an approximate threshold among a command's words what the trim came to."""
        if not self.is_approximate:
            return
        words[self.place - 1] = b"="
        if self.before is None:
            words[self.place] = b"%d" % stream.length
        else:
            words[self.place] = format_id(stream.first_id if stream.length else MAX_ID)


def parse_trimming(words: Sequence[bytes], is_add: bool) -> tuple[Trimming, int]:
    """Read the options of XTRIM, or of XADD up to its id; give them and the place of the id."""
    trimming = Trimming()
    place, last = 0, len(words) - 1
    while place <= last:
        option = words[place].upper()
        if option == b"*" and is_add:
            break
        if option in (b"MAXLEN", b"MINID") and place < last:
            place = _parse_strategy(trimming, words, place, option)
        elif option == b"LIMIT" and place < last:
            place += 1
            trimming.limit = parse_int(words[place])
            if trimming.limit < 0:
                raise NEGATIVE_LIMIT
        elif option == b"NOMKSTREAM" and is_add:
            trimming.no_stream = True
        elif option in POLICIES and trimming.policy is None:
            trimming.policy = POLICIES[option]
        elif is_add:
            break
        else:
            raise SYNTAX_ERROR
        place += 1
    return trimming, place


def check_trimming(trimming: Trimming, is_add: bool) -> None:
    """Refuse options that do not go together."""
    if trimming.limit and not trimming.is_wanted:
        raise LIMIT_WITHOUT_STRATEGY
    if not (is_add or trimming.is_wanted):
        raise NO_STRATEGY
    if trimming.limit is not None and not trimming.is_approximate:
        raise LIMIT_WITHOUT_TILDE


def _parse_strategy(trimming: Trimming, words: Sequence[bytes], place: int, option: bytes) -> int:
    if trimming.is_wanted:
        raise TWO_STRATEGIES
    if words[place + 1] in (b"~", b"=") and place + 2 < len(words):
        trimming.is_approximate = words[place + 1] == b"~"
        place += 1
    place += 1
    trimming.place = place
    if option == b"MINID":
        trimming.before = parse_id(words[place])
        return place
    trimming.length = parse_int(words[place])
    if trimming.length < 0:
        raise NEGATIVE_MAXLEN
    return place


# Lists of ids


def parse_id_list(words: Sequence[bytes]) -> tuple[int, Sequence[bytes]]:
    """Read `[KEEPREF | DELREF | ACKED] IDS numids id …`; give the policy and the ids' words."""
    policy: int | None = None
    ids: Sequence[bytes] | None = None
    place = 0
    while place < len(words):
        option = words[place].upper()
        if option in POLICIES and policy is None:
            policy = POLICIES[option]
            place += 1
        elif option == b"IDS" and ids is None and place + 2 < len(words):
            count = _parse_numids(words[place + 1])
            ids = words[place + 2 : place + 2 + count]
            if len(ids) < count:
                raise CommandError("ERR The `numids` parameter must match the number of arguments")
            place += 2 + count
        else:
            raise SYNTAX_ERROR
    if ids is None:
        raise SYNTAX_ERROR
    return policy or KEEPREF, ids


def _parse_numids(word: bytes) -> int:
    refused = CommandError("ERR Number of IDs must be a positive integer")
    try:
        count = parse_int(word)
    except CommandError as error:
        if error is NOT_AN_INTEGER:
            raise refused from None
        raise
    if count <= 0:
        raise refused
    return count
