"""Consumer groups of a stream: who was handed which entry and did not acknowledge it yet."""

from __future__ import annotations

from collections.abc import Iterator
from operator import delitem, setitem

from sortedcontainers import SortedDict

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.journal import Undo

__all__ = ["Consumer", "Group", "Id", "Pending"]

#: An entry's id: milliseconds and sequence number.
Id = tuple[int, int]


class Pending:
    """One entry that was delivered to a consumer and not acknowledged."""

    __slots__ = ("consumer", "count", "time")

    def __init__(self, consumer: Consumer, time: int, count: int) -> None:
        self.consumer = consumer
        self.time = time  # of the last delivery, in milliseconds since the epoch
        self.count = count  # of deliveries

    def restore(self, consumer: Consumer, time: int, count: int) -> None:
        """Set everything; logs nothing."""
        self.consumer, self.time, self.count = consumer, time, count


class Consumer:
    """One reader of a group; times are milliseconds since the epoch, None for never."""

    __slots__ = ("active", "name", "pending", "seen")

    def __init__(self, name: bytes, seen: int) -> None:
        self.name = name
        self.seen = seen
        self.active: int | None = None
        #: The part of the group's `pending` that is this consumer's.
        self.pending: SortedDict[Id, Pending] = SortedDict()

    def restore(self, seen: int, active: int | None) -> None:
        """Set the times; logs nothing."""
        self.seen, self.active = seen, active


class Group:
    """A group's place in the stream, its consumers by name, its pending entries by id."""

    __slots__ = ("consumers", "entries_read", "last_id", "pending", "undo")

    def __init__(self, last_id: Id, entries_read: int | None, undo: list[Undo]) -> None:
        self.undo = undo
        self.last_id = last_id
        #: How many of the entries ever added the group has read; None: unknown.
        self.entries_read = entries_read
        self.consumers: dict[bytes, Consumer] = {}
        self.pending: SortedDict[Id, Pending] = SortedDict()

    def copy(self, undo: list[Undo]) -> Group:
        """Give an independent copy that logs to `undo`."""
        twin = Group(self.last_id, self.entries_read, undo)
        for name, consumer in self.consumers.items():
            other = twin.consumers[name] = Consumer(name, consumer.seen)
            other.active = consumer.active
            other.pending.update(
                (entry_id, Pending(other, pending.time, pending.count))
                for entry_id, pending in interruptible(consumer.pending.items())
            )
            twin.pending.update(other.pending)
        return twin

    def memory(self) -> int:
        """Estimate the bytes the group takes."""
        return 100 + 150 * len(self.consumers) + 80 * len(self.pending)

    def pending_from(self, start: Id) -> Iterator[Id]:
        """Give the ids of the pending entries from `start` on; changes end the walk."""
        ids: Iterator[Id] = self.pending.irange(start)
        return ids

    def move(self, last_id: Id, entries_read: int | None) -> None:
        """Set what the group has read."""
        self.undo.append((self._restore, self.last_id, self.entries_read))
        self._restore(last_id, entries_read)

    def create_consumer(self, name: bytes, now: int) -> Consumer | None:
        """Make a consumer; None if the name is taken."""
        if name in self.consumers:
            return None
        consumer = self.consumers[name] = Consumer(name, now)
        self.undo.append((delitem, self.consumers, name))
        return consumer

    def delete_consumer(self, name: bytes) -> int | None:
        """Delete a consumer and what it has pending; give how much that was, None: no such one."""
        consumer = self.consumers.pop(name, None)
        if consumer is None:
            return None
        self.undo.append((setitem, self.consumers, name, consumer))
        ids = list(consumer.pending)
        for entry_id in interruptible(ids):
            self.acknowledge(entry_id)
        return len(ids)

    def touch(self, consumer: Consumer, seen: int, active: int | None = None) -> None:
        """Note when a consumer called, and when it got entries."""
        self.undo.append((consumer.restore, consumer.seen, consumer.active))
        consumer.restore(seen, consumer.active if active is None else active)

    def deliver(self, entry_id: Id, consumer: Consumer, time: int, count: int) -> None:
        """Make an entry pending for a consumer, whoever had it before."""
        pending = self.pending.get(entry_id)
        if pending is None:
            pending = Pending(consumer, time, count)
            self.pending[entry_id] = pending
            self.undo.append((delitem, self.pending, entry_id))
        else:
            self.undo.append((pending.restore, pending.consumer, pending.time, pending.count))
            if pending.consumer is not consumer:
                del pending.consumer.pending[entry_id]
                self.undo.append((setitem, pending.consumer.pending, entry_id, pending))
            pending.restore(consumer, time, count)
        if entry_id not in consumer.pending:
            consumer.pending[entry_id] = pending
            self.undo.append((delitem, consumer.pending, entry_id))

    def acknowledge(self, entry_id: Id) -> bool:
        """Take an entry off the pending ones; tell whether it was pending."""
        pending = self.pending.pop(entry_id, None)
        if pending is None:
            return False
        owned = pending.consumer.pending
        del owned[entry_id]
        self.undo.append((setitem, self.pending, entry_id, pending))
        self.undo.append((setitem, owned, entry_id, pending))
        return True

    def _restore(self, last_id: Id, entries_read: int | None) -> None:
        self.last_id, self.entries_read = last_id, entries_read

    def _check(self) -> None:
        """Check the invariants: for tests."""
        owned = 0
        for name, consumer in self.consumers.items():
            assert consumer.name == name
            owned += len(consumer.pending)
            for entry_id, pending in consumer.pending.items():
                assert self.pending[entry_id] is pending
                assert pending.consumer is consumer
        assert owned == len(self.pending)
