"""One Lua state: the sandbox, the `redis` object, and the way in and out.

Lua is reached through lupa, and lupa through this package alone. Only bytes and numbers cross
into scripts; Python callables stay behind Lua closures, and no Python exception crosses.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from lupa import lua51

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.string_ranges import MAX_LENGTH
from redislua_kernel.engine.debugging.losses import LossWatcher
from redislua_kernel.engine.debugging.lua_side import LuaHost
from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.interrupts import Stopped, asked
from redislua_kernel.engine.journal import REPLICATE_ALL
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
from redislua_kernel.engine.scripting.calls.dispatch import Spellings
from redislua_kernel.engine.scripting.calls.guards import KeyWatch, Recorder, Tracer
from redislua_kernel.engine.scripting.calls.replies import Shaper
from redislua_kernel.engine.scripting.compiler import Compiler
from redislua_kernel.engine.scripting.host import Host
from redislua_kernel.engine.scripting.lua_failure import LuaFailure, lua_text
from redislua_kernel.engine.scripting.lua_files import LuaFiles
from redislua_kernel.engine.scripting.lua_memory import NOT_ENOUGH, LuaMemory, weight
from redislua_kernel.engine.scripting.lua_sides import LuaSides
from redislua_kernel.engine.scripting.modes import Mode
from redislua_kernel.engine.scripting.polling import Polling
from redislua_kernel.engine.scripting.results import Results
from redislua_kernel.engine.scripting.room import Room
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

__all__ = ["Runtime"]

#: The shape of words that come as two tables: see parameters.lua.
_TABLES = -1


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
        #: Decides whether what runs is to stop.
        self.polling = Polling(self)
        #: Tells why a function of the library that is loaded may not be called so.
        self.refuse_name: Callable[[bytes], bytes | None]
        self.is_abandoned = False
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
        #: Asks it before something is handed to Lua.
        self.room = Room(self)
        #: Makes a Lua table of a list or a dict.
        self.table: Callable[[Any], Any] = lua.table_from
        #: What short ways leave for Lua: an answer of one value that is not OK, and one of several.
        self.answer = self.table([])
        self.left: tuple[Any, ...] = ()
        #: The integers that short ways gave last, and the places of those that are yet to be made.
        self.integers = self.table([])
        self.places = itertools.count(1)
        self.shaper = self._shaper()
        self._open(lua)
        self.limit_memory()

    def _open(self, lua: Any) -> None:
        files = LuaFiles(lua)
        self._compiler = Compiler(lua, self._ask, self.room)
        ours = Host(self, self._compiler)
        host = assemble(lua, files, ours.given(), ours.heeded(), self.room.weighing)
        self._limit_memory = host[b"memory"][b"limit"]
        self._revive = host[b"interrupts"][b"revive"]
        self._use_dispatch = host[b"calls"][b"use_dispatch"]
        self.give_words = host[b"calls"][b"give_words"]
        self._take_failure = host[b"failures"][b"take_failure"]
        flatten = partial(self._ask, host[b"results"][b"tokens_within"])
        #: Makes replies of results.
        self.results = Results(self, type(lua.table()), flatten)
        #: Lets what runs next tell the watcher of losses of its result.
        self.watch_results = host[b"results"][b"watch"]
        api = host[b"redis"]
        self._script_entry, self._load_library = api[b"script_entry"], api[b"load_library"]
        #: Forget what scripts, or functions, have set in cjson.
        self.reset_scripts, self.reset_functions = api[b"reset_scripts"], api[b"reset_functions"]
        #: What looks into the state: debugging, profiling, lint.
        self.sides = LuaSides(self, files, host, self._ask)

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
        self.refuse_name = refuse_name
        try:
            function, _ = self._compiler.compile(code, b"@user_function")
        except LuaFailure as failure:
            raise LuaFailure(b"Error compiling function: " + failure.text) from None
        self.polling.deadline = None if seconds is None else time.monotonic() + seconds
        try:
            made = self._ask(self._load_library, function)
            if self.memory.is_full:
                raise LuaFailure(self.engine.limits.lua_text)
        except (lua51.LuaError, MemoryError) as error:
            raise self.failure(error) from None
        finally:
            self.polling.deadline = None
            if self.is_unusual:
                self.settle()
        if made.__class__ is tuple:
            raise LuaFailure(made[1], line=made[2])
        return [
            (entry[1], entry[2], list(entry[3].values()), None if entry[4] is False else entry[4])
            for entry in made.values()
        ]

    # Running

    def limit_memory(self) -> None:
        """Heed the engine's limit from now on."""
        longest = self.engine.config.integer(b"proto-max-bulk-len")
        self.memory.restrict(self.engine.limits.lua_memory, max(longest, MAX_LENGTH))
        self._limit_memory(self.memory.limit // 1024, self.memory.suspicious // 1024)

    def enter(self, mode: Mode) -> None:
        """Let what runs next do what a mode allows."""
        if mode is not self.mode:
            self.mode = mode
            self._use_dispatch(int(mode), bool(mode & Mode.TOLD))

    def tables_of(self, keys: Sequence[bytes], others: Sequence[bytes]) -> tuple[Any, Any, Any]:
        """Give many words, or long ones, as an entry takes them. Raises LuaFailure."""
        self.room.require(weight(keys) + weight(others))
        return _TABLES, self.table(keys), self.table(others)

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
            self.room.fill()
        if self.memory.is_full:
            self._take_failure()
            return LuaFailure(self.engine.limits.lua_text)
        taken = self._take_failure() or (b"ERR " + lua_text(error), False, False, False)
        text, source, line, is_counted = taken
        if isinstance(text, bytes) and NOT_ENOUGH in text and self.memory.is_much:
            self.room.fill()  # Lua has put a position before it
            return LuaFailure(self.engine.limits.lua_text)
        if isinstance(text, Stopped):
            text = self.polling.killed_text()
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

    def set_resp(self, version: int) -> None:
        """Let the replies to what is running be as in a version of RESP."""
        self.is_unusual = True
        self.client.resp = version
        self.shaper = self._shaper()

    def _shaper(self) -> Shaper:
        return Shaper(self.table, self.client.resp, self.room.weigh)

    def settle(self) -> None:
        """Put back what the script that ended had changed for its own time."""
        if self.memory.is_full:
            self.memory.relieve()
            if not self.memory.is_clogged:
                self.revive()
        journal = self.engine.keyspace.journal
        journal.targets = REPLICATE_ALL
        if self.client.resp != 2:
            self.set_resp(2)
        self.is_unusual = False

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
