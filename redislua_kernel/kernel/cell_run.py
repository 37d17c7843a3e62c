"""Running one cell: its magics, then its body, output by output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from redislua_kernel.cells import Cell, Kind, MagicLine, library_name
from redislua_kernel.engine.debugging.losses import Loss
from redislua_kernel.kernel.many_replies import most_as_text
from redislua_kernel.language.calls import sole_call
from redislua_kernel.language.lint import Finding
from redislua_kernel.magics import call
from redislua_kernel.magics.lint import losses, news, warnings
from redislua_kernel.render.outputs import At, Output, Result, Text
from redislua_kernel.session import Lua, Session

__all__ = ["IN_TRANSACTION", "CellRun"]

#: Said from the cell on that comes after MULTI's.
IN_TRANSACTION = "A transaction is open: %redis EXEC runs what is queued, %redis DISCARD drops it."
#: Cell magics whose body is Lua, so that a line in an error's text is one of the body.
_LUA_HEADS = {("eval",), ("eval_ro",), ("script", "load"), ("function", "load")}


class CellRun:
    """One run of a cell; after a failure it knows where in the cell that was."""

    def __init__(self, session: Session, cell: Cell) -> None:
        self.session = session
        self.cell = cell
        #: The cell's line that runs now, counted from 1.
        self.line = 1
        #: Tells whether Lua of this cell runs now.
        self.in_lua = False
        #: What there is to say about the Lua once it has run. A failure says enough by itself.
        self._warnings: list[Finding] = []
        #: What the replies lost of which nothing was said yet.
        self._losses: list[Loss] = []

    def outputs(self) -> Iterator[Output]:
        """Run the cell; give its outputs as they come, and warnings before its result."""
        watchers = self.session.engine.scripting.watchers
        watchers.watch_losses(self._losses.extend)
        is_queued = self.session.in_transaction
        try:
            for output in most_as_text(self._outputs(), self.session.options):
                if isinstance(output, At):
                    self.line = self.cell.offset + output.line
                    continue
                if isinstance(output, Result):
                    if is_queued and self.session.in_transaction:
                        yield Text(f"{IN_TRANSACTION}\n")
                    is_queued = False
                    yield from self._warn()
                yield output
            yield from self._warn()
        finally:
            watchers.watch_losses(None)

    def warnings_on(self, line: int) -> list[Finding]:
        """Give what there was to say about a line of the body, and was not said for a failure."""
        return [each for each in self._warnings if each.line == line]

    def _warn(self) -> Iterator[Output]:
        if self._warnings:
            found, self._warnings = self._warnings, []
            yield from warnings(self.session, found)
        if self._losses:
            lost, self._losses[:] = self._losses[:], []
            yield from losses(self.session, self.cell.text, lost)

    def _outputs(self) -> Iterator[Output]:
        cell, session = self.cell, self.session
        session.note_body(cell.body, cell.offset)
        rest = self._run(cell.watched)
        for wrapper in reversed(cell.wrappers):
            rest = self._wrap(wrapper, rest)
        yield from self._call(cell.magics[: len(cell.magics) - len(cell.watched)])
        session.lua = Lua(cell.body, cell.offset) if self._is_lua() else None
        yield from rest

    def _wrap(self, wrapper: MagicLine, rest: Iterator[Output]) -> Iterator[Output]:
        self.line = wrapper.line + 1
        yield from call(self.session, wrapper, rest)

    def _call(self, lines: Sequence[MagicLine]) -> Iterator[Output]:
        for line in lines:
            self.line = line.line + 1
            yield from call(self.session, line)

    def _run(self, lines: Sequence[MagicLine]) -> Iterator[Output]:
        """Run line magics, and then what stands below all magics."""
        yield from self._call(lines)
        cell, session = self.cell, self.session
        if cell.head is not None:
            self.line = cell.head.line + 1
            yield from self._look()
            self.in_lua = self._is_lua()
            yield from call(session, cell.head, cell.body)
        elif cell.kind is not Kind.NONE:
            self.line = cell.offset + 1
            yield from self._look()
            self.in_lua = True
            yield from self._run_body()

    def _is_lua(self) -> bool:
        """Tell whether the cell's body is Lua."""
        head = self.cell.head
        if head is None:
            return self.cell.kind is not Kind.NONE
        words = tuple(word.decode("utf-8", "replace").lower() for word in head.words)
        return words[:1] in _LUA_HEADS or words[:2] in _LUA_HEADS

    def _look(self) -> Iterator[Output]:
        """Look at the Lua that is going to run; give what must be said before it does."""
        if self.session.lua is not None:
            self.session.last_lua = self.session.lua
            found = news(self.session)
            self._warnings = [each for each in found if not each.is_urgent]
            yield from warnings(self.session, [each for each in found if each.is_urgent])

    def _run_body(self) -> Iterator[Output]:
        cell, session = self.cell, self.session
        session.refuse_while_busy()
        if cell.kind is Kind.LIBRARY:
            from redislua_kernel.magics.function import load_cell  # noqa: PLC0415  # most are none

            yield from load_cell(session, cell.body, library_name(cell.body))
        else:
            reply = session.run_script(cell.body, session.keys, session.args, show_call=True)
            command = sole_call(cell.body, session.keys, session.args)
            yield session.result(reply, command=command)
