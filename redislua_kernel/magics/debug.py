"""%%debug and %break: stepping through a cell; %debug: where the last script failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from redislua_kernel.cells import UsageError
from redislua_kernel.debugger.cell_console import Stepping
from redislua_kernel.engine.debugging.stop import Frame, Stop, Variable
from redislua_kernel.magics.offers import at_first
from redislua_kernel.magics.registry import WrongWords, magic
from redislua_kernel.quantities import shorten
from redislua_kernel.render.frames import FrameView, VariableView, frames_bundle
from redislua_kernel.render.outputs import Display, Output, Outputs, Text
from redislua_kernel.session import Session

#: How much of a value is shown.
_LONGEST = 300
#: One that is not in quotes: whatever follows has both of each pair.
_SEMICOLON = re.compile(r""";(?=(?:[^'"]|'[^']*'|"[^"]*")*$)""")


@magic("debug", usage="[isolated] [; command ...]", offers=at_first("option", ("isolated",)))
def debug(session: Session, *words: bytes, cell: Iterable[Output] | None = None) -> Outputs:
    """Step through what the cell runs, or look at where the last one failed.

    Below the cell, or in the debugger's panel if that is switched on. `isolated` runs it on a
    copy of the data, which is dropped. Commands after semicolons are done first; without
    anybody to ask, the cell then runs on.

        %%debug
        %%debug isolated
        %%debug ; next ; print ; continue
        %debug
        %debug ; print #KEYS ; quit
    """
    isolated, commands = _read(words)
    if cell is None:
        session.require_embedded("%debug without a cell")
        if isolated:
            raise UsageError("usage: %debug [; command ...]")
        return _look(session, commands)
    return _step(session, cell, Stepping(isolated=isolated, commands=commands))


@magic("break")
def break_(session: Session, *line: bytes) -> Outputs:
    """Stop on these lines of the cell below, also when its library is called later.

    A negative number takes a line out again, 0 all lines of all cells; alone it lists them.

        %break 7 9
        %break 0
    """
    try:
        numbers = [int(word) for word in line]
    except ValueError:
        raise WrongWords from None
    return _set_breakpoints(session, numbers) if numbers else Text(_list_breakpoints(session))


def _read(words: Sequence[bytes]) -> tuple[bool, tuple[str, ...]]:
    """Read what follows %%debug: whether to run on a copy, and the commands to begin with."""
    first, *commands = _SEMICOLON.split(b" ".join(words).decode("utf-8", "replace"))
    if first.strip() not in ("", "isolated"):
        raise WrongWords
    return first.strip() == "isolated", tuple(each.strip() for each in commands if each.strip())


def _step(session: Session, cell: Iterable[Output], stepping: Stepping) -> Iterator[Output]:
    panel = session.panel
    if panel is not None and panel.is_attached and session.remote is None:
        panel.stop_at_entry()
        with session.stepper.through(stepping):
            yield from cell
        return
    terminal = session.terminal
    if terminal is None or not (terminal.answers or stepping.commands):
        raise UsageError(
            "nobody to ask here: give the commands, as in %%debug ; next ; print ; continue"
        )
    with session.stepper.through(stepping):
        yield from cell


def _set_breakpoints(session: Session, numbers: Sequence[int]) -> Outputs:
    body, offset = session.body
    if 0 in numbers:
        session.console.breakpoints.clear()
    if not body and any(numbers):
        raise UsageError("%break stands above the lines that it is about")
    lines = session.console.breakpoints.setdefault(body, []) if body else []
    known = range(1, len(body.split(b"\n")) + 1)
    for number in filter(None, numbers):
        line = abs(number) - offset
        if line not in known:
            raise UsageError(f"the cell has no line {abs(number)} below its magics")
        if number < 0 and line in lines:
            lines.remove(line)
        elif number > 0 and line not in lines:
            lines.append(line)
    return ()


def _list_breakpoints(session: Session) -> str:
    shown = []
    for body, lines in session.console.breakpoints.items():
        offset, code = session.bodies.offset_of(body), body.decode("utf-8", "replace").split("\n")
        shown += [f"line {line + offset} | {code[line - 1]}\n" for line in sorted(lines)]
    return "".join(shown) or "no breakpoints\n"


def _look(session: Session, commands: tuple[str, ...]) -> Iterator[Output]:
    stop = session.post_mortem.stop
    if stop is None:
        raise UsageError("no script has failed yet")
    offset = session.bodies.offset_of(stop.source.code)
    line_name = session.line_names(stop.source.code)
    frames = [_view(stop, frame, line_name) for frame in _frames_of(stop)]
    yield Display(frames_bundle(stop.text, frames))
    if session.terminal is not None and (session.terminal.answers or commands):
        session.console.look(stop, session.terminal, offset, commands)


def _frames_of(stop: Stop) -> list[Frame]:
    """Give the frames that are in the source itself."""
    return [frame for frame in stop.frames if frame.chunk == stop.source.chunk]


def _view(stop: Stop, frame: Frame, line_name: Callable[[int], str]) -> FrameView:
    lines = stop.source.lines
    code = lines[frame.line - 1] if 0 < frame.line <= len(lines) else b""
    name = frame.name or ("the function" if stop.source.is_function else "the script")
    variables = [
        *(_variable(stop, each) for each in frame.named_locals),
        *(_variable(stop, each, "upvalue") for each in frame.upvalues),
    ]
    if frame is stop.frames[-1]:
        variables += [_variable(stop, each, "global") for each in stop.globals]
    shown = code.decode("utf-8", "replace")
    return FrameView(name, line_name(frame.line), shown, tuple(variables))


def _variable(stop: Stop, variable: Variable, kind: str = "") -> VariableView:
    text = stop.text_of(variable.value, _LONGEST).decode("utf-8", "replace")
    return VariableView(variable.name, shorten(text, _LONGEST), kind)
