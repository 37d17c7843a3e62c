"""What scripts do to lists, in the easy case: see `quick` of `registry.command`.

Easy is a list that belongs to this database alone, while nobody is told of changes; of few
elements, where one from the middle is wanted. Queues live like that: most have one or none.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import delitem, setitem

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.types.list import FEW, Items, List
from redislua_kernel.reply import OK, Status

__all__ = ["move_last", "pop_at", "push_at", "push_several_at", "remove_element", "trim"]

#: A list without its parts, which whoever makes one gives it: its class would be asked twice.
_new = List.__new__


def _push_front(items: Items, element: bytes) -> None:
    items.insert(0, element)


def _push_back(items: Items, element: bytes) -> None:
    items.append(element)


def push_at(left: bool) -> Callable[..., int | None]:
    """Give what adds one element at an end."""
    place = 0 if left else -1

    def push_quickly(db: Database, name: bytes, key: bytes, element: bytes) -> int | None:
        entries, keyspace, journal = db.entries, db.keyspace, db.journal
        value = entries.get(key)
        if keyspace.listeners or len(element) >= LONG:
            return None
        if value is None:
            value = _new(List)
            value.journal = journal
            value.items = [element]
            db.undo.append((delitem, entries, key))
            entries[key] = value
            length = 1
        elif (
            value.__class__ is List
            and value.journal is journal
            and (value.items.__class__ is not list or len(value.items) < FEW)
            and not (key in db.expires and db._expire(key))
        ):
            items = value.items
            db.undo.append((delitem, items, place))
            if place:
                items.append(element)
            else:
                items.insert(0, element)
            length = len(items)
        else:
            return None
        journal.calls.extend((db.index, journal.targets, name, key, element, None))
        keyspace.dirty += 1
        return length

    return push_quickly


def push_several_at(left: bool) -> Callable[..., int | None]:
    """Give what adds elements at an end of a list that is there."""
    place = 0 if left else -1

    def push_several_quickly(db: Database, name: bytes, key: bytes, *elements: bytes) -> int | None:
        value, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
        if (
            value.__class__ is not List
            or value.journal is not journal
            or keyspace.listeners
            or (value.items.__class__ is list and len(value.items) >= FEW)
            or (key in db.expires and db._expire(key))
        ):
            return None
        for element in elements:
            if len(element) >= LONG:
                return None
        items, undo = value.items, db.undo
        for element in elements:
            undo.append((delitem, items, place))
            if place:
                items.append(element)
            else:
                items.insert(0, element)
        journal.calls.extend([db.index, journal.targets, name, key, *elements, None])
        keyspace.dirty += len(elements)
        return len(items)

    return push_several_quickly


def pop_at(left: bool) -> Callable[..., bytes | None]:
    """Give what takes one element at an end."""
    place, give_back = (0, _push_front) if left else (-1, _push_back)

    def pop_quickly(db: Database, name: bytes, key: bytes) -> bytes | None:
        entries, keyspace, journal = db.entries, db.keyspace, db.journal
        value = entries.get(key)
        if (
            value.__class__ is not List
            or value.journal is not journal
            or keyspace.listeners
            or (key in db.expires and (len(value.items) == 1 or db._expire(key)))
        ):
            return None
        items = value.items
        if len(items) == 1:  # taken with its key, which is all that is to be undone
            element = items[0]
            db.undo.append((setitem, entries, key, value))
            del entries[key]
        else:
            element = items.pop(place)
            db.undo.append((give_back, items, element))
        journal.calls.extend((db.index, journal.targets, name, key, None))
        keyspace.dirty += 1
        return element

    return pop_quickly


def move_last(db: Database, name: bytes, source: bytes, destination: bytes) -> bytes | None:
    """Take the last element of a list, and let it be the first of another, or of the same."""
    entries, keyspace, journal = db.entries, db.keyspace, db.journal
    taken, given = entries.get(source), entries.get(destination)
    if (
        taken.__class__ is not List
        or taken.journal is not journal
        or keyspace.listeners
        or source in db.expires
        or destination in db.expires
    ):
        return None
    items = taken.items
    element = items[-1]
    if given is None and len(items) == 1:  # the list itself goes over
        db.undo.append((setitem, entries, source, taken))
        db.undo.append((delitem, entries, destination))
        entries[destination] = taken
        del entries[source]
    elif given is None:
        given = _new(List)
        given.journal = journal
        given.items = [items.pop()]
        db.undo.append((_push_back, items, element))
        db.undo.append((delitem, entries, destination))
        entries[destination] = given
    elif (
        given.__class__ is List
        and given.journal is journal
        and (given.items.__class__ is not list or len(given.items) < FEW)
    ):
        if len(items) > 1 or taken is given:
            del items[-1]
            db.undo.append((_push_back, items, element))
        else:
            db.undo.append((setitem, entries, source, taken))
            del entries[source]
        items = given.items
        items.insert(0, element)
        db.undo.append((delitem, items, 0))
    else:
        return None
    journal.calls.extend((db.index, journal.targets, name, source, destination, None))
    keyspace.dirty += 1
    return element


def remove_element(db: Database, name: bytes, key: bytes, count: int, element: bytes) -> int | None:
    """Take out an element that is there once at most, or the first that equals it."""
    entries, keyspace, journal = db.entries, db.keyspace, db.journal
    value = entries.get(key)
    if (
        value.__class__ is not List
        or value.journal is not journal
        or value.items.__class__ is not list
        or keyspace.listeners
        or (key in db.expires and (len(value.items) == 1 or db._expire(key)))
    ):
        return None
    items = value.items
    found = items.count(element) if count != 1 else 1 if element in items else 0
    if not found:
        return 0
    if len(items) == 1:  # taken with its key
        db.undo.append((setitem, entries, key, value))
        del entries[key]
    elif found == 1:
        place = items.index(element)
        db.undo.append((items.insert, place, element))
        del items[place]
    else:
        return None
    journal.calls.extend((db.index, journal.targets, name, key, count, element, None))
    keyspace.dirty += 1
    return 1


def trim(db: Database, name: bytes, key: bytes, start: int, stop: int) -> Status | None:
    """Keep only the elements from start to stop, both included, of which there are some."""
    value, keyspace, journal = db.entries.get(key), db.keyspace, db.journal
    if (
        value.__class__ is not List
        or value.journal is not journal
        or value.items.__class__ is not list
        or keyspace.listeners
        or (key in db.expires and db._expire(key))
    ):
        return None
    items = value.items
    length = len(items)
    first = start if start >= 0 else max(start + length, 0)
    end = stop + 1 if stop >= 0 else stop + 1 + length
    kept = items[first:end] if first < end else None
    if not kept:
        return None
    if len(kept) < length:
        db.undo.append((setattr, value, "items", items))
        value.items = kept
        journal.calls.extend((db.index, journal.targets, name, key, start, stop, None))
        keyspace.dirty += length - len(kept)
    return OK
