"""Scripts and libraries of one engine, in one object.

It decides what a script may do, knows the one that runs, stops it, and words its error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.errors import CommandError, CountedVerbatimError, VerbatimError, shown
from redislua_kernel.engine.interrupts import ask
from redislua_kernel.engine.scripting.calls.guards import KeyWatch
from redislua_kernel.engine.scripting.functions import LOAD_TIMEOUT, Functions
from redislua_kernel.engine.scripting.lua_failure import LuaFailure
from redislua_kernel.engine.scripting.modes import Mode, mode_of
from redislua_kernel.engine.scripting.program import Program, Running
from redislua_kernel.engine.scripting.runtime import Runtime
from redislua_kernel.engine.scripting.scripts import ScriptCache, compile_code
from redislua_kernel.engine.scripting.watching import Watchers
from redislua_kernel.engine.strict import refuse_spread

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine

__all__ = ["Scripting"]

NOT_BUSY = CommandError("NOTBUSY No scripts in execution right now.")
UNKILLABLE = CommandError(
    "UNKILLABLE Sorry the script already executed write commands against the dataset. "
    "You can either wait the script termination or kill the server in a hard way using the "
    "SHUTDOWN NOSAVE command."
)

T = TypeVar("T")


class Scripting:
    """Scripts, libraries and the Lua runtime of one engine, in one dialect."""

    def __init__(self, engine: Engine, dialect: Dialect) -> None:
        self.engine = engine
        self.dialect = dialect
        self.scripts: ScriptCache = ScriptCache(dialect)
        self.functions: Functions = Functions(dialect)
        self.running: Running | None = None
        #: What `running` is while something runs.
        self.running_one = Running()
        self.runtime = Runtime(engine, dialect)
        self.watchers = Watchers(self)
        #: What the thread of a long script is to do when it next looks for interrupts.
        self.errand: Callable[[], None] | None = None

    def load(self, load: Callable[[Runtime], T]) -> T:
        """Load libraries: by a function that is given the Lua state, and raises what forbids it."""
        try:
            return load(self.runtime)
        except CommandError:
            self._unclog()
            raise

    def _unclog(self) -> None:
        """Begin with a new Lua state if libraries, or a script, have left too much in this one."""
        runtime = self.runtime
        if runtime.memory.is_clogged:
            self.renew()
            runtime.close()

    def compile_error(self, body: bytes) -> CommandError | None:
        """Tell why a body is no script, without keeping or running it; None: it is one."""
        try:
            compile_code(body, self.runtime)
        except CommandError as error:
            return error
        return None

    def count_runs(self) -> None:
        """Count the last runs of all scripts and functions."""
        for table in (self.scripts.scripts, self.functions.by_name):
            for program in table.values():
                program.runs.count()

    def flags_of(self, words: Sequence[bytes]) -> frozenset[str] | None:
        """Give the flags of the script that a command runs; None: no shebang, or no script."""
        name = words[0].upper()
        if name in (b"EVAL", b"EVAL_RO"):
            return self.scripts.flags_of(words[1])
        if name in (b"EVALSHA", b"EVALSHA_RO"):
            script = self.scripts.scripts.get(words[1].lower())
            return None if script is None else script.flags
        if name in (b"FCALL", b"FCALL_RO"):
            function = self.functions.by_name.get(words[1].lower())
            return None if function is None else function.flags
        return None

    def source_of(self, words: Sequence[bytes]) -> Source | None:
        """Give the code that a command runs; None if it runs none, or none that there is."""
        name = words[0].upper()
        if len(words) < 2:
            return None
        if name in (b"EVAL", b"EVAL_RO"):
            return Source(hashlib.sha1(words[1]).hexdigest().encode(), words[1], False)
        if name in (b"EVALSHA", b"EVALSHA_RO"):
            script = self.scripts.scripts.get(words[1].lower())
            return None if script is None else Source(script.sha, script.body, False)
        if name in (b"FCALL", b"FCALL_RO") and words[1].lower() in self.functions.by_name:
            return self.code_of(self.functions.find(words[1]))
        return None

    def kill(self, function: bool) -> None:
        """Stop what is running, as SCRIPT KILL or FUNCTION KILL does; from any thread.

        Raises NOTBUSY, UNKILLABLE after a write, and BUSY where the other KILL is the right one.
        What has ended, or begun to write, before it would obey goes on: nothing is done by halves.
        """
        running = self.running
        if running is None:
            raise NOT_BUSY
        began, thread = running.client.started, running.thread
        if self.runtime.wrote:
            raise UNKILLABLE
        if running.is_function is not function:
            raise self.busy_error

        def is_meant() -> bool:
            is_same = self.running is running and running.client.started == began
            return is_same and not self.runtime.wrote

        ask(thread, proviso=is_meant)

    @property
    def is_overdue(self) -> bool:
        """Tell whether a script has run longer than busy-reply-threshold, and still may."""
        running = self.running
        if running is None or running.is_stopping:
            return False
        # With a threshold of 0 the reference never interrupts a script.
        threshold = self.engine.config.busy_reply_threshold
        return 0 < threshold <= running.milliseconds()

    @property
    def is_stuck_in_load(self) -> bool:
        """Tell whether a library is in a single step, while it is loaded, for much too long."""
        deadline = self.runtime.polling.deadline
        return deadline is not None and monotonic() > deadline + LOAD_TIMEOUT

    @property
    def busy_error(self) -> CommandError:
        """What other clients are told once what is running takes too long."""
        running = self.running
        command = "FUNCTION" if running is not None and running.is_function else "SCRIPT"
        return CommandError(
            f"BUSY {self.dialect.title} is busy running a script. "
            f"You can only call {command} KILL or SHUTDOWN NOSAVE."
        )

    def settle(self) -> None:
        """Put back what the script that ended had changed, if need be with a new Lua state."""
        self.watchers.end()
        self.runtime.settle()
        self._unclog()

    @property
    def running_source(self) -> Source | None:
        """The code of what is running."""
        running = self.running
        return None if running is None else self.code_of(running.program)

    def code_of(self, program: Program) -> Source:
        """Give the code of a function, or of a script."""
        name = program.name
        if program.is_function:
            library = self.functions.find(name).library
            return Source(name, self.functions.libraries[library].code, True)
        return Source(name, self.scripts.scripts[name].body, False)

    def copy(self, other: Scripting, *, keeps_runs: bool = False) -> None:
        """Take over another's scripts and libraries; they are compiled anew here.

        With `keeps_runs` their runs are counted on. Raises the error that names a library which
        the dialect refuses.
        """
        self.scripts = other.scripts.copy(self.dialect, keeps_runs=keeps_runs)
        self.functions.copy(other.functions, self.runtime, keeps_runs=keeps_runs)

    def close(self) -> None:
        """Free the Lua state and what was compiled for it."""
        self.scripts = ScriptCache(self.dialect)
        self.functions = Functions(self.dialect)
        self.runtime.close()

    def renew(self) -> None:
        """Start a new Lua state with the same libraries and scripts; the old one is left alone.

        What the libraries' functions have kept in variables is lost.
        """
        self.runtime.settle()
        self.running = None
        self.runtime = Runtime(self.engine, self.dialect)
        self.scripts.forget_compiled()
        self.functions.reload(self.runtime, keeps_all=True)
        self.watchers.tell_state()
        self.watchers.dismiss_guest()

    def mode(
        self,
        client: Client,
        flags: frozenset[str] | None,
        keys: Sequence[bytes],
        *,
        read_only: bool,
    ) -> Mode:
        """Decide what a script may do. Raises what forbids it to run at all."""
        conditions = self.engine.conditions
        if self.engine.monitors.clients:
            self.engine.monitors.feed_script(client)
        mode = mode_of(conditions, flags, self.dialect, read_only=read_only)
        if conditions.has_users and not client.user.is_unrestricted:
            mode |= Mode.RESTRICTED
        if mode & (Mode.CLUSTER | Mode.STRICT):
            self.runtime.key_watch = KeyWatch(client, keys)
        if mode & Mode.STRICT:
            refuse_spread(keys)
        return mode

    def error(self, failure: LuaFailure, name: bytes) -> VerbatimError:
        """Word the error of what has run under a name."""
        text = failure.text.partition(b"\0")[0]
        if failure.source is not None and failure.line is not None:
            place = {b"name": name, b"source": failure.source, b"line": failure.line}
            text += self.dialect.position % place
        if not self.dialect.sends_newlines:
            text = text.replace(b"\r", b" ").replace(b"\n", b" ")
        kind = CountedVerbatimError if failure.is_counted else VerbatimError
        return kind(shown(text))
