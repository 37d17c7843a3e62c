"""Clients that wait: what for, until when, and who is served once there is something.

Every blocking command first does what its non-blocking form does. Where that finds nothing,
it answers with `block`: in a script, in EXEC and for a client that cannot wait that is the
reply of a timeout at once, as on the reference; for a connection it is `Blocked`.

When a unit has changed a key that clients wait for, each of them, the first come first, runs
its command again; who finds something now goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.admission import check_user
from redislua_kernel.engine.errors import (
    TIMEOUT_NEGATIVE,
    TIMEOUT_NOT_A_FLOAT,
    TIMEOUT_NOT_AN_INTEGER,
    TIMEOUT_OUT_OF_RANGE,
    CommandError,
)
from redislua_kernel.engine.long_doubles import parse_long_double
from redislua_kernel.engine.signature import INT64_MAX, parse_int
from redislua_kernel.reply import NULL_ARRAY, Push, Reply, ResponseError, Status

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.database import Database
    from redislua_kernel.engine.engine import Engine

__all__ = ["Blocked", "BlockedClients", "block", "parse_milliseconds", "parse_timeout"]

#: A database's index and a key.
Place = tuple[int, bytes]

#: A wait is none of the time that a command takes, in seconds.
_NO_TIME = 0.0


class Blocked:
    """The reply that is still to come: a client waits."""

    __slots__ = ("client", "kind", "nothing", "places", "until", "words")

    def __init__(
        self,
        client: Client,
        keys: Sequence[bytes],
        kind: type | None,
        timeout: int,
        nothing: Reply,
        words: Sequence[bytes],
    ) -> None:
        self.client = client
        self.places = [(client.db.index, key) for key in dict.fromkeys(keys)]
        #: The type of value it waits for; None: whatever happens to a key concerns it.
        self.kind = kind
        #: When it gives up, in milliseconds since the epoch; 0: never.
        self.until = client.db.keyspace.now + timeout if timeout else 0
        #: The reply then.
        #: The reply when its time is over: keys give a null array, whatever the command gives else.
        self.nothing = NULL_ARRAY if keys else nothing
        #: The command to run again.
        self.words = words


def block(
    client: Client,
    keys: Sequence[bytes],
    kind: type | None,
    timeout: int,
    nothing: Reply = NULL_ARRAY,
    words: Sequence[bytes] | None = None,
) -> Reply:
    """Let a client wait for keys to hold something; give its reply for now.

    `timeout` is in milliseconds, 0 for ever, and `nothing` the reply of a client that cannot
    wait. `words` is what to run again, if not the command as it was called.
    """
    if not client.may_block or client.in_exec:
        return nothing
    blocked = Blocked(client, keys, kind, timeout, nothing, words or client.words)
    client.engine.blocked.add(blocked)
    return blocked


class BlockedClients:
    """Who waits for which keys; listens to the keyspace only while somebody does."""

    def __init__(self, engine: Engine) -> None:
        self.keyspace = engine.keyspace
        self.engine = engine
        #: Those who wait for a key, the first come first.
        self.waiting: dict[Place, list[Blocked]] = {}
        self._ready: dict[Place, None] = {}
        #: Commands run again, for clients that wait.
        self.is_serving = False

    @property
    def keys_watched_for_all(self) -> int:
        """Count the keys whose every change concerns somebody who waits."""
        return sum(any(one.kind is None for one in who) for who in self.waiting.values())

    def add(self, blocked: Blocked) -> None:
        """Let a client wait, unless it does already: it has run its command again."""
        if blocked.client.blocked is not None:
            return
        blocked.client.blocked = blocked
        if blocked.places and not self.waiting:
            self.keyspace.listeners.append(self._look)
            self.keyspace.table_listeners.append(self._look_at_table)
            self.keyspace.unit_listeners.append(self._serve)
        for place in blocked.places:
            self.waiting.setdefault(place, []).append(blocked)

    def remove(self, client: Client) -> Blocked | None:
        """Forget what a client waits for; give it."""
        blocked, client.blocked = client.blocked, None
        if blocked is None or not blocked.places:
            return blocked
        for place in blocked.places:
            others = self.waiting[place]
            others.remove(blocked)
            if not others:
                del self.waiting[place]
        if not self.waiting:
            self.keyspace.listeners.remove(self._look)
            self.keyspace.table_listeners.remove(self._look_at_table)
            self.keyspace.unit_listeners.remove(self._serve)
        return blocked

    def unblock(self, client: Client, reply: Reply, messages: Sequence[Push | Status] = ()) -> None:
        """End a client's wait with a reply, and the messages that its command caused."""
        self.remove(client)
        if client.unblocked is not None:
            client.unblocked(reply, messages)

    def time_out(self, client: Client) -> None:
        """End a client's wait for want of anything."""
        if client.blocked is not None:
            self.engine.statistics.count_call(client.words, _NO_TIME)
            self._note(client)
            self.unblock(client, client.blocked.nothing)

    def fail(self, client: Client, error: ResponseError) -> None:
        """End a client's wait with an error."""
        self.engine.statistics.count_error(client.words, error, _NO_TIME)
        self._note(client)
        self.unblock(client, error)

    def _note(self, client: Client) -> None:
        slow_calls = self.engine.slow_calls
        if slow_calls.threshold <= _NO_TIME:
            slow_calls.note(client, client.words, _NO_TIME)

    def _look(self, db: Database, key: bytes, event: bytes) -> None:
        if (db.index, key) in self.waiting:
            self._ready[db.index, key] = None

    def _look_at_table(self, db: Database, entries: dict[bytes, Any]) -> None:
        for place in self.waiting:
            if place[0] == db.index:
                self._ready[place] = None

    def _serve(self) -> None:
        """Serve whom the unit that just ended has something for; each is a unit of its own."""
        if self.is_serving:
            return
        self.is_serving = True
        try:
            while self._ready:
                place = next(iter(self._ready))
                del self._ready[place]
                for blocked in list(self.waiting.get(place, ())):
                    self._try(blocked, place)
        finally:
            self.is_serving = False

    def _try(self, blocked: Blocked, place: Place) -> None:
        client = blocked.client
        if client.blocked is not blocked:
            return
        messages: list[Push | Status] = []
        deliver, client.deliver = client.deliver, messages.append
        self.keyspace.begin()
        try:
            value = self.keyspace[place[0]].get(place[1])
            if blocked.kind is not None and value.__class__ is not blocked.kind:
                return
            if self.engine.conditions.has_users:
                self._check_rights(blocked)
            reply: Reply = self.engine.run(client, blocked.words)
        except ResponseError as error:
            reply = error.fresh()
        finally:
            self.keyspace.commit()
            client.deliver = deliver
        if reply.__class__ is Blocked:
            self.engine.statistics.take_back(blocked.words)
        else:
            self.unblock(client, reply, messages)

    def _check_rights(self, blocked: Blocked) -> None:
        """Raise the error for a command that the user may not run any more."""
        try:
            check_user(blocked.client, self.engine.commands.find(blocked.words), blocked.words)
        except ResponseError as error:
            self.engine.statistics.count_rejection(blocked.words, error)
            raise


def parse_timeout(word: bytes, now: int) -> int:
    """Read a timeout in seconds; give it in whole milliseconds, 0 for ever."""
    try:
        mantissa, exponent = parse_long_double(word)
    except CommandError:
        raise TIMEOUT_NOT_A_FLOAT from None
    if exponent + mantissa.bit_length() > 64:
        raise TIMEOUT_NEGATIVE if mantissa < 0 else TIMEOUT_OUT_OF_RANGE
    if exponent >= 0:
        milliseconds = (mantissa * 1000) << exponent
    else:
        milliseconds = -(-mantissa * 1000 >> -exponent)  # rounded up
    return _within(milliseconds, now)


def parse_milliseconds(word: bytes, now: int) -> int:
    """Read a timeout in milliseconds, 0 for ever."""
    try:
        milliseconds = parse_int(word)
    except CommandError:
        raise TIMEOUT_NOT_AN_INTEGER from None
    return _within(milliseconds, now)


def _within(milliseconds: int, now: int) -> int:
    if milliseconds < 0:
        raise TIMEOUT_NEGATIVE
    if milliseconds > INT64_MAX - now:
        raise TIMEOUT_OUT_OF_RANGE
    return milliseconds
