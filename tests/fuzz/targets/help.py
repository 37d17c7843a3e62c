"""What helps to write a cell: whatever stands there, and wherever the cursor is."""

from __future__ import annotations

import random

from redislua_kernel.cells import Kind, UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.kernel import assistance
from redislua_kernel.language.lexer import open_blocks
from redislua_kernel.language.lint import Level, lint
from redislua_kernel.session import Session
from tests.fuzz import texts
from tests.fuzz.message import check_message
from tests.fuzz.target import Failed, Target

_FILL = ("SET lock:a v", "RPUSH list a b", "HSET h f 1")
_LIBRARY = "#!lua name=lib\nredis.register_function('f', function(k, a) return a[1] end)"


class Help(Target):
    count = 120

    def begin(self) -> None:
        self._session = Session(Engine())
        for line in _FILL:
            self._session.engine.execute(*line.split())
        self._session.engine.execute("FUNCTION", "LOAD", _LIBRARY)

    def write(self, rng: random.Random) -> tuple[str, int]:
        text = texts.cell(rng)
        return text, rng.choice((len(text), rng.randrange(len(text) + 1)))

    def take(self, given: tuple[str, int]) -> None:
        code, cursor = given
        cursor = min(cursor, len(code))
        start, end, matches = assistance.complete(code, cursor, self._session)
        if not 0 <= start <= end <= len(code):
            raise Failed(f"it completes from {start} to {end} of {len(code)}")
        check_message({"matches": [[each.text, each.kind, each.signature] for each in matches]})
        for bundle in (assistance.inspect(code, cursor, self._session), assistance.page(code)):
            check_message({"data": bundle})
        found = assistance.is_complete(code, self._session)
        if found["status"] not in ("complete", "incomplete", "invalid"):
            raise Failed(f"it is {found}")
        open_blocks(code)
        _look(code)
        try:
            cell = parse(code)
        except UsageError:
            return
        if cell.kind in (Kind.SCRIPT, Kind.LIBRARY):
            _look(cell.body.decode("utf-8", "replace"))


def _look(code: str) -> None:
    """Look at code as lint does, and see that each finding is in it."""
    lines = code.split("\n")
    for finding in lint(code, Level.STRICT):
        if not 1 <= finding.line <= len(lines):
            raise Failed(f"{finding} is in no line")
        if not 0 <= finding.column <= len(lines[finding.line - 1]):
            raise Failed(f"{finding} is in no column")
