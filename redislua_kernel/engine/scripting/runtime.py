"""One Lua state: the sandbox, the `redis` object, and the way in and out.

Lua is reached through lupa, and lupa through this package alone. Only bytes and numbers cross
into scripts; Python callables stay behind Lua closures, and no Python exception crosses.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from lupa import lua51

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.string_ranges import MAX_LENGTH
from redislua_kernel.engine.debugging.losses import Loss, LossWatcher, read_losses
from redislua_kernel.engine.debugging.lua_side import LuaHost
from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.interrupts import Stopped, asked, is_asked, look
from redislua_kernel.engine.journal import REPLICATE_ALL
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.registry import Command, command_table
from redislua_kernel.engine.scripting.abandoning import (
    ABANDONED,
    AbandonedClient,
    enters_lua,
    is_parked,
    park,
    runtime_inside,
)
from redislua_kernel.engine.scripting.assembly import assemble
from redislua_kernel.engine.scripting.bytecode.call_sites import MOST_WORDS, hidden_name
from redislua_kernel.engine.scripting.bytecode.stock_calls import BY_PATTERN, OURS, PROTECTED, STOCK
from redislua_kernel.engine.scripting.bytecode.tail_calls import LIBRARY_FUNCTIONS
from redislua_kernel.engine.scripting.bytecode.uses import Use
from redislua_kernel.engine.scripting.calls.dispatch import SERVER_ONLY, Spellings, resolve
from redislua_kernel.engine.scripting.calls.guards import KeyWatch, Recorder, Tracer
from redislua_kernel.engine.scripting.calls.replies import Shaper, array_result
from redislua_kernel.engine.scripting.calls.short_ways import ScriptCall
from redislua_kernel.engine.scripting.calls.words import MISSING, word_text
from redislua_kernel.engine.scripting.compiler import Compiler
from redislua_kernel.engine.scripting.long_strings import NESTING, restore_brackets, widen_brackets
from redislua_kernel.engine.scripting.lua_failure import LuaFailure, lua_text
from redislua_kernel.engine.scripting.lua_files import LuaFiles
from redislua_kernel.engine.scripting.lua_memory import NOT_ENOUGH, LuaMemory, weight
from redislua_kernel.engine.scripting.lua_sides import LuaSides
from redislua_kernel.engine.scripting.modes import Mode
from redislua_kernel.engine.scripting.results import MARKS, PLAIN, SIMPLE, read_result, read_table
from redislua_kernel.engine.scripting.shebang import FLAGS
from redislua_kernel.reply import Reply, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

__all__ = ["Runtime"]

#: From here on, words cost less as tables than as arguments.
MANY = 64

#: The shape of words that come as two tables: see parameters.lua.
_TABLES = -1

#: After so many instructions at most, and in about this time, a script asks whether to stop.
_POLL_EVERY = 10_000
_POLL_SECONDS = 0.01

_SAW_ERROR = MARKS["saw_error"]


class Runtime:
    """One Lua state and the client on whose behalf its scripts run commands."""

    def __init__(self, engine: Engine, dialect: Dialect) -> None:
        self.engine = engine
        self.dialect = dialect
        self.commands = command_table(dialect)
        self.client = Client(engine, 0)
        self.client.in_script = True
        #: Tells whether the running script called a write command.
        self.wrote = False
        #: The keys of the running script, in the modes that look at them.
        self.key_watch = KeyWatch(self.client, ())
        #: Who is told of calls, in the mode that tells of them.
        self.tracers: Sequence[Tracer] = ()
        self.record: Recorder | None = None
        #: How long commands were looked for and compiled, in nanoseconds.
        self.resolved = 0
        #: Who is told what a result lost when it became a reply.
        self.loss_watcher: LossWatcher | None = None
        #: Who is asked and told by the Lua side of debugging.
        self.debug_host: LuaHost
        #: The reply of the last call in that mode.
        self.reply: Reply = None
        self.deadline: float | None = None
        self.is_abandoned = False
        #: When it was last asked whether to stop, and after how many instructions it will be.
        self._polled = 0.0
        self._poll_every = _POLL_EVERY
        #: Set while something is to be put back when the script ends: see `settle`.
        self.is_unusual = False
        #: What was compiled of each command in each mode.
        self.built: dict[tuple[Mode, Command], Spellings] = {}
        self.mode: Mode | None = None
        self.is_closed = False
        lua = lua51.LuaRuntime(
            encoding=None,
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            max_memory=0,  # counts what is in use; `LuaMemory` sets a limit
        )
        self.memory = LuaMemory(lua)
        self._table = lua.table_from
        self._table_class = type(lua.table())
        #: What short ways leave for Lua: an answer of one value that is not OK, and one of several.
        self.answer = self._table([])
        self.left: tuple[Any, ...] = ()
        #: The integers that short ways gave last, and the places of those that are yet to be made.
        self.integers = self._table([])
        self.places = itertools.count(1)
        self._choose_shaper()
        self._open(lua)
        self.limit_memory()

    def _open(self, lua: Any) -> None:
        files = LuaFiles(lua)
        self._compiler = Compiler(lua, self._ask, self._make_room, self.weigh)
        host = assemble(lua, files, self._host(), self._heeded(), self._weighing)
        self._limit_memory = host[b"memory"][b"limit"]
        self._revive = host[b"interrupts"][b"revive"]
        self._use_dispatch = host[b"calls"][b"use_dispatch"]
        self.give_words = host[b"calls"][b"give_words"]
        self._take_failure = host[b"failures"][b"take_failure"]
        #: Gives the tokens of what stands within an array that a script has returned.
        self._flatten = host[b"results"][b"tokens_within"]
        #: Lets what runs next tell the watcher of losses of its result.
        self.watch_results = host[b"results"][b"watch"]
        api = host[b"redis"]
        self._script_entry, self._load_library = api[b"script_entry"], api[b"load_library"]
        #: Forget what scripts, or functions, have set in cjson.
        self.reset_scripts, self.reset_functions = api[b"reset_scripts"], api[b"reset_functions"]
        #: What looks into the state: debugging, profiling, lint.
        self.sides = LuaSides(self, files, host, self._ask)

    def _host(self) -> dict[bytes, Any]:
        """Give what the Lua files are given of us: see what each says of its `host`."""
        table = self._table
        return {
            b"answer": self.answer,
            b"by_pattern": BY_PATTERN,
            b"call_many": self._call_many,
            b"call_unkept": self._call_unkept,
            b"dialect": self._dialect_table(),
            b"fill": self._fill,
            b"function_flags": table({flag.encode(): True for flag in FLAGS}),
            b"hidden_name": hidden_name,
            b"integers": self.integers,
            b"killed_text": self._killed_text,
            b"left": lambda: self.left,
            b"library_functions": LIBRARY_FUNCTIONS,
            b"log": self._log,
            b"many": MANY,
            b"marks": table({name.encode(): mark for name, mark in MARKS.items()}),
            b"missing": MISSING,
            b"most_words": MOST_WORDS,
            b"nesting": NESTING,
            b"not_enough": NOT_ENOUGH,
            b"ours": OURS,
            b"poll": self._poll,
            b"resolve": self._resolve,
            b"protected": PROTECTED,
            b"returned": self._returned,
            b"set_repl": self._set_repl,
            b"setresp": self._set_resp,
            b"stock": STOCK,
            b"use_of_parameters": self._compiler.use_of_parameters,
            b"uses": table({use.name.lower().encode(): use.value for use in Use}),
        }

    def _heeded(self) -> dict[bytes, Callable[..., Any]]:
        """Give those functions of ours that scripts reach otherwise than by a command."""
        return {
            b"check_acl": self._check_acl,
            b"rewrite": self._compiler.rewrite,
            b"refuse_function": self._refuse_function,
            b"restore_brackets": self._weighing(restore_brackets),
            b"sha1": lambda text: hashlib.sha1(text).hexdigest().encode(),
            b"widen_brackets": self._weighing(widen_brackets),
        }

    def _dialect_table(self) -> Any:
        dialect, table = self.dialect, self._table
        return table(
            {
                b"api": dialect.api,
                b"api_aliases": table(dialect.api_aliases),
                b"constants": table(dialect.constants),
                b"error_handlers": table(dialect.error_handlers),
                b"trims_lone_words": dialect.trims_lone_words,
            }
        )

    def table(self, items: Any) -> Any:
        """Make a Lua table of a list or a dict."""
        return self._table(items)

    # Compiling

    def compile(self, code: bytes) -> Any:
        """Compile a script's body; give its entry. Raises LuaFailure with the parser's text."""
        return self._script_entry(*self._compiler.compile(code, b"@user_script"))

    def load_library(
        self, code: bytes, refuse_name: Callable[[bytes], bytes | None], seconds: float | None
    ) -> list[tuple[bytes, Any, list[bytes], bytes | None]]:
        """Run a library's body: give (name, entry, flags, description) of what it registers.

        `refuse_name` tells why a function may not be called so. The body may run for so many
        seconds, without those that it takes to compile it; None: as long as it likes. Raises
        LuaFailure with the reference's text.
        """
        self.wrote = False
        self.enter(Mode.FREE)
        self._refuse_name = refuse_name
        try:
            function, _ = self._compiler.compile(code, b"@user_function")
        except LuaFailure as failure:
            raise LuaFailure(b"Error compiling function: " + failure.text) from None
        self.deadline = None if seconds is None else time.monotonic() + seconds
        try:
            made = self._ask(self._load_library, function)
            if self.memory.is_full:
                raise LuaFailure(self.engine.limits.lua_text)
        except (lua51.LuaError, MemoryError) as error:
            raise self.failure(error) from None
        finally:
            self.deadline = None
            if self.is_unusual:
                self.settle()
        if made.__class__ is tuple:
            raise LuaFailure(made[1], line=made[2])
        return [
            (entry[1], entry[2], list(entry[3].values()), None if entry[4] is False else entry[4])
            for entry in made.values()
        ]

    # Running

    def enter(self, mode: Mode) -> None:
        """Let what runs next do what a mode allows."""
        if mode is not self.mode:
            self.mode = mode
            self._use_dispatch(int(mode), bool(mode & Mode.TOLD))

    def tables_of(self, keys: Sequence[bytes], others: Sequence[bytes]) -> tuple[Any, Any, Any]:
        """Give many words, or long ones, as an entry takes them. Raises LuaFailure."""
        self._make_room(weight(keys) + weight(others))
        return _TABLES, self._table(keys), self._table(others)

    @enters_lua
    def _ask(self, function: Any, *arguments: Any) -> Any:
        """Call a Lua function of ours, or the compiler."""
        inside = self
        try:
            return function(*arguments)
        finally:
            del inside
            if self.is_abandoned:
                park()
            if asked and self.engine.scripting.running is None:
                self.revive()  # no script will end that could be what was stopped

    def abandon(self, thread: int) -> bool:
        """Never let this state's scripts touch the engine again; from another thread.

        The thread that is stuck in it stops for good as soon as it comes back. False: it is in
        no Lua any more, but in a function of ours; nothing has changed then.
        """
        while True:
            # First the mark, then the look: a function of ours that begins in between stops.
            self.is_abandoned, self.client.__class__ = True, AbandonedClient
            if runtime_inside(thread) is self or is_parked(thread):
                ABANDONED.append(self)
                self.memory.choke()
                return True
            self.is_abandoned, self.client.__class__ = False, Client
            if not is_parked(thread):
                return False

    def failure(self, error: Exception) -> LuaFailure:
        """Give the error that ended what has run, from lupa's."""
        if isinstance(error, MemoryError):
            self._fill()
        if self.memory.is_full:
            self._take_failure()
            return LuaFailure(self.engine.limits.lua_text)
        taken = self._take_failure() or (b"ERR " + lua_text(error), False, False, False)
        text, source, line, is_counted = taken
        if isinstance(text, bytes) and NOT_ENOUGH in text and self.memory.is_much:
            self._fill()  # Lua has put a position before it
            return LuaFailure(self.engine.limits.lua_text)
        if isinstance(text, Stopped):
            text = self._killed_text()
        if isinstance(text, Exception):
            return LuaFailure(self.engine.report_bug(text).payload)
        if isinstance(text, BaseException):
            raise text  # Ctrl-C, on the thread of a caller without a worker
        return LuaFailure(
            text,
            source if isinstance(source, bytes) else None,
            line if isinstance(line, int) else None,
            is_counted,
        )

    def conclude(self, result: Any) -> Reply:
        """Give the reply for what has run, from what its entry gave. Raises LuaFailure."""
        kind = result.__class__
        if kind is LuaFailure:
            raise result
        if self.memory.is_full:  # it has ended before it could be stopped
            raise LuaFailure(self.engine.limits.lua_text)
        if result is None:
            return None
        if kind is tuple:
            first = result[0].__class__
            if first is bool:  # no error is within
                return read_table(result, self.client.resp == 3)
            if first is int:
                elements = [*result]  # to part the first of them at once takes three times as long
                count = elements.pop(0)
                if count == 0:
                    return []
                if PLAIN.issuperset(map(type, elements)):
                    return elements if count >= 0 else [*elements[:-count], elements[-count:]]
                return self._array_reply(elements, -count)
            return self._table_reply(result)
        if kind is self._table_class:
            return self._table_reply(tuple(result.values()))
        return read_result(result, self.client.resp == 3)

    def _returned(self, result: Any, others: int) -> bool:
        if self.is_abandoned:
            park()
        watcher = self.loss_watcher
        if watcher is None:
            return False
        losses = [Loss("", "results", others)] if others else []
        try:
            losses += read_losses(list(self.sides.losses.find(result).values()))
            if losses:
                watcher(losses)
        except (lua51.LuaError, MemoryError):
            pass
        except Exception as error:  # must not cross into a script
            self.engine.report_bug(error)
        return True

    def _array_reply(self, elements: list[Any], before: int) -> Reply:
        """Give the reply for the elements of an array, of which not all are plain.

        If `before` is positive, those after so many are the elements of another one.
        """
        if SIMPLE.issuperset(map(type, elements)):
            plain = [read_result(element, self.client.resp == 3) for element in elements]
            return plain if before <= 0 else [*plain[:before], plain[before:]]
        outer, inner = (elements[:before], elements[before:]) if before > 0 else (elements, [])
        tokens = self._array_tokens(outer)
        if before > 0 and None not in outer:
            tokens[-1:] = [*self._array_tokens(inner, True), MARKS["close"]]
        saw_error = [_SAW_ERROR] * (_SAW_ERROR in tokens)
        return self._table_reply((*(each for each in tokens if each is not _SAW_ERROR), *saw_error))

    def _array_tokens(self, elements: list[Any], *is_inner: bool) -> list[Any]:
        """Give the tokens of an array from its elements; it ends where the first nil is."""
        tokens: list[Any] = [MARKS["array"]]
        for element in itertools.takewhile(lambda element: element is not None, elements):
            if element.__class__ in SIMPLE:
                tokens.append(element)
            else:
                tokens += self._tokens_within(element, *is_inner)
        return [*tokens, MARKS["close"]]

    def _tokens_within(self, element: Any, *is_inner: bool) -> list[Any]:
        try:
            return list(self._ask(self._flatten, element, *is_inner).values())
        except (lua51.LuaError, MemoryError) as error:
            raise self.failure(error) from None

    def _table_reply(self, tokens: tuple[Any, ...]) -> Reply:
        saw_error = tokens[-1] is _SAW_ERROR
        if saw_error:
            tokens = tokens[:-1]
        reply = read_table(tokens, self.client.resp == 3)
        if saw_error and not isinstance(reply, ResponseError):
            running = self.engine.scripting.running
            assert running is not None
            self.engine.statistics.count_errors_inside(running.client.words, reply)
        return reply

    def revive(self) -> None:
        """Let scripts run again after one was stopped."""
        self._revive()

    def close(self) -> None:
        """Free the Lua state; nothing can be run in it any more.

        It holds our methods, and we hold its functions: a cycle through Lua, which Python's
        collector cannot see.
        """
        is_abandoned = self.is_abandoned
        vars(self).clear()
        self.is_abandoned, self.is_closed = is_abandoned, True

    # Memory

    def limit_memory(self) -> None:
        """Heed the engine's limit from now on."""
        longest = self.engine.config.integer(b"proto-max-bulk-len")
        self.memory.restrict(self.engine.limits.lua_memory, max(longest, MAX_LENGTH))
        self._limit_memory(self.memory.limit // 1024, self.memory.suspicious // 1024)

    def weigh(self, weight: int) -> None:
        """Refuse to hand so many bytes to Lua if there is no room for them: raise Stopped.

        Who hands over much, which takes long, is asked whether to stop, too.
        """
        look()
        if not self.memory.has_room(weight):
            self._fill()
            raise Stopped

    def _make_room(self, weight: int) -> None:
        """Refuse to begin what takes so many bytes in Lua if there is no room: raise LuaFailure."""
        if not self.memory.has_room(weight):
            raise LuaFailure(self.engine.limits.lua_text)

    def _weighing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make a function that gives texts ask for the room that they take."""

        def weighed(*arguments: Any) -> Any:
            text = function(*arguments)
            if text.__class__ is bytes and len(text) >= LONG:
                self.weigh(len(text))
            return text

        return weighed

    def _fill(self) -> None:
        """Take note that the script holds too much: it is stopped."""
        if self.is_abandoned:
            self.memory.relieve()
            raise Stopped
        self.is_unusual = True
        self.memory.fill()

    # What scripts call

    def _resolve(self, name: object = None) -> tuple[Any, ...]:
        assert self.mode is not None
        began = time.perf_counter_ns()
        found = resolve(self, self.mode, name)
        self.resolved += time.perf_counter_ns() - began
        # What is not kept does not cross. It would be garbage at once, which Lua cannot do without
        # a call of ours to free it; and where Lua has no room for one more call, that would fail.
        return found if found[1] else (None,)

    def _call_unkept(self, name: object, *words: object) -> Any:
        """Run a command that is not kept, but resolved at each call."""
        assert self.mode is not None
        return array_result(resolve(self, self.mode, name)[0](*words))

    def _call_many(self, call: ScriptCall | Literal[False], words: Any, count: int) -> Any:
        values = list(words.values())
        if len(values) != count:  # a nil among the words
            values = [words[place] for place in range(1, count + 1)]
        if not call:  # not kept, and Lua's stack has no room for so many words
            return self._call_unkept(*values)
        if lua51.lua_type(call):  # one of Lua's, which gives them to one of ours in turn
            total = weight(values)
            if total >= LONG:
                self.weigh(total)
        return call(*values[1:])

    def _set_resp(self, version: int) -> None:
        self.is_unusual = True
        self.client.resp = version
        self._choose_shaper()

    def _choose_shaper(self) -> None:
        self.shaper = Shaper(self._table, self.client.resp, self.weigh)

    def _set_repl(self, targets: int) -> None:
        if self.is_abandoned:
            park()
        self.is_unusual = True
        journal = self.engine.keyspace.journal
        journal.targets = targets
        journal.is_partial = True

    def _log(self, level: int, text: bytes) -> None:
        if self.is_abandoned:
            park()
        self.engine.log(level, text)

    def _check_acl(self, *words: object) -> Any:
        if not words:
            return None, self.dialect.no_command
        if any(word.__class__ not in (bytes, int, float) for word in words):
            return None, self.dialect.bad_argument
        texts = tuple(map(word_text, words))
        if texts[0].upper() in SERVER_ONLY:
            return True
        called = self.commands.get(texts[0].upper())
        if called and called.subcommands and len(texts) > 1:
            called = called.subcommands.get(texts[1].upper())
        if called is None:
            return None, b"ERR Invalid command passed to %s.acl_check_cmd()" % self.dialect.api
        running = self.engine.scripting.running
        return running is None or running.client.user.denial(called, texts) is None

    def _poll(self) -> int | bool:
        self.engine.keyspace.pause_collector()
        return self._must_stop() or self._pace()

    def _pace(self) -> int:
        """Give after how many instructions to ask again: few of them if each takes long."""
        now = time.monotonic()
        took, self._polled = now - self._polled, now
        wish = int(self._poll_every * _POLL_SECONDS / took) if took else _POLL_EVERY
        self._poll_every = max(1, min(wish, _POLL_EVERY))
        return self._poll_every

    def _must_stop(self) -> bool:
        if self.is_abandoned:
            park()
        running = self.engine.scripting.running
        if running is None:  # a library that is being loaded
            is_late = self.deadline is not None and time.monotonic() > self.deadline
            return is_late or is_asked()
        errand = self.engine.scripting.errand
        if errand is not None:
            self.engine.scripting.errand = None
            try:
                errand()
            except Exception as error:  # must not cross into a script
                self.engine.report_bug(error)
        return is_asked()

    def settle(self) -> None:
        """Put back what the script that ended had changed for its own time."""
        if self.memory.is_full:
            self.memory.relieve()
            if not self.memory.is_clogged:
                self.revive()
        journal = self.engine.keyspace.journal
        journal.targets = REPLICATE_ALL
        if self.client.resp != 2:
            self._set_resp(2)
        self.is_unusual = False

    def _refuse_function(self, name: bytes) -> bytes | None:
        return self._refuse_name(name)

    def _killed_text(self) -> bytes:
        if self.memory.is_full:
            return self.engine.limits.lua_text
        if self.deadline is not None:
            return b"ERR FUNCTION LOAD timeout"
        running = self.engine.scripting.running
        is_function = running is not None and running.is_function
        return self.dialect.killed_function if is_function else self.dialect.killed_script
