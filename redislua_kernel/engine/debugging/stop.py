"""One stop of a script: why, where, and what can be asked and set there."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple

from redislua_kernel.engine.debugging.lua_side import LuaSide
from redislua_kernel.engine.debugging.source import Source

__all__ = ["EvaluationError", "Frame", "LuaValue", "Reason", "Resume", "Step", "Stop", "Variable"]

#: A Lua value as it comes to Python: bytes, a number, a bool, None, or a handle for the rest.
LuaValue = Any


class Reason(Enum):
    """Why a script stops."""

    STEP = "step"
    BREAKPOINT = "breakpoint"
    #: It called redis.breakpoint().
    CALL = "call"
    #: It has run for longer than busy-reply-threshold.
    TIMEOUT = "timeout"
    #: The user asked for it.
    PAUSE = "pause"
    #: An error that nothing catches was raised.
    ERROR = "error"


class Step(Enum):
    """How to go on: to the next line, past calls, out of the function, or to a breakpoint."""

    INTO = "into"
    OVER = "over"
    OUT = "out"
    RUN = "run"


class Resume(NamedTuple):
    """How to go on; with `error`, the script ends with that text at once."""

    step: Step
    error: bytes | None = None


class EvaluationError(Exception):
    """Code that could not be run where a script has stopped: what Lua says of it."""

    def __init__(self, text: bytes) -> None:
        super().__init__(text.decode("utf-8", "replace"))
        self.text = text


class Variable(NamedTuple):
    """A local variable, or an upvalue, of a frame."""

    name: str
    handle: Any

    @property
    def value(self) -> LuaValue:
        """What it holds now."""
        return self.handle[b"value"]


class Frame:
    """One function on the stack of a script: where it is, and its variables."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle
        name = handle[b"name"]
        #: The function's name as its caller knew it; None at the top level.
        self.name: str | None = name.decode("utf-8", "replace") if name else None
        self.line: int = handle[b"line"]
        #: What Lua calls the chunk.
        self.chunk: bytes = handle[b"source"]

    @property
    def locals(self) -> list[Variable]:
        """The local variables, in the order of their declaration."""
        return _variables(self.handle[b"locals"])

    @property
    def named_locals(self) -> list[Variable]:
        """Those that the script itself has declared: the names of Lua's own are in parentheses."""
        return [each for each in self.locals if not each.name.startswith("(")]

    @property
    def upvalues(self) -> list[Variable]:
        """The variables of outer functions that the function uses."""
        return _variables(self.handle[b"upvalues"])


class Stop:
    """A script that has stopped, or an error that ended one.

    To be used only on the thread of the script. After an error has ended it, variables can be
    looked at, and what is set has no effect but on what is evaluated afterwards.
    """

    def __init__(
        self, side: LuaSide, source: Source, reason: Reason, line: int, frames: Any, text: str = ""
    ) -> None:
        self._side = side
        self.source = source
        self.reason = reason
        #: The line of the source, counted from 1.
        self.line = line
        #: What the error said.
        self.text = text
        #: The innermost first. Of a very deep stack, the middle is left out.
        self.frames = [Frame(handle) for key, handle in frames.items() if isinstance(key, int)]
        #: KEYS and ARGV, of a script.
        self.globals = _variables(frames[b"globals"])
        #: How many frames were left out.
        self.left_out: int = frames[b"left_out"]

    @classmethod
    def at_error(cls, side: LuaSide, source: Source, frames: Any, text: str) -> Stop:
        """Give the stop at an error; its line is that of the innermost frame of the source."""
        stop = cls(side, source, Reason.ERROR, 0, frames, text)
        stop.line = next((each.line for each in stop.frames if each.chunk == source.chunk), 0)
        return stop

    def evaluate(
        self, code: bytes, frame: Frame | None = None, name: bytes = b"=debugger"
    ) -> LuaValue:
        """Run code and give its value, as an expression if it is one. Raises EvaluationError.

        With a frame, its variables can be read and set by name; without one, the code sees the
        globals alone.
        """
        ok, value = self._side.evaluate(frame and frame.handle, self.source.chunk, code, name)
        if not ok:
            raise EvaluationError(value)
        return value

    def assign(self, frame: Frame, variable: Variable, value: LuaValue) -> None:
        """Set a variable of a frame. Raises EvaluationError if it is `redis.call`."""
        ok, text = self._side.assign(frame.handle, variable.handle, value)
        if not ok:
            raise EvaluationError(text)

    def text_of(self, value: LuaValue, most: int | None = None) -> bytes:
        """Write a value out as the reference's debugger does; at least so many bytes of it."""
        text: bytes = self._side.text_of(value, most)
        return text

    def type_of(self, value: LuaValue) -> str:
        """Give a value's type as Lua calls it."""
        kind: bytes = self._side.type_of(value)
        return kind.decode()

    def sizes(self, table: LuaValue) -> tuple[int, int]:
        """Tell how long a table's list is, and how many other entries it has."""
        length, others = self._side.sizes(table)
        return length, others

    def contents(
        self, table: LuaValue, first: int = 0, most: int = 100
    ) -> Iterator[tuple[LuaValue, LuaValue]]:
        """Give entries of a table, its list first: at most so many from the first on."""
        for entry in self._side.contents(table, first + 1, most).values():
            yield entry[b"key"], entry[b"value"]

    def set_entry(self, table: LuaValue, key: LuaValue, value: LuaValue) -> None:
        """Set an entry of a table, past its metatable. Raises EvaluationError if it is readonly."""
        ok, text = self._side.set_entry(table, key, value)
        if not ok:
            raise EvaluationError(text)


def _variables(entries: Any) -> list[Variable]:
    return [Variable(each[b"name"].decode("utf-8", "replace"), each) for each in entries.values()]
