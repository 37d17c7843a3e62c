"""What a notebook is connected to, and what it has set: backend, options, KEYS and ARGV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from redislua_kernel.backend import Argument, Backend
from redislua_kernel.browsing.key_search import KeySearch
from redislua_kernel.debugger.cell_console import CellConsole
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.terminal import Terminal
from redislua_kernel.engine import Engine
from redislua_kernel.engine.argument_words import encode_arguments
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.debugging.post_mortem import PostMortem
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.interrupts import Stopped, forget
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.recovery import CrashJournal
from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import RedisError
from redislua_kernel.projects import NamedScripts, Source
from redislua_kernel.remote.errors import Interrupted as StoppedWaiting
from redislua_kernel.remote.errors import NotThere
from redislua_kernel.render.outputs import Result, Update
from redislua_kernel.reply import Reply
from redislua_kernel.session.bodies import Bodies, Lua
from redislua_kernel.session.cell_unit import CellUnit
from redislua_kernel.session.libraries import Libraries, LibraryChange
from redislua_kernel.session.options import Options
from redislua_kernel.session.stepping import Stepper

if TYPE_CHECKING:
    from redislua_kernel.language.lint import Reviewer
    from redislua_kernel.remote.deploying import Deployment
    from redislua_kernel.remote.remote import Remote
    from redislua_kernel.remote.spawned_cluster import SpawnedCluster
    from redislua_kernel.remote.spawning import Spawned
    from redislua_kernel.server import Server
    from redislua_kernel.testing import NamedTest

__all__ = ["Session"]

#: Runs a command elsewhere, too: given its words, and what runs it here.
Compare = Callable[[Sequence[bytes], Callable[[], Reply]], Reply]


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
        #: What `%serve` has started.
        self._server: Server | None = None
        #: What `%deploy` has done and `%rollback` has not taken back, the last at the end.
        self.deployments: list[Deployment] = []
        #: The thread that runs the cells; those who are served share it.
        self.worker = worker

        self.options = Options()
        #: KEYS and ARGV of the cells that state none.
        self.keys: list[bytes] = []
        self.args: list[bytes] = []
        #: The same by their names, if they have any.
        self.named_args: dict[bytes, bytes] = {}
        #: States of the data by the names under which they are kept.
        self.snapshots: dict[str, Keyspace] = {}
        #: The scripts that have a name, and what was loaded from files.
        self.scripts = NamedScripts()
        #: What `%%test` has checked, by the tests' names.
        self.tests: dict[str, NamedTest] = {}
        #: Finds keys for who types the beginning of one.
        self.key_search = KeySearch()

        #: The body of the cell that runs, and how many of its lines stand above that.
        self.body: tuple[bytes, int] = (b"", 0)
        #: The Lua of the cell that runs, and of the last that ran any.
        self.lua: Lua | None = None
        self.last_lua: Lua | None = None
        self.bodies = Bodies(engine.scripting.compile_error)
        #: What `%%trace`, `%%profile` and `%%compare` showed last.
        self.last_trace: dict[str, Any] | None = None
        self.last_profile: dict[str, Any] | None = None
        self.last_comparison: dict[str, Any] | None = None
        #: Whom the cell that runs tells and asks.
        self.terminal: Terminal | None = None
        #: Shows an update of an earlier cell's display: see `render.outputs.Update`.
        self.redisplay: Callable[[Update], None] = lambda _: None
        #: Who runs the commands of the cell elsewhere, too.
        self._compared_by: Compare | None = None
        #: A client's script has held the engine for too long: see `while_busy`. Lua is its own.
        self.is_busy = False

        #: The visual debugger, where there is one.
        self.panel: Panel | None = None
        self.console = CellConsole()
        self.stepper = Stepper(self)
        self.post_mortem = PostMortem()
        engine.scripting.watchers.watch_errors(self.post_mortem.raised)
        #: Brings back what a kernel had that died; a kernel sets it.
        self.crash_journal: CrashJournal | None = None
        self._unit = CellUnit(self)
        if worker is not None:
            worker.abandoned.append(self._go_on)

    @cached_property
    def reviewer(self) -> Reviewer:
        """Says of each cell's Lua what there is to say, once."""
        from redislua_kernel.language.lint import Reviewer  # noqa: PLC0415  # tree-sitter

        return Reviewer()

    @property
    def in_transaction(self) -> bool:
        """Tell whether commands are queued until EXEC."""
        if self.remote is not None:
            return self.remote.in_transaction
        return self.embedded.transaction is not None

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
        with self._unit.run():
            yield
        if self.crash_journal is not None:
            self.crash_journal.recorder.note()

    def _go_on(self) -> None:
        """Let cells run again after the thread of what ran was abandoned: a cell, or not."""
        self._unit.give_up()
        self.stepper.give_up()
        if self.panel is not None:
            self.panel.go_on()

    @property
    def effects(self) -> list[Effect]:
        """What this cell would replicate so far; before its first command, what the last did."""
        return self._unit.effects

    @property
    def before_last_cell(self) -> Keyspace | None:
        """The data before the last cell that changed any; None: there was too much to look at."""
        return self._unit.before_last

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

    def note_body(self, body: bytes, offset: int) -> None:
        """Take the body of the cell that runs, and how many of its lines stand above that."""
        self.body = body, offset
        self.bodies.note(body, offset)

    def known_bodies(self) -> list[bytes]:
        """Give the scripts that this notebook has run lately, as they were sent, or has named."""
        return [*self.bodies.scripts(), *(each.code for each in self.scripts.scripts.values())]

    def execute(self, *words: Argument) -> Reply:
        """Run one command; if it is to be stepped through, the user does that."""
        self._unit.has_run = True
        expanded = self.scripts.expand(words)
        if self._compared_by is None:
            return self._run(expanded)
        return self._compared_by(encode_arguments(expanded), lambda: self._run(expanded))

    def _run(self, words: Sequence[Argument]) -> Reply:
        if isinstance(self.backend, Client):
            if self.is_busy:
                return self.engine.busy_call(self.backend, encode_arguments(words))
            if self.panel is not None and self.panel.is_attached:
                return self.stepper.run_in_panel(self.backend, encode_arguments(words), self.panel)
            if self.terminal is not None and not self.engine.scripting.watchers.debugger:
                return self.stepper.run(self.backend, encode_arguments(words), self.terminal)
        elif self.remote is not None and self.terminal is not None:
            return self.stepper.run_remotely(self.remote, encode_arguments(words), self.terminal)
        return self.backend.execute(*words)

    @contextmanager
    def compared_by(self, compare: Compare) -> Iterator[None]:
        """Let somebody run each command elsewhere, too, given its words and how to run it here."""
        self._compared_by = compare
        try:
            yield
        finally:
            self._compared_by = None

    @contextmanager
    def while_busy(self) -> Iterator[None]:
        """Bracket a cell that cannot wait for a client's script: it gets BUSY, as others do."""
        self.is_busy = True
        try:
            yield
        finally:
            self.is_busy = False

    def refuse_while_busy(self) -> None:
        """Raise the BUSY error in such a cell."""
        if self.is_busy:
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
        script = self.bodies.as_script(body, show_call=show_call)
        if self.remote is not None and not self.stepper.steps_remotely(script):
            return self.remote.run_script(script, keys, args, readonly=readonly)
        return self.execute(name, script, len(keys), *keys, *args)

    @property
    def libraries(self) -> Libraries:
        """The libraries that are loaded where the cells run."""
        ask = self.engine.execute if self.remote is None else self.remote.ask
        return Libraries(ask, self.scripts)

    def load_library(self, body: bytes, name: bytes | None) -> tuple[Reply, LibraryChange | None]:
        """Load a library in place of the one of its name; give the reply and what changed.

        Inside MULTI nothing changes before EXEC: that is None.
        """
        return self.libraries.load(self.execute, body, name)

    def sources(self) -> list[Source]:
        """Give all libraries and all scripts that have a name."""
        return [*self.libraries.sources(), *self.scripts.scripts.values()]

    def line_names(self, code: bytes) -> Callable[[int], str]:
        """Give what names the lines of a code: by the cell, or by the files put together in it."""
        offset, source = self.bodies.offset_of(code), self.scripts.with_code(code)

        def name(line: int) -> str:
            origin = source.origin(line) if source is not None and source.origins else None
            return str(line + offset) if origin is None else f"{origin[0].name}:{origin[1]}"

        return name

    def source_of(self, runner: bytes) -> Source | None:
        """Give the code of a script, by its digest, or of the library that has a function.

        None: no library has it, and no script with a name.
        """
        return self.scripts.with_digest(runner) or self.libraries.source_with(runner)
