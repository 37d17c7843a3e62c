"""The connection: greeting, authentication, database, and its end."""

from __future__ import annotations

from redislua_kernel.engine.client import Client, Replies
from redislua_kernel.engine.errors import DATABASE_OUT_OF_RANGE, SYNTAX_ERROR, CommandError, shown
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Int32, Words, parse_int
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import OK, Reply, Status

PONG = Status(b"PONG")

WRONG_PASSWORD = CommandError("WRONGPASS invalid username-password pair or user is disabled.")
NO_PASSWORD_SET = CommandError(
    "ERR AUTH <password> called without any password configured for the default user. "
    "Are you sure your configuration is correct?"
)
HELLO_FIRST = CommandError(
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
    "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the "
    "RESP protocol version at the same time"
)
BAD_CLIENT_NAME = CommandError(
    "ERR Client names cannot contain spaces, newlines or special characters."
)

#: The flags of what a client may call before anything else.
_GREETING = "noscript loading stale fast no_auth allow_busy"


@command("PING", flags="fast", group="connection", since="1.0.0", complexity="O(1)")
def ping(client: Client, message: bytes | None = None) -> Reply:
    """Tell that the engine is alive: PONG, or the message."""
    if client.subscribed and client.resp == 2:
        return [b"pong", message or b""]
    return PONG if message is None else message


@command("ECHO", flags="fast loading stale", group="connection", since="1.0.0", complexity="O(1)")
def echo(client: Client, message: bytes) -> bytes:
    """Give the message back."""
    return message


@command("SELECT", flags="loading stale fast", group="connection", since="1.0.0", complexity="O(1)")
def select(client: Client, index: Int32) -> Reply:
    """Choose the database that the next commands work on."""
    if index and client.engine.conditions.is_cluster:
        raise CommandError("ERR SELECT is not allowed in cluster mode")
    databases = client.engine.keyspace.databases
    if not 0 <= index < len(databases):
        raise DATABASE_OUT_OF_RANGE
    client.db = databases[index]
    return OK


@command("HELLO", flags=_GREETING, group="connection", since="6.0.0", complexity="O(1)")
def hello(client: Client, *words: Words) -> Reply:
    """Choose the RESP version, and optionally authenticate and name the connection."""
    version = _protocol_version(words[0]) if words else client.resp
    name: bytes | None = None
    login: tuple[bytes, bytes] | None = None
    place = 1
    while place < len(words):
        option, values = words[place].upper(), words[place + 1 :]
        if option == b"AUTH" and len(values) >= 2:
            login = (values[0], values[1])
            place += 3
        elif option == b"SETNAME" and values:
            name = check_client_name(values[0])
            place += 2
        else:
            raise CommandError(f"ERR Syntax error in HELLO option '{shown(words[place])}'")
    if login is not None:
        authenticate(client, *login)
    elif client.must_log_in:
        raise HELLO_FIRST
    if name is not None:
        client.name = name
    client.resp = version
    conditions, dialect = client.engine.conditions, client.engine.dialect
    return {
        b"server": dialect.name.encode(),
        b"version": dialect.version.encode(),
        b"proto": version,
        b"id": client.id,
        b"mode": b"cluster" if conditions.is_cluster else b"standalone",
        b"role": b"master" if conditions.master is None else b"replica",
        b"modules": [
            {b"name": name, b"ver": 1, b"path": name, b"args": []} for name in dialect.modules
        ],
    }


def _protocol_version(word: bytes) -> int:
    try:
        version = parse_int(word)
    except ResponseError:
        raise CommandError("ERR Protocol version is not an integer or out of range") from None
    if version not in (2, 3):
        raise CommandError("NOPROTO unsupported protocol version")
    return version


@command("AUTH", flags=_GREETING, group="connection", since="1.0.0", complexity="O(1)")
def auth(client: Client, *words: bytes) -> Reply:
    """Authenticate the connection, as the user `default` if no other is named."""
    if len(words) > 2:
        raise SYNTAX_ERROR
    if len(words) == 1:
        if client.engine.users.default.nopass:
            raise NO_PASSWORD_SET
        words = (b"default", *words)
    authenticate(client, *words)
    return OK


def authenticate(client: Client, user: bytes, password: bytes) -> None:
    """Give a client the rights of a user. Raises WRONGPASS for a wrong name or password."""
    engine = client.engine
    found = engine.users.login(user, password)
    if found is None:
        engine.access_log.add(client, "auth", client.words[0], username=user)
        raise WRONG_PASSWORD
    client.user, client.authenticated = found, True


def check_client_name(name: bytes) -> bytes:
    """Give the name back if it would not break CLIENT LIST's format."""
    if not is_printable(name):
        raise BAD_CLIENT_NAME
    return name


def is_printable(text: bytes) -> bool:
    """Tell whether a text has no blanks and no control characters."""
    return all(0x21 <= char <= 0x7E for char in text)


@command("QUIT", flags=_GREETING, group="connection", since="1.0.0", complexity="O(1)")
def quit_(client: Client, *words: Words) -> Reply:
    """Close the connection."""
    client.closing = True
    return OK


@command("RESET", flags=_GREETING, group="connection", since="6.2.0", complexity="O(1)")
def reset(client: Client) -> Reply:
    """Bring the connection back to how it began."""
    engine = client.engine
    engine.pubsub.drop(client)
    engine.tracking.disable(client)
    engine.monitors.remove(client)
    client.end_transaction()
    client.user = engine.users.default
    client.authenticated = client.user.is_open
    client.db = engine.keyspace[0]
    client.resp = 2
    client.name = b""
    if client.no_touch:
        client.no_touch = False
        engine.use_watch.heed_clients()
    client.no_evict = False
    client.replies = Replies.ON
    return Status(b"RESET")
