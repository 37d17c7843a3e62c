"""Changes of the keyspace as text and HTML: what was added, changed and removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from redislua_kernel.browsing.text import legible
from redislua_kernel.engine.changes import KeyChange, PartChange
from redislua_kernel.quantities import shorten
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["changes_bundle"]

#: How many parts of a key are shown, and how much of a value.
_MOST_PARTS, _LONGEST = 20, 120
#: Of values that differ late, so many bytes in front of that; so many are compared at once.
_BEFORE, _CHUNK = 20, 4096
_MARKS = {"added": "+", "changed": "~", "removed": "-"}


def changes_bundle(changes: Sequence[KeyChange], *, rows: int = 100) -> Bundle:
    """Give changes as text and HTML, of the first `rows` keys."""
    counts = [sum(_kind(change) == kind for change in changes) for kind in _MARKS]
    parts = [f"{count} {kind}" for count, kind in zip(counts, _MARKS, strict=True) if count]
    title = ", ".join(parts) or "no changes"
    shown, more = changes[:rows], max(len(changes) - rows, 0)
    lines = [title]
    for change in shown:
        lines.append(f"{_MARKS[_kind(change)]} {_name(change)} {_about(change)}".rstrip())
        lines += [f"    {line}" for line in _lines(change)]
    if more:
        lines.append(f"… {more} more")
    cells = [
        [
            f'<span title="{_kind(change)}">{_MARKS[_kind(change)]}</span>',
            f"<samp>{escape(_name(change))}</samp>",
            escape(_about(change)),
            "<br>".join(f"<samp>{escape(line)}</samp>" for line in _lines(change)),
        ]
        for change in shown
    ]
    html = table(("", "key", "", "change"), cells, more) if cells else ""
    return {"text/plain": "\n".join(lines), "text/html": page(f"<div>{title}</div>{html}")}


def _kind(change: KeyChange) -> str:
    if change.type_before is None:
        return "added"
    return "removed" if change.type_after is None else "changed"


def _name(change: KeyChange) -> str:
    name = _shown(change.key)
    return f"{name} (database {change.database})" if change.database else name


def _about(change: KeyChange) -> str:
    """Give the type, and how that changed."""
    before, after = change.type_before, change.type_after
    if before is None or after is None or before == after:
        return str(after or before)
    return f"{before} → {after}"


def _lines(change: KeyChange) -> Iterator[str]:
    for part in change.parts[:_MOST_PARTS]:
        yield _part(part)
    if len(change.parts) > _MOST_PARTS:
        yield f"… {len(change.parts) - _MOST_PARTS} more"
    if change.expires_before != change.expires_after and change.type_after is not None:
        yield f"expires: {_time(change.expires_before)} → {_time(change.expires_after)}"


def _part(part: PartChange) -> str:
    name = f"{_shown(part.name)}: " if part.name else ""
    if part.before is None:
        return f"+ {name}{_value(part.after)}".rstrip(" :")
    if part.after is None:
        return f"- {name}{_value(part.before)}".rstrip(" :")
    start = _start(part.before, part.after)
    before, after = (_value(value[start:]) for value in (part.before, part.after))
    cut = "… " if start else ""
    return f"{name}{cut}{before} → {cut}{after}"


def _start(before: bytes, after: bytes) -> int:
    """Give from where on two values are shown: their beginnings, or where they begin to differ."""
    alike, shorter = 0, min(len(before), len(after))
    while alike < shorter and before[alike : alike + _CHUNK] == after[alike : alike + _CHUNK]:
        alike += _CHUNK
    while alike < shorter and before[alike] == after[alike]:
        alike += 1
    if alike + _BEFORE <= _LONGEST:
        return 0
    start = alike - _BEFORE
    while start and before[start] & 0xC0 == 0x80:  # amid a letter
        start -= 1
    return start


def _value(value: bytes | None) -> str:
    return _shown(value) if value else ""


def _shown(value: bytes) -> str:
    # A letter has at most four bytes: what is cut off here would be cut anyway.
    return shorten(legible(value[: 4 * (_LONGEST + 1)]), _LONGEST)


def _time(milliseconds: int | None) -> str:
    return "never" if milliseconds is None else f"at {milliseconds / 1000:.3f}"
