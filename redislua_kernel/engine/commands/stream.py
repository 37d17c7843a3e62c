"""Streams: adding, counting, deleting and trimming entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from redislua_kernel.engine.commands.quick import is_easy, note
from redislua_kernel.engine.commands.stream_trim import (
    Trimming,
    check_trimming,
    parse_id_list,
    parse_trimming,
)
from redislua_kernel.engine.commands.stream_words import following_id, parse_id, parse_new_id
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import NO_SUCH_KEY, SYNTAX_ERROR, CommandError, wrong_arity
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.repeated import Free, Repeated
from redislua_kernel.engine.signature import Key, Words, parse_int
from redislua_kernel.engine.types.stream import ACKED, DELREF, MAX_ID, MIN_ID, Stream
from redislua_kernel.engine.types.stream_group import Id
from redislua_kernel.engine.types.stream_node import Fields
from redislua_kernel.reply import OK, Reply

MAX_ENTRY_SIZE = 1 << 30

#: Sequence numbers below this one have another after them.
_FAR = 1 << 60

#: The word for an id that is left to the stream.
_NEXT_ID = (b"*",)

ID_IS_ZERO = CommandError("ERR The ID specified in XADD must be greater than 0-0")
ID_TOO_SMALL = CommandError(
    "ERR The ID specified in XADD is equal or smaller than the target stream top item"
)
IDS_EXHAUSTED = CommandError(
    "ERR The stream has exhausted the last possible ID, unable to add more items"
)
ENTRY_TOO_LARGE = CommandError("ERR Elements are too large to be stored")

BELOW_TOP = CommandError(
    "ERR The ID specified in XSETID is smaller than the target stream top item"
)
BELOW_DELETED = CommandError(
    "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"
)
BELOW_GIVEN_DELETED = CommandError(
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"
)
ADDED_BELOW_LENGTH = CommandError(
    "ERR The entries_added specified in XSETID is smaller than the target stream length"
)
ADDED_NEGATIVE = CommandError("ERR entries_added must be positive")


def _adding(words: tuple[bytes, ...]) -> Callable[[Database, bytes, bytes], bytes] | None:
    """Give what adds an entry of which all but the last value is known, under the next id."""
    options: Sequence[bytes] = ()
    trimming = None
    if words[0] == b"*":
        known = words[1:]
    else:
        usual = _usual_options(*words[:3]) if len(words) > 3 else None
        if usual is None:
            return None
        options, trimming, has_id = usual
        known = words[3:] if has_id else words[4:] if words[3] == b"*" else ()
    if len(known) % 2 == 0:
        return None
    size = sum(map(len, known))

    def add(db: Database, key: bytes, value: bytes) -> bytes:
        # `_add`, spelled out for a stream that is there.
        stream, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
        if (
            stream.__class__ is not Stream
            or stream.journal is not journal
            or stream.last_id[1] >= _FAR
            or len(value) >= LONG
            or keyspace.listeners
            or (key in db.expires and db.expires[key] < db.keyspace.now)
        ):
            return _add(db, key, (*known, value), options, trimming)
        now, (ms, sequence) = keyspace.now, stream.last_id
        entry_id = (now, 0) if now > ms else (ms, sequence + 1)
        fields = (*known, value)
        shown = stream.append(entry_id, fields, size + len(value))
        keyspace.dirty += 1
        settled = options
        if trimming is not None:
            trimming.apply(stream)
            settled = trimming.settled(options, stream)
        journal.calls.extend(
            [db.index, journal.targets, b"XADD", key, *settled, shown, *fields, None]
        )
        return shown

    return add


@command(
    "XADD",
    flags="write denyoom fast",
    group="stream",
    since="5.0.0",
    complexity="O(1) when adding; O(N) when trimming, where N is the number of entries evicted.",
    in_scripts=InScripts(repeats=Repeated(Free.FIRST_AND_LAST, _adding)),
)
def xadd(
    db: Database, key: Key, first: bytes, second: bytes, third: bytes, *rest: Words
) -> bytes | None:
    """Append an entry to a stream; give its id."""
    if first == b"*" and not len(rest) % 2:
        return _add(db, key, (second, third, *rest))
    usual = _usual_options(first, second, third)
    if usual is not None:
        options, trimming, has_id = usual
        fields = rest if has_id else rest[1:] if rest[:1] == _NEXT_ID else ()
        if fields and not len(fields) % 2:
            return _add(db, key, fields, options, trimming)
    words = (first, second, third, *rest)
    trimming, place = parse_trimming(words, is_add=True)
    entry_id, has_sequence = None, False
    if place < len(words) and words[place] != b"*":
        entry_id, has_sequence = parse_new_id(words[place])
    check_trimming(trimming, is_add=True)
    fields = words[place + 1 :]
    if not fields or len(fields) % 2:
        raise wrong_arity("xadd")
    if has_sequence and entry_id == MIN_ID:
        raise ID_IS_ZERO
    if trimming.no_stream and not db.exists(key):
        return None
    if entry_id is None:
        return _add(db, key, fields, words[:place], trimming)
    stream = db.edit(key, Stream)
    last = MIN_ID if stream is None else stream.last_id
    if last == MAX_ID:
        raise IDS_EXHAUSTED
    if not has_sequence and entry_id[0] == last[0]:
        entry_id = last[0], last[1] + 1
    if entry_id <= last or entry_id[1] > MAX_ID[1]:
        raise ID_TOO_SMALL
    given = words[place] if has_sequence else None
    return _append(db, key, stream, entry_id, fields, words[:place], trimming, given)


@lru_cache(maxsize=256)
def _usual_options(*words: bytes) -> tuple[Sequence[bytes], Trimming, bool] | None:
    """Read XADD's first words as all of its options, if they can be that: `MAXLEN ~ 1000`.

    Tells whether the word for the id, `*`, is there as well: `MAXLEN 1000 *`. Whoever adds to a
    stream does so with the same ones each time.
    """
    if words[0].upper() not in (b"MAXLEN", b"MINID"):
        return None
    has_id = words[1] not in (b"~", b"=")
    if has_id and words[2:] != _NEXT_ID:
        return None
    options = words[:2] if has_id else words
    try:
        return options, parse_trimming(options, is_add=True)[0], has_id
    except CommandError:  # it is said in its turn
        return None


def _add(
    db: Database,
    key: bytes,
    fields: Fields,
    options: Sequence[bytes] = (),
    trimming: Trimming | None = None,
) -> bytes:
    """Add an entry under the next id."""
    stream = db.edit(key, Stream)
    now = db.keyspace.now
    last = MIN_ID if stream is None else stream.last_id
    # Ids grow even when the clock does not.
    entry_id = (now, 0) if now > last[0] else following_id(last)
    if entry_id == MIN_ID:
        raise IDS_EXHAUSTED
    return _append(db, key, stream, entry_id, fields, options, trimming)


def _append(
    db: Database,
    key: bytes,
    stream: Stream | None,
    entry_id: Id,
    fields: Fields,
    options: Sequence[bytes],
    trimming: Trimming | None,
    given: bytes | None = None,
) -> bytes:
    """Add an entry under an id that the stream, if there is one, allows; trim it, and replicate.

    An id that was `given` whole is replicated as it was: `3`, not `3-0`.
    """
    size = 0
    for word in fields:
        size += len(word)
    if size > MAX_ENTRY_SIZE:
        raise ENTRY_TOO_LARGE
    if stream is None:
        stream = db.edit_or_create(key, Stream)
    shown = stream.append(entry_id, fields, size)
    keyspace = db.keyspace
    keyspace.dirty += 1
    if keyspace.listeners:
        db.announce(key, b"xadd")
    if trimming is not None and trimming.is_wanted:
        if trimming.apply(stream) and keyspace.listeners:
            db.announce(key, b"xtrim")
        options = trimming.settled(options, stream)
    # Database.effect, spelled out: streams are mostly written to.
    journal = db.journal
    journal.rewritten = True
    entry = (given or shown, *fields)
    journal.calls.extend([db.index, journal.targets, b"XADD", key, *options, *entry, None])
    return shown


@command("XLEN", flags="readonly fast", group="stream", since="5.0.0", complexity="O(1)")
def xlen(db: Database, key: Key) -> int:
    """Count the entries of a stream."""
    stream = db.lookup(key, Stream)
    return 0 if stream is None else stream.length


@command(
    "XTRIM",
    flags="write",
    group="stream",
    since="5.0.0",
    complexity="O(N) where N is the number of entries evicted.",
)
def xtrim(db: Database, key: Key, strategy: bytes, threshold: bytes, *options: Words) -> int:
    """Delete entries from the start of a stream; give how many."""
    words = (strategy, threshold, *options)
    trimming, _ = parse_trimming(words, is_add=False)
    check_trimming(trimming, is_add=False)
    stream = db.edit(key, Stream)
    if stream is None:
        return 0
    deleted = trimming.apply(stream)
    if deleted:
        db.changed(key, b"xtrim", deleted)
        db.effect(b"XTRIM", key, *trimming.settled(words, stream))
    return deleted


def _delete_one(db: Database, name: bytes, key: bytes, entry_id: bytes) -> int | None:
    stream = db.entries.get(key)
    if not is_easy(stream, Stream, db, key):
        return None
    if not stream.delete(parse_id(entry_id)):
        return 0
    note(db, name, key, entry_id)
    return 1


@command(
    "XDEL",
    flags="write fast",
    group="stream",
    since="5.0.0",
    complexity="O(1) for each entry deleted.",
    in_scripts=InScripts(quick=_delete_one),
)
def xdel(db: Database, key: Key, *ids: bytes) -> int:
    """Delete entries of a stream by their ids; give how many there were."""
    stream = db.edit(key, Stream)
    if stream is None:
        return 0
    deleted = 0
    for entry_id in [parse_id(word) for word in ids]:
        deleted += stream.delete(entry_id)
    if deleted:
        db.changed(key, b"xdel", deleted)
    return deleted


@command(
    "XDELEX",
    flags="write fast",
    group="stream",
    since="8.2.0",
    complexity="O(1) for each entry deleted.",
)
def xdelex(
    db: Database, key: Key, first: bytes, second: bytes, third: bytes, *rest: Words
) -> Reply:
    """Delete entries by their ids, choosing what becomes of references in consumer groups.

    Gives for each id 1 (deleted), -1 (no such entry) or 2 (a group still needs it).
    """
    stream = db.edit(key, Stream)
    policy, words = parse_id_list((first, second, third, *rest))
    if stream is None:
        return [-1] * len(words)
    replies = [delete_entry(stream, entry_id, policy) for entry_id in [parse_id(w) for w in words]]
    if 1 in replies:
        db.changed(key, b"xdel", replies.count(1))
    return replies


def delete_entry(stream: Stream, entry_id: Id, policy: int) -> int:
    """Delete an entry as XDELEX does: 1, -1 (no such entry) or 2 (a group still needs it)."""
    if policy == DELREF:
        stream.drop_references(entry_id)
    elif policy == ACKED and stream.is_referenced(entry_id):
        return 2
    return 1 if stream.delete(entry_id) else -1


@command("XSETID", flags="write denyoom fast", group="stream", since="5.0.0", complexity="O(1)")
def xsetid(db: Database, key: Key, last_id: bytes, *options: Words) -> Reply:
    """Set the last id of a stream, and the counters that outlive its entries."""
    entry_id = parse_id(last_id)
    added, max_deleted = _parse_counters(options, entry_id)
    stream = db.edit(key, Stream)
    if stream is None:
        raise NO_SUCH_KEY
    if entry_id < stream.max_deleted_id:
        raise BELOW_DELETED
    if stream.length:
        if entry_id < stream.last_entry_id:
            raise BELOW_TOP
        if added is not None and added < stream.length:
            raise ADDED_BELOW_LENGTH
    stream.set("last_id", entry_id)
    if added is not None:
        stream.set("entries_added", added)
    if max_deleted != MIN_ID:
        stream.set("max_deleted_id", max_deleted)
    db.changed(key, b"xsetid")
    return OK


def _parse_counters(words: tuple[bytes, ...], last_id: Id) -> tuple[int | None, Id]:
    added, max_deleted = None, MIN_ID
    for place in range(0, len(words), 2):
        option = words[place].upper()
        if option not in (b"ENTRIESADDED", b"MAXDELETEDID") or place + 1 == len(words):
            raise SYNTAX_ERROR
        value = words[place + 1]
        if option == b"ENTRIESADDED":
            added = parse_int(value)
            if added < 0:
                raise ADDED_NEGATIVE
        else:
            max_deleted = parse_id(value)
            if last_id < max_deleted:
                raise BELOW_GIVEN_DELETED
    return added, max_deleted
