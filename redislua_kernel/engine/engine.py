"""The embedded Redis: a keyspace, the commands, and the scripting engine in one object."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

from redislua_kernel.backend import Argument, LogLine
from redislua_kernel.engine.acl import AccessLog, Users
from redislua_kernel.engine.admission import admit
from redislua_kernel.engine.argument_words import encode_arguments
from redislua_kernel.engine.blocking import BlockedClients
from redislua_kernel.engine.busy import busy_call
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands import load_commands
from redislua_kernel.engine.conditions import Conditions
from redislua_kernel.engine.dialect import DIALECTS, Dialect
from redislua_kernel.engine.errors import CommandError, Interrupted
from redislua_kernel.engine.eviction.eviction import Eviction
from redislua_kernel.engine.eviction.use_watch import UseWatch
from redislua_kernel.engine.interrupts import Stopped, forget
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.keyspace import Clock, Keyspace, system_clock
from redislua_kernel.engine.latency.monitor import LatencyMonitor
from redislua_kernel.engine.latency.slow_calls import SlowCalls
from redislua_kernel.engine.latency.slowlog import Slowlog
from redislua_kernel.engine.link import ConnectionCounts
from redislua_kernel.engine.loop_counts import LoopCounts
from redislua_kernel.engine.memory.gauge import MemoryGauge
from redislua_kernel.engine.memory.guard import GUARD
from redislua_kernel.engine.memory.limits import MemoryLimits
from redislua_kernel.engine.packing import Packing
from redislua_kernel.engine.pause import Pause
from redislua_kernel.engine.persistence import Persistence
from redislua_kernel.engine.progress import Progress, working
from redislua_kernel.engine.pushes.monitors import Monitors
from redislua_kernel.engine.pushes.notifications import Notifications
from redislua_kernel.engine.pushes.observers import Observers
from redislua_kernel.engine.pushes.pubsub import PubSub, refuse_while_subscribed
from redislua_kernel.engine.pushes.tracking import TrackingTable
from redislua_kernel.engine.registry import Command, command_table
from redislua_kernel.engine.scripting import Scripting
from redislua_kernel.engine.scripting.abandoning import park
from redislua_kernel.engine.scripting.runtime import Runtime
from redislua_kernel.engine.scripting.ways import program_way
from redislua_kernel.engine.settings.config import Config
from redislua_kernel.engine.statistics import Statistics
from redislua_kernel.engine.transactions import Watches, queue_command
from redislua_kernel.engine.ways import Way, note_failure, way_to
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["Engine"]

_LOGGER = logging.getLogger(__name__)


class Engine:
    """A whole Redis scripting engine in this process; no server, no socket.

        >>> Engine().execute("EVAL", "return {1, 'two'}", 0)
        [1, b'two']

    `execute` takes str, bytes, int and float words and gives a reply value (see `reply`); a
    failed command raises `ResponseError`. `client()` gives further independent clients. The
    clock (microseconds since the epoch) and the randomness can be injected, or a whole
    keyspace. With `cluster` the engine is a cluster of one node. Behaviour and wording follow
    redis-server 8.2.3, or in scripting, with the dialect "valkey", Valkey 9.1.2.
    """

    # Slots, for each command looks at some of these: so they are found in half the time.
    __slots__ = (
        "__weakref__",
        "_client",
        "_limits",
        "_named_ways",
        "_next_id",
        "_ways",
        "access_log",
        "blocked",
        "caller",
        "clients",
        "commands",
        "conditions",
        "config",
        "connections",
        "eviction",
        "keyspace",
        "latency",
        "lock",
        "log_listeners",
        "loop_counts",
        "memory",
        "monitors",
        "notifications",
        "observers",
        "packing",
        "pause",
        "persistence",
        "pubsub",
        "run_id",
        "scripting",
        "shutdown_hooks",
        "slow_calls",
        "slowlog",
        "started",
        "statistics",
        "tracking",
        "use_watch",
        "users",
        "watches",
        "work_listeners",
    )

    def __init__(
        self,
        *,
        databases: int = 16,
        clock: Clock = system_clock,
        rng: random.Random | None = None,
        keyspace: Keyspace | None = None,
        cluster: bool = False,
        dialect: str = "redis",
    ) -> None:
        load_commands()
        self.keyspace = keyspace or Keyspace(databases, clock, rng)
        self.config = Config()
        self._limits = MemoryLimits()
        self.conditions = Conditions(self.config)
        self.pause = Pause(self)
        self.observers = Observers(self.conditions)
        self.monitors = Monitors(self)
        self.users = Users(self.config)
        self.access_log = AccessLog(self)
        self.pubsub = PubSub()
        self.notifications = Notifications(self)
        self.memory = MemoryGauge(self.keyspace)
        self.packing = Packing(self.keyspace)
        self.use_watch = UseWatch(self)
        self.eviction = Eviction(self)
        self.config.listeners.append(self._configure)
        self.tracking = TrackingTable(self)
        self.watches = Watches(self.keyspace)
        self.blocked = BlockedClients(self)
        #: Held while a command runs: the engine serves one at a time, as the reference does.
        self.lock = threading.RLock()
        self.started = time.time()
        self.run_id = f"{self.keyspace.random.getrandbits(160):040x}"
        self.statistics = Statistics(self)
        #: The ways to commands, by the names that callers gave them, and by the commands.
        self._named_ways: dict[bytes, Way] = {}
        self._ways: dict[Command, Way] = {}
        self.slowlog = Slowlog(self.config)
        self.latency = LatencyMonitor(self.config, self.keyspace)
        self.slow_calls = SlowCalls(self.slowlog, self.latency)
        self.connections = ConnectionCounts()
        self.loop_counts = LoopCounts()
        self.log_listeners: list[LogLine] = []
        #: Told of each long piece of work that begins, on its thread.
        self.work_listeners: list[Callable[[Progress], None]] = []
        #: Called by SHUTDOWN: each ends a server that serves this engine.
        self.shutdown_hooks: list[Callable[[], None]] = []
        self.clients: dict[int, Client] = {}
        #: The engine's own client: CLIENT LIST shows it only where it is used.
        self._client: Client | None = None
        #: Whose command runs, or ran last.
        self.caller: Client | None = None
        self._next_id = 1
        self.persistence = Persistence(self)
        self._speak(Scripting(self, DIALECTS[dialect]))
        GUARD.watch(self)
        if cluster:
            self.conditions.join_cluster(True)

    def view(self) -> Engine:
        """Give an isolated engine that begins with this one's data, libraries, scripts, settings.

        It has a Lua state of its own, and its data are copied on write: neither engine sees
        what the other does from now on. Costs one shallow copy of the tables of keys. Not
        while a command runs.
        """
        with self.lock:
            view = Engine(keyspace=self.keyspace.fork(), dialect=self.dialect.name)
            view.limits = self.limits
            view.config.copy(self.config)
            view.users.copy(self.users)
            view.conditions.copy(self.conditions)
            view.scripting.copy(self.scripting)
            view.log_listeners = self.log_listeners
        return view

    @contextmanager
    def standing_aside(self) -> Iterator[None]:
        """Let others use the engine meanwhile.

        For who holds its lock, once, in a unit of his own that has changed nothing so far.
        """
        lock = self.lock
        self.keyspace.commit()
        lock.release()
        try:
            yield
        finally:
            if self.lock is not lock:
                park()  # this thread was abandoned meanwhile
            lock.acquire()
            self.keyspace.begin()

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Announce a long piece of work meanwhile, such as "loading dump.rdb"."""
        announced = Progress(what)
        for listener in self.work_listeners:
            listener(announced)
        with working(announced):
            yield

    @property
    def dialect(self) -> Dialect:
        """Whose answers the engine gives."""
        return self.scripting.dialect

    @property
    def limits(self) -> MemoryLimits:
        """How much memory scripts may hold, and the process take."""
        return self._limits

    @limits.setter
    def limits(self, limits: MemoryLimits) -> None:
        self._limits = limits
        self.scripting.runtime.limit_memory()

    def change_dialect(self, name: str) -> None:
        """Answer as another server from now on, with the same data, scripts and libraries.

        Lua begins anew. Can be undone like any write. Raises the error that names a library
        which the dialect refuses, and changes nothing then. A cached script that it refuses is
        forgotten.
        """
        with self.lock:
            scripting = Scripting(self, DIALECTS[name])
            scripting.copy(self.scripting, keeps_runs=True)
            self.keyspace.journal.undo.append((self._change_to, self.scripting))
            self._change_to(scripting)

    def _change_to(self, scripting: Scripting) -> None:
        scripting.watchers.take(self.scripting.watchers)
        self._speak(scripting)

    def _speak(self, scripting: Scripting) -> None:
        self.scripting = scripting
        self.commands = command_table(scripting.dialect)
        self._named_ways, self._ways = {}, {}

    def close(self) -> None:
        """Free the engine's memory: a program that makes many engines closes each.

        The engine cannot be used afterwards.
        """
        self.scripting.close()

    def client(self) -> Client:
        """Give a new client: database 0, RESP2, no transaction."""
        self.connections.received += 1
        client = Client(self, self._next_id)
        self._next_id += 1
        self.clients[client.id] = client
        return client

    def disconnect(self, client: Client) -> None:
        """Forget a client: its subscriptions, watched keys, transaction, wait and tracking end."""
        self.clients.pop(client.id, None)
        self.pubsub.drop(client)
        self.blocked.remove(client)
        self.tracking.disable(client)
        self.monitors.remove(client)
        client.end_transaction()
        if client.no_touch:
            self.use_watch.heed_clients()

    def kill(self, client: Client, caller: Client | None = None) -> None:
        """Forget a client and end its connection; the caller's own ends after its reply."""
        client.closing = True
        if client is not caller:
            self.disconnect(client)
            if client.link is not None:
                client.link.hang_up()

    def execute(self, *args: Argument) -> Reply:
        """Run one command as the engine's own client and give its reply."""
        client = self._client
        if client is None:
            client = self._client = self.client()
        return self.call(client, encode_arguments(args))

    def call(self, client: Client, words: Sequence[bytes]) -> Reply:
        """Run one command for a client: queued inside MULTI, at once otherwise."""
        keyspace, lock = self.keyspace, self.lock
        lock.acquire()  # costs half of what `with` does
        try:
            # As `begin` and `commit` of the keyspace: to call them would cost a tenth of a script.
            client.started = began = monotonic()
            depth = keyspace.depth
            if not depth:
                keyspace.began = began
                if began >= keyspace.next_tick:
                    keyspace.read_clock()
                keyspace.replicated = ()
            keyspace.depth = depth + 1
            try:
                if self.conditions.any or client.subscribed or client.transaction is not None:
                    queued = self.admit(client, words)
                    if queued is not None:
                        return queued
                    client.started = monotonic()
                way = self._named_ways.get(words[0]) or self._find_way(client, words)
                return way(client, words)
            except ResponseError as error:
                raise error.fresh() from None
            except Stopped as stopped:
                raise self.undo(stopped) from None
            finally:
                keyspace.depth = depth
                journal = keyspace.journal
                if journal.undo or journal.calls or keyspace.has_paused_collector:
                    keyspace.conclude()
        finally:
            lock.release()

    def undo(self, stopped: Stopped) -> Interrupted:
        """Undo the unit of a thread that was asked to stop and obeys; give the error to raise."""
        stopped.__traceback__ = None  # its frames may still look into what is undone
        reason = forget()
        return Interrupted(self.keyspace.rollback(), reason=reason)

    def admit(self, client: Client, words: Sequence[bytes]) -> Reply | None:
        """Refuse a command, or queue it inside MULTI and give QUEUED; None: it may run now."""
        try:
            if self.conditions.any:
                admit(client, words)
            if client.subscribed and client.resp == 2:
                refuse_while_subscribed(self.commands, words)
            return None if client.transaction is None else queue_command(client, words)
        except ResponseError as error:
            self.statistics.count_rejection(words, error)
            raise

    def run(self, client: Client, words: Sequence[bytes]) -> Reply:
        """Run one command within the current unit, and record what it would replicate."""
        client.started = monotonic()
        way = self._named_ways.get(words[0]) or self._find_way(client, words)
        return way(client, words)

    def _find_way(self, client: Client, words: Sequence[bytes]) -> Way:
        """Find the command of some words. Raises the error for one that there is not."""
        try:
            command = self.commands.find(words)
        except ResponseError as error:
            client.words, self.caller = words, client
            note_failure(client, words, error, 0.0)
            raise
        way = self._ways.get(command)
        if way is None:
            way = self._ways[command] = program_way(self, command) or way_to(self, command)
        name = words[0]
        # Few ways to write a name, so that nobody fills the memory with others.
        if not command.subcommands and command.name_words == 1 and not _is_mixed_case(name):
            self._named_ways[name] = way
        return way

    def busy_call(self, client: Client, words: Sequence[bytes]) -> Reply:
        """Run a command while a script holds the engine; most are refused with BUSY.

        Takes no lock, and runs only what the reference allows at such a time: the commands
        that end the script, and those that change the connection's own state.
        """
        return busy_call(self, client, words)

    @property
    def effects(self) -> list[Effect]:
        """What the last command would have replicated, in order.

        That of several commands (a script's, an EXEC's) stands between MULTI and EXEC.
        """
        return self.keyspace.effects

    def tidy(self) -> bool:
        """Let the data take less memory: a millisecond's work, for who has nothing else to do.

        Tells whether there is more to do; perhaps there is, while somebody else has the engine.
        """
        lock = self.lock
        if not lock.acquire(blocking=False):
            return True
        try:
            return not self.keyspace.is_open and self.packing.step()
        finally:
            lock.release()

    def used_memory(self) -> int:
        """Estimate the memory that all keys would take on a server, in bytes."""
        return self.memory.used()

    def abandon(self, stuck: Runtime) -> int:
        """Go on without the thread that is stuck in a Lua state; give how much was undone.

        For `Worker`, from another thread: undoes the unit of the stuck one, and goes on with a
        new Lua state. What that thread held is left to it.
        """
        if stuck.engine is not self:  # a view's, which has no part in this engine's units
            stuck.engine.keyspace.abandon()
            return 0
        undone = self.keyspace.abandon()
        self.lock = threading.RLock()
        if self.scripting.runtime is stuck:  # undoing may have brought back another dialect's
            self.scripting.renew()
        return undone

    def _configure(self) -> None:
        self.notifications.choose(self.config.values[b"notify-keyspace-events"])
        self.conditions.restrict_users(self.users.any_restricted)
        self.statistics.configure()
        self.slow_calls.configure()
        self.keyspace.journal.limits.read(self.config.values)
        self.use_watch.configure()
        self.eviction.configure()
        self.scripting.runtime.limit_memory()

    def report_bug(self, error: Exception) -> CommandError:
        """Log an error that is this package's own fault, and give the reply that says so."""
        if isinstance(error, MemoryError):  # nobody's fault
            return CommandError("ERR not enough memory: the system gives the process no more")
        _LOGGER.error("a command failed unexpectedly", exc_info=error)
        return CommandError(f"ERR internal error: {type(error).__name__}: {error}")

    def scripting_counts(self) -> tuple[int, int, int]:
        """Count the cached scripts, the functions and the libraries."""
        functions = self.scripting.functions
        return len(self.scripting.scripts.scripts), functions.count(), len(functions.libraries)

    def log(self, level: int, message: bytes) -> None:
        """Hand a log line on if the setting loglevel lets it; for the level see `log_levels`."""
        if level < self.config.log_level:
            return
        for listener in self.log_listeners:
            listener(level, message)


def _is_mixed_case(name: bytes) -> bool:
    return name not in (name.upper(), name.lower())
