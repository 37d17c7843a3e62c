"""The one place where an exception becomes an error message.

`evalue` is the engine's text, verbatim. The traceback is that text, and below it the cell's own
line with a caret under what the text speaks of.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from typing import Any

from redislua_kernel.cells import Cell, UsageError, encode
from redislua_kernel.engine.errors import Interrupted, LibraryError
from redislua_kernel.errors import RedisError, ResponseError
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.kernel.hints import hints, how_to_raise
from redislua_kernel.kernel.meant import function_called
from redislua_kernel.projects.includes import shown
from redislua_kernel.remote.secrets import hide_secrets
from redislua_kernel.session import Session
from redislua_kernel.testing import CheckFailed, SeveralFailed

__all__ = ["failure", "failure_of_cell", "failure_of_run"]

_LUA_LINE = re.compile(r"@?user_(?:script|function):(\d+)")
#: The script's digest or the function's name, which Valkey leaves out, and the line.
_RAISED = re.compile(r"script: (?:([^\s,]+), )?on @user_(?:script|function):(\d+)")
_LUA_ERROR = re.compile(r"user_(?:script|function):\d+: (.*)")
_NEAR = re.compile(r"near '([^']+)'")
#: What an error's text names, most telling first: it is found again in the line.
_NAMED = [
    _NEAR,
    re.compile(r"(?:global|local|upvalue|field|method) '([^']+)'"),
    re.compile(r"nonexistent global variable '([^']+)'"),
    re.compile(r"(?:bad argument #\d+ to|in table for) '([^']+)'"),
]
#: What stands after a name where it is used so.
_USED = {"attempt to index": r"\s*[.:\[]", "attempt to call": r"\s*[({'\"\[]"}
#: How many characters of a line are shown.
_WIDEST = 200
_ANEW = (
    "It was stuck in one step of Lua, which cannot be stopped: Lua has begun anew, with the data, "
    "libraries, cached scripts and settings that there were before the cell."
)
_CAUGHT = re.compile(r"\b((?:redis|server)\.pcall)\b")
_CALL = re.compile(r"\b(?:redis|server)\.p?call\b|\berror\b")


def failure_of_run(error: BaseException, run: CellRun) -> dict[str, Any]:
    """Give the content of the error message for an exception that a cell's run raised.

    A fault in what explains it is told with it: the cell must end in any case.
    """
    try:
        return _explained(error, run)
    except Exception as fault:
        return failure(fault)


def _explained(error: BaseException, run: CellRun) -> dict[str, Any]:
    where: list[str] = []
    if isinstance(error, UsageError):
        where = point(run.cell, run.line if error.line is None else error.line + 1, "")
    elif isinstance(error, Interrupted):
        where = [_undone(error.undone), *how_to_raise(str(error))]
        if error.was_abandoned:
            where.append(_ANEW)
    elif isinstance(error, CheckFailed):
        lines = [f"{error.test} failed", *error.explain(run.cell.offset)]
        return _unmet(error, lines + _line_of_source(run.session, "\n".join(error.got), error.text))
    elif isinstance(error, SeveralFailed):
        return _unmet(error, error.explain())
    elif isinstance(error, RedisError | RecursionError):
        number = _line_raised(error)
        where = _place(str(error), run, number) + hints(error, run, number)
    return failure(error, where)


def _unmet(error: CheckFailed | SeveralFailed, lines: list[str]) -> dict[str, Any]:
    """Give the content for tests that failed: in the traceback all that they explain."""
    return {**failure(error), "traceback": lines}


def failure_of_cell(error: UsageError, text: str) -> dict[str, Any]:
    """Give the content of the error message for a cell that cannot be read."""
    lines = text.split("\n")
    number = error.line or 0
    return failure(error, _pointer(f"line {number + 1}", lines[number], ""))


def point(cell: Cell, number: int, message: str, column: int | None = None) -> list[str]:
    """Show a line of the cell, counted from 1, with a caret."""
    line = cell.line(number)
    return [] if line is None else _pointer(f"line {number}", line, message, column)


def _line_raised(error: BaseException) -> int | None:
    """Give the number of the script's or library's line that an error names, or knows."""
    named = _LUA_LINE.search(str(error))
    if named is not None:
        return int(named[1])
    return error.line if isinstance(error, LibraryError) else None


def _place(message: str, run: CellRun, number: int | None) -> list[str]:
    if number is None:
        if not run.in_lua:
            return point(run.cell, run.line, message)
        places = _places_of_returned(message, run.cell) or [(run.line, None)]
        # Of several that it may come from none is shown.
        return point(run.cell, places[0][0], message, places[0][1]) if len(places) == 1 else []
    if run.in_lua:
        line = run.cell.line(run.cell.offset + number)
        column = None if line is None else _column_of_syntax_error(run, number, message)
        return point(run.cell, run.cell.offset + number, message, column)
    text = run.cell.line(run.line) or ""
    return point(run.cell, run.line, "") + _line_of_source(run.session, message, text)


def _places_of_returned(message: str, cell: Cell) -> list[tuple[int, int | None]]:
    """Find the lines, and columns, of what may have made an error which was not raised.

    That is the only place that has its code, or else each that catches errors.
    """
    code = re.escape(message.partition(" ")[0])
    body = "\n".join(cell.text.split("\n")[cell.offset :])
    found = [*re.finditer(rf"[\"']({code})\b", body)]
    if len(found) != 1:
        found = [*_CAUGHT.finditer(body)]
    before = [body[: each.start(1)].split("\n") for each in found]
    return [(cell.offset + len(lines), len(lines[-1])) for lines in before]


def _line_of_source(session: Session, message: str, text: str) -> list[str]:
    """Show the line of the named script, or of the library, that raised an error.

    `text` is the line that called it.
    """
    raised = _RAISED.search(message)
    called = encode(raised[1]) if raised and raised[1] else function_called(text)
    if raised is None or called is None:
        return []
    try:
        source = session.source_of(called)
    except RedisError:
        return []
    number = int(raised[2])
    code = "" if source is None else source.text_of(number)
    if source is None or not code:
        return []
    origin = source.origin(number)
    if origin is not None:
        label = f"{shown(origin[0])} line {origin[1]}"
    elif source.library is not None:
        label = f"library line {number}"
    else:
        label = f"script {source.name} line {number}"
    return _pointer(label, code, message)


def _pointer(label: str, line: str, message: str, column: int | None = None) -> list[str]:
    """Show a line with a caret at a column, or at what the message speaks of."""
    gutter = f"{label} | "
    line = hide_secrets(line.rstrip())
    if column is None:
        column = _column(line, message)
    start = max(0, column - _WIDEST // 2) if len(line) > _WIDEST else 0
    gutter += "…" if start else ""
    before = line[start:column].expandtabs(4)
    shown = line[start : start + _WIDEST].expandtabs(4)
    more = "…" if len(line) > start + _WIDEST else ""
    return [f"{gutter}{shown}{more}", f"{' ' * (len(gutter) + len(before))}^"]


def _column_of_syntax_error(run: CellRun, number: int, message: str) -> int | None:
    """Find where a body stops to be Lua: the first place up to which it fails just the same."""
    named, reason = _NEAR.search(message), _LUA_ERROR.search(message)
    if named is None or reason is None:
        return None
    lines = run.cell.body.split(b"\n")
    before, line = b"\n".join(lines[: number - 1]), lines[number - 1]
    if before.startswith(b"#!"):
        before = b"--" + before
    unread = named[1].encode("utf-8", "surrogateescape")
    for place in re.finditer(re.escape(unread), line):
        error = run.session.engine.scripting.compile_error(before + b"\n" + line[: place.end()])
        found = _LUA_ERROR.search(str(error))
        if found is not None and found[1] == reason[1]:
            return len(line[: place.start()].decode("utf-8", "replace"))
    return None


def _column(line: str, message: str) -> int:
    """Give the column of what a message speaks of; of the first word if that is not to be seen."""
    for pattern in _NAMED:
        named = pattern.search(message)
        place = None if named is None else _place_of(named[1], line, message)
        if place is not None:
            return place
    if "near '<eof>'" in message:
        return len(line)
    called = _CALL.search(line) if message else None
    return called.start() if called else len(line) - len(line.lstrip())


def _place_of(name: str, line: str, message: str) -> int | None:
    """Find a name in a line: as a word if it can be, and where what failed is done with it."""
    quoted = re.escape(name)
    word = rf"\b{quoted}\b" if re.fullmatch(r"\w+", name) else quoted
    used = next((sign for attempt, sign in _USED.items() if attempt in message), "")
    for pattern in (word + used, word, quoted):
        found = re.search(pattern, line)
        if found is not None:
            return found.start()
    return None


def _undone(count: int) -> str:
    if not count:
        return "The cell had written nothing."
    return f"The cell's writes were undone: {count}."


def failure(error: BaseException, where: Sequence[str] = ()) -> dict[str, Any]:
    """Give the content of the error message for an exception, and below it where it was."""
    message = str(error).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    lines = [message, *where]
    if not isinstance(error, RedisError):
        lines = traceback.format_exception(error)  # a fault of the kernel itself
    return {"ename": _name(error), "evalue": message, "traceback": lines}


def _name(error: BaseException) -> str:
    if isinstance(error, ResponseError) and not isinstance(error, Interrupted):
        return "ResponseError"
    return type(error).__name__
