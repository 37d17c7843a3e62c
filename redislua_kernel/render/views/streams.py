"""Entries of streams: a column for each field, and the time that an ID tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from redislua_kernel.browsing.text import cut
from redislua_kernel.render.views.view import Call, Maker, Pair, Several, View, pairs_of, plain
from redislua_kernel.reply import Map, Reply, Status

__all__ = ["VIEWS", "entries_view"]

_ID = re.compile(rb"(\d+)-\d+\Z")
#: Entries with more different fields than that have them in one column.
_MOST_COLUMNS = 8
#: IDs between these are times in milliseconds: from 1973 on, and not too far from now.
_FIRST_TIME, _LAST_TIME = 10**11, 10**14
#: What is shown without quotes is a status.
_NOTHING = Status(b"")


def entries_view(reply: Reply) -> View | None:
    """Show entries of a stream, which need no command to be known."""
    if not isinstance(reply, list) or not reply:
        return None
    entries = []
    for each in reply:
        if not isinstance(each, list | tuple) or len(each) != 2 or not _is_id(each[0]):
            return None
        fields = pairs_of(each[1]) if each[1] is not None else []
        if fields is None:
            return None
        entries.append((each[0], fields))
    return _table_of_entries(entries)


def _table_of_entries(entries: Sequence[tuple[bytes, Sequence[Pair]]]) -> View:
    names = list(dict.fromkeys(name for _, fields in entries for name, _ in fields))
    times = [_time(id) for id, _ in entries]
    timed = any(times)
    header = ["id", *(["time (UTC)"] * timed)]
    apart = len(names) <= _MOST_COLUMNS and all(isinstance(name, bytes) for name in names)
    alone = all(len({name for name, _ in fields}) == len(fields) for _, fields in entries)
    rows: list[list[Reply]] = []
    for (id, fields), time in zip(entries, times, strict=True):
        row: list[Reply] = [plain(id), *([Status(time.encode())] * timed)]
        if apart and alone:
            values = dict(fields)
            row += [values.get(name, _NOTHING) for name in names]
        else:
            row.append(Map(fields))
        rows.append(row)
    header += [escape(cut(name)) for name in names] if apart and alone else ["fields"]
    return View(header, rows)


def _streams(call: Call, reply: Reply) -> Several | None:
    pairs = pairs_of(reply)
    if not pairs:
        return None
    parts = []
    for key, entries in pairs:
        view = entries_view(entries)
        if view is None or not isinstance(key, bytes):
            return None
        parts.append((cut(key), view))
    return Several(parts)


def _claimed(call: Call, reply: Reply) -> View | None:
    if not isinstance(reply, list) or len(reply) < 2 or not _is_id(reply[0]):
        return None
    view = entries_view(reply[1])
    note = f"go on from {reply[0].decode()}"
    return view and View(view.header, view.rows, note=note)


def _is_id(value: Reply) -> bool:
    return isinstance(value, bytes) and _ID.match(value) is not None


def _time(id: bytes) -> str:
    """Give the time that an ID begins with; empty: it is none."""
    found = _ID.match(id)
    milliseconds = int(found[1]) if found else 0
    if not _FIRST_TIME <= milliseconds < _LAST_TIME:
        return ""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{milliseconds % 1000:03d}"


VIEWS: dict[str, Maker] = {
    "XAUTOCLAIM": _claimed,
    **dict.fromkeys(("XREAD", "XREADGROUP"), _streams),
}
