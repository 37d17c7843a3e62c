"""One connection to a server, and what the server knows of it: user, database, RESP version.

A connection that was lost is made again, in the same state, when it is next used: nothing is
sent twice. What cannot be had again (a transaction, watched keys) is an error then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import redis
import redis.connection
from redis.connection import SSLConnection

from redislua_kernel.remote.errors import CannotConnect, Lost
from redislua_kernel.remote.target import Target, Tls
from redislua_kernel.remote.wire import Closed, TooLate, Wire
from redislua_kernel.reply import NO_REPLY, OK, QUEUED, Reply, ResponseError

__all__ = ["Connection"]

#: Gives the target to connect to now: sentinels know it only then.
Find = Callable[[], Target]

#: How many commands are sent together: their replies wait at the server.
_AT_ONCE = 200

#: redis-py states no types for these.
_TCP: Any = redis.connection.Connection
_UNIX: Any = redis.connection.UnixDomainSocketConnection

_UNKNOWN = "whether the server has run it is not known, and it is not run again"


class Connection:
    """Sends commands one by one. Raises ResponseError, CannotConnect, Lost, and Stopped."""

    def __init__(self, target: Target, find: Find | None = None) -> None:
        self._find = find or (lambda: target)
        self._place = target.place
        #: Where the connection that there is, or was last, goes.
        self.resolved = target
        #: What the commands so far have changed of it: database, user, RESP version.
        self.state = target
        self.in_transaction = False
        self.is_watching = False
        #: The database that EXEC will select.
        self._queued_database: int | None = None
        self.wire = Wire()
        self._redis: Any = None
        #: Of so many commands nothing comes back: CLIENT REPLY SKIP; -1: of all.
        self._unanswered = 0
        #: The replies that are still to come.
        self._awaited = 0

    @property
    def is_open(self) -> bool:
        """Tell whether there is a connection, as far as is known."""
        return self._redis is not None

    def open(self) -> None:
        """Connect and log in, unless that was done; raises CannotConnect."""
        if self._redis is not None and not self._awaited and self.wire.is_quiet():
            return
        was_busy = self.in_transaction or self.is_watching
        self.close()
        if was_busy:
            raise Lost(
                f"the connection to {self._place} was lost, and with it the transaction: "
                "begin it again"
            )
        found = self._find()
        state = replace(
            found,
            user=self.state.user,
            password=self.state.password,
            database=self.state.database,
            resp=self.state.resp,
        )
        self._place = found.place
        made = _make(state, self.wire, self._greet)
        try:
            made.connect()
        except (redis.RedisError, Closed, TooLate, OSError, ValueError) as error:
            made.disconnect()
            raise CannotConnect(f"cannot connect to {self._place}: {_reason(error)}") from None
        except BaseException:
            made.disconnect()
            raise
        self._redis, self.resolved = made, state
        self.wire.seconds = state.reply_seconds

    def close(self) -> None:
        """Drop the connection, and what only it knew."""
        made, self._redis = self._redis, None
        self.in_transaction = self.is_watching = False
        self._unanswered = self._awaited = 0
        if made is not None:
            made.disconnect()

    def call(self, words: Sequence[bytes]) -> Reply:
        """Run a command and give its reply; an error reply is raised."""
        self.open()
        self.send(words)
        if self._stays_silent(words):
            self._awaited -= 1
            reply: Reply = NO_REPLY
        else:
            reply = self.receive(words)
        if isinstance(reply, ResponseError):
            self._note(words, reply)
            raise reply
        self._note(words, reply)
        return reply

    def call_each(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Run commands sent together, and give their replies; errors are values.

        They change nothing of the connection: for what is asked.
        """
        self.open()
        replies: list[Reply] = []
        for start in range(0, len(commands), _AT_ONCE):
            lot = commands[start : start + _AT_ONCE]
            for words in lot:
                self.send(words)
            replies += [self.receive(words) for words in lot]
        return replies

    def send(self, words: Sequence[bytes]) -> None:
        """Send a command on the connection that there is."""
        try:
            self.wire.send(self._redis.pack_command(*words))
            self._awaited += 1
        except Closed as error:
            self.close()
            raise Lost(
                f"the connection to {self._place} was lost before the command was sent: {error}"
            ) from None
        except TooLate:
            self.close()
            raise Lost(f"{self._place} takes nothing: the command was not sent") from None
        except BaseException:
            self.close()
            raise

    def receive(self, words: Sequence[bytes]) -> Reply:
        """Wait for the reply to a command that was sent; an error is a value."""
        try:
            reply = self.wire.read()
            self._awaited -= 1
            return reply
        except Closed as error:
            self.close()
            if words[0].upper() in (b"QUIT", b"SHUTDOWN"):
                return OK
            raise Lost(
                f"the connection to {self._place} was lost ({error}) before the reply came: "
                f"{_UNKNOWN}"
            ) from None
        except TooLate:
            self.close()
            raise Lost(
                f"{self._place} has not replied for {self.state.reply_seconds:g} s: {_UNKNOWN}"
            ) from None

    def _greet(self, made: Any) -> None:
        """Log in and choose, on a socket that was made just now."""
        self.wire.on_connect(made)
        state = self.state
        self.wire.seconds = state.connect_seconds
        login: list[bytes] = []
        if state.password is not None:
            login = [_encode(state.user or "default"), _encode(state.password)]
        commands: list[list[bytes]] = []
        if state.resp == 3:
            commands.append([b"HELLO", b"3", *([b"AUTH", *login] if login else [])])
        elif login:
            # Servers before 6 know passwords, but no users.
            commands.append([b"AUTH", *(login if state.user else login[1:])])
        if state.database:
            commands.append([b"SELECT", b"%d" % state.database])
        # Whatever it says to this, it is a Redis.
        commands.append([b"PING"])
        for words in commands:
            self.wire.send(made.pack_command(*words))
            reply = self.wire.read()
            if isinstance(reply, ResponseError) and words[0] != b"PING":
                raise redis.ResponseError(reply.message)

    def _stays_silent(self, words: Sequence[bytes]) -> bool:
        """Tell whether no reply comes to a command that was sent: CLIENT REPLY decides."""
        mode = _reply_mode(words)
        if mode == b"ON":
            self._unanswered = 0
        elif mode == b"OFF":
            self._unanswered = -1
        elif mode == b"SKIP" and self._unanswered == 0:
            self._unanswered = 2
        if self._unanswered > 0:
            self._unanswered -= 1
            return True
        return self._unanswered < 0

    def _note(self, words: Sequence[bytes], reply: Reply) -> None:
        """Take note of what a command has changed of the connection."""
        name = words[0].upper()
        is_error = isinstance(reply, ResponseError)
        if name == b"EXEC" or (name in (b"DISCARD", b"RESET") and not is_error):
            self.in_transaction = self.is_watching = False
        if name == b"SELECT" and reply == QUEUED:
            self._queued_database = int(words[1])
        elif name == b"EXEC" and isinstance(reply, list) and self._queued_database is not None:
            self.state = replace(self.state, database=self._queued_database)
        if not self.in_transaction:
            self._queued_database = None
        if is_error or reply == QUEUED:
            return
        if name == b"MULTI":
            self.in_transaction = True
        elif name in (b"WATCH", b"UNWATCH"):
            self.is_watching = name == b"WATCH"
        elif name == b"SELECT":
            self.state = replace(self.state, database=int(words[1]))
        elif name == b"AUTH":
            self._note_login(words[1:])
        elif name == b"HELLO" and len(words) > 1:
            self.state = replace(self.state, resp=int(words[1]))
            options = [word.upper() for word in words]
            if b"AUTH" in options:
                place = options.index(b"AUTH")
                self._note_login(words[place + 1 : place + 3])
        elif name == b"RESET":
            self.state = replace(self.state, resp=2, database=0)

    def _note_login(self, words: Sequence[bytes]) -> None:
        *user, password = (word.decode("utf-8", "surrogateescape") for word in words)
        self.state = replace(self.state, user=user[0] if user else None, password=password)


def _make(target: Target, wire: Wire, greet: Callable[[Any], None]) -> Any:
    """Give redis-py's connection for a target, which is not connected yet."""
    options: dict[str, Any] = {
        "redis_connect_func": greet,
        "parser_class": lambda socket_read_size: wire,
        "socket_connect_timeout": target.connect_seconds,
        # Whatever is sent says itself which version of RESP it wants.
        "protocol": 2,
    }
    if target.socket is not None:
        return _UNIX(path=target.socket, **options)
    host, port = target.hosts[0]
    if target.tls is None:
        return _TCP(host=host, port=port, **options)
    return _TlsConnection(target.tls, host=host, port=port, **options)


class _TlsConnection(SSLConnection):
    """redis-py's, which may know the server by another name than that of its host."""

    def __init__(self, tls: Tls, **options: Any) -> None:
        self._name = tls.name
        super().__init__(
            ssl_ca_certs=tls.ca_file,
            ssl_ca_path=tls.ca_directory,
            ssl_certfile=tls.certificate,
            ssl_keyfile=tls.key,
            ssl_cert_reqs="required" if tls.verify else "none",
            ssl_check_hostname=tls.verify,
            **options,
        )

    def _wrap_socket_with_ssl(self, sock: Any) -> Any:
        host = self.host
        self.host = self._name or host
        try:
            return super()._wrap_socket_with_ssl(sock)  # type: ignore[no-untyped-call]
        finally:
            self.host = host


def _reply_mode(words: Sequence[bytes]) -> bytes:
    if len(words) == 3 and words[0].upper() == b"CLIENT" and words[1].upper() == b"REPLY":
        return words[2].upper()
    return b""


def _reason(error: BaseException) -> str:
    """Say why there is no connection; nothing of redis-py's texts holds a password."""
    if isinstance(error, TooLate | redis.TimeoutError):
        return "it does not answer"
    cause = error.__context__ if isinstance(error, redis.ConnectionError) else None
    text = getattr(cause, "strerror", None) or str(cause or error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in str(error):
        return f"{text}\n--cacert names who vouches for it, --sni its name; --insecure asks nobody"
    return str(text)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
