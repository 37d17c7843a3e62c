"""What scripts do to lists, in the easy case: see `quick` of `InScripts`.

That is a list of few elements, where one from the middle is wanted. Queues live like that: most
have one or none.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import delitem, setitem

from redislua_kernel.engine.commands.quick import is_easy, note, note_many, put_new, take_away
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.types.list import FEW, Items, List
from redislua_kernel.reply import OK, Status

__all__ = [
    "move_last",
    "moving",
    "pop_at",
    "push_at",
    "push_several_at",
    "remove_element",
    "replace_at",
    "trim",
]

#: A list without its parts, which whoever makes one gives it: its class would be asked twice.
_new = List.__new__


def _begin(db: Database, key: bytes, element: bytes) -> None:
    value = _new(List)
    value.journal = db.journal
    value.items = [element]
    put_new(db, key, value)


def _has_room(value: List) -> bool:
    """Tell whether one element more leaves a list as it is kept."""
    return value.items.__class__ is not list or len(value.items) < FEW


def _push_front(items: Items, element: bytes) -> None:
    items.insert(0, element)


def _push_back(items: Items, element: bytes) -> None:
    items.append(element)


def push_at(left: bool) -> Callable[..., int | None]:
    """Give what adds one element at an end."""
    place = 0 if left else -1

    def push_quickly(db: Database, name: bytes, key: bytes, element: bytes) -> int | None:
        value = db.entries.get(key)
        if len(element) >= LONG:
            return None
        if value is None:
            if db.keyspace.listeners:
                return None
            _begin(db, key, element)
            length = 1
        elif is_easy(value, List, db, key) and _has_room(value):
            items = value.items
            db.undo.append((delitem, items, place))
            if place:
                items.append(element)
            else:
                items.insert(0, element)
            length = len(items)
        else:
            return None
        note(db, name, key, element)
        return length

    return push_quickly


def push_several_at(left: bool) -> Callable[..., int | None]:
    """Give what adds elements at an end of a list that is there."""
    place = 0 if left else -1

    def push_several_quickly(db: Database, name: bytes, key: bytes, *elements: bytes) -> int | None:
        value = db.entries.get(key)
        if not is_easy(value, List, db, key) or not _has_room(value):
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
        note_many(db, len(elements), name, key, *elements)
        return len(items)

    return push_several_quickly


def pop_at(left: bool) -> Callable[..., bytes | None]:
    """Give what takes one element at an end."""
    place, give_back = (0, _push_front) if left else (-1, _push_back)

    def pop_quickly(db: Database, name: bytes, key: bytes) -> bytes | None:
        value = db.entries.get(key)
        if not is_easy(value, List, db, key):
            return None
        items = value.items
        if len(items) > 1:
            element = items.pop(place)
            db.undo.append((give_back, items, element))
        elif key in db.expires:
            return None
        else:
            element = items[0]
            take_away(db, key, value)
        note(db, name, key)
        return element

    return pop_quickly


def moving(*, from_left: bool, to_left: bool) -> Callable[..., bytes | None]:
    """Give what takes an element at an end of a list to one of another, or of the same.

    It takes no note of that.
    """
    place, give_back = (0, _push_front) if from_left else (-1, _push_back)
    end = 0 if to_left else -1

    def move(db: Database, source: bytes, destination: bytes) -> bytes | None:
        taken, given = db.entries.get(source), db.entries.get(destination)
        if not is_easy(taken, List, db, source):
            return None
        if source in db.expires or destination in db.expires:
            return None
        items = taken.items
        element = items[place]
        if given is None and len(items) == 1:  # the list itself goes over
            take_away(db, source, taken)
            put_new(db, destination, taken)
        elif given is None:
            del items[place]
            db.undo.append((give_back, items, element))
            _begin(db, destination, element)
        elif is_easy(given, List, db, destination) and _has_room(given):
            if len(items) > 1 or taken is given:
                del items[place]
                db.undo.append((give_back, items, element))
            else:
                take_away(db, source, taken)
            items = given.items
            if end:
                items.append(element)
            else:
                items.insert(0, element)
            db.undo.append((delitem, items, end))
        else:
            return None
        return element

    return move


_move_last = moving(from_left=False, to_left=True)


def move_last(db: Database, name: bytes, source: bytes, destination: bytes) -> bytes | None:
    """Take the last element of a list, and let it be the first of another, or of the same."""
    element = _move_last(db, source, destination)
    if element is not None:
        note(db, name, source, destination)
    return element


def remove_element(db: Database, name: bytes, key: bytes, count: int, element: bytes) -> int | None:
    """Take out an element that is there once at most, or the first that equals it."""
    value = db.entries.get(key)
    if not is_easy(value, List, db, key) or value.items.__class__ is not list:
        return None
    items = value.items
    found = items.count(element) if count != 1 else 1 if element in items else 0
    if not found:
        return 0
    if len(items) == 1:
        if key in db.expires:
            return None
        take_away(db, key, value)
    elif found == 1:
        place = items.index(element)
        db.undo.append((items.insert, place, element))
        del items[place]
    else:
        return None
    note(db, name, key, count, element)
    return 1


def replace_at(
    db: Database, name: bytes, key: bytes, place: bytes | int, element: bytes
) -> Status | None:
    """Put an element in the place of another."""
    value = db.entries.get(key)
    if not is_easy(value, List, db, key) or place.__class__ is not int or len(element) >= LONG:
        return None
    items = value.items
    if not -len(items) <= place < len(items):
        return None
    db.undo.append((setitem, items, place, items[place]))
    items[place] = element
    note(db, name, key, place, element)
    return OK


def trim(db: Database, name: bytes, key: bytes, start: int, stop: int) -> Status | None:
    """Keep only the elements from start to stop, both included, of which there are some."""
    value = db.entries.get(key)
    if not is_easy(value, List, db, key) or value.items.__class__ is not list:
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
        note_many(db, length - len(kept), name, key, start, stop)
    return OK
