"""What a notebook is connected to, and what it has set: backend, options, KEYS and ARGV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from redislua_kernel.backend import Argument, Backend
from redislua_kernel.browsing.key_search import KeySearch
from redislua_kernel.debugger.cell_console import CellConsole, Stepping
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.terminal import Terminal, TerminalChannel
from redislua_kernel.engine import Engine
from redislua_kernel.engine.checkpoint import Checkpoint
from redislua_kernel.engine.client import Client, encode_arguments
from redislua_kernel.engine.conditions import DiskError
from redislua_kernel.engine.debugging.post_mortem import PostMortem
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.hand_clock import HandClock
from redislua_kernel.engine.interrupts import Stopped, forget
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.memory_limits import MemoryLimits
from redislua_kernel.engine.recovery import CrashJournal, Settings
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.engine.value import Value
from redislua_kernel.engine.words import split_words
from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import RedisError
from redislua_kernel.projects import NamedScripts, Source
from redislua_kernel.remote.errors import Interrupted as StoppedWaiting
from redislua_kernel.remote.errors import NotThere
from redislua_kernel.render.bundle import MOST
from redislua_kernel.render.outputs import Result, Update
from redislua_kernel.reply import Reply, Status

if TYPE_CHECKING:
    from redislua_kernel.language.lint import Reviewer
    from redislua_kernel.remote.deploying import Deployment
    from redislua_kernel.remote.remote import Remote
    from redislua_kernel.remote.spawned_cluster import SpawnedCluster
    from redislua_kernel.remote.spawning import Spawned
    from redislua_kernel.server import Server
    from redislua_kernel.testing import NamedTest

__all__ = ["LibraryChange", "Lua", "Options", "Session"]


#: Runs a command elsewhere, too: given its words, and what runs it here.
Compare = Callable[[Sequence[bytes], Callable[[], Reply]], Reply]

#: What a bare expression runs after.
_RETURN = b"return "
_MOST_BODIES = 1000
_PANEL_STAYS = (
    "The debugger's panel is of the embedded engine; at a server, %%debug and %break step.\n"
)
#: With more keys and elements than that, no look is kept from before each cell: whoever then
#: writes to a value first copies it.
_MOST_LOOKED_AT = 10_000
#: So many bytes of a string that is edited in place are copied as fast as an element of others.
_BYTES_AN_ELEMENT = 64


@dataclass
class Options:
    """How the notebook shows replies; `%config` sets these."""

    #: How many rows of a table HTML shows.
    rows: int = 100
    #: How many bytes of a reply's text are shown, and how many characters of a cell's output.
    reply_limit: int = MOST
    output_limit: int = 1_000_000
    #: Whether cells are looked at before they run: `off`, `on` or `strict`.
    lint: str = "on"


@dataclass(frozen=True)
class Lua:
    """The Lua of a cell, and how many of its lines stand above that."""

    body: bytes
    offset: int


@dataclass(frozen=True)
class LibraryChange:
    """What loading a library changed: the names of its functions, sorted."""

    name: bytes
    replaced: bool
    added: tuple[bytes, ...]
    removed: tuple[bytes, ...]
    kept: tuple[bytes, ...]


class Session:
    """One notebook's place of work. Everything it runs goes through `backend`."""

    def __init__(self, engine: Engine, *, worker: Worker | None = None) -> None:
        #: The engine embedded in this process; `backend` may be another one.
        self.engine = engine
        self.embedded = engine.client()
        self.backend: Backend = self.embedded
        #: The server that `%connect` has chosen for the backend; None: it is the engine.
        self.remote: Remote | None = None
        #: The servers that this notebook has started, by their kind.
        self.spawned: dict[str, Spawned | SpawnedCluster] = {}
        #: What `%deploy` has done and `%rollback` has not taken back, the last at the end.
        self.deployments: list[Deployment] = []
        #: The thread that runs the cells; those who are served share it.
        self.worker = worker
        #: The body of the cell that runs, and how many of its lines stand above that.
        self.body: tuple[bytes, int] = (b"", 0)
        #: The Lua of the cell that runs, and of the last that ran any.
        self.lua: Lua | None = None
        self.last_lua: Lua | None = None
        #: Finds keys for who types the beginning of one.
        self.key_search = KeySearch()
        #: How many lines of its cell stand above a body, for the bodies that ran last.
        self._offsets: dict[bytes, int] = {}
        #: States of the data by the names under which they are kept.
        self.snapshots: dict[str, Keyspace] = {}
        #: The data before the cell that runs, and before the last that changed any; None: there
        #: is too much to look at with each cell.
        self._before_cell: Keyspace | None = None
        self.before_last_cell: Keyspace | None = engine.keyspace.fork()
        #: `Keyspace.dirty` when `_before_cell` was taken.
        self._looked_at = -1
        #: What `%%trace` and `%%profile` showed last.
        self.last_trace: dict[str, Any] | None = None
        self.last_profile: dict[str, Any] | None = None
        self.last_comparison: dict[str, Any] | None = None
        #: Who runs the commands of the cell elsewhere, too.
        self._compared_by: Compare | None = None
        #: Whom the cell that runs tells and asks.
        self.terminal: Terminal | None = None
        #: Shows an update of an earlier cell's display: see `render.outputs.Update`.
        self.redisplay: Callable[[Update], None] = lambda _: None
        #: The visual debugger, where there is one.
        self.panel: Panel | None = None
        self.console = CellConsole()
        #: How the scripts of the cell that runs are stepped through, if they are.
        self._stepping: Stepping | None = None
        #: The scripts that have a name, and what was loaded from files.
        self.scripts = NamedScripts()
        #: What `%%test` has checked, by the tests' names.
        self.tests: dict[str, NamedTest] = {}
        self.post_mortem = PostMortem()
        engine.scripting.watch_errors(self.post_mortem.raised)
        #: What `%serve` has started.
        self._server: Server | None = None
        #: A client's script has held the engine for too long: see `while_busy`.
        self._is_busy = False
        self.options = Options()
        #: KEYS and ARGV of the cells that state none.
        self.keys: list[bytes] = []
        self.args: list[bytes] = []
        #: The same by their names, if they have any.
        self.named_args: dict[bytes, bytes] = {}
        #: Tells whether the cell that runs now has run a command yet.
        self._has_run = False
        self._last_effects: list[Effect] = []
        #: Brings back what a kernel had that died; a kernel sets it.
        self.crash_journal: CrashJournal | None = None
        #: Brings back what was set before the cell that runs.
        self._restore: Callable[[], None] | None = None
        if worker is not None:
            worker.abandoned.append(self._go_on)

    @cached_property
    def reviewer(self) -> Reviewer:
        """Says of each cell's Lua what there is to say, once."""
        from redislua_kernel.language.lint import Reviewer  # noqa: PLC0415  # tree-sitter

        return Reviewer()

    def settings(self) -> Settings:
        """Give what is set here and in the engine, as plain values: see `apply`."""
        engine, client = self.engine, self.embedded
        clock = engine.keyspace.clock
        broken, *switches = engine.conditions.switches
        return {
            "dialect": engine.dialect.name,
            "config": engine.config.values.copy(),
            "users": [user.describe() for user in engine.users.by_name.values()],
            "switches": [None if broken is None else broken.name, *switches],
            "clock": clock.state if isinstance(clock, HandClock) else None,
            "client": {"database": client.database, "resp": client.resp, "name": client.name},
            "keys": self.keys,
            "args": self.args,
            "options": asdict(self.options),
            "limits": asdict(engine.limits),
        }

    def apply(self, settings: Settings) -> None:
        """Set what another session had set; the engine's dialect is set already."""
        engine, client = self.engine, self.embedded
        if not settings:
            return
        for line in settings["users"]:
            words = split_words(line) or []  # user, name, rules
            engine.users.put(engine.users.changed(words[1], [b"reset", *words[2:]]))
        broken, *switches = settings["switches"]
        engine.conditions.switches = (DiskError[broken] if broken else None, *switches)
        engine.config.restore(settings["config"])
        engine.conditions.restrict_users(engine.users.any_restricted)
        if settings["clock"] is not None:
            clock = HandClock(engine.keyspace.clock)
            clock.state = settings["clock"]
            engine.keyspace.clock = clock
        client.db = engine.keyspace[settings["client"]["database"]]
        client.resp, client.name = settings["client"]["resp"], settings["client"]["name"]
        self.keys, self.args = settings["keys"], settings["args"]
        self.options = Options(**settings["options"])
        engine.limits = MemoryLimits(**settings["limits"])

    @contextmanager
    def cell(self) -> Iterator[None]:
        """Bracket a cell: one unit of the embedded engine, whose effects can be seen later.

        Raises `Interrupted`, with the whole unit undone and all settings as they were, once its
        thread was asked to stop. With a server connected, nothing is undone.
        """
        if self.remote is not None:
            try:
                yield
            except Stopped:
                raise self.interrupted() from None
            return
        self._has_run = False
        restore = self._restore = self._mark()
        keyspace = self.engine.keyspace
        before, dirty = self._look(), keyspace.dirty
        with keyspace.unit():
            try:
                yield
            except Stopped as stopped:  # beside any command
                error = self.engine.undo(stopped)
                restore()
                raise error from None
            except Interrupted:
                restore()
                raise
            finally:
                self._restore = None
                self._last_effects, self._has_run = self.effects, False
                if keyspace.dirty != dirty:
                    self.before_last_cell = before
        if self.crash_journal is not None:
            self.crash_journal.recorder.note()

    def interrupted(self) -> RedisError:
        """Undo what can be undone of a cell that was stopped; give the error to raise."""
        reason = forget()
        if self.remote is not None:
            return StoppedWaiting(reason or "Interrupted: the rest of the cell was not run")
        return Interrupted(self.engine.keyspace.rollback(), reason=reason)

    def connect(self, remote: Remote | None) -> None:
        """Let the cells go to a server from now on, or to the embedded engine again."""
        left, self.remote = self.remote, remote
        self.backend = self.embedded if remote is None else remote
        if left is not None:
            left.close()

    def close(self) -> None:
        """End the connections, and the servers that were started here."""
        self.stop_serving()
        self.connect(None)
        while self.spawned:
            self.spawned.popitem()[1].stop()

    def require_embedded(self, what: str) -> None:
        """Raise the error that something is not to be had from a server, if one is connected."""
        if self.remote is not None:
            raise NotThere(f"{what} needs the embedded engine: %connect embedded goes back to it")

    @property
    def dialect(self) -> str:
        """Whose answers the cells get: redis or valkey."""
        return self.engine.dialect.name if self.remote is None else self.remote.dialect

    def result(
        self, reply: Reply, resp: int | None = None, *, command: Sequence[bytes] = ()
    ) -> Result:
        """Give a reply as a cell's output: as the backend shapes it, and where it is from.

        `command` has the words of the command that gave it, if they are known.
        """
        origin = None if self.remote is None else self.remote.label
        return Result(reply, self.backend.resp if resp is None else resp, origin, command)

    def _mark(self) -> Callable[[], None]:
        """Give a function that brings back what is set now, in the engine and here."""
        checkpoint = Checkpoint(self.engine, self.embedded)
        keys, args, options = self.keys, self.args, replace(self.options)
        snapshots, breakpoints = self.snapshots.copy(), self.console.breakpoints.copy()
        limits = replace(self.engine.limits)

        def restore() -> None:
            checkpoint.restore()
            self.keys, self.args, self.options = keys, args, options
            self.snapshots, self.console.breakpoints = snapshots, breakpoints
            self.engine.limits = limits

        return restore

    def _go_on(self) -> None:
        """Let cells run again after the thread of what ran was abandoned: a cell, or not."""
        if self._restore is not None:
            self._restore()
            self._restore, self._stepping = None, None
            self._has_run, self._last_effects = False, []
        if self.panel is not None:
            self.panel.go_on()

    def _look(self) -> Keyspace | None:
        """Give the data as they are now, if that costs next to nothing."""
        keyspace = self.engine.keyspace
        if self._looked_at != keyspace.dirty:
            self._before_cell = keyspace.fork() if _is_little(keyspace) else None
            self._looked_at = keyspace.dirty
        return self._before_cell

    def note_body(self, body: bytes, offset: int) -> None:
        """Take the body of the cell that runs, and how many of its lines stand above that."""
        self.body = body, offset
        self._offsets.pop(body, None)
        self._offsets[body] = offset
        if len(self._offsets) > _MOST_BODIES:
            del self._offsets[next(iter(self._offsets))]

    def known_bodies(self) -> list[bytes]:
        """Give the scripts that this notebook has run lately, as they were sent, or has named."""
        ran = [self.as_script(body, show_call=True) for body in self._offsets]
        return [*ran, *(each.code for each in self.scripts.scripts.values())]

    def offset_of(self, code: bytes) -> int:
        """Give what to add to a line of the code for its line in the cell where it stands."""
        return self._offsets.get(code) or self._offsets.get(code.removeprefix(_RETURN), 0)

    @property
    def effects(self) -> list[Effect]:
        """What this cell would replicate so far; before its first command, what the last did."""
        return self.engine.effects if self._has_run else self._last_effects

    def execute(self, *words: Argument) -> Reply:
        """Run one command; if it is to be stepped through, the user does that."""
        self._has_run = True
        expanded = self.scripts.expand(words)
        if self._compared_by is None:
            return self._run(expanded)
        return self._compared_by(encode_arguments(expanded), lambda: self._run(expanded))

    def _run(self, words: Sequence[Argument]) -> Reply:
        if isinstance(self.backend, Client):
            if self._is_busy:
                return self.engine.busy_call(self.backend, encode_arguments(words))
            if self.panel is not None and self.panel.is_attached:
                return self._execute_in_panel(self.backend, encode_arguments(words), self.panel)
            if self.terminal is not None and not self.engine.scripting.debugger:
                return self._execute(self.backend, encode_arguments(words), self.terminal)
        elif self.remote is not None and self.terminal is not None:
            return self._execute_remotely(self.remote, encode_arguments(words), self.terminal)
        return self.backend.execute(*words)

    def _execute(self, client: Client, words: list[bytes], terminal: Terminal) -> Reply:
        stepping = self._stepping or _agreed(client.debug_mode)
        if not (stepping or self.console.breakpoints) or client.transaction is not None:
            return client.call(words)
        source = self.engine.scripting.source_of(words)
        if source is None:
            return client.call(words)
        if stepping is None:
            if not self.console.breakpoints.get(source.code):
                return client.call(words)
            stepping = Stepping(enters=False)
        offset = self.offset_of(source.code)
        return self.console.run(client, words, source, stepping, terminal, offset)

    def _execute_remotely(self, remote: Remote, words: list[bytes], terminal: Terminal) -> Reply:
        if self.panel is not None and self.panel.is_attached and not remote.is_told_of_panel:
            remote.is_told_of_panel = True
            terminal.write(_PANEL_STAYS)
        stepping = self._stepping or _agreed(remote.debug_mode)
        lines = self.console.breakpoints.get(words[1], []) if len(words) > 1 else []
        if stepping is None and lines:
            stepping = Stepping(enters=False)
        if stepping is None:
            return remote.execute(*words)
        return remote.step(
            words,
            TerminalChannel(terminal, stepping.commands),
            isolated=stepping.isolated,
            enters=stepping.enters,
            breakpoints=lines,
            offset=self.offset_of(words[1]) if len(words) > 1 else 0,
        )

    def _execute_in_panel(self, client: Client, words: list[bytes], panel: Panel) -> Reply:
        stepping = self._stepping or _agreed(client.debug_mode)
        if stepping is None or not stepping.isolated or client.transaction is not None:
            return client.call(words)
        is_code = self.engine.scripting.source_of(words) is not None
        return panel.run_isolated(client, words) if is_code else client.call(words)

    def _steps(self, script: bytes) -> bool:
        """Tell whether a script is to be stepped through at a server."""
        agreed = self.remote is not None and self.remote.debug_mode != "no"
        return agreed or self._stepping is not None or bool(self.console.breakpoints.get(script))

    @contextmanager
    def compared_by(self, compare: Compare) -> Iterator[None]:
        """Let somebody run each command elsewhere, too, given its words and how to run it here."""
        self._compared_by = compare
        try:
            yield
        finally:
            self._compared_by = None

    @contextmanager
    def stepping_through(self, stepping: Stepping) -> Iterator[None]:
        """Let the user step through what runs meanwhile."""
        self._stepping = stepping
        try:
            yield
        finally:
            self._stepping = None

    @contextmanager
    def while_busy(self) -> Iterator[None]:
        """Bracket a cell that cannot wait for a client's script: it gets BUSY, as others do."""
        self._is_busy = True
        try:
            yield
        finally:
            self._is_busy = False

    def refuse_while_busy(self) -> None:
        """Raise the BUSY error in such a cell."""
        if self._is_busy:
            raise self.engine.scripting.busy_error

    @property
    def server(self) -> Server | None:
        """What serves the engine to clients; None: nothing, or a client has shut it down."""
        server = self._server
        return server if server is not None and server.is_running else None

    @server.setter
    def server(self, server: Server) -> None:
        self._server = server

    def stop_serving(self) -> None:
        """Close the engine to clients."""
        if self._server is not None:
            self._server.stop()
        self._server = None

    def run_script(
        self,
        body: bytes,
        keys: Sequence[bytes],
        args: Sequence[bytes],
        *,
        readonly: bool = False,
        show_call: bool = False,
    ) -> Reply:
        """Run a body as EVAL or EVAL_RO does, a bare expression as `return <expression>`.

        With `show_call`, a body that is one call and nothing else gives the call's value too.
        """
        name = "EVAL_RO" if readonly else "EVAL"
        script = self.as_script(body, show_call=show_call)
        if self.remote is not None and not self._steps(script):
            return self.remote.run_script(script, keys, args, readonly=readonly)
        return self.execute(name, script, len(keys), *keys, *args)

    def as_script(self, body: bytes, *, show_call: bool = False) -> bytes:
        """Give a body as it is, but a bare expression after `return`."""
        returned = _RETURN + body
        compile_error = self.engine.scripting.compile_error
        if body.startswith(b"#!") or (not show_call and compile_error(body) is None):
            return body
        # A body that compiles both ways is one call (or empty): nothing but its value differs.
        return returned if compile_error(returned) is None else body

    def load_library(self, body: bytes, name: bytes | None) -> tuple[Reply, LibraryChange | None]:
        """Load a library in place of the one of its name; give the reply and what changed.

        Inside MULTI nothing changes before EXEC: that is None.
        """
        before = self.functions_of(name) if name else None
        reply = self.execute("FUNCTION", "LOAD", "REPLACE", body)
        if isinstance(reply, Status):
            return reply, None
        after = self.functions_of(reply) or set()
        return reply, LibraryChange(
            name=reply,
            replaced=before is not None,
            added=_sorted(after - (before or set())),
            removed=_sorted((before or set()) - after),
            kept=_sorted(after & (before or set())),
        )

    def library_names(self) -> list[bytes]:
        """Give the names of all libraries."""
        return [entry[b"library_name"] for entry in self.libraries()]

    def sources(self) -> list[Source]:
        """Give all libraries and all scripts that have a name."""
        return [self._source_of(entry) for entry in self.libraries("WITHCODE")] + [
            *self.scripts.scripts.values()
        ]

    def _source_of(self, entry: dict[bytes, Reply]) -> Source:
        """Give a library of FUNCTION LIST WITHCODE: its file, if that is what was loaded."""
        code, name = entry[b"library_code"], entry[b"library_name"]
        file = self.scripts.libraries.get(name)
        if file is not None and file.code == code:
            return file
        return Source(name.decode("utf-8", "replace"), None, code)

    def functions_of(self, library: bytes) -> set[bytes] | None:
        """Give the names of a library's functions; None if there is no such library."""
        for entry in self.libraries():
            if entry[b"library_name"] == library:
                return {_as_dict(function)[b"name"] for function in entry[b"functions"]}
        return None

    def function_names(self) -> list[bytes]:
        """Give the names of all functions of all libraries."""
        functions = [each for entry in self.libraries() for each in entry[b"functions"]]
        return [_as_dict(function)[b"name"] for function in functions]

    def source_of(self, runner: bytes) -> Source | None:
        """Give the code of a script, by its digest, or of the library that has a function.

        None: no library has it, and no script with a name.
        """
        script = self.scripts.with_digest(runner)
        if script is not None:
            return script
        for entry in self.libraries("WITHCODE"):
            if any(_as_dict(each)[b"name"] == runner for each in entry[b"functions"]):
                return self._source_of(entry)
        return None

    def libraries(self, *options: str) -> list[dict[bytes, Reply]]:
        """Give FUNCTION LIST's entries as dicts, whatever the RESP version."""
        # Beside the notebook's own client: inside MULTI, that would queue the question.
        ask = self.engine.execute if self.remote is None else self.remote.ask
        return [_as_dict(entry) for entry in ask("FUNCTION", "LIST", *options)]


def _agreed(debug_mode: str) -> Stepping | None:
    """Give what SCRIPT DEBUG has set."""
    return None if debug_mode == "no" else Stepping(isolated=debug_mode == "yes")


def _as_dict(entry: Reply) -> dict[bytes, Reply]:
    if isinstance(entry, dict):
        return {bytes(key): value for key, value in entry.items()}
    return dict(zip(entry[::2], entry[1::2], strict=True))


def _sorted(names: Iterable[bytes]) -> tuple[bytes, ...]:
    return tuple(sorted(names))


def _is_little(keyspace: Keyspace) -> bool:
    """Tell whether all data are little enough to be looked at with each cell."""
    left = _MOST_LOOKED_AT - sum(len(database.entries) for database in keyspace.databases)
    if left < 0:
        return False
    values = chain.from_iterable(database.entries.values() for database in keyspace.databases)
    return sum(map(_parts, values)) < left


def _parts(value: object) -> int:
    """Give how many elements are to be copied before a value is written to."""
    if isinstance(value, RawString):
        return len(value.data) // _BYTES_AN_ELEMENT
    return len(value) if isinstance(value, Value) and isinstance(value, Sized) else 0
