"""Streams: an append-only log of entries, and the consumer groups that read it.

An entry's id is a pair of integers, its fields a flat tuple of names and values. Entries
live in nodes (see `stream_node`): a node is found by bisection and so is an entry in it;
appending and trimming touch one end.

`last_id`, `entries_added` and `max_deleted_id` outlive the entries: the first keeps ids
growing, the other two tell how far behind a group is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter, delitem, setitem

from redislua_kernel.engine.interrupts import interruptible, look
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.stream_group import Group, Id
from redislua_kernel.engine.types.stream_node import Entries, Fields, Node
from redislua_kernel.engine.types.stream_radix import count_of_one, count_of_tree
from redislua_kernel.engine.types.value import Value
from redislua_kernel.reply import EntryReply

__all__ = ["ACKED", "DELREF", "KEEPREF", "MAX_ID", "MIN_ID", "Entry", "Stream"]

Entry = tuple[Id, Fields]

MIN_ID: Id = (0, 0)
MAX_ID: Id = ((1 << 64) - 1, (1 << 64) - 1)

_BEYOND: Id = (1 << 64, 0)

#: What deleting an entry does to the groups that still have it pending: nothing, forget it
#: there too, or spare the entry.
KEEPREF, DELREF, ACKED = range(3)


_first = attrgetter("first")


class Stream(Value):
    """The entries, the counters that outlive them, and the groups by name."""

    __slots__ = (
        "_radix",
        "entries_added",
        "groups",
        "last_id",
        "length",
        "max_deleted_id",
        "nodes",
    )

    type_name = b"stream"

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.nodes: list[Node] = []
        #: See `radix_nodes`; None: nobody asks for it.
        self._radix: int | None = None
        self.length = 0
        self.last_id = self.max_deleted_id = MIN_ID
        self.entries_added = 0
        self.groups: dict[bytes, Group] = {}

    def __len__(self) -> int:
        return self.length

    def __bool__(self) -> bool:
        return True  # an empty stream stays: its ids must go on growing

    def copy(self, journal: Journal) -> Stream:
        twin = Stream(journal)
        twin.nodes = [node.copy() for node in interruptible(self.nodes)]
        twin.length, twin.entries_added = self.length, self.entries_added
        twin.last_id, twin.max_deleted_id = self.last_id, self.max_deleted_id
        twin.groups = {name: group.copy(journal.undo) for name, group in self.groups.items()}
        return twin

    def encoding(self) -> bytes:
        return b"stream"

    def memory(self, samples: int) -> int:
        count = len(self.nodes)
        looked_at = self.nodes[-samples:]  # the last one grows
        size = sum(node.size + 64 for node in looked_at)
        if looked_at:
            size = size * count // len(looked_at)
        return 128 + size + sum(group.memory() for group in self.groups.values())

    # Reading

    @property
    def radix_nodes(self) -> int:
        """How many nodes the reference's radix tree has; once asked for, it is kept up to date."""
        if self._radix is None:
            self._radix = count_of_tree(self.nodes)
        return self._radix

    @property
    def first_id(self) -> Id:
        """The id of the first entry; 0-0 when there is none."""
        nodes = self.nodes
        if nodes and nodes[0].ids:
            return nodes[0].ids[0]
        return next((node.ids[0] for node in nodes if node.ids), MIN_ID)

    @property
    def last_entry_id(self) -> Id:
        """The id of the last entry; 0-0 when there is none."""
        nodes = self.nodes
        if nodes and nodes[-1].ids:
            return nodes[-1].ids[-1]
        return next((node.ids[-1] for node in reversed(nodes) if node.ids), MIN_ID)

    def range(self, start: Id = MIN_ID, end: Id = MAX_ID) -> Iterator[Entry]:
        """Give the entries from `start` to `end`, both included."""
        nodes = self.nodes
        for place in range(max(self._place(start), 0), len(nodes)):
            look()
            node = nodes[place]
            if node.first > end:
                return
            found = slice(bisect_left(node.ids, start), bisect_right(node.ids, end))
            yield from zip(node.ids[found], node.fields[found], strict=True)

    def after(self, entry_id: Id, count: int | None) -> tuple[list[Id], list[EntryReply]]:
        """Give the first entries after an id, `count` in number or all: their ids, and they."""
        nodes = self.nodes
        ids: list[Id] = []
        entries: list[EntryReply] = []
        most = self.length if count is None else count
        place = max(self._place(entry_id), 0)
        while place < len(nodes):
            node = nodes[place]
            begin = bisect_right(node.ids, entry_id)
            if most == 1 and begin < len(node.ids):  # as is mostly wanted
                return [node.ids[begin]], [(node.shown[begin], node.fields[begin])]
            found = slice(begin, begin + most - len(ids))
            ids += node.ids[found]
            entries += zip(node.shown[found], node.fields[found], strict=True)
            if len(ids) >= most:
                break
            look()
            place += 1
        return ids, entries

    def columns(
        self, start: Id, end: Id, count: int | None = None, *, is_reverse: bool = False
    ) -> tuple[list[bytes], list[Fields]]:
        """Give the first entries of a range, `count` in number or all.

        They come as their ids, as replies show these, and their fields.
        """
        nodes = self.nodes
        ids: list[bytes] = []
        rows: list[Fields] = []
        left = self.length if count is None else count
        places = range(max(self._place(start), 0), self._place(end) + 1)
        for place in reversed(places) if is_reverse else places:
            look()
            node = nodes[place]
            begin = bisect_left(node.ids, start) if node.first < start else 0
            stop = bisect_right(node.ids, end) if node.last > end else len(node.ids)
            if is_reverse:
                begin = max(begin, stop - left)
            else:
                stop = min(stop, begin + left)
            shown, fields = node.shown[begin:stop], node.fields[begin:stop]
            if is_reverse:
                shown.reverse()
                fields.reverse()
            ids += shown
            rows += fields
            left -= len(shown)
            if left <= 0:
                break
        return ids, rows

    def reverse_range(self, start: Id = MIN_ID, end: Id = MAX_ID) -> Iterator[Entry]:
        """Give the entries from `end` back to `start`, both included."""
        nodes = self.nodes
        for place in range(self._place(end), -1, -1):
            look()
            node = nodes[place]
            ids = node.ids
            for index in range(bisect_right(ids, end) - 1, -1, -1):
                if ids[index] < start:
                    return
                yield ids[index], node.fields[index]

    def entry(self, entry_id: Id) -> EntryReply | None:
        """Give an entry as replies show it; None if it is not there."""
        place = self._find(entry_id)
        if place is None:
            return None
        node, index = place
        return node.shown[index], node.fields[index]

    def get(self, entry_id: Id) -> Fields | None:
        """Give the fields of an entry; None if it is not there."""
        place = self._find(entry_id)
        return None if place is None else place[0].fields[place[1]]

    def is_referenced(self, entry_id: Id) -> bool:
        """Tell whether a group has an entry pending or did not read it yet."""
        return any(
            entry_id > group.last_id or entry_id in group.pending for group in self.groups.values()
        )

    def is_gapless_after(self, entry_id: Id) -> bool:
        """Tell whether nothing was deleted or trimmed from an id on, as far as is known."""
        if entry_id < self.first_id:
            return False
        return not self.length or not MIN_ID != self.max_deleted_id >= entry_id

    def entries_until(self, entry_id: Id) -> int | None:
        """Give how many entries were ever added up to an id; None if that cannot be told."""
        if not self.entries_added:
            return 0
        if not self.length and entry_id <= self.last_id:
            return self.entries_added
        if entry_id != MIN_ID and entry_id < self.max_deleted_id:
            return None
        if entry_id >= self.last_id:
            return self.entries_added if entry_id == self.last_id else None
        first = self.first_id
        if (self.max_deleted_id == MIN_ID or self.max_deleted_id < first) and entry_id <= first:
            return self.entries_added - self.length + (entry_id == first)
        return None

    def lag(self, group: Group) -> int | None:
        """Give how many entries a group has yet to read; None if that cannot be told."""
        if not self.entries_added or not self.length:
            return 0
        first = self.first_id
        if group.last_id < first and self.max_deleted_id < first:
            return self.length
        read = group.entries_read
        if read is None or not self.is_gapless_after(group.last_id):
            read = self.entries_until(group.last_id)
        return None if read is None else self.entries_added - read

    def read_by(self, group: Group, ids: Sequence[Id]) -> int | None:
        """Give how many entries a group has read with these, which are the next ones.

        None if that cannot be told.
        """
        last_id, read = group.last_id, group.entries_read
        left = len(ids)
        for entry_id in ids:
            if read is not None and self.is_gapless_after(last_id):
                return read + left
            if self.entries_added:
                read = self.entries_until(entry_id)
            last_id = entry_id
            left -= 1
        return read

    # Writing

    def append(self, entry_id: Id, fields: Fields, size: int) -> bytes:
        """Add an entry whose id is greater than `last_id`; give the id as replies show it.

        `size` is the number of bytes in its fields and values.
        """
        nodes, journal = self.nodes, self.journal
        node = nodes[-1] if nodes else None
        limits = journal.limits
        most, room = limits.stream_entries, limits.stream_bytes - size - 4
        if (
            node is None
            or 0 < most <= len(node.ids) + node.deleted
            or (node.most >= room and node.size >= room)
        ):
            node = Node(entry_id, fields[::2])
            nodes.append(node)
            if self._radix is not None:
                self._radix += count_of_one(nodes, len(nodes) - 1)
        journal.undo.append((_unappend, self, self.last_id, node.last))
        self.last_id = entry_id
        self.length += 1
        self.entries_added += 1
        return node.append(entry_id, fields, size)

    def delete(self, entry_id: Id) -> bool:
        """Delete an entry; tell whether it was there."""
        place = self._place(entry_id)
        node = self.nodes[place] if place >= 0 else None
        if node is None:
            return False
        ids = node.ids
        index = bisect_left(ids, entry_id)
        if index == len(ids) or ids[index] != entry_id:
            return False
        if len(ids) == 1:
            self._drop_node(place)
        else:
            self._drop_one(node, index)
        if entry_id > self.max_deleted_id:
            self.journal.undo.append((setattr, self, "max_deleted_id", self.max_deleted_id))
            self.max_deleted_id = entry_id
        return True

    def set(self, name: str, value: object) -> None:
        """Set one of the counters."""
        self.journal.undo.append((setattr, self, name, getattr(self, name)))
        setattr(self, name, value)

    def shorten(self, length: int) -> int:
        """Delete the first entries, down to `length`; give the number of entries deleted."""
        excess = left = self.length - length
        while left > 0:
            look()
            node = self.nodes[0]
            live = len(node.ids)
            if live <= left:
                self._drop_node(0)
            elif left == 1:
                self._drop_one(node, 0)
            else:
                self._drop(node, 0, left)
            left -= live
        return max(excess, 0)

    def trim(
        self,
        *,
        length: int = -1,
        before: Id = _BEYOND,
        is_approximate: bool = False,
        limit: int = 0,
        policy: int = KEEPREF,
    ) -> int:
        """Delete the first entries, down to `length` and up to (without) the id `before`.

        An approximate trim drops whole nodes only, and no more than `limit` entries (0: any
        number). Gives the number of entries deleted.
        """
        deleted = skipped = 0
        while skipped < len(self.nodes) and self.length > length:
            look()
            node = self.nodes[skipped]
            live = len(node.ids)
            if limit and deleted + live > limit:
                break
            fits = self.length - live >= length and node.last < before
            if fits and policy == KEEPREF:
                self._drop_node(skipped)
                deleted += live
                continue
            if is_approximate:
                break
            excess = self.length - length
            end = live if before is _BEYOND else bisect_left(node.ids, before)
            if policy == ACKED:
                doomed = [each for each in node.ids[:end] if not self.is_referenced(each)]
                del doomed[excess:]
                for entry_id in doomed:
                    index = bisect_left(node.ids, entry_id)
                    self._drop_one(node, index)
                end = len(doomed)
            else:
                end = min(end, excess)
                if policy == DELREF:
                    for entry_id in node.ids[:end]:
                        self.drop_references(entry_id)
                self._drop(node, 0, end)
            deleted += end
            if node.first >= before:
                break
            if fits and not node.ids:
                self._drop_node(skipped)
            else:
                skipped += 1
        return deleted

    def drop_references(self, entry_id: Id) -> None:
        """Let every group forget an entry it has pending."""
        for group in self.groups.values():
            group.acknowledge(entry_id)

    def create_group(self, name: bytes, last_id: Id, entries_read: int | None) -> bool:
        """Make a group; tell whether the name was free."""
        if name in self.groups:
            return False
        self.groups[name] = Group(last_id, entries_read, self.journal.undo)
        self.journal.undo.append((delitem, self.groups, name))
        return True

    def delete_group(self, name: bytes) -> bool:
        """Delete a group with its consumers; tell whether it was there."""
        group = self.groups.pop(name, None)
        if group is None:
            return False
        self.journal.undo.append((setitem, self.groups, name, group))
        return True

    def _place(self, entry_id: Id) -> int:
        """Give the place of the node that an id belongs to; -1: it comes before all of them."""
        nodes = self.nodes
        last = len(nodes) - 1
        if last < 0 or nodes[last].first <= entry_id:  # most are near the end
            return last
        return bisect_right(nodes, entry_id, key=_first) - 1

    def _find(self, entry_id: Id) -> tuple[Node, int] | None:
        nodes = self.nodes
        if not nodes:
            return None
        node = nodes[-1]
        if node.first > entry_id:  # most are near the end
            node = nodes[bisect_right(nodes, entry_id, key=_first) - 1]
        ids = node.ids
        index = bisect_left(ids, entry_id)
        return (node, index) if index < len(ids) and ids[index] == entry_id else None

    def _drop(self, node: Node, start: int, stop: int) -> None:
        journal = self.journal
        if node.unmeasured and not node.has_all(journal.limits):
            node.measure(node.size)  # what is deleted still takes its place
        entries = node.cut(start, stop)
        self.length -= stop - start
        journal.undo.append((self._undrop, node, start, entries))

    def _drop_one(self, node: Node, index: int) -> None:
        """Delete one entry: what is trimmed each time another is added leaves little behind."""
        journal = self.journal
        if node.unmeasured and not node.has_all(journal.limits):
            node.measure(node.size)
        entry_id, shown, fields = node.ids.pop(index), node.shown.pop(index), node.fields.pop(index)
        node.deleted += 1
        self.length -= 1
        journal.undo.append((_undrop_one, self, node, index, entry_id, shown, fields))

    def _drop_node(self, place: int) -> None:
        if self._radix is not None:
            self._radix -= count_of_one(self.nodes, place)
        node = self.nodes.pop(place)
        self.length -= len(node.ids)
        self.journal.undo.append((self._undrop_node, place, node))

    # Inverse operations

    def drop_if_new(self, node: Node) -> None:
        """Take back that a node was begun: it has nothing, and never had."""
        if not node.ids and not node.deleted:
            self.nodes.pop()
            self._radix = None

    def _undrop(self, node: Node, place: int, entries: Entries) -> None:
        node.insert(place, entries)
        self.length += len(entries[0])

    def _undrop_node(self, place: int, node: Node) -> None:
        self.nodes.insert(place, node)
        self._radix = None
        self.length += len(node.ids)

    def _check(self) -> None:
        """Check the invariants: for tests."""
        ids = [entry_id for node in self.nodes for entry_id in node.ids]
        assert ids == sorted(set(ids))
        assert self.length == len(ids) <= self.entries_added
        assert self._radix in (None, count_of_tree(self.nodes))
        assert not ids or ids[-1] <= self.last_id
        for node in self.nodes:
            node.check()
        for group in self.groups.values():
            assert group.undo is self.journal.undo
            group._check()


# What undoes the writes that scripts make most: functions, since each method that is kept takes
# as much memory again.


def _unappend(stream: Stream, last_id: Id, last: Id) -> None:
    node = stream.nodes[-1]
    node.pop()
    node.last = last
    stream.drop_if_new(node)
    stream.last_id = last_id
    stream.length -= 1
    stream.entries_added -= 1


def _undrop_one(
    stream: Stream, node: Node, index: int, entry_id: Id, shown: bytes, fields: Fields
) -> None:
    node.insert(index, ([entry_id], [shown], [fields]))
    stream.length += 1
