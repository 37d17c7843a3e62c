"""The commands as `redis.call` reaches them: one Python callable per command and mode.

A callable takes the words as Lua passed them, the name first, and answers what `convert`
shapes; it never raises. The words of the common form (exactly the required ones) are decoded
by code compiled from the command's signature; everything else takes the command's own runner.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.errors import wrong_arity
from redislua_kernel.engine.registry import Command, arity_lines, decoder_lines, takes
from redislua_kernel.engine.scripting.convert import error_result, shaping_of
from redislua_kernel.engine.scripting.guards import (
    guard_keys,
    guard_rights,
    show_calls,
    trace_calls,
)
from redislua_kernel.engine.scripting.modes import Mode
from redislua_kernel.engine.scripting.refusals import refusal_of
from redislua_kernel.engine.scripting.words import (
    LARGEST_WHOLE,
    MISSING,
    BadArgument,
    MissingWord,
    given_text,
    texts,
    word_text,
)
from redislua_kernel.engine.signature import parse_int
from redislua_kernel.reply import OK, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["ScriptCall", "resolve"]

#: What the Lua side calls: the words, the command's name first.
ScriptCall = Callable[..., Any]

#: What a server has and this engine has not, and no script may call on either; by arity.
SERVER_ONLY = {
    b"BGREWRITEAOF": 1, b"FAILOVER": -1, b"PSYNC": -3, b"REPLCONF": -1, b"SYNC": 1,
    b"LATENCY DOCTOR": 2, b"LATENCY GRAPH": 3,
    b"MODULE LOAD": -3, b"MODULE LOADEX": -3, b"MODULE UNLOAD": 3,
}  # fmt: skip


def resolve(runtime: Runtime, mode: Mode, name: object) -> tuple[ScriptCall, bool]:
    """Give the callable for a command's name as a script wrote it, and whether to keep it."""
    call, keep = _find(runtime, mode, name)
    return (trace_calls(runtime, call) if mode & Mode.TRACED else call), keep


def _find(runtime: Runtime, mode: Mode, name: object) -> tuple[ScriptCall, bool]:
    dialect = runtime.dialect
    try:
        upper = word_text(name).upper()
    except BadArgument:
        return partial(_no_name, dialect), False
    found = runtime.commands.get(upper)
    if found is None:
        if upper in SERVER_ONLY:
            return _server_only(runtime, upper), False
        return _rejecting(
            runtime, None, _refuse_after_check(dialect, dialect.unknown_command)
        ), False
    call = runtime.built.get((mode, found))
    if call is None:
        build = _container_call if found.subcommands else _build
        call = runtime.built[mode, found] = build(runtime, mode, found)
    counts = runtime.engine.statistics[found]
    if counts.is_timed or found.subcommands:
        return call, True
    return counts.time(call), False


def _no_name(dialect: Dialect, *words: object) -> Any:
    return error_result(dialect.bad_argument if words else dialect.no_command, False)


def _server_only(runtime: Runtime, full_name: bytes) -> ScriptCall:
    dialect = runtime.dialect
    refuse = _refuse_counted(dialect, SERVER_ONLY[full_name], dialect.not_allowed)
    return _rejecting(runtime, None, refuse)


def _refuse_after_check(dialect: Dialect, text: bytes) -> ScriptCall:
    """Give a callable that refuses, but only words that could have been words."""

    def refuse(*words: object) -> Any:
        try:
            for word in words:
                word_text(word)
        except BadArgument:
            return error_result(dialect.bad_argument, False)
        return error_result(text)

    return refuse


def _container_call(runtime: Runtime, mode: Mode, container: Command) -> ScriptCall:
    own = _build(runtime, mode, container)
    unknown = _rejecting(runtime, None, _refuse_subcommand(runtime.dialect, container))
    made: dict[bytes, ScriptCall] = {}

    def call(*words: Any) -> Any:
        second = words[1].upper() if len(words) > 1 and words[1].__class__ is bytes else b""
        found = made.get(second)
        if found is not None:
            return found(*words)
        subcommand = container.subcommands.get(second)
        full_name = b"%s %s" % (container.name.encode(), second)
        if subcommand is not None:
            found = _build(runtime, mode, subcommand)
            found = runtime.engine.statistics[subcommand].time(found)
        elif full_name in SERVER_ONLY:
            found = _server_only(runtime, full_name)
        else:
            return (own if len(words) == 1 else unknown)(*words)
        made[second] = found
        return found(*words)

    return call


def _refuse_subcommand(dialect: Dialect, container: Command) -> ScriptCall:
    def refuse(*words: object) -> Any:
        try:
            subcommand = texts(words)[1].partition(b"\0")[0][:128]
        except BadArgument:
            return error_result(dialect.bad_argument, False)
        names = {b"subcommand": subcommand, b"container": container.name.encode()}
        return error_result(dialect.unknown_subcommand % names)

    return refuse


def _build(runtime: Runtime, mode: Mode, command: Command) -> ScriptCall:
    dialect = runtime.dialect
    refusal = refusal_of(dialect, mode, command)
    if refusal is not None and not refusal.before_writing:
        refuse = _refuse_counted(dialect, command.arity, refusal.text)
        return _rejecting(runtime, command, refuse)
    before_writing = refusal.text if refusal is not None else None
    call = _compile(runtime, command, before_writing, keeps_reply=bool(mode & Mode.TRACED))
    if mode & Mode.OBSERVED:
        call = show_calls(runtime, command, call)
    if mode & (Mode.CLUSTER | Mode.STRICT):
        waits = before_writing is not None
        call = guard_keys(runtime, mode, command, call, waits_for_write=waits)
    return guard_rights(runtime, command, call) if mode & Mode.RESTRICTED else call


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


def _refuse_counted(dialect: Dialect, arity: int, text: bytes) -> ScriptCall:
    refuse = _refuse_after_check(dialect, text)
    wrong_count = _refuse_after_check(dialect, dialect.wrong_count)

    def call(*words: object) -> Any:
        return (refuse if takes(arity, len(words)) else wrong_count)(*words)

    return call


def _compile(
    runtime: Runtime, command: Command, before_writing: bytes | None, *, keeps_reply: bool
) -> ScriptCall:
    """Compile the callable of a command from its signature.

    It refuses with `before_writing`, if that is given, until the script has written. With
    `keeps_reply`, it leaves the reply as it was before it became a Lua value.
    """
    signature = command.signature
    keyspace, dialect = runtime.engine.keyspace, runtime.dialect
    namespace: dict[str, Any] = {
        "BadArgument": BadArgument,
        "MISSING": MISSING,
        "MissingWord": MissingWord,
        "OK": OK,
        "ResponseError": ResponseError,
        "arity_error": lambda: wrong_arity(command.full_name),
        "bad_argument": error_result(dialect.bad_argument, False),
        "bug": runtime.engine.report_bug,
        "client": runtime.client,
        "failed": _failing(runtime, command),
        # What the arity of the command does not tell, it checks itself when it runs.
        "own_arity_error": lambda: wrong_arity(command.name.lower().replace(" ", "|")),
        "keyspace": keyspace,
        "runtime": runtime,
        "text": given_text,
        "texts": texts,
        "wrong_count": _rejecting(runtime, command, lambda: error_result(dialect.wrong_count)),
    }
    target = "client" if signature.takes_client else "client.db"
    # As many parameters as the shortest form has words: no tuple is made to be taken apart.
    names = ["name", *(f"word{place}" for place in range(1, abs(command.arity)))]
    quick = command.plain or command.function
    #: Whether one of the two forms has replies of which more is known.
    chooses = {shaping_of(command.function), shaping_of(quick)} != {"shape"}
    body = []
    if before_writing is not None:
        refuse = _refuse_counted(dialect, command.arity, before_writing)
        namespace["refuse"] = _rejecting(runtime, command, refuse)
        namespace["given"] = _given
        body.append(f"if not runtime.wrote: return refuse(*given({', '.join(names)}, *more))")
    if command.is_write:
        body.append("dirty = keyspace.dirty")
    body += [
        "if more:",
        f"  words = texts(({', '.join(names)}, *more))",
        *(f"  {line}" for line in _any_form(command, target, namespace)),
        *[f"  shape = runtime.shaper.{shaping_of(command.function)}"] * chooses,
        "else:",
        *(f"  {line}" for line in _shortest_form(command, target, names, namespace)),
        *[f"  shape = runtime.shaper.{shaping_of(quick)}"] * chooses,
    ]
    if command.is_write:
        body += [
            "if keyspace.dirty != dirty:",
            # Journal.record_call, spelled out: every write of every script comes by here.
            "  journal = keyspace.journal",
            "  if journal.rewritten: journal.rewritten = False",
            "  elif journal.targets:",
            "    journal.calls.append((client.db.index, words, journal.targets))",
        ]
    lines = [
        # A variable of the function around it: there is no cheaper counter.
        "def make(calls):",
        f"  def call({', '.join(f'{name}=MISSING' for name in names)}, *more):",
        "    nonlocal calls",
        "    try:",
        *(f"      {line}" for line in body),
        "    except ResponseError as error:",
        *["      runtime.reply = error"] * keeps_reply,
        "      return failed(error)",
        "    except BadArgument: return bad_argument",
        "    except MissingWord: return wrong_count()",
        "    except Exception as error: return failed(bug(error))",
        *["    runtime.reply = reply"] * keeps_reply,
        "    if reply.__class__ is bytes or reply.__class__ is int: return reply",
        "    if reply is OK: return True",
        f"    return {'shape' if chooses else 'runtime.shape'}(reply)",
        "  return call",
    ]
    exec(compile("\n".join(lines), f"<script call of {command.name}>", "exec"), namespace)
    built: Any = namespace["make"](0)
    (calls,) = built.__closure__
    runtime.engine.statistics[command].follow(calls)
    return cast(ScriptCall, built)


def _shortest_form(
    command: Command, target: str, names: list[str], namespace: dict[str, Any]
) -> list[str]:
    """Give the lines for a call with the fewest words there can be.

    Nearly every call in a script is one; it costs no loop, no slice and no counting. A number
    that is to be an integer is taken as it is.
    """
    signature = command.signature
    kinds = [p.word for p in signature.positional if p.required]
    if signature.variadic is not None and signature.variadic.required:
        kinds += [signature.variadic.word] * signature.group
    namespace |= {"LARGEST": LARGEST_WHOLE}
    first = command.name_words
    lines, values, words = [], [target], list(names)
    for place, kind in enumerate(kinds, first):
        word = f"word{place}"
        namespace[f"quick{place}"] = kind.decode
        values.append(word if kind.decode is None else f"quick{place}({word})")
        if not kind.takes_numbers:
            lines.append(f"if {word}.__class__ is not bytes: {word} = text({word})")
        else:
            is_number = f"{word}.__class__ is int and -LARGEST <= {word} <= LARGEST"
            lines.append(f"if {word}.__class__ is not bytes and not ({is_number}):")
            lines.append(f"  {word} = text({word})")
            if kind.decode is parse_int:
                values[-1] = f"({word} if {word}.__class__ is int else quick{place}({word}))"
            words[place] = f"({word} if {word}.__class__ is bytes else text({word}))"
    lines += [
        "calls += 1",
        *["runtime.wrote = True"] * command.is_write,
        f"reply = plain({', '.join(values)})",
    ]
    if command.is_write:
        lines.append(f"words = ({', '.join(words)},)")
    return lines


def _any_form(command: Command, target: str, namespace: dict[str, Any]) -> list[str]:
    """Give the lines for a call with any words."""
    first = command.name_words
    return [
        *arity_lines(command.arity, "return wrong_count()"),
        "calls += 1",
        *["runtime.wrote = True"] * command.is_write,
        *decoder_lines(
            command.signature, command.function, target, namespace, command.plain, first
        ),
    ]


def _given(*words: object) -> tuple[object, ...]:
    """Give the words of a call, some parameters of which may not have been given."""
    return tuple(word for word in words if word is not MISSING)


def _failing(runtime: Runtime, command: Command) -> Callable[[ResponseError], Any]:
    errors, counts = runtime.engine.statistics.errors, runtime.engine.statistics[command]

    def failed(error: ResponseError) -> Any:
        error.__traceback__ = None  # constants are shared: see ResponseError.fresh
        text = error.payload
        errors.add(text)
        counts.failed += 1
        return error_result(text)

    return failed
