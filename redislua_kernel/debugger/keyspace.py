"""The keyspace as variables: keys with their values, and what is in those.

Reads the data as they lie there and changes nothing: expired keys are left for others to delete.
To be used by whoever has the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from redislua_kernel.debugger.values import text_of
from redislua_kernel.debugger.variables import Child, Contents
from redislua_kernel.doubles import format_double
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.engine.types.list import List
from redislua_kernel.engine.types.set import Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.engine.types.stream import Stream
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.types.value import Value, as_value
from redislua_kernel.quantities import count_of

__all__ = ["Keys", "value_of"]

#: More keys than these are not sorted: that would take too long.
_MOST_SORTED = 5_000


class Keys(Contents):
    """The keys of a database, in the order of their names if they are few enough."""

    type = "database"

    def __init__(self, database: Database) -> None:
        self._database = database
        super().__init__(count_of(len(database.entries), "key"))

    def sizes(self) -> tuple[int, int]:
        """Count the keys."""
        return 0, len(self._database.entries)

    def children(self, first: int, most: int) -> Iterator[Child]:
        """Give keys with their values."""
        entries = self._database.entries
        names = sorted(entries) if len(entries) <= _MOST_SORTED else entries
        for key in islice(names, first, first + most):
            value = value_of(self._database, key)
            yield Child(text_of(key)[1:-1], "(expired)" if value is None else value)


def value_of(database: Database, key: bytes) -> bytes | Contents | None:
    """Give a key's value as a variable's; None: there is none, or it has expired."""
    stored = database.entries.get(key)
    keyspace = database.keyspace
    now = keyspace.clock() // 1000
    expires = database.expires.get(key)
    if stored is None or (expires is not None and expires < now):
        return None
    value = as_value(stored, database.journal)
    if isinstance(value, RawString):
        return bytes(value.data)
    if isinstance(value, bytes):
        return value
    return _Elements(value, "" if expires is None else f", expires in {expires - now} ms")


class _Elements(Contents):
    """What is in a value that is no string."""

    def __init__(self, value: Value, note: str) -> None:
        self._value = value
        self.type = value.type_name.decode()
        super().__init__(f"{self.type}, {count_of(self._length(), 'element')}{note}")

    def sizes(self) -> tuple[int, int]:
        """Count the elements."""
        count = self._length()
        return (count, 0) if isinstance(self._value, List) else (0, count)

    def _length(self) -> int:
        return len(self._value)  # type: ignore[arg-type]  # all types but strings have one

    def children(self, first: int, most: int) -> Iterator[Child]:
        """Give elements with what belongs to them."""
        value = self._value
        if isinstance(value, List):
            for place, item in enumerate(value.range(first, first + most), first):
                yield Child(f"[{place}]", item)
        elif isinstance(value, Hash):
            for field, item in islice(value.fields.items(), first, first + most):
                yield Child(text_of(field), item)
        elif isinstance(value, Set):
            for place, member in enumerate(islice(value.members, first, first + most), first):
                yield Child(f"[{place}]", member)
        elif isinstance(value, SortedSet):
            for score, member in value.pairs((first, first + most)):
                yield Child(text_of(member), format_double(score))
        elif isinstance(value, Stream):
            for (ms, sequence), fields in islice(value.range(), first, first + most):
                yield Child(f"{ms}-{sequence}", list(chain(fields)))
