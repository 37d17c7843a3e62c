"""A real server as a backend: it meets `backend.Backend`, and a notebook's cells go there.

A second connection asks about the server and stops its scripts: it knows of no transaction, and
is free while the first one waits.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from redislua_kernel.backend import Argument
from redislua_kernel.engine import interrupts
from redislua_kernel.engine.argument_words import encode_arguments
from redislua_kernel.engine.debugging.channel import Channel
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.errors import RedisError
from redislua_kernel.remote.connection import Connection, Find
from redislua_kernel.remote.errors import Lost, NotThere
from redislua_kernel.remote.sentinels import find_master
from redislua_kernel.remote.stepping import InCell, is_steppable, is_switch, step
from redislua_kernel.remote.stopping import stop
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import OK, Reply, ResponseError

__all__ = ["Facts", "Remote", "alike"]

#: How long one who must not wait does, in seconds.
_GLANCE_SECONDS = 0.3

#: What a connection would hear from then on, where a cell waits for one reply.
_LISTENING = {
    b"MONITOR": "MONITOR shows what it hears as it comes",
    b"PSUBSCRIBE": "PSUBSCRIBE waits for messages",
    b"PSYNC": "PSYNC makes a replica of the connection",
    b"SSUBSCRIBE": "SSUBSCRIBE waits for messages",
    b"SUBSCRIBE": "SUBSCRIBE waits for messages",
    b"SYNC": "SYNC makes a replica of the connection",
}


@dataclass(frozen=True)
class Facts:
    """What a server says it is; what it does not tell is empty."""

    #: redis or valkey.
    kind: str = ""
    version: str = ""
    #: standalone, cluster or sentinel.
    mode: str = ""
    #: master or slave.
    role: str = ""

    @property
    def name(self) -> str:
        """Kind and version."""
        return f"{self.kind} {self.version}".strip() or "a server that does not say what it is"


class Remote:
    """One notebook's connection to a server. Raises RedisError of any kind, and nothing else."""

    def __init__(self, target: Target, tell: Callable[[str], None] = lambda text: None) -> None:
        self.target = target
        #: Shows the user a line while a command runs.
        self.tell = tell
        self.connection = self._connection()
        self._probe: Connection | None = None
        #: Whose answers it gives, as far as is known: redis or valkey.
        self.dialect = "redis"
        #: A third connection, for who must not wait, and who has it.
        self._glance: Connection | None = None
        self._glancing = threading.Lock()
        #: The digests of the scripts that the server was seen to have.
        self._known: set[bytes] = set()
        #: Whether the user has heard that the visual debugger does not reach so far.
        self.is_told_of_panel = False
        #: SCRIPT DEBUG: yes, sync or no.
        self.debug_mode = "no"

    # What every backend offers

    @property
    def database(self) -> int:
        """The index of the selected database."""
        return self.connection.state.database

    @property
    def resp(self) -> int:
        """The RESP version in which replies are shaped: 2 or 3."""
        return self.connection.state.resp

    def execute(self, *args: Argument) -> Reply:
        """Run one command and give its reply; a failed one raises `ResponseError`."""
        words = encode_arguments(args)
        self._refuse(words)
        if is_switch(words):
            return self._choose_stepping(words[2])
        return self._send(words)

    # What a server offers besides

    @property
    def label(self) -> str:
        """Where cells go, in few words, as a prompt has it."""
        return self.target.place + (f"[{self.database}]" if self.database else "")

    @property
    def in_transaction(self) -> bool:
        """Tell whether commands are queued at the server until EXEC."""
        return self.connection.in_transaction

    def run_script(
        self, body: bytes, keys: Sequence[bytes], args: Sequence[bytes], *, readonly: bool = False
    ) -> Reply:
        """Run a body by its digest if the server has it, and as it is otherwise."""
        suffix = b"_RO" if readonly else b""
        rest = [b"%d" % len(keys), *keys, *args]
        sha = hashlib.sha1(body).hexdigest().encode()
        if sha in self._known and not self.in_transaction:
            try:
                return self.execute(b"EVALSHA" + suffix, sha, *rest)
            except ResponseError as error:
                # The text may be the script's own: it is run again only if it never ran.
                if error.code != "NOSCRIPT" or self._has_script(sha, keys):
                    raise
        self._known.discard(sha)
        reply = self.execute(b"EVAL" + suffix, body, *rest)
        if not self.in_transaction:
            self._known.add(sha)
        return reply

    def step(
        self,
        words: Sequence[bytes],
        channel: Channel,
        *,
        isolated: bool,
        enters: bool,
        breakpoints: Sequence[int],
        offset: int,
    ) -> Reply:
        """Run a command and let who is at the channel step through its script, if it is one.

        `offset` is what to add to the script's lines for those of the cell.
        """
        if self.in_transaction or not is_steppable(words):
            return self.execute(*words)
        self.debug_mode = "no"  # as at the server: it is for one script
        return step(
            self._target_for(words),
            words,
            InCell(channel, offset) if offset else channel,
            isolated=isolated,
            enters=enters,
            breakpoints=breakpoints,
        )

    def ask(self, *args: Argument) -> Reply:
        """Run a command beside the notebook's own: for what is asked about the server."""
        return self.probe().call(encode_arguments(args))

    def ask_each(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Run commands on keys, beside the notebook's own; give replies, errors as values."""
        return self.probe().call_each(commands)

    def glance(self, *args: Argument) -> Reply:
        """Ask for what is nice to know, from any thread: None if that is not to be had at once."""
        if not self._glancing.acquire(blocking=False):
            return None
        try:
            there = self.connection.resolved
            there = replace(there, connect_seconds=_GLANCE_SECONDS, reply_seconds=_GLANCE_SECONDS)
            if self._glance is None or self._glance.resolved.hosts != there.hosts:
                if self._glance is not None:
                    self._glance.close()
                self._glance = Connection(there)
            return alike(self._glance, self.connection).call(encode_arguments(args))
        except RedisError:
            return None
        finally:
            self._glancing.release()

    def probes(self) -> list[Connection]:
        """Give further connections to all that have keys."""
        return [self.probe()]

    def facts(self) -> Facts:
        """Ask the server what it is."""
        told = dict(self._told("server") + self._told("replication"))
        valkey = told.get("valkey_version")
        version = valkey or told.get("redis_version", "")
        kind = "valkey" if valkey else "redis" if version else ""
        self.dialect = kind or self.dialect
        mode = told.get("server_mode") or told.get("redis_mode", "")
        return Facts(kind, version, mode, told.get("role", ""))

    def details(self, facts: Facts) -> list[tuple[str, str]]:
        """Give what else there is to tell of the connection, each with its name."""
        target, told = self.connection.resolved, []
        if self.target.sentinel is not None:
            told.append(("the sentinels' master", target.place))
        told.append(("role", f"{facts.role or 'unknown'}, {facts.mode or 'unknown mode'}"))
        told.append(("user", self.connection.state.user or "default"))
        if target.tls is not None:
            told.append(("TLS", "the server is verified" if target.tls.verify else "not verified"))
        return told

    def open(self) -> None:
        """Connect, so that what is wrong shows now."""
        try:
            self.connection.open()
        except Stopped:
            interrupts.forget()
            raise Lost(f"not connected to {self.target.place}: interrupted") from None

    def close(self) -> None:
        """End the connections."""
        self.connection.close()
        self.drop_probe()

    def probe(self) -> Connection:
        """Give the second connection."""
        if self._probe is None:
            self._probe = self._connection()
        return alike(self._probe, self.connection)

    def drop_probe(self) -> None:
        """End the connections for asking; they are made again when they are needed."""
        for each in (self._probe, self._glance):
            if each is not None:
                each.close()
        self._probe = self._glance = None

    def _choose_stepping(self, mode: bytes) -> Reply:
        """Take note of SCRIPT DEBUG; a connection of its own says it to the server."""
        self.debug_mode = mode.decode().lower()
        return OK

    def _target_for(self, words: Sequence[bytes]) -> Target:
        """Give where a command goes."""
        self.connection.open()
        return replace(self.connection.resolved, resp=self.resp, database=self.database)

    def _connection(self) -> Connection:
        return Connection(self.target, self._finder())

    def _finder(self) -> Find | None:
        target = self.target
        return None if target.sentinel is None else lambda: find_master(target)

    def _send(self, words: list[bytes]) -> Reply:
        """Run a command where it belongs."""
        return self._run(self.connection, words)

    def _run(self, connection: Connection, words: Sequence[bytes]) -> Reply:
        """Run a command on a connection; what stops the waiting is told as an error."""
        try:
            return connection.call(words)
        except Stopped:
            interrupts.forget()
            raise stop(self, connection, words) from None
        except ResponseError as error:
            if error.code in ("READONLY", "MASTERDOWN") and self.target.sentinel is not None:
                connection.close()  # the sentinels know of another one by now, or soon
            raise

    def _refuse(self, words: Sequence[bytes]) -> None:
        """Raise the error for what a cell cannot do with a server."""
        what = _LISTENING.get(words[0].upper()) if words else None
        if what is not None:
            raise NotThere(
                f"{what}, and a cell waits for no messages: redis-cli beside the notebook does"
            )

    def _has_script(self, sha: bytes, keys: Sequence[bytes]) -> bool:
        """Tell whether the server of these keys has a script."""
        connection = self._connection_for(keys)
        return bool(self._run(connection, [b"SCRIPT", b"EXISTS", sha])[0])

    def _connection_for(self, keys: Sequence[bytes]) -> Connection:
        return self.connection

    def _told(self, section: str) -> list[tuple[str, str]]:
        """Give the lines of a section of INFO, as far as it may be read."""
        with suppress(RedisError):
            text = bytes(self.ask("INFO", section)).decode("utf-8", "replace")
            lines = (line.partition(":") for line in text.splitlines() if ":" in line)
            return [(name, value) for name, _, value in lines]
        return []


def alike(probe: Connection, connection: Connection) -> Connection:
    """Give a connection once it is of the same user, and looks at the same database."""
    known = connection.state
    wanted = replace(
        probe.state, user=known.user, password=known.password, database=known.database, resp=2
    )
    if probe.state != wanted:
        probe.close()
        probe.state = wanted
    return probe
