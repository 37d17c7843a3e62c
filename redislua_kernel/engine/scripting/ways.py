"""The ways to scripts and functions: from the words of EVAL, EVALSHA or FCALL into Lua and back.

A script may do next to nothing itself, so a way is one function: to hand on from one function to
the next costs as much as some twenty steps. What is rare stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from lupa import lua51

from redislua_kernel.engine.errors import NOT_AN_INTEGER, TOO_MANY_KEYS, CommandError, wrong_arity
from redislua_kernel.engine.interrupts import Stopped, asked, forget
from redislua_kernel.engine.latency.histogram import BATCH
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.scripting.abandoning import enters_lua, park
from redislua_kernel.engine.scripting.host import MANY
from redislua_kernel.engine.scripting.lua_failure import LuaFailure
from redislua_kernel.engine.signature import parse_int
from redislua_kernel.engine.ways import Way, note_failure
from redislua_kernel.reply import Reply, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.registry import Command
    from redislua_kernel.engine.scripting import Scripting
    from redislua_kernel.engine.scripting.program import Program

__all__ = ["program_way"]

BAD_KEY_COUNT = CommandError("ERR Bad number of keys provided")

#: How many keys there are, as nearly every script is told.
_COUNTS = {b"%d" % count: count for count in range(16)}
#: Where the keys begin among the words.
_KEYS = 3
_SHA1_DIGITS = 40


class _Kind(NamedTuple):
    """How a command names what it runs."""

    #: The programs by that name, as nearly every call gives it.
    table: Callable[[Scripting], Mapping[bytes, Program]]
    #: Finds the program and the number of keys where that is not enough, and raises all errors.
    find: Callable[[Scripting, Client, Sequence[bytes]], tuple[Program, int]]
    #: Whether a connection whose scripts are debugged may not use it.
    is_not_debugged: bool = False


def _count(words: Sequence[bytes], bad_count: CommandError) -> int:
    """Read how many of the words are keys."""
    try:
        count = parse_int(words[2])
    except CommandError:
        raise bad_count from None
    if count > len(words) - _KEYS:
        raise TOO_MANY_KEYS
    if count < 0:
        raise CommandError("ERR Number of keys can't be negative")
    return count


def _find_body(scripting: Scripting, client: Client, words: Sequence[bytes]) -> tuple[Program, int]:
    count = _count(words, NOT_AN_INTEGER)
    return scripting.scripts.eval(words[1], scripting.runtime), count


def _find_digest(
    scripting: Scripting, client: Client, words: Sequence[bytes]
) -> tuple[Program, int]:
    if len(words[1]) != _SHA1_DIGITS:  # what can be no digest is refused before keys are counted
        raise CommandError(scripting.dialect.no_script)
    if client.debug_mode != "no" and client.link is not None:
        raise CommandError("ERR Please use EVAL instead of EVALSHA for debugging")
    count = _count(words, NOT_AN_INTEGER)
    return scripting.scripts.find(words[1], scripting.runtime), count


def _find_function(
    scripting: Scripting, client: Client, words: Sequence[bytes]
) -> tuple[Program, int]:
    return scripting.functions.find(words[1]), _count(words, BAD_KEY_COUNT)


_KINDS = {
    "EVAL": _Kind(lambda scripting: scripting.scripts.by_body, _find_body),
    "EVALSHA": _Kind(lambda scripting: scripting.scripts.scripts, _find_digest, True),
    "FCALL": _Kind(lambda scripting: scripting.functions.by_name, _find_function),
}


def program_way(engine: Engine, command: Command) -> Way | None:
    """Make the way to a command that runs scripts or functions; None: this one does not."""
    kind = _KINDS.get(command.name.removesuffix("_RO"))
    if kind is None:
        return None
    scripting, conditions, observers = engine.scripting, engine.conditions, engine.observers
    slow_calls, statistics, use_watch = engine.slow_calls, engine.statistics, engine.use_watch
    scripts, running, watchers = scripting.scripts, scripting.running_one, scripting.watchers
    known, find, is_not_debugged = kind.table(scripting), kind.find, kind.is_not_debugged
    call_times = statistics[command].durations
    name, read_only = command.full_name, command.name.endswith("_RO")

    @enters_lua
    def way(client: Client, words: Sequence[bytes]) -> Reply:
        engine.caller = client
        client.words = words
        started = client.started
        try:
            given = len(words) - _KEYS  # keys and arguments
            if given < 0:
                raise wrong_arity(name)
            program, count = known.get(words[1]), _COUNTS.get(words[2])
            if (
                program is None
                or program.enter is None
                or count is None
                or count > given
                or (is_not_debugged and client.debug_mode != "no")
            ):
                program, count = find(scripting, client, words)
            mode = program.mode_in_ro if read_only else program.mode
            if mode is None or conditions.any:
                keys = words[_KEYS : _KEYS + count]
                mode = scripting.mode(client, program.flags, keys, read_only=read_only)
            if scripting.running is not None:
                raise scripting.busy_error
            if program is not scripts.latest:
                scripts.touch(program)
            runtime = scripting.runtime
            own = runtime.client
            own.db, own.user = client.db, client.user
            running.program, running.client, running.thread = program, client, get_ident()
            scripting.running = running
            enter = watchers.stand_in(program) if watchers.watch_runs else program.enter
            failed = None
            try:
                runtime.wrote = False
                if mode is not runtime.mode:
                    runtime.enter(mode)
                inside = runtime  # who abandons it looks here
                try:
                    # Few words one by one: put together for a call, they cost twice as much.
                    if not given:
                        result = enter()
                    elif given == 1 and len(words[3]) < LONG:
                        result = enter(MANY + count, words[3])
                    elif given == 2 and len(words[3]) + len(words[4]) < LONG:
                        result = enter(2 * MANY + count, words[3], words[4])
                    elif given == 3 and len(words[3]) + len(words[4]) + len(words[5]) < LONG:
                        result = enter(3 * MANY + count, words[3], words[4], words[5])
                    else:
                        rest = words[_KEYS:]
                        if given < MANY and len(b"".join(rest)) < LONG:
                            result = enter(given * MANY + count, *rest)
                        else:
                            result = enter(*runtime.tables_of(rest[:count], rest[count:]))
                except (lua51.LuaError, MemoryError) as error:
                    result = None if runtime.is_abandoned else runtime.failure(error)
                del inside
                if runtime.is_abandoned:
                    runtime.memory.relieve()  # nobody else is in there, and nobody will be
                    park()
                result_kind = type(result)
                if result_kind is bytes or result_kind is int:
                    reply = result
                else:
                    reply = runtime.results.read(result)
                    if type(reply) is not list and isinstance(reply, ResponseError):
                        failed = reply
            except LuaFailure as failure:
                failed = scripting.error(failure, program.name)
            finally:
                scripting.running = None
                runs = program.runs
                runs.ended = ended = monotonic()
                elapsed = ended - started
                runs.durations.append(elapsed)
                if runtime.is_unusual:
                    scripting.settle()
            if asked and (wish := asked.get(get_ident())) is not None:
                scripting.runtime.revive()
                if wish.proviso is None:
                    runs.failed += 1
                    raise Stopped
                forget()
            if failed is not None:
                runs.failed += 1
                raise failed
        except ResponseError as error:
            note_failure(client, words, error, monotonic() - started)
            raise
        use_watch.last_use = started
        call_times.append(elapsed)
        if len(call_times) >= BATCH:
            statistics.count_batch()
        if elapsed >= slow_calls.threshold:
            slow_calls.note(client, words, elapsed)
        if observers:
            observers.show(client, command, words)
        return reply

    return way
