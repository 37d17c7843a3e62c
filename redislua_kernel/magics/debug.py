"""%debug: where the last script failed, with its variables."""

from __future__ import annotations

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.debugging.stop import Frame, Stop, Variable
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.frames import FrameView, VariableView, frames_bundle
from redislua_kernel.render.outputs import Display, Outputs
from redislua_kernel.session import Session

#: How much of a value is shown.
_LONGEST = 300


@magic("debug")
def debug(session: Session) -> Outputs:
    """Show where the last script or function failed, with the variables it had there.

    %debug
    """
    stop = session.post_mortem.stop
    if stop is None:
        raise UsageError("no script has failed yet")
    offset = session.offset_of(stop.source.code)
    return Display(
        frames_bundle(stop.text, [_view(stop, frame, offset) for frame in _frames_of(stop)])
    )


def _frames_of(stop: Stop) -> list[Frame]:
    """Give the frames that are in the source itself."""
    return [frame for frame in stop.frames if frame.chunk == stop.source.chunk]


def _view(stop: Stop, frame: Frame, offset: int) -> FrameView:
    lines = stop.source.lines
    code = lines[frame.line - 1] if 0 < frame.line <= len(lines) else b""
    name = frame.name or ("the function" if stop.source.is_function else "the script")
    variables = [
        *(_variable(stop, each) for each in frame.locals),
        *(_variable(stop, each, "upvalue") for each in frame.upvalues),
    ]
    if frame is stop.frames[-1]:
        variables += [_variable(stop, each, "global") for each in stop.globals]
    return FrameView(name, frame.line + offset, code.decode("utf-8", "replace"), tuple(variables))


def _variable(stop: Stop, variable: Variable, kind: str = "") -> VariableView:
    return VariableView(variable.name, _shown(stop.text_of(variable.value)), kind)


def _shown(text: bytes) -> str:
    shown = text.decode("utf-8", "replace")
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"
