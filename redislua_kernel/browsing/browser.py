"""One look at a database: what is searched, opened and chosen, and what there is to see of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redislua_kernel.browsing.contents import Table, read_contents
from redislua_kernel.browsing.decoding import Piece
from redislua_kernel.browsing.details import KeyDetails, read_details
from redislua_kernel.browsing.names import list_names, matching, searched
from redislua_kernel.browsing.tree import Row, Tree
from redislua_kernel.engine import Engine

__all__ = ["Browser", "at_once"]

#: Of so many keys that a search has found, all are shown without opening branches.
_MOST_UNFOLDED = 1000


@contextmanager
def at_once(engine: Engine) -> Iterator[bool]:
    """Take the engine without waiting for it; tell whether that went well."""
    lock = engine.lock  # looked up once: it is another one after a script was abandoned
    is_free = lock.acquire(blocking=False)
    try:
        yield is_free
    finally:
        if is_free:
            lock.release()


class Browser:
    """Reads a database whenever the engine is free, and otherwise shows how it was before.

    `look` reads everything anew. What moves through it (`toggle`, `turn`, `choose`, …) reads
    only what comes into view.
    """

    def __init__(
        self, engine: Engine, database: int, pattern: bytes = b"*", *, page: int = 20
    ) -> None:
        self.engine = engine
        self.database = database
        self.pattern = pattern
        #: How many lines of the tree a page has.
        self.page = page
        #: The first line of the tree, and the lines of its page: a key's with its details.
        self.first = 0
        self.rows: list[tuple[Row, KeyDetails | None]] = []
        #: The chosen key with its details, its first element to be seen, and its page from there.
        self.chosen: bytes | None = None
        self.details: KeyDetails | None = None
        self.element = 0
        self.contents: Piece | Table | None = None
        #: Whether a string is shown as bytes, and places as scores.
        self.alternative = False
        #: The engine was not free: this is how it was before.
        self.is_late = False
        #: The number of keys in the database, whatever the pattern.
        self.total = 0
        self._search = ""
        self._separator = ":"
        self._names: list[bytes] | None = None
        #: What is open while nothing is searched.
        self._opened: set[bytes] = set()
        self.tree = Tree([])

    # What is to be seen

    def look(self) -> None:
        """Read the names anew, and then what is to be seen."""
        with at_once(self.engine) as is_free:
            if is_free:
                names = list_names(self.engine.keyspace[self.database])
        if not is_free:
            self.is_late = True
            return
        self.total = len(names)
        is_first = self._names is None
        self._names = matching(names, self.pattern)
        self._grow(self.tree.opened)
        if is_first and self.tree.count <= self.page:
            self.tree.open_all()
        self._read()

    @property
    def count(self) -> int:
        """The number of keys that fit the pattern and the search."""
        return self.tree.count

    @property
    def soonest(self) -> int | None:
        """The milliseconds until the first key in view expires; None: none does."""
        details = [each for _, each in self.rows] + [self.details]
        return min((d.ttl for d in details if d is not None and d.ttl is not None), default=None)

    def picture(self, most: int) -> tuple[list[tuple[Row, KeyDetails | None]], int]:
        """Give lines that stand for all keys, and the number of keys; with branches if need be."""
        tree = self.tree if self.count > most else Tree(self._names or [], b"")
        rows = tree.rows(0, most)
        with at_once(self.engine) as is_free:
            database = self.engine.keyspace[self.database]
            lines = [
                (row, read_details(database, row.name) if is_free and not row.keys else None)
                for row in rows
            ]
        return lines, tree.count

    # Moving

    @property
    def search(self) -> str:
        """What is searched in the names: a part of them, or a glob pattern."""
        return self._search

    @search.setter
    def search(self, text: str) -> None:
        if not self._search:
            self._opened = self.tree.opened
        self._search = text
        self.first = 0
        self._grow(set() if text else self._opened)
        if text and self.tree.count <= _MOST_UNFOLDED:
            self.tree.open_all()
        self._read()

    @property
    def separator(self) -> str:
        """What makes branches of names; empty: there are none."""
        return self._separator

    @separator.setter
    def separator(self, text: str) -> None:
        self._separator = text
        self.first = 0
        self._grow(set())
        self._read()

    def turn(self, pages: int) -> None:
        """Go some pages of the tree on, or back."""
        self.first += pages * self.page
        self._read()

    def toggle(self, prefix: bytes) -> None:
        """Open a branch, or close it."""
        self.tree.toggle(prefix)
        self._read()

    def choose(self, key: bytes | None) -> None:
        """Show what is in a key."""
        self.chosen, self.element, self.alternative = key, 0, False
        self.details = self.contents = None
        self._read()

    def turn_contents(self, pages: int) -> None:
        """Go some pages of the chosen key's contents on, or back."""
        if self.contents is not None:
            self.element = max(self.element + pages * self.contents.most, 0)
        self._read()

    def show_other(self, alternative: bool) -> None:
        """Show a string's bytes or places' scores, or what they are taken for."""
        self.element, self.alternative = 0, alternative
        self._read()

    def _grow(self, opened: set[bytes]) -> None:
        names = searched(self._names or [], self._search.encode("utf-8", "replace"))
        self.tree = Tree(names, self._separator.encode("utf-8", "replace"), opened)

    def _read(self) -> None:
        """Read what is in view; without the engine, what was known of it before."""
        length = len(self.tree)
        self.first = max(min(self.first, (length - 1) // self.page * self.page), 0)
        rows = self.tree.rows(self.first, self.page)
        with at_once(self.engine) as is_free:
            self.is_late = not is_free
            if is_free:
                database = self.engine.keyspace[self.database]
                self.rows = [
                    (row, None if row.keys else read_details(database, row.name)) for row in rows
                ]
                self._read_chosen()
            else:
                known = {row.name: details for row, details in self.rows}
                self.rows = [(row, known.get(row.name)) for row in rows]

    def _read_chosen(self) -> None:
        key, database = self.chosen, self.engine.keyspace[self.database]
        if key is None:
            self.details = self.contents = None
            return
        self.details = read_details(database, key)
        contents = read_contents(database, key, self.element, alternative=self.alternative)
        if contents is not None and contents.total <= self.element > 0:
            self.element = max(contents.total - 1, 0) // contents.most * contents.most
            contents = read_contents(database, key, self.element, alternative=self.alternative)
        self.contents = contents
