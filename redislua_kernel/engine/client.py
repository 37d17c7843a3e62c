"""One client of the engine: its database, its RESP version, its transaction.

The notebook, each RESP connection, each test and the running script have one of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from redislua_kernel.backend import Argument
from redislua_kernel.engine.admission import Need
from redislua_kernel.engine.argument_words import encode_arguments
from redislua_kernel.reply import NO_REPLY, Push, Reply, Status

if TYPE_CHECKING:
    from redislua_kernel.engine.blocking import Blocked
    from redislua_kernel.engine.database import Database
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.link import Link
    from redislua_kernel.engine.pushes.tracking import Tracking

__all__ = ["Client", "FileWish", "Replies", "Transaction"]


class Replies(Enum):
    """What CLIENT REPLY has set."""

    ON = "on"
    OFF = "off"
    SKIP = "skip"
    SKIP_NEXT = "skip, and its own reply was left out already"


class Transaction:
    """What MULTI has queued, and whether EXEC must refuse it."""

    __slots__ = ("aborted", "needs", "queue", "size")

    def __init__(self) -> None:
        self.queue: list[list[bytes]] = []
        #: The bytes of all words in the queue.
        self.size = 0
        #: What all that is queued needs: see `admission`.
        self.needs = Need.NOTHING
        self.aborted = False


@dataclass
class FileWish:
    """What a connection has said of the file that SYNC is to give it."""

    #: A replica has said where it listens: it waits for the commands that follow the file.
    is_of_replica: bool = False
    #: No commands are to follow.
    is_alone: bool = False
    #: Whether its end may be marked, in place of its length told first.
    knows_marks: bool = False
    has_data: bool = True
    has_functions: bool = True


class Client:
    """One connection's state; `execute` runs commands with it."""

    # Slots, for each command looks at some of these: so they are found in half the time.
    __slots__ = (
        "__weakref__",
        "address",
        "authenticated",
        "blocked",
        "closing",
        "created",
        "db",
        "debug_mode",
        "deliver",
        "engine",
        "file_wish",
        "id",
        "in_exec",
        "in_script",
        "is_postponed",
        "library",
        "library_version",
        "link",
        "local_address",
        "may_block",
        "name",
        "no_evict",
        "no_touch",
        "patterns",
        "replies",
        "resp",
        "send_messages",
        "shard_subscriptions",
        "slot",
        "started",
        "subscribed",
        "subscriptions",
        "tracking",
        "transaction",
        "unblocked",
        "user",
        "watched",
        "words",
    )

    def __init__(self, engine: Engine, client_id: int) -> None:
        self.engine = engine
        self.id = client_id
        self.db: Database = engine.keyspace[0]
        self.resp = 2
        #: Whose rights it has: see `acl`.
        self.user = engine.users.default
        #: Whether it has logged in, or need not: a connection must if `default` is not open.
        self.authenticated = True
        self.name = b""
        self.library = b""  # CLIENT SETINFO
        self.library_version = b""
        self.address = "embedded"
        self.local_address = "embedded"
        self.created = engine.keyspace.clock()
        self.no_evict = self.no_touch = False
        self.replies = Replies.ON
        #: What it has said of the file that SYNC is to give.
        self.file_wish: FileWish | None = None
        self.transaction: Transaction | None = None
        #: (database index, key) → tells whether the key changed since WATCH.
        self.watched: dict[tuple[int, bytes], bool] = {}
        #: How it tracks what it has read: CLIENT TRACKING.
        self.tracking: Tracking | None = None
        self.debug_mode = "no"  # SCRIPT DEBUG: yes, sync or no
        self.in_script = False
        #: Whether it can wait: a script's and an EXEC's commands never do.
        self.may_block = False
        #: What it waits for.
        self.blocked: Blocked | None = None
        #: Whether its next command waits for the end of a pause.
        self.is_postponed = False
        #: Given the reply that ends a wait, and the messages that follow it; by any thread.
        self.unblocked: Callable[[Reply, Sequence[Push | Status]], None] | None = None
        #: The words of the command it runs, or ran last.
        self.words: Sequence[bytes] = ()
        #: When that command began, on the monotonic clock.
        self.started = 0.0
        self.in_exec = False
        #: In a cluster: the slot of the keys of the command it runs.
        self.slot: int | None = None
        self.subscribed = False  # to anything
        self.subscriptions: set[bytes] = set()
        self.patterns: set[bytes] = set()
        self.shard_subscriptions: set[bytes] = set()
        #: Its connection, if it has one.
        self.link: Link | None = None
        #: Takes out-of-band messages; a connection without one cannot subscribe.
        self.deliver: Callable[[Push | Status], None] | None = None
        #: Sends what a command has caused so far before its reply, and not after it.
        self.send_messages: Callable[[], None] | None = None
        #: Set by QUIT and CLIENT KILL: the server closes the connection.
        self.closing = False

    @property
    def database(self) -> int:
        """The index of the selected database."""
        return self.db.index

    @property
    def kind(self) -> str:
        """The class of clients it belongs to: normal or pubsub; there are no replicas."""
        return "pubsub" if self.subscribed else "normal"

    @property
    def must_log_in(self) -> bool:
        """Tell whether the client may do nothing until it has said who it is."""
        return not (self.authenticated or self.engine.users.default.is_open)

    def execute(self, *args: Argument) -> Reply:
        """Run one command and give its reply; a failed one raises `ResponseError`."""
        return self.engine.call(self, encode_arguments(args))

    def twin(self, engine: Engine) -> Client:
        """Give a client of another engine, a view of this one's, in the state of this client."""
        made = engine.client()
        made.db = engine.keyspace[self.db.index]
        made.resp, made.name = self.resp, self.name
        made.user = engine.users.by_name.get(self.user.name, made.user)
        made.authenticated = self.authenticated
        return made

    def call(self, words: Sequence[bytes]) -> Reply:
        """Run one command given as bytes."""
        return self.engine.call(self, words)

    def sent(self, reply: Reply) -> Reply:
        """Give what a server sends for a reply: itself, or NO_REPLY as CLIENT REPLY wishes."""
        if self.replies is Replies.ON:
            return reply
        if self.replies is not Replies.OFF:
            # CLIENT REPLY SKIP has no answer itself, and neither has the command after it.
            done = self.replies is Replies.SKIP_NEXT
            self.replies = Replies.ON if done else Replies.SKIP_NEXT
        return NO_REPLY

    def end_transaction(self) -> None:
        """Forget the queued commands and the watched keys."""
        self.transaction = None
        self.engine.watches.unwatch(self)

    def close(self) -> None:
        """Take the client out of the engine."""
        self.engine.disconnect(self)
