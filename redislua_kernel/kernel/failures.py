"""The one place where an exception becomes an error message.

`evalue` is the engine's text, verbatim. The traceback is that text, and below it the cell's own
line with a caret under what the text speaks of.
"""

from __future__ import annotations

import re
import traceback
from typing import Any

from redislua_kernel.cells import Cell, MagicLine, UsageError
from redislua_kernel.errors import RedisError, ResponseError
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.kernel.stand_in import Interrupted
from redislua_kernel.session import Session

__all__ = ["failure_of_cell", "failure_of_run"]

_LUA_LINE = re.compile(r"@?user_(?:script|function):(\d+)")
#: What an error's text names, most telling first: it is found again in the line.
_NAMED = [
    re.compile(pattern)
    for pattern in (
        r"near '([^']+)'",
        r"(?:global|local|upvalue|field|method) '([^']+)'",
        r"nonexistent global variable '([^']+)'",
    )
]
_CALL = re.compile(r"\b(?:redis|server)\.p?call\b|\berror\b")


def failure_of_run(error: BaseException, run: CellRun) -> dict[str, Any]:
    """Give the content of the error message for an exception that a cell's run raised."""
    where: list[str] = []
    if isinstance(error, UsageError):
        where = point(run.cell, run.line if error.line is None else error.line + 1, "")
    elif isinstance(error, Interrupted):
        where = [_undone(error.undone)]
    elif isinstance(error, RedisError | RecursionError):
        where = _place(str(error), run)
    return _content(error, where)


def failure_of_cell(error: UsageError, text: str) -> dict[str, Any]:
    """Give the content of the error message for a cell that cannot be read."""
    lines = text.split("\n")
    number = error.line or 0
    return _content(error, _pointer(f"line {number + 1}", lines[number], ""))


def point(cell: Cell, number: int, message: str) -> list[str]:
    """Show a line of the cell, counted from 1, with a caret."""
    line = cell.line(number)
    return [] if line is None else _pointer(f"line {number}", line, message)


def _place(message: str, run: CellRun) -> list[str]:
    named = _LUA_LINE.search(message)
    if named is None:
        return point(run.cell, run.line, message)
    number = int(named[1])
    if run.in_lua:
        return point(run.cell, run.cell.offset + number, message)
    return point(run.cell, run.line, "") + _line_of_library(run.session, run, number, message)


def _line_of_library(session: Session, run: CellRun, number: int, message: str) -> list[str]:
    """Show the line of the library whose function the cell's magic called."""
    called = _function_called(run.cell, run.line)
    if called is None:
        return []
    try:
        code = session.code_of(called)
    except ResponseError:
        return []
    lines = (code or b"").decode("utf-8", "replace").split("\n")
    if not 0 < number <= len(lines):
        return []
    return _pointer(f"library line {number}", lines[number - 1], message)


def _function_called(cell: Cell, number: int) -> bytes | None:
    def is_call(line: MagicLine) -> bool:
        return line.line + 1 == number and line.name in ("fcall", "fcall_ro")

    return next((line.words[1] for line in cell.magics if is_call(line)), None)


def _pointer(label: str, line: str, message: str) -> list[str]:
    gutter = f"{label} | "
    line = line.rstrip().expandtabs(4)
    indent = " " * (len(gutter) + _column(line, message))
    return [f"{gutter}{line}", f"{indent}^"]


def _column(line: str, message: str) -> int:
    """Give the column of what a message speaks of; of the first word if that is not to be seen."""
    for pattern in _NAMED:
        named = pattern.search(message)
        if named is not None and named[1] in line:
            return line.index(named[1])
    called = _CALL.search(line) if message else None
    return called.start() if called else len(line) - len(line.lstrip())


def _undone(count: int) -> str:
    if not count:
        return "The cell had written nothing."
    return f"The cell's writes were undone: {count}."


def _content(error: BaseException, where: list[str]) -> dict[str, Any]:
    message = str(error).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    lines = [message, *where]
    if not isinstance(error, RedisError):
        lines = traceback.format_exception(error)  # a fault of the kernel itself
    return {"ename": _name(error), "evalue": message, "traceback": lines}


def _name(error: BaseException) -> str:
    if isinstance(error, ResponseError) and not isinstance(error, Interrupted):
        return "ResponseError"
    return type(error).__name__
