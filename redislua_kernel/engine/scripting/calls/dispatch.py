"""The commands as `redis.call` reaches them: one Python callable per command and mode.

A callable takes the words after the name, as Lua passed them, answers what `replies` shapes, and
never raises. Most are compiled (see `compiled`); in some modes guards stand before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.registry import Command, takes
from redislua_kernel.engine.scripting.calls.compiled import Compiled, compile_call
from redislua_kernel.engine.scripting.calls.guards import (
    guard_keys,
    guard_rights,
    note_slow_calls,
    show_calls,
    trace_calls,
)
from redislua_kernel.engine.scripting.calls.refusals import refusal_of
from redislua_kernel.engine.scripting.calls.replies import array_result, error_result
from redislua_kernel.engine.scripting.calls.short_ways import ScriptCall
from redislua_kernel.engine.scripting.calls.words import MISSING, BadArgument, texts, word_text
from redislua_kernel.engine.scripting.modes import Mode

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["SERVER_ONLY", "Spellings", "resolve"]

#: A command by how its name is written: its effects repeat the name as it is.
Spellings = dict[bytes, Compiled]

#: So many spellings of a name (capitals or not) are told apart.
_SPELLINGS = 8

#: What a server has and this engine has not, and no script may call on either; by arity.
SERVER_ONLY = {
    b"BGREWRITEAOF": 1, b"PSYNC": -3,
}  # fmt: skip


def resolve(runtime: Runtime, mode: Mode, name: object) -> tuple[ScriptCall, Compiled | None]:
    """Give the callable for a command's name as a script wrote it, and all ways if they are kept.

    The first calls of a command are timed, and each is resolved anew.
    """
    found = _find(runtime, name)
    if not isinstance(found, Command):
        return _traced(runtime, mode, name, found), None
    built = _spelled(runtime, mode, found, word_text(name))
    call = _traced(runtime, mode, name, built.call)
    counts = runtime.engine.statistics[found]
    if not (counts.is_timed or found.subcommands):
        return counts.time(call), None
    if mode & Mode.TRACED:
        return call, Compiled(call, built.gives_array)
    return call, built._replace(call=call)


def _traced(runtime: Runtime, mode: Mode, name: object, call: ScriptCall) -> ScriptCall:
    return trace_calls(runtime, name, call) if mode & Mode.TOLD else call


def _find(runtime: Runtime, name: object) -> Command | ScriptCall:
    """Give the command with a name, or a callable that refuses it."""
    dialect = runtime.dialect
    try:
        upper = word_text(name).upper()
    except BadArgument:
        problem = dialect.no_command if name is MISSING else dialect.bad_argument
        return lambda *words: error_result(problem, False)
    found = runtime.commands.get(upper)
    if found is not None:
        return found
    if upper in SERVER_ONLY:
        return _server_only(runtime, upper)
    return _rejecting(runtime, None, _refuse_after_check(runtime, dialect.unknown_command))


def _spelled(runtime: Runtime, mode: Mode, command: Command, name: bytes) -> Compiled:
    spellings = runtime.built.setdefault((mode, command), {})
    if name not in spellings and len(spellings) >= _SPELLINGS:
        name = name.upper()
    built = spellings.get(name)
    if built is None:
        if command.subcommands:
            built = Compiled(_container_call(runtime, mode, command, name))
        else:
            built = _build(runtime, mode, command, name)
        spellings[name] = built
    return built


def _server_only(runtime: Runtime, name: bytes) -> ScriptCall:
    arity = SERVER_ONLY[name]
    return _rejecting(runtime, None, _refuse_counted(runtime, arity, runtime.dialect.not_allowed))


def _refuse_after_check(runtime: Runtime, text: bytes) -> ScriptCall:
    """Give a callable that refuses, but only words that could have been words."""

    def refuse(*words: object) -> Any:
        try:
            for word in words:
                word_text(word)
        except BadArgument:
            return error_result(runtime.dialect.bad_argument, False)
        return error_result(text)

    return refuse


def _container_call(runtime: Runtime, mode: Mode, container: Command, name: bytes) -> ScriptCall:
    own = _build(runtime, mode, container, name).call
    unknown = _rejecting(runtime, None, _refuse_subcommand(runtime, container))
    made: dict[bytes, ScriptCall] = {}

    def call(*words: Any) -> Any:
        subcommand = words[0].upper() if words and words[0].__class__ is bytes else b""
        runtime.client.words = name, *words[:1]  # errors repeat the subcommand as it was written
        found = made.get(subcommand)
        if found is not None:
            return array_result(found(*words))
        command = container.subcommands.get(subcommand)
        if command is None:
            return (unknown if words else own)(*words)
        found = made[subcommand] = runtime.engine.statistics[command].time(
            _build(runtime, mode, command, name).call
        )
        return array_result(found(*words))

    return call


def _refuse_subcommand(runtime: Runtime, container: Command) -> ScriptCall:
    dialect = runtime.dialect

    def refuse(*words: object) -> Any:
        try:
            subcommand = texts(words)[0].partition(b"\0")[0][:128]
        except BadArgument:
            return error_result(dialect.bad_argument, False)
        names = {b"subcommand": subcommand, b"container": container.name.encode()}
        return error_result(dialect.unknown_subcommand % names)

    return refuse


def _build(runtime: Runtime, mode: Mode, command: Command, name: bytes) -> Compiled:
    dialect = runtime.dialect
    refusal = refusal_of(dialect, mode, command)
    if refusal is not None:
        counted = _refuse_counted(runtime, command.arity, refusal.text)
        refuse = _rejecting(runtime, command, counted)
        if not refusal.before_writing:
            if mode & Mode.RESTRICTED and refusal.after_rights:
                refuse = guard_rights(runtime, command, name, refuse)
            return Compiled(refuse)
    wrong_count = _rejecting(runtime, command, lambda: error_result(dialect.wrong_count))
    is_told = bool(mode & Mode.TOLD)
    built = compile_call(runtime, command, name, wrong_count, is_told=is_told)
    call = built.call
    rights_first = refusal is None or refusal.after_rights
    if mode & Mode.RESTRICTED and not rights_first:
        call = guard_rights(runtime, command, name, call)
    if refusal is not None:
        call = _unless_written(runtime, refuse, call)
    if mode & Mode.TIMED:
        call = note_slow_calls(runtime, name, call)
    if mode & Mode.OBSERVED:
        call = show_calls(runtime, command, name, call)
    if mode & (Mode.CLUSTER | Mode.STRICT):
        waits = refusal is not None
        call = guard_keys(runtime, mode, command, name, call, waits_for_write=waits)
    if mode & Mode.RESTRICTED and rights_first:
        call = guard_rights(runtime, command, name, call)
    return built if call is built.call else Compiled(call, built.gives_array)


def _unless_written(runtime: Runtime, refuse: ScriptCall, call: ScriptCall) -> ScriptCall:
    """Give a callable that refuses until the script has written."""

    def refuse_first(*words: object) -> Any:
        return (call if runtime.wrote else refuse)(*words)

    return refuse_first


def _rejecting(runtime: Runtime, command: Command | None, refuse: ScriptCall) -> ScriptCall:
    """Give a callable that refuses, and counts it if the refusal is the command's own error."""
    statistics = runtime.engine.statistics

    def call(*words: object) -> Any:
        result = refuse(*words)
        *_, text, from_command = result
        if from_command:
            statistics.count_refusal(command, text)
        return result

    return call


def _refuse_counted(runtime: Runtime, arity: int, text: bytes) -> ScriptCall:
    refuse = _refuse_after_check(runtime, text)
    wrong_count = _refuse_after_check(runtime, runtime.dialect.wrong_count)

    def call(*words: object) -> Any:
        return (refuse if takes(arity, 1 + len(words)) else wrong_count)(*words)

    return call
