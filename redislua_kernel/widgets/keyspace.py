"""The keyspace as a table: key, type, time to live, size, and a button to look again."""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

import ipywidgets

from redislua_kernel.engine import Engine
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.words import quote
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["KeyRow", "KeyspaceTable", "keyspace_bundle", "read_keys"]

_HEADER = ("key", "type", "ttl", "size")


class KeyRow(NamedTuple):
    """One key as the table shows it."""

    key: str
    type: str
    ttl: str
    size: str


def read_keys(database: Database, most: int) -> tuple[list[KeyRow], int]:
    """Give rows for the first keys in order of their names, and the number of all keys.

    Changes nothing: expired keys are left for others to delete.
    """
    keyspace = database.keyspace
    now = keyspace.clock() // 1000
    expires = database.expires
    live = [key for key in database.entries if expires.get(key, now) >= now]
    rows = []
    for key in sorted(live)[:most]:
        value = database.entries[key]
        is_string = isinstance(value, bytes | RawString)
        kind = "string" if isinstance(value, bytes) else value.type_name.decode()
        size = len(value.data) if isinstance(value, RawString) else len(value)  # type: ignore[arg-type]
        unit = "byte" if is_string else "element"
        rows.append(
            KeyRow(
                key=_name(key),
                type=kind,
                ttl=_duration(expires[key] - now) if key in expires else "none",
                size=f"{size} {unit}{'' if size == 1 else 's'}",
            )
        )
    return rows, len(live)


def keyspace_bundle(rows: list[KeyRow], count: int, database: int) -> Bundle:
    """Give the table as text and as HTML, for where no widget lives."""
    title = f"database {database}: {count} key{'' if count == 1 else 's'}"
    widths = [max(len(cell) for cell in column) for column in zip(_HEADER, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (_HEADER, *rows)
    ]
    more = [f"… {count - len(rows)} more"] if count > len(rows) else []
    return {
        "text/plain": "\n".join([title, *(lines if rows else []), *more]),
        "text/html": _html(title, rows, count),
    }


class KeyspaceTable:
    """The widget: a snapshot of one database, taken anew at each click."""

    def __init__(self, engine: Engine, database: int, most: int) -> None:
        self.engine = engine
        self.database = database
        self.most = most
        self.refresh_button = ipywidgets.Button(description="Refresh", icon="refresh")
        self.status = ipywidgets.Label()
        self.table = ipywidgets.HTML()
        self.refresh_button.on_click(lambda _: self.refresh())
        bar = ipywidgets.HBox([self.refresh_button, self.status])
        self.box = ipywidgets.VBox([bar, self.table])
        self.bundle: Bundle = {}
        self.refresh()

    def refresh(self) -> None:
        """Look at the keyspace again, unless a script is at work on it."""
        if not self.engine.lock.acquire(blocking=False):
            self.status.value = "A script is running; this is how it was before."
            return
        try:
            rows, count = read_keys(self.engine.keyspace[self.database], self.most)
        finally:
            self.engine.lock.release()
        self.bundle = keyspace_bundle(rows, count, self.database)
        self.table.value = self.bundle["text/html"]
        self.status.value = ""

    def mime_bundle(self) -> Bundle:
        """Give the widget's bundle, with the snapshot beside it for where no kernel runs."""
        widget: dict[str, Any] = self.box._repr_mimebundle_()
        return {**widget, **self.bundle}


def _html(title: str, rows: list[KeyRow], count: int) -> str:
    cells = [[f"<samp>{escape(row.key)}</samp>", *map(escape, row[1:])] for row in rows]
    return page(f"<div>{title}</div>" + (table(_HEADER, cells, count - len(rows)) if rows else ""))


def _name(key: bytes) -> str:
    """Give a key's name as it is where that is readable, and in redis-cli's quotes elsewhere."""
    try:
        text = key.decode()
    except UnicodeDecodeError:
        text = ""
    return text if text.isprintable() and text.strip() == text and text else quote(key).decode()


def _duration(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds // 1000} s"
