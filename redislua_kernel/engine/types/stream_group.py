"""Consumer groups of a stream: who was handed which entry and did not acknowledge it yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import delitem, setitem

from sortedcontainers import SortedList

from redislua_kernel.engine.interrupts import STEPS, interruptible, interruptible_sort
from redislua_kernel.engine.journal import Undo

__all__ = ["Consumer", "Group", "Id", "Pending", "PendingEntries"]

#: An entry's id: milliseconds and sequence number.
Id = tuple[int, int]


class Pending:
    """One entry that was delivered to a consumer and not acknowledged."""

    __slots__ = ("consumer", "count", "time")

    def __init__(self, consumer: Consumer, time: int, count: int) -> None:
        self.consumer = consumer
        self.time = time  # of the last delivery, in milliseconds since the epoch
        self.count = count  # of deliveries


class PendingEntries(dict[Id, Pending]):
    """Pending entries by id, changed by `add` and `take` alone.

    Whoever reads and acknowledges does not ask for their order: it is made for the first one who
    does, and kept from then on.
    """

    __slots__ = ("_order",)

    def __init__(self) -> None:
        self._order: SortedList[Id] | None = None

    def add(self, entry_id: Id, pending: Pending) -> None:
        """Add an entry that is not there."""
        self[entry_id] = pending
        if self._order is not None:
            self._order.add(entry_id)

    def take(self, entry_id: Id) -> None:
        """Take out an entry that is there."""
        del self[entry_id]
        if self._order is not None:
            self._order.remove(entry_id)

    @property
    def ids(self) -> SortedList[Id]:
        """The ids from the lowest on; must not be changed."""
        order = self._order
        if order is None:
            # Assigned when it is complete: a view may be reading the same value.
            self._order = order = SortedList(interruptible_sort(list(self)))
        return order

    def between(self, start: Id, end: Id | None = None) -> Iterable[Id]:
        """Give the ids from `start` to `end`, both included; changes end the walk."""
        ids: Iterable[Id] = self.ids.irange(start, end)
        return ids

    def in_order(self) -> Iterable[tuple[Id, Pending]]:
        """Give all entries from the lowest id on, for one who comes seldom: nothing is kept."""
        ids = interruptible_sort(list(self)) if self._order is None else self._order
        return ((entry_id, self[entry_id]) for entry_id in ids)

    def check(self) -> None:
        """Check the invariants: for tests."""
        assert self._order is None or list(self._order) == sorted(self)


class Consumer:
    """One reader of a group; times are milliseconds since the epoch, None for never."""

    __slots__ = ("active", "name", "pending", "seen")

    def __init__(self, name: bytes, seen: int) -> None:
        self.name = name
        self.seen = seen
        self.active: int | None = None
        #: The part of the group's `pending` that is this consumer's.
        self.pending = PendingEntries()

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
        self.pending = PendingEntries()

    def copy(self, undo: list[Undo]) -> Group:
        """Give an independent copy that logs to `undo`."""
        twin = Group(self.last_id, self.entries_read, undo)
        for name, consumer in self.consumers.items():
            other = twin.consumers[name] = Consumer(name, consumer.seen)
            other.active = consumer.active
            for entry_id, pending in interruptible(consumer.pending.items()):
                twin.restore(entry_id, Pending(other, pending.time, pending.count))
        return twin

    def memory(self) -> int:
        """Estimate the bytes the group takes."""
        return 100 + 150 * len(self.consumers) + 80 * len(self.pending)

    def move(self, last_id: Id, entries_read: int | None) -> None:
        """Set what the group has read."""
        self.undo.append((self._restore, self.last_id, self.entries_read))
        self.last_id, self.entries_read = last_id, entries_read

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
        consumer.seen = seen
        if active is not None:
            consumer.active = active

    def hand_out(
        self, ids: Sequence[Id], consumer: Consumer, now: int, read: int | None
    ) -> list[Pending]:
        """Make the next entries pending for a consumer: the group has read them.

        `read` is how many it has read with these.
        """
        new: list[Id] = []
        times = consumer.seen, consumer.active
        self.undo.append((self._take_back, new, consumer, times, self.last_id, self.entries_read))
        consumer.seen = consumer.active = now
        self.last_id, self.entries_read = ids[-1], read
        all_pending, own = self.pending, consumer.pending
        handed: list[Pending] = []
        for entry_id in ids if len(ids) < STEPS else interruptible(ids):
            if entry_id in all_pending:  # the group was set back
                handed.append(self.deliver(entry_id, consumer, now, 1))
                continue
            pending = Pending(consumer, now, 1)
            all_pending.add(entry_id, pending)
            own.add(entry_id, pending)
            new.append(entry_id)
            handed.append(pending)
        return handed

    def deliver(self, entry_id: Id, consumer: Consumer, time: int, count: int) -> Pending:
        """Make an entry pending for a consumer, whoever had it before."""
        pending = self.pending.get(entry_id)
        if pending is None:
            pending = Pending(consumer, time, count)
            self.restore(entry_id, pending)
            self.undo.append((self._forget, entry_id))
        else:
            before = pending.consumer, pending.time, pending.count
            self.undo.append((self._hand_over, entry_id, pending, *before))
            self._hand_over(entry_id, pending, consumer, time, count)
        return pending

    def acknowledge(self, entry_id: Id) -> bool:
        """Take an entry off the pending ones; tell whether it was pending."""
        pending = self.pending.get(entry_id)
        if pending is None:
            return False
        pending.consumer.pending.take(entry_id)
        self.pending.take(entry_id)
        self.undo.append((self.restore, entry_id, pending))
        return True

    def restore(self, entry_id: Id, pending: Pending) -> None:
        """Let an entry be pending that is not; logs nothing."""
        self.pending.add(entry_id, pending)
        pending.consumer.pending.add(entry_id, pending)

    def _forget(self, entry_id: Id) -> None:
        self.pending[entry_id].consumer.pending.take(entry_id)
        self.pending.take(entry_id)

    def _take_back(
        self,
        ids: Sequence[Id],
        consumer: Consumer,
        times: tuple[int, int | None],
        last_id: Id,
        read: int | None,
    ) -> None:
        for entry_id in ids:
            self._forget(entry_id)
        consumer.restore(*times)
        self._restore(last_id, read)

    def _hand_over(
        self, entry_id: Id, pending: Pending, consumer: Consumer, time: int, count: int
    ) -> None:
        if pending.consumer is not consumer:
            pending.consumer.pending.take(entry_id)
            consumer.pending.add(entry_id, pending)
        pending.consumer, pending.time, pending.count = consumer, time, count

    def _restore(self, last_id: Id, entries_read: int | None) -> None:
        self.last_id, self.entries_read = last_id, entries_read

    def _check(self) -> None:
        """Check the invariants: for tests."""
        owned = 0
        for name, consumer in self.consumers.items():
            assert consumer.name == name
            owned += len(consumer.pending)
            consumer.pending.check()
            for entry_id, pending in consumer.pending.items():
                assert self.pending[entry_id] is pending
                assert pending.consumer is consumer
        assert owned == len(self.pending)
        self.pending.check()
