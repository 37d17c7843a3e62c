"""What stands around a command's callable in some modes: who watches a script's calls.

Guards watch over the keys, in a cluster and in strict mode, and over the rights of a user who
may not do everything; what the callable refuses by itself (a wrong number of words, a write at
a bad time) they leave to it. Those who observe the engine are shown each call, and tracers are
told of its reply, too. All of them stand before a callable that takes the words after the name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Protocol

from redislua_kernel.engine.admission import slot_of
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.scripting.calls.replies import ERROR, error_result
from redislua_kernel.engine.scripting.calls.words import BadArgument, word_text
from redislua_kernel.engine.scripting.modes import Mode
from redislua_kernel.engine.strict import undeclared_key
from redislua_kernel.reply import Reply, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = [
    "KeyWatch",
    "Recorder",
    "Tracer",
    "guard_keys",
    "guard_rights",
    "note_slow_calls",
    "show_calls",
    "texts_of",
    "trace_calls",
]

OTHER_SLOT = CommandError("ERR Script attempted to access keys that do not hash to the same slot")


class Tracer(Protocol):
    """Who is told of each call of a script."""

    def called(self, words: Sequence[bytes]) -> None:
        """Take the words of a call that is about to run."""

    def replied(self, reply: Reply) -> None:
        """Take its reply."""

    def failed(self, text: bytes, from_command: bool) -> None:
        """Take its error, which the command gave or, before it, the scripting engine."""


#: Is told of a call afterwards: its words as Lua gave them, the reply or the error, the line, when
#: it began and how long it took, in nanoseconds.
Recorder = Callable[[Sequence[Any], Reply, int, int, int], None]


class KeyWatch:
    """The keys that the running script declared, and the slot it has been in so far."""

    def __init__(self, caller: Client, declared: Sequence[bytes]) -> None:
        self.caller = caller
        self.declared = declared
        self._known = frozenset(declared)
        self.slot = caller.slot

    def check(self, mode: Mode, command: Command, words: Sequence[bytes]) -> None:
        """Raise what forbids a call because of its keys."""
        if mode & Mode.STRICT and command.group != "pubsub":  # channels are no keys
            for key in command.keys_among(words):
                if key not in self._known:
                    raise undeclared_key(command, key, self.declared)
        if not mode & Mode.CLUSTER:
            return
        try:
            slot = slot_of(command, words)
        except CommandError:
            text = self.caller.engine.dialect.cross_slot
            raise CommandError(text.format(command.full_name)) from None
        if slot is not None and mode & Mode.ONE_SLOT:
            if self.slot not in (None, slot):
                raise OTHER_SLOT
            self.slot = slot
        # Who may cross slots leaves none behind: a script later in the same EXEC begins anew.
        self.caller.slot = slot if mode & Mode.ONE_SLOT else None


def guard_keys(
    runtime: Runtime,
    mode: Mode,
    command: Command,
    name: bytes,
    call: Callable[..., Any],
    *,
    waits_for_write: bool,
) -> Callable[..., Any]:
    """Put a guard before a command's callable.

    `waits_for_write`: the callable refuses the command unless the script has written before.
    """

    def guarded(*words: Any) -> Any:
        try:
            texts = (name, *map(word_text, words))
        except BadArgument:
            return call(*words)
        if not command.takes(len(texts)) or (waits_for_write and not runtime.wrote):
            return call(*words)
        if command.is_write:
            runtime.wrote = True
        try:
            runtime.key_watch.check(mode, command, texts)
        except CommandError as error:
            runtime.engine.statistics.count_refusal(command, error.payload)
            return error_result(error.payload)
        return call(*words)

    return guarded


def show_calls(
    runtime: Runtime, command: Command, name: bytes, call: Callable[..., Any]
) -> Callable[..., Any]:
    """Let the engine's observers see each call of a command, after it."""
    engine = runtime.engine

    def shown(*words: Any) -> Any:
        result = call(*words)
        try:
            texts = (name, *map(word_text, words))
        except BadArgument:
            return result
        if engine.caller is not None and command.takes(len(texts)):
            engine.observers.show(engine.caller, command, texts, True)
        return result

    return shown


def note_slow_calls(runtime: Runtime, name: bytes, call: Callable[..., Any]) -> Callable[..., Any]:
    """Note each call of a command that takes long."""
    slow_calls = runtime.engine.slow_calls

    def timed(*words: Any) -> Any:
        began = perf_counter_ns()
        result = call(*words)
        seconds = (perf_counter_ns() - began) / 1e9
        if seconds >= slow_calls.threshold:
            texts = texts_of((name, *words))
            if texts:
                slow_calls.note(runtime.client, texts, seconds)
        return result

    return timed


def trace_calls(runtime: Runtime, name: object, call: Callable[..., Any]) -> Callable[..., Any]:
    """Tell the runtime's tracers and recorders of each call of a command, and what came of it.

    The callable is given the line of the call, and then the words. Recorders are told once,
    afterwards, and of the words as Lua gave them: that costs least.
    """

    def traced(line: int, *words: Any) -> Any:
        tracers = runtime.tracers
        if tracers:
            texts = texts_of((name, *words))
            if texts:
                for tracer in tracers:
                    tracer.called(texts)
        runtime.reply = None
        began = perf_counter_ns()
        result = call(*words)
        took = perf_counter_ns() - began
        is_error = result.__class__ is tuple and result[:2] == (True, ERROR)
        if runtime.record is not None:
            reply = ResponseError.from_payload(result[2]) if is_error else runtime.reply
            runtime.record((name, *words), reply, line, began, took)
        for tracer in tracers:
            if is_error:
                tracer.failed(result[2], isinstance(runtime.reply, ResponseError))
            else:
                tracer.replied(runtime.reply)
        return result

    return traced


def texts_of(words: Sequence[Any]) -> tuple[bytes, ...]:
    """Give the words of a call as commands see them; nothing if they cannot be words."""
    try:
        return tuple(map(word_text, words))
    except BadArgument:
        return ()


def guard_rights(
    runtime: Runtime, command: Command, name: bytes, call: Callable[..., Any]
) -> Callable[..., Any]:
    """Let a command through only if the user who called the script may run it."""

    def guarded(*words: Any) -> Any:
        try:
            texts = (name, *map(word_text, words))
        except BadArgument:
            return call(*words)
        running = runtime.engine.scripting.running
        if running is None or not command.takes(len(texts)):
            return call(*words)
        denial = running.client.user.denial(command, texts)
        if denial is None:
            return call(*words)
        log = runtime.engine.access_log
        log.add(running.client, denial.reason, denial.object, context="lua")
        error = CommandError(f"ERR ACL failure in script: {denial.text}")
        runtime.engine.statistics.count_refusal(command, error.payload)
        return error_result(error.payload)

    return guarded
