"""Replies into Lua; the other way is `results`.

A plain value (string, number, false for null) crosses as it is, and the status OK as `True`.
Everything else crosses as `True`, a kind, and what the kind needs; replies.lua makes the Lua
value of it. But what a command gives that always gives arrays (see `shapings`) crosses element
by element.

The conversion rules are those of redis-server 8.2.3 for RESP2 and RESP3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from redislua_kernel.engine.geo import decode
from redislua_kernel.engine.interrupts import STEPS, interruptible
from redislua_kernel.engine.long_elements import ELEMENTS, LONG
from redislua_kernel.engine.scripting.lua_memory import PER_ELEMENT, weight
from redislua_kernel.engine.scripting.tokens import PLAIN, error_line
from redislua_kernel.reply import (
    NULL_ARRAY,
    Attributed,
    BigNumber,
    EntryColumns,
    Map,
    MemberColumns,
    MembersReply,
    NullArray,
    Pairs,
    PlaceReply,
    Push,
    Reply,
    ResponseError,
    ScoredReply,
    SetReply,
    Status,
    StreamsReply,
    Strings,
    Verbatim,
    format_double,
)

__all__ = ["AGAIN", "ERROR", "WIDE", "Shaper", "array_result", "error_result"]

# Kinds of a reply that is no plain value: the same numbers as in replies.lua.
STATUS, ERROR, ARRAY, VALUE, TRUE, NESTED, ENTRIES, STREAMS = 1, 2, 3, 4, 5, 6, 7, 10
#: One place within an array: its longitude and its latitude.
PLACE = 9
#: The only entry of a stream that was found: its id and its words. And that of one stream, whose
#: key comes first.
ENTRY, STREAM = 11, 12
#: No reply: the words have come in a way in which they cannot be told apart.
AGAIN = 8

#: So many elements take not too much if none of them is long.
FEW = 1000

#: Up to so many pairs, to put them in a row one by one takes less than to begin otherwise.
_PAIRS = 12

#: Beyond this many elements, a table made at once beats a tuple unpacked in Lua.
WIDE = 500

_STRINGS = {bytes}

#: Makes a Lua table of a list or a dict.
LuaTableMaker = Callable[[Any], Any]


def error_result(text: bytes, from_command: bool = True) -> tuple[object, ...]:
    """Give what `redis.call` raises and `redis.pcall` returns."""
    return (True, ERROR, error_line(text), from_command)


def array_result(result: Any) -> Any:
    """Give what has been shaped, by whichever method, so that it tells whether it is an array."""
    is_bare = result.__class__ is tuple and not (result and result[0] is True)  # which 1 equals
    return (True, ARRAY, *result) if is_bare else result


class Shaper:
    """Turns command replies into what crosses to Lua, for one RESP version.

    `shape` is for commands that may give anything, and its results tell their kind. The methods for
    one kind of arrays give the elements alone if there are not many. `weigh` is asked whether there
    is room for what is long, and raises an exception if there is not.
    """

    def __init__(self, table: LuaTableMaker, resp: int, weigh: Callable[[int], None]) -> None:
        self.table = table
        self.resp3 = resp == 3
        self._weigh = weigh

    def shape(self, reply: Reply) -> Any:
        """Give a reply as it crosses to Lua."""
        kind = reply.__class__
        if kind is bytes:
            if len(reply) >= LONG:
                self._weigh(len(reply))
            return reply
        if kind is int:
            return reply
        if reply is None or reply is NULL_ARRAY:
            return None if self.resp3 else False
        if kind is Status:
            return (True, STATUS, bytes(reply))
        if not self.resp3:
            if kind is dict:
                reply, kind = _in_a_row(reply), list
            elif kind is Pairs:
                row = _pairs_in_a_row(reply)
                if not ELEMENTS.were_long and len(row) <= FEW:
                    return array_result(self._give(row))
                reply, kind = row, list
        if kind is list or kind is tuple or kind is Strings:
            kinds = {*map(type, reply)}
            if kinds == _STRINGS:
                return array_result(self._row(reply))
            if kinds <= PLAIN:
                if bytes in kinds or len(reply) > FEW:
                    self._weigh_all(reply)
                return array_result(self._give(reply))
            if not self.resp3:
                flat: list[Any] = []
                length = _flatten(reply, flat)
                if length is not None:
                    total = length + PER_ELEMENT * len(flat)
                    if total >= LONG:
                        self._weigh(total)
                    return self._nested(NESTED, flat, len(reply))
        self._weigh_all(reply)
        if kind is bool and self.resp3:
            return (True, TRUE) if reply else False
        elif isinstance(reply, ResponseError):
            return error_result(reply.payload)
        inner = self.inner(reply)
        if inner.__class__ is bytes or inner.__class__ is int or inner is False or inner is None:
            return inner
        return (True, VALUE, inner)

    def strings(self, reply: Any) -> Any:
        """Give an array, a set or a map of strings alone."""
        if reply.__class__ is list:
            if len(reply) < WIDE and not ELEMENTS.were_long:
                return tuple(reply)
        else:
            if self.resp3:
                return self.other(reply)
            if reply.__class__ is dict:
                reply = _in_a_row(reply)
            elif reply.__class__ is Strings:
                return self._row(reply)
        if ELEMENTS.were_long or len(reply) > FEW:
            return self._row(reply)
        return self._give(reply)

    def strings_or_nulls(self, reply: list[bytes | None]) -> Any:
        """Give an array of strings and nulls."""
        if reply.__class__ is not Strings and None in reply:
            if self.resp3:
                return self.other(reply)
            return self._row([False if item is None else item for item in reply])
        total = sum(map(len, reply)) + PER_ELEMENT * len(reply)
        if total >= LONG:
            self._weigh(total)
        return self._give(reply)

    def entries(self, reply: Any) -> Any:
        """Give the entries of a stream, or a lone one: its id and its words."""
        if reply.__class__ is EntryColumns:
            ids, rows = reply
            if len(ids) != 1:
                if ELEMENTS.were_long or len(ids) > FEW:
                    self._weigh_all([ids, *rows])
                return self._columns(ids, rows)
            reply = ids[0], rows[0]
        if reply.__class__ is tuple:
            entry_id, fields = reply
            if len(fields) < WIDE and not ELEMENTS.were_long:
                return True, ENTRY, entry_id, *fields
            reply = [(entry_id, fields)]
        if isinstance(reply, NullArray):
            return self.other(reply)
        if ELEMENTS.were_long or len(reply) > FEW:
            self._weigh_all(reply)
        pairs: list[Any] = [*chain.from_iterable(interruptible(reply))]
        return self._columns(pairs[::2], pairs[1::2])

    def _columns(self, ids: list[bytes], fields: list[tuple[bytes, ...]]) -> Any:
        return self._nested(ENTRIES, _entry_columns(ids, fields), len(ids))

    def streams(self, reply: StreamsReply) -> Any:
        """Give the entries of some streams: the key of each, how many there are, and these."""
        if reply.__class__ is not list or len(reply) > FEW:
            return self.other(reply)
        if len(reply) == 1 and not ELEMENTS.were_long:
            [[key, entries]] = reply
            if len(entries) == 1 and entries[0].__class__ is tuple and len(key) < LONG:
                [[entry_id, fields]] = entries
                if len(fields) < WIDE:
                    return True, STREAM, key, entry_id, *fields
        flat: list[Any] = []
        are_long = ELEMENTS.were_long
        for key, entries in reply:
            are_long = are_long or len(key) >= LONG
            pairs: list[Any] = [*chain.from_iterable(interruptible(entries))]
            if NULL_ARRAY in pairs:  # one is pending, but there no more
                return self.other(reply)
            flat += (key, len(entries), *_entry_columns(pairs[::2], pairs[1::2]))
        if are_long or len(flat) > FEW:
            self._weigh_all(reply)
        return self._nested(STREAMS, flat, len(reply))

    def members(self, reply: MembersReply | MemberColumns) -> Any:
        """Give members of a sorted set, alone or with their scores."""
        if reply.__class__ is list:
            return self.strings(reply)
        if reply.__class__ is not tuple:
            return self.other(reply)
        names, scores = reply
        if self.resp3:
            return self.other(Pairs(zip(names, scores, strict=True)))
        row = [b""] * (2 * len(names))
        row[::2] = names
        row[1::2] = map(format_double, scores if len(scores) < STEPS else interruptible(scores))
        return self.strings(row)

    def member(self, reply: ScoredReply) -> Any:
        """Give a member of a sorted set and its score, or an empty array."""
        if self.resp3 or not reply:
            return self.other(reply)
        member, score = reply
        return self.strings([member, format_double(score)])

    def doubles(self, reply: list[float | None]) -> Any:
        """Give an array of doubles and nulls."""
        if self.resp3:
            return self.other(reply)
        return self.strings([False if each is None else format_double(each) for each in reply])

    def places(self, reply: list[PlaceReply] | float) -> Any:
        """Give longitudes and latitudes in pairs, and nulls; or the only place, by its score."""
        if isinstance(reply, float):
            return self.other([[*decode(reply)]]) if self.resp3 else _shown_alone(reply)
        if self.resp3:
            return self.other(reply)
        flat: list[Any] = []
        for place in reply if len(reply) < STEPS else interruptible(reply):
            if place.__class__ is list:
                flat += _shown_place(*place)
            else:
                flat.append(False)
        return self._nested(NESTED, flat, len(reply))

    def double(self, reply: float | None) -> Any:
        """Give a double or a null."""
        if self.resp3:
            return self.shape(reply)
        return False if reply is None else format_double(reply)

    def _weigh_all(self, reply: Reply) -> None:
        """Ask for room for a reply of any kind."""
        total = weight(reply)
        if total >= LONG:
            self._weigh(total)

    def _row(self, items: Sequence[Any]) -> Any:
        """Give an array of strings and nulls."""
        total = sum(map(len, filter(None, items))) + PER_ELEMENT * len(items)
        if total >= LONG:
            self._weigh(total)
        return self._give(items)

    def _give(self, items: Sequence[Any]) -> Any:
        """Give an array of plain values that has been weighed."""
        return tuple(items) if len(items) < WIDE else (True, VALUE, self.table(list(items)))

    def _nested(self, kind: int, flat: list[Any], count: int) -> Any:
        """Give what Lua makes an array of `count` of: in a table, or behind False."""
        if len(flat) < WIDE:
            return (True, kind, False, count, *flat)
        return (True, kind, self.table(flat), count)

    def other(self, reply: Reply) -> Any:
        """Give what crosses in its own way, though the command gives arrays."""
        result = self.shape(reply)
        return result if result.__class__ is tuple else (True, VALUE, result)

    def inner(self, reply: Reply) -> Any:
        """Give a reply as an element of a Lua table."""
        kind = reply.__class__
        if kind is bytes or kind is int:
            return reply
        if reply is None or reply is NULL_ARRAY:
            return None if self.resp3 else False
        if kind is list or kind is Strings or kind is tuple or kind is Push:
            return self._list(reply)
        if kind is Status:
            return self.table({b"ok": bytes(reply)})
        if isinstance(reply, ResponseError):
            return self.table({b"err": reply.payload})
        return self._resp3(reply) if self.resp3 else self._resp2(reply)

    def _list(self, items: Any) -> Any:
        if set(map(type, items)) <= PLAIN:
            return self.table(list(items))
        shaped = [self.inner(item) for item in interruptible(items)]
        if None in shaped:  # a RESP3 null leaves a hole
            return self.table({i: item for i, item in enumerate(shaped, 1) if item is not None})
        return self.table(shaped)

    def _resp2(self, reply: Reply) -> Any:
        kind = reply.__class__
        if kind is float:
            return format_double(reply)
        if kind is bool:
            return int(reply)
        if kind is dict:
            return self._list(_in_a_row(reply))
        if kind is Pairs or kind is Map:
            return self._list([item for pair in reply for item in pair])
        if kind is SetReply:
            return self._list(reply)
        return bytes(reply)  # BigNumber, Verbatim

    def _resp3(self, reply: Reply) -> Any:
        kind = reply.__class__
        if kind is float:
            return self.table({b"double": reply})
        if kind is bool:
            return reply
        if kind is dict or kind is Map:
            pairs = reply.items() if kind is dict else reply
            entries = {self.inner(key): self.inner(value) for key, value in pairs}
            return self.table({b"map": self.table(entries)})
        if kind is SetReply:
            return self.table({b"set": self.table({self.inner(item): True for item in reply})})
        if kind is Pairs:
            return self.table([self._list(pair) for pair in reply])
        if kind is BigNumber:
            return self.table({b"big_number": bytes(reply)})
        if kind is Attributed:
            return bytes(reply)
        assert kind is Verbatim
        text = {b"string": bytes(reply), b"format": reply.format}
        return self.table({b"verbatim_string": self.table(text)})


def _pairs_in_a_row(pairs: Pairs) -> list[Any]:
    """Give the items of pairs in turn; the second may be a double, shown as RESP2 has it."""
    row: list[Any] = []
    for first, second in pairs if len(pairs) < STEPS else interruptible(pairs):
        row += (first, format_double(second) if second.__class__ is float else second)
    return row


def _in_a_row(pairs: dict[Any, Any]) -> list[Any]:
    """Give the keys and values of a dict in turn."""
    row: list[Any]
    if len(pairs) <= _PAIRS:
        row = []
        for pair in pairs.items():
            row += pair
        return row
    row = [None] * (2 * len(pairs))
    row[::2], row[1::2] = pairs.keys(), pairs.values()
    return row


def _flatten(items: Any, flat: list[Any]) -> int | None:
    """Write out an array of plain values and of arrays of them, for RESP2.

    Gives how many bytes its strings have; None: it has something else. An array within it becomes
    True, its length and its elements: to make all tables at once, and take them apart in Lua,
    costs a part of making each.
    """
    total = 0
    for item in items if len(items) < STEPS else interruptible(items):
        kind = item.__class__
        if kind is bytes:
            flat.append(item)
            total += len(item)
        elif kind is int:
            flat.append(item)
        elif kind is list or kind is tuple or kind is Strings:
            flat += (True, len(item))
            length = _flatten(item, flat)
            if length is None:
                return None
            total += length
        elif item is None or item is NULL_ARRAY:
            flat.append(False)
        elif kind is float:
            flat.append(format_double(item))
        else:
            return None
    return total


def _entry_columns(ids: list[bytes], fields: list[tuple[bytes, ...]]) -> list[Any]:
    """Give the entries of a stream: how many fields each has, these, all ids, and all values.

    The values come field by field. That is for the same fields in each, which is the rule, and no
    more words than entries. Or else: False, all ids, how many words each has, and these.
    """
    count = len(ids)
    columns = _columns(fields) if ids and len(fields[0]) <= count else []
    names = columns[::2]
    if names and all(name.count(name[0]) == count for name in names):
        flat = [len(names), *[name[0] for name in names], *ids]
        for values in columns[1::2]:
            flat += values
        return flat
    words = chain.from_iterable(interruptible(fields))
    return [False, *ids, *map(len, interruptible(fields)), *words]


def _columns(rows: list[tuple[bytes, ...]]) -> Sequence[Sequence[bytes]]:
    """Give the columns of some rows; none if the rows are not all of one length."""
    if len(rows) <= FEW:
        try:
            return [*zip(*rows, strict=True)]
        except ValueError:
            return []
    width = len(rows[0])
    if {*map(len, interruptible(rows))} != {width}:
        return []
    words = [*chain.from_iterable(interruptible(rows))]
    return [words[place::width] for place in range(width)]


@lru_cache(maxsize=4096)
def _shown_place(longitude: float, latitude: float) -> tuple[Any, ...]:
    """Write out a place as an array within another: see `_flatten`."""
    return True, 2, format_double(longitude), format_double(latitude)


@lru_cache(maxsize=4096)
def _shown_alone(score: float) -> tuple[Any, ...]:
    """Write out a place that is the only one."""
    longitude, latitude = decode(score)
    return True, PLACE, format_double(longitude), format_double(latitude)
