"""What a client can look into where a script has stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from redislua_kernel.debugger.call_log import Call
from redislua_kernel.debugger.keyspace import Keys
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.pause import Pause
from redislua_kernel.debugger.values import shorten
from redislua_kernel.debugger.variables import Child, Contents, FrameVariables, Group
from redislua_kernel.engine.debugging.stop import Frame
from redislua_kernel.engine.words import quote_word

__all__ = ["call_text", "calls", "scopes"]


def scopes(panel: Panel, pause: Pause, frame: Frame) -> Iterator[tuple[str, Contents]]:
    """Give the scopes of a frame by their names."""
    stop = pause.stop
    yield "Locals", FrameVariables(stop, frame, frame.named_locals)
    yield "Upvalues", FrameVariables(stop, frame, frame.upvalues)
    if stop.source.is_function:
        yield "KEYS and ARGV", Group(list(_parameters(panel)))
    else:
        yield "KEYS and ARGV", FrameVariables(stop, frame, stop.globals)
    yield "redis.call log", calls(panel.calls)
    running = panel.running
    if running is not None:
        yield "Keyspace", Keys(running.client.db)


def calls(log: Iterable[Call]) -> Group:
    """Give the calls of commands, each with its reply, the last one first."""
    return Group([_show(number, call) for number, call in reversed(list(enumerate(log, 1)))])


def call_text(words: Sequence[bytes]) -> str:
    """Write a call as redis-cli reads it, as far as it fits on a line."""
    return shorten(b" ".join(map(quote_word, words)).decode("utf-8", "replace"), 100)


def _show(number: int, call: Call) -> Child:
    return Child(
        f"{number}: {call_text(call.words)}", call.reply if call.has_ended else Group([], "…")
    )


def _parameters(panel: Panel) -> Iterator[Child]:
    """Give the keys and arguments that a function was called with."""
    words = [] if panel.running is None else panel.running.command
    count = int(words[2]) if len(words) > 2 else 0
    yield Child("KEYS", words[3 : 3 + count])
    yield Child("ARGV", words[3 + count :])
