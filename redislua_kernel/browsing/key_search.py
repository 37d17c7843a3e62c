"""Keys by how they begin, among very many, in a moment: for who types the beginning of one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress, islice, repeat
from time import perf_counter

from redislua_kernel.engine.types.value import Stored, type_of

__all__ = ["KeySearch"]

Entries = dict[bytes, Stored]

#: The newest keys are looked at anew each time.
_NEWEST = 5000
#: So many keys are read between two looks at the clock.
_AT_ONCE = 10_000
#: So many places of a text are looked at between two looks at the clock.
_PLACES = 500
_END = b"\n"


class KeySearch:
    """Finds keys by their beginnings; each question takes a bounded time.

    What was read of the keys is kept as text, which is searched much faster than keys are read:
    so of millions, the first questions may miss some, and the next ones miss fewer. Keys that are
    gone are not found.
    """

    def __init__(self) -> None:
        self._texts: list[bytes] = []
        #: Which keys were read, and how many there were then.
        self._known = 0
        self._read = 0
        self._count = 0

    def find(
        self,
        entries: Entries,
        prefix: bytes,
        types: frozenset[str] | None,
        *,
        most: int,
        seconds: float,
    ) -> dict[bytes, str]:
        """Give keys that begin so, and their types; `types` are those that are wanted."""
        end = perf_counter() + seconds
        found: dict[bytes, str] = {}
        for some in self._candidates(entries, prefix, end):
            for name in some:
                value = entries.get(name)
                if value is not None:
                    kind = type_of(value).decode()
                    if types is None or kind in types:
                        found[name] = kind
                        if len(found) == most:
                            return found
            if perf_counter() > end:
                break
        return found

    def _candidates(
        self, entries: Entries, prefix: bytes, end: float
    ) -> Iterator[Iterator[bytes] | list[bytes]]:
        """Give keys that begin so, as they are found; some may be gone."""
        newest = list(islice(reversed(entries), _NEWEST))
        yield _beginning(newest, prefix)
        if self._known != id(entries) or len(entries) < self._count:
            self._texts, self._read, self._known = [], 0, id(entries)
        self._count = len(entries)
        for text in self._texts:
            yield from _in_text(text, prefix)
        if self._read + len(newest) >= self._count:
            return
        rest = islice(entries, self._read, None)
        while perf_counter() < end:
            some = list(islice(rest, _AT_ONCE))
            if not some:
                return
            self._texts.append(_END + _END.join(some) + _END)
            self._read += len(some)
            yield _beginning(some, prefix)


def _beginning(names: list[bytes], prefix: bytes) -> Iterator[bytes]:
    return compress(names, map(bytes.startswith, names, repeat(prefix)))


def _in_text(text: bytes, prefix: bytes) -> Iterator[list[bytes]]:
    """Give the lines of a text that begin so, some at a time."""
    wanted = _END + prefix
    found: list[bytes] = []
    place = text.find(wanted)
    while 0 <= place < len(text) - 1:
        end = text.find(_END, place + 1)
        found.append(text[place + 1 : end])
        if len(found) == _PLACES:
            yield found
            found = []
        place = text.find(wanted, end)
    yield found
