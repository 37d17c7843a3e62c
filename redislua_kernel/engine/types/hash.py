"""Hashes: fields with values, and for some fields the time at which they expire.

Expired fields stay until `purge` is called; the commands do so before they look. The order
of the fields is that of the reference's compact encoding: as they were added, those that
expire first, soonest first. A hash that has outgrown that encoding has no order to keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from marshal import dumps, loads
from operator import delitem, setitem

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.packed import MOST_BYTES, MOST_ELEMENTS, Packed
from redislua_kernel.engine.types.value import Value

__all__ = ["Hash"]

NEVER = 1 << 63
#: How many times that count no more may be queued beside as many as there are fields with times.
_SLACK = 64

#: The last version of marshal that does not look for what comes twice.
_MARSHAL = 2

_NO_TIMES: dict[bytes, int] = {}
_NO_QUEUE: list[tuple[int, bytes]] = []


class Hash(Value):
    """A hash value. Read `fields` and `expires`; change them through the methods only.

    Those that have no room for times share what would hold them, which stays empty.
    """

    __slots__ = ("_queue", "big", "expires", "fields", "volatile")

    type_name = b"hash"

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.fields: dict[bytes, bytes] = {}
        #: When volatile fields expire, in milliseconds since the epoch.
        self.expires = _NO_TIMES
        #: A heap of the times with their fields, and of some that count no more.
        self._queue = _NO_QUEUE
        #: Whether it has outgrown the compact encoding, and whether it has room for times: a
        #: hash never goes back.
        self.big = False
        self.volatile = False

    @classmethod
    def of(
        cls,
        journal: Journal,
        fields: dict[bytes, bytes],
        expires: dict[bytes, int],
        *,
        volatile: bool,
    ) -> Hash:
        """Give a new hash in the smallest form that fits; `volatile`: with room for times."""
        self = cls(journal)
        self.fields, self.volatile = fields, volatile
        if volatile:
            self.expires, self._queue = expires, _queued(expires)
        limits = journal.limits
        self.big = len(fields) > limits.hash_entries or any(
            max(len(field), len(value)) > limits.hash_value for field, value in fields.items()
        )
        if expires and not self.big:
            order = sorted(fields, key=lambda field: expires.get(field, NEVER))
            self.fields = {field: fields[field] for field in order}
        return self

    @classmethod
    def begun(cls, journal: Journal, words: Sequence[bytes]) -> Hash:
        """Give a new hash of fields, each before its value, that are set at once."""
        self = cls(journal)
        self.fields = dict(zip(words[::2], words[1::2], strict=True))
        limits = journal.limits
        is_long = max(map(len, words)) > limits.hash_value
        self.big = is_long or len(words) // 2 > limits.hash_entries
        return self

    def __len__(self) -> int:
        return len(self.fields)

    @property
    def soonest(self) -> int:
        """The time before which no field expires."""
        return self._queue[0][0] if self._queue else NEVER

    def copy(self, journal: Journal) -> Hash:
        copy = Hash(journal)
        copy.fields = self.fields.copy()
        if self.volatile:
            copy.expires = self.expires.copy()
            copy._queue = self._queue.copy()
        copy.big, copy.volatile = self.big, self.volatile
        return copy

    def encoding(self) -> bytes:
        if self.big:
            return b"hashtable"
        return b"listpackex" if self.volatile else b"listpack"

    def memory(self, samples: int) -> int:
        count = len(self.fields)
        size = 0
        for place, (field, value) in enumerate(interruptible(self.fields.items())):
            if samples and place == samples:
                size = size * count // samples
                break
            size += len(field) + len(value)
        return 8 + size + (48 if self.big else 4) * count + 16 * len(self.expires)

    def expect(self, count: int) -> None:
        """Take the encoding that suits `count` fields to be set, though some be the same."""
        if not self.big and count > self.journal.limits.hash_entries:
            self._outgrow()

    def set(self, field: bytes, value: bytes, keep_time: bool = False) -> bool:
        """Set a field; tell whether it is new. It does not expire, unless it keeps its time."""
        fields = self.fields
        old = fields.get(field)
        if old is None:
            self.journal.undo.append((delitem, fields, field))
            fields[field] = value
            if not self.big:
                limits = self.journal.limits
                if (
                    len(value) > limits.hash_value
                    or len(field) > limits.hash_value
                    or len(fields) > limits.hash_entries
                ):
                    self._outgrow()
            return True
        self.journal.undo.append((setitem, fields, field, old))
        fields[field] = value
        if not self.big and len(value) > self.journal.limits.hash_value:
            self._outgrow()
        if field in self.expires and not keep_time:
            self.persist(field)
        return False

    def set_all(self, words: Sequence[bytes]) -> int:
        """Set fields, each with the value behind it; give how many of them are new."""
        limits, fields = self.journal.limits, self.fields
        if not self.big and len(words) // 2 > limits.hash_entries:  # though some be the same
            self._outgrow()
        each = iter(words)
        if self.expires:
            return sum([self.set(field, next(each)) for field in each])
        before, longest, is_long = len(fields), limits.hash_value, False
        keeps_all = before <= len(words)  # which costs less than to look at each
        undo = self.journal.undo
        if keeps_all:
            self._keep_order()
        for field in each:
            if not keeps_all:
                old = fields.get(field)
                is_new = old is None
                undo.append((delitem, fields, field) if is_new else (setitem, fields, field, old))
            fields[field] = value = next(each)
            if len(value) > longest or len(field) > longest:
                is_long = True
        if not self.big and (is_long or len(fields) > limits.hash_entries):
            self._outgrow()
        return len(fields) - before

    def delete(self, field: bytes) -> bool:
        """Delete a field that may be there; tell whether it was."""
        fields = self.fields
        if field not in fields:
            return False
        if field in self.expires:
            self._forget_time(field)
        if self.big or next(reversed(fields)) == field:
            self.journal.undo.append((setitem, fields, field, fields[field]))
        else:
            self._keep_order()
        del fields[field]
        return True

    def allow_times(self) -> None:
        """Take the encoding that has room for times, as whoever means to set one does."""
        if not self.volatile:
            self.journal.undo.append((self._take_no_times,))
            self.volatile = True
            self.expires, self._queue = {}, []

    def expire_at(self, field: bytes, at: int) -> None:
        """Let a field that is there expire at `at`, in milliseconds since the epoch."""
        self.allow_times()
        expires, undo = self.expires, self.journal.undo
        if field in expires:
            undo.append((setitem, expires, field, expires[field]))
        else:
            undo.append((delitem, expires, field))
        expires[field] = at
        if len(self._queue) > 2 * len(expires) + _SLACK:
            undo.append((setattr, self, "_queue", self._queue))
            self._queue = _queued(expires)
        else:
            heappush(self._queue, (at, field))
        self._move(field, at)

    def persist(self, field: bytes) -> bool:
        """Take a field's time away; tell whether it had one."""
        if field not in self.expires:
            return False
        self._forget_time(field)
        self._move(field, NEVER)
        return True

    def purge(self, now: int) -> list[bytes]:
        """Delete the fields whose time is over; give them."""
        expires, queue, expired = self.expires, self._queue, []
        while queue and queue[0][0] < now:
            at, field = heappop(queue)
            self.journal.undo.append((heappush, queue, (at, field)))
            if expires.get(field) == at:
                expired.append(field)
                self.delete(field)
        return expired

    def pack(self) -> Packed | None:
        if self.big or self.volatile or len(self.fields) > MOST_ELEMENTS:
            return None
        piece = dumps(self.fields, _MARSHAL)
        return PackedHash(piece) if len(piece) <= MOST_BYTES else None

    def _take_no_times(self) -> None:
        self.volatile = False
        self.expires, self._queue = _NO_TIMES, _NO_QUEUE

    def _forget_time(self, field: bytes) -> None:
        expires = self.expires
        self.journal.undo.append((setitem, expires, field, expires.pop(field)))

    def _outgrow(self) -> None:
        self._keep_order()  # from now on nobody does, but undoing may make it compact again
        self.journal.undo.append((setattr, self, "big", False))
        self.big = True

    def _keep_order(self) -> None:
        """Let undoing bring the fields back in their order, which inverse operations would not."""
        self.journal.undo.append((_refill, self.fields, self.fields.copy()))

    def _move(self, field: bytes, at: int) -> None:
        """Put a field before the first one that expires no sooner: a compact hash's order."""
        if self.big:
            return
        self._keep_order()
        fields, expires = self.fields, self.expires
        value = fields.pop(field)
        later: list[tuple[bytes, bytes]] = []
        for other in fields:
            if later or at <= expires.get(other, NEVER - 1):
                later.append((other, fields[other]))
        for other, _ in later:
            del fields[other]
        fields[field] = value
        fields.update(later)

    def _check(self) -> None:
        """Raise AssertionError if the value breaks its own rules."""
        assert self.expires.keys() <= self.fields.keys()
        assert {(at, field) for field, at in self.expires.items()} <= set(self._queue)
        assert self.volatile or self.expires is _NO_TIMES
        assert _NO_TIMES == {}
        assert _NO_QUEUE == []
        if not self.big:
            assert len(self.fields) <= self.journal.limits.hash_entries
            times = [self.expires.get(field, NEVER) for field in self.fields]
            assert times == sorted(times)
            assert all(
                max(len(field), len(value)) <= self.journal.limits.hash_value
                for field, value in self.fields.items()
            )


class PackedHash(Packed):
    """A compact hash without times: its fields, marshalled, which is twice as fast as to join."""

    __slots__ = ()

    kind = Hash

    def unpack(self, journal: Journal) -> Hash:
        value = Hash(journal)
        value.fields = loads(self)
        return value


def _queued(expires: dict[bytes, int]) -> list[tuple[int, bytes]]:
    queue = [(at, field) for field, at in expires.items()]
    heapify(queue)
    return queue


def _refill(fields: dict[bytes, bytes], before: dict[bytes, bytes]) -> None:
    fields.clear()
    fields.update(before)
