"""A database: its keys, their expiry, and the primitives that every change goes through.

Commands reach values through `Database.lookup` (read) and `Database.edit` (write in place),
replace them with `Database.put`, and end them with `Database.remove`. After a change they
call `Database.changed` once with the event's name. A database holds no empty collection.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import delitem, setitem
from typing import TYPE_CHECKING, Any, TypeVar

from redislua_kernel.engine.errors import WRONGTYPE
from redislua_kernel.engine.eviction.watched import Drawable, WatchedEntries
from redislua_kernel.engine.journal import REPLICATE_ALL, Journal
from redislua_kernel.engine.types.packed import Packed
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Stored, Value, as_stored, as_value

if TYPE_CHECKING:
    from redislua_kernel.engine.keyspace import Keyspace

__all__ = ["Database"]

INFINITY = float("inf")

#: With fewer keys than these, little memory is to be saved.
_MANY = 1024

V = TypeVar("V", bound=Value)


class Database:
    """One numbered database of a keyspace."""

    __slots__ = ("_round", "entries", "expires", "index", "journal", "keyspace", "undo")

    def __init__(self, keyspace: Keyspace, index: int) -> None:
        self.keyspace = keyspace
        self.index = index
        self.entries: dict[bytes, Stored] = {}
        #: When each volatile key expires, in milliseconds since the epoch.
        self.expires: dict[bytes, int] = {}
        self._round: list[bytes] = []
        self.attach(keyspace.journal)

    def attach(self, journal: Journal) -> None:
        """Log to `journal` from now on: values that carry another one are copied before writes."""
        self.journal = journal
        self.undo = journal.undo

    # Reading

    def get(self, key: bytes) -> bytes | Value | None:
        """Give the live value of a key, whatever its type."""
        value = self.entries.get(key)
        if value is None or (key in self.expires and self._expire(key)):
            return None
        if isinstance(value, Packed):
            unpacked: Value = self._unpack(key, value)
            return unpacked
        return b"%d" % value if value.__class__ is int else value  # type: ignore[return-value]

    def lookup(self, key: bytes, kind: type[V]) -> V | None:
        """Give the value of a key for reading; None if there is none.

        Raises WRONGTYPE if the key holds another type.
        """
        value = self.entries.get(key)
        if value is None or (
            key in self.expires and self.expires[key] < self.keyspace.now and self._expire(key)
        ):
            return None
        if value.__class__ is not kind:
            if not isinstance(value, Packed) or value.kind is not kind:
                raise WRONGTYPE
            unpacked: V = self._unpack(key, value)
            return unpacked
        return value

    def peek(self, key: bytes) -> bytes | Value | None:
        """Give the live value of a key, whatever its type; this is no use of the key."""
        value = self.stored(key)
        return None if value is None else as_value(value, self.journal)

    def stored(self, key: bytes) -> Stored | None:
        """Give what the table keeps at a live key; this is no use of the key."""
        value = dict.get(self.entries, key)
        return None if key in self.expires and self._expire(key) else value

    def string(self, key: bytes) -> bytes | None:
        """Give the string at a key; None if there is none. Raises WRONGTYPE."""
        value = self.entries.get(key)
        if value is None or (
            key in self.expires and self.expires[key] < self.keyspace.now and self._expire(key)
        ):
            return None
        if value.__class__ is bytes:
            return value
        if value.__class__ is int:
            return f"{value}".encode()  # faster than b"%d"
        if value.__class__ is RawString:
            return value.text()
        raise WRONGTYPE

    def buffer(self, key: bytes) -> bytes | bytearray | None:
        """Give the bytes of the string at a key to look at, not copied; None if there is none.

        What it gives may be the value itself: it is neither kept nor changed. Raises WRONGTYPE.
        """
        value = self.entries.get(key)
        if value.__class__ is RawString and not (key in self.expires and self._expire(key)):
            return value.data
        return self.string(key)

    def exists(self, key: bytes) -> bool:
        """Tell whether a key holds a value."""
        return key in self.entries and not (key in self.expires and self._expire(key))

    def touch(self, key: bytes) -> bool:
        """Use a key, even for a client whose commands are no uses; tell whether it exists."""
        if not self.exists(key):
            return False
        if isinstance(self.entries, WatchedEntries):
            self.entries.use(key)
        return True

    def mark(self, key: bytes) -> int:
        """Give what is kept of the uses of a key that is there; the keyspace must keep it."""
        assert isinstance(self.entries, WatchedEntries)
        return self.entries.marks[key]

    def marks(self) -> dict[bytes, int]:
        """Give what is kept of the uses of all keys, as it is now."""
        return dict(self.entries.marks) if isinstance(self.entries, WatchedEntries) else {}

    def remark(self, key: bytes, mark: int) -> None:
        """Set what is kept of the uses of a key that is there; the keyspace must keep it."""
        assert isinstance(self.entries, WatchedEntries)
        self.entries.marks[key] = mark

    def expiry(self, key: bytes) -> int | None:
        """Give when a live key expires, in milliseconds since the epoch; None: never."""
        return self.expires.get(key)

    def is_expired(self, key: bytes) -> bool:
        """Tell whether a key's time is over, and leave the key alone."""
        return self.expires.get(key, INFINITY) < self.keyspace.now

    @property
    def has_many_keys(self) -> bool:
        """Tell whether there are so many keys that what one takes matters."""
        return len(self.entries) >= _MANY

    def random_key(self) -> bytes | None:
        """Give a live key at random; None if there is none. See `draws`."""
        keyspace = self.keyspace
        return keyspace.pools.pick(self.entries, keyspace.random, keyspace.dirty, self.exists)

    # Writing

    def edit(self, key: bytes, kind: type[V]) -> V | None:
        """Give the value of a key for changes in place; None if there is none.

        Raises WRONGTYPE if the key holds another type.
        """
        owned = self.entries.get(key)
        if (
            owned.__class__ is kind
            and owned.journal is self.journal
            and (key not in self.expires or self.expires[key] >= self.keyspace.now)
        ):
            return owned
        if owned is None:
            return None
        value = self.lookup(key, kind)
        if value is not None and value.journal is not self.journal:
            value = value.copy(self.journal)  # type: ignore[assignment]
            self.put(key, value)
        return value

    def edit_or_create(self, key: bytes, kind: type[V]) -> V:
        """Give the value of a key for changes in place, made empty where there is none.

        The caller adds at least one element. Raises WRONGTYPE.
        """
        value = self.edit(key, kind)
        if value is None:
            value = kind(self.journal)  # type: ignore[call-arg]
            self.put(key, value)
        return value

    def put(self, key: bytes, value: bytes | Value) -> None:
        """Set a key's value and keep its expiry."""
        entries = self.entries
        if key in entries:
            self.undo.append((setitem, entries, key, entries[key]))
        else:
            self.undo.append((delitem, entries, key))
        entries[key] = value

    def put_made(self, key: bytes, value: Value) -> None:
        """Set a key to a collection that was made at once: packed where there are many keys.

        Among few keys it takes no memory worth a word, and is likely to be used soon.
        """
        self.put(key, as_stored(value) if self.has_many_keys else value)

    def store(self, key: bytes, value: bytes | Value) -> None:
        """Set a key's value and make it persistent."""
        if key in self.expires and not self._expire(key):
            self.persist(key)
        entries = self.entries
        if key in entries:
            self.undo.append((setitem, entries, key, entries[key]))
        else:
            self.undo.append((delitem, entries, key))
        entries[key] = value

    def remove(self, key: bytes) -> bool:
        """Delete a key that may be there; tell whether it was."""
        if key in self.expires:
            if self._expire(key):
                return False
            self.persist(key)
        entries = self.entries
        value = entries.pop(key, None)
        if value is None:
            return False
        self.undo.append((setitem, entries, key, value))
        return True

    def store_result(self, key: bytes, value: bytes | Value, event: bytes, count: int = 1) -> None:
        """Set a key to what a command (SINTERSTORE, SORT, BITOP) found; delete it if that is empty.

        `count` is how many changes the reference counts for a result that is not empty.
        """
        if value:
            self.store(key, as_stored(value))
            self.changed(key, event, count)
        elif key in self.entries:
            # An expired key counts as well: the reference does not look.
            self.persist(key)
            self.undo.append((setitem, self.entries, key, self.entries.pop(key)))
            self.changed(key, b"del")

    def remove_if_empty(self, key: bytes, value: Value) -> bool:
        """Delete a key whose collection has lost its last element; tell whether it did.

        Counts nothing and sends `del`: the caller's own event comes first.
        """
        if value:
            return False
        self.drop(key)
        return True

    def drop(self, key: bytes) -> None:
        """Delete a key whose collection has lost its last element: see `remove_if_empty`."""
        if key in self.expires:
            self.persist(key)
        entries = self.entries
        self.undo.append((setitem, entries, key, entries.pop(key)))
        if self.keyspace.listeners:
            self.announce(key, b"del")

    def expire_at(self, key: bytes, at: int) -> None:
        """Let a key expire at `at`, in milliseconds since the epoch."""
        expires = self.expires
        if key in expires:
            self.undo.append((setitem, expires, key, expires[key]))
        else:
            self.undo.append((delitem, expires, key))
        expires[key] = at

    def persist(self, key: bytes) -> bool:
        """Take a key's expiry away; tell whether it had one."""
        at = self.expires.pop(key, None)
        if at is None:
            return False
        self.undo.append((setitem, self.expires, key, at))
        return True

    def clear(self) -> int:
        """Delete every key; give how many there were."""
        count = len(self.entries)
        # Fresh dicts, not clear(): undoing is then one assignment, whatever the size.
        self.replace({}, {})
        return count

    def replace(self, entries: dict[bytes, Stored], expires: dict[bytes, int]) -> None:
        """Take other keys in place of all there are."""
        self._announce_table(entries)
        self.undo.append((self._swap_tables, self.entries, self.expires))
        uses = self.keyspace.uses
        if uses is not None:
            entries, expires = WatchedEntries(entries, uses, uses.first()), Drawable(expires)
        self._swap_tables(entries, expires)

    def watch(self, mark: int | None = None) -> None:
        """Let the tables keep uses and sizes, or keep none: see `Keyspace.watch`."""
        entries, uses = self.entries, self.keyspace.uses
        if isinstance(entries, WatchedEntries) and entries.uses is uses:
            entries.remeasure()
        elif uses is not None:
            self.undo.append((self._swap_tables, entries, self.expires))
            first = uses.first() if mark is None else mark
            self._swap_tables(WatchedEntries(entries, uses, first), Drawable(self.expires))
        elif isinstance(entries, WatchedEntries):
            self.undo.append((self._swap_tables, entries, self.expires))
            self._swap_tables(dict(entries), dict(self.expires))

    def exchange(self, other: Database) -> None:
        """Swap the keys of two databases."""
        mine, theirs = (self.entries, self.expires), (other.entries, other.expires)
        self._announce_table(other.entries)
        other._announce_table(self.entries)
        self.undo.append((self._swap_tables, *mine))
        self.undo.append((other._swap_tables, *theirs))
        self._swap_tables(*theirs)
        other._swap_tables(*mine)

    def changed(self, key: bytes, event: bytes, count: int = 1) -> None:
        """Say that a command changed a key: counts it and tells watchers and listeners."""
        keyspace = self.keyspace
        keyspace.dirty += count
        if keyspace.listeners:
            self.announce(key, event)

    def announce(self, key: bytes, event: bytes) -> None:
        """Tell watchers and listeners of an event that counts as no change of its own."""
        for listener in self.keyspace.listeners:
            listener(self, key, event)

    def _announce_table(self, entries: dict[bytes, Stored]) -> None:
        for listener in self.keyspace.table_listeners:
            listener(self, entries)

    def effect(self, *words: bytes | int) -> None:
        """Record what to replicate instead of the command that was called."""
        journal = self.journal
        journal.rewritten = True
        journal.calls.extend([self.index, journal.targets, *words, None])

    def sure_effect(self, *words: bytes | int) -> None:
        """Record such an effect that no script can keep back by redis.set_repl."""
        journal = self.journal
        journal.rewritten = True
        journal.calls.extend([self.index, REPLICATE_ALL, *words, None])

    def no_effect(self) -> None:
        """Replicate nothing beyond what was recorded: the call itself is not to be repeated."""
        self.journal.rewritten = True

    def _unpack(self, key: bytes, packed: Packed) -> Any:
        """Put the value itself in the place of a packed one: no change, and no use either."""
        value = packed.unpack(self.journal)
        dict.__setitem__(self.entries, key, value)
        self.keyspace.unpacked += 1
        return value

    def pack(self, keys: Iterable[bytes]) -> None:
        """Keep what some keys hold in one piece where that can be; not while a unit is open.

        A value that a view shares stays as it is: it would be kept twice.
        """
        entries, journal = self.entries, self.journal
        for key in keys:
            value = dict.get(entries, key)
            if isinstance(value, Value) and value.journal is journal:
                packed = value.pack()
                if packed is not None:
                    dict.__setitem__(entries, key, packed)

    def _swap_tables(self, entries: dict[bytes, Any], expires: dict[bytes, int]) -> None:
        self.entries, self.expires = entries, expires

    def _expire(self, key: bytes) -> bool:
        """Delete a volatile key if its time is over; tell whether it was.

        Who comes by often looks at the time himself first: the call takes longer.
        """
        keyspace = self.keyspace
        if keyspace.now <= self.expires[key]:
            return False
        if keyspace.keeps_expired:
            return True
        at = self.expires.pop(key)
        value = self.entries.pop(key)
        self.undo.append((setitem, self.expires, key, at))
        self.undo.append((setitem, self.entries, key, value))
        self.journal.replicate_expiry(self.index, b"DEL", key)
        keyspace.expired += 1
        if keyspace.listeners:
            self.announce(key, b"expired")
        return True

    def sweep(self, limit: int) -> int:
        """Look at up to `limit` volatile keys in turn and delete the expired ones; give how many.

        Works through a list of the volatile keys made once a round, so that a sweep costs the
        same whatever their number.
        """
        if not self.keyspace.active_expire:
            return 0
        if not self._round:
            self._round = list(self.expires)
        batch, self._round = self._round[-limit:], self._round[:-limit]
        return sum(key in self.expires and self._expire(key) for key in batch)
