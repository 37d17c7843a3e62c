"""CLIENT: what a connection may know and set about itself and the others."""

from __future__ import annotations

from collections.abc import Callable, Container

from redislua_kernel.engine.blocking import parse_milliseconds
from redislua_kernel.engine.client import Client, Replies
from redislua_kernel.engine.client_line import describe_client
from redislua_kernel.engine.commands.connection import check_client_name, is_printable
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError, shown, subcommand_syntax
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words, parse_int
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NO_REPLY, OK, Reply, Verbatim

UNBLOCKED = CommandError("UNBLOCKED client unblocked via CLIENT UNBLOCK")

_OWN = "noscript loading stale"
_ADMIN = "admin noscript loading stale"


@command("CLIENT ID", flags=_OWN, group="connection", since="5.0.0", complexity="O(1)")
def client_id(client: Client) -> int:
    """Give the connection's number."""
    return client.id


@command("CLIENT GETNAME", flags=_OWN, group="connection", since="2.6.9", complexity="O(1)")
def client_getname(client: Client) -> bytes | None:
    """Give the connection's name; null if it has none."""
    return client.name or None


@command("CLIENT SETNAME", flags=_OWN, group="connection", since="2.6.9", complexity="O(1)")
def client_setname(client: Client, connection_name: bytes) -> Reply:
    """Name the connection."""
    client.name = check_client_name(connection_name)
    return OK


@command("CLIENT SETINFO", flags=_OWN, group="connection", since="7.2.0", complexity="O(1)")
def client_setinfo(client: Client, attribute: bytes, value: bytes) -> Reply:
    """Tell which client library the connection uses: LIB-NAME or LIB-VER."""
    name = attribute.upper()
    if name not in (b"LIB-NAME", b"LIB-VER"):
        raise CommandError(f"ERR Unrecognized option '{shown(attribute)}'")
    if not is_printable(value):
        raise CommandError(
            f"ERR {shown(attribute)} cannot contain spaces, newlines or special characters."
        )
    if name == b"LIB-NAME":
        client.library = value
    else:
        client.library_version = value
    return OK


@command("CLIENT INFO", flags=_OWN, group="connection", since="6.2.0", complexity="O(1)")
def client_info(client: Client) -> Reply:
    """Describe the connection in one line."""
    return Verbatim(describe_client(client, client) + b"\n")


@command(
    "CLIENT LIST",
    flags=_ADMIN,
    group="connection",
    since="2.4.0",
    complexity="O(N) where N is the number of connections.",
)
def client_list(client: Client, *filters: Words) -> Reply:
    """Describe all connections, one a line; TYPE and ID choose some."""
    clients = list(client.engine.clients.values())
    option = filters[0].upper() if filters else b""
    if option == b"TYPE" and len(filters) == 2:
        kind = _client_type(filters[1])
        clients = [other for other in clients if other.kind == kind]
    elif option == b"ID" and len(filters) > 1:
        try:
            ids = list(map(parse_int, filters[1:]))
        except ResponseError:
            raise CommandError("ERR Invalid client ID") from None
        clients = [client.engine.clients[i] for i in ids if i in client.engine.clients]
    elif filters:
        raise SYNTAX_ERROR
    lines = (describe_client(other, client) + b"\n" for other in clients)
    return Verbatim(b"".join(lines))


def _client_type(word: bytes) -> str:
    kind = shown(word)
    if kind.lower() not in ("normal", "slave", "replica", "pubsub", "master"):
        raise CommandError(f"ERR Unknown client type '{kind}'")
    return kind.lower()


@command(
    "CLIENT KILL",
    flags=_ADMIN,
    group="connection",
    since="2.4.0",
    complexity="O(N) where N is the number of connections.",
)
def client_kill(client: Client, *filters: bytes) -> Reply:
    """Close the connections that all the filters choose; give how many."""
    if len(filters) == 1:
        killed = _kill(client, {b"ADDR": filters[0], b"SKIPME": b"no"})
        if not killed:
            raise CommandError("ERR No such client")
        return OK
    return _kill(client, _kill_filters(filters, client.engine.users.by_name))


def _kill_filters(words: tuple[bytes, ...], users: Container[bytes]) -> dict[bytes, bytes]:
    if len(words) % 2:
        raise SYNTAX_ERROR
    filters = {}
    for name, word in zip(words[::2], words[1::2], strict=True):
        option, value = name.upper(), word
        if option == b"ID":
            _positive(value, "client-id should be greater than 0", "client-id")
        elif option == b"MAXAGE":
            _positive(value, "maxage should be greater than 0", "maxage")
        elif option == b"TYPE":
            value = _client_type(value).encode()
        elif option == b"USER" and value not in users:
            raise CommandError(f"ERR No such user '{shown(value)}'")
        elif option == b"SKIPME":
            value = value.lower()
            if value not in (b"yes", b"no"):
                raise SYNTAX_ERROR
        elif option not in (b"ADDR", b"LADDR", b"USER"):
            raise SYNTAX_ERROR
        filters[option] = value
    return filters


def _positive(word: bytes, too_small: str, name: str) -> None:
    try:
        number = parse_int(word)
    except ResponseError:
        text = too_small if name == "client-id" else f"{name} is not an integer or out of range"
        raise CommandError(f"ERR {text}") from None
    if number <= 0:
        raise CommandError(f"ERR {too_small}")


def _kill(caller: Client, filters: dict[bytes, bytes]) -> int:
    spares_caller = filters.pop(b"SKIPME", b"yes") == b"yes"
    killed = 0
    for client in list(caller.engine.clients.values()):
        if (client is caller and spares_caller) or not _is_chosen(client, filters):
            continue
        caller.engine.kill(client, caller)
        killed += 1
    return killed


def _is_chosen(client: Client, filters: dict[bytes, bytes]) -> bool:
    age = (client.engine.keyspace.now_us - client.created) // 1_000_000
    tests: dict[bytes, Callable[[bytes], bool]] = {
        b"ID": lambda value: client.id == int(value),
        b"ADDR": lambda value: client.address.encode() == value,
        b"LADDR": lambda value: client.local_address.encode() == value,
        b"TYPE": lambda value: client.kind.encode() == value,
        b"MAXAGE": lambda value: age >= int(value),
        b"USER": lambda value: client.user.name == value,
    }
    return all(tests[option](value) for option, value in filters.items())


@command("CLIENT REPLY", flags=_OWN, group="connection", since="3.2.0", complexity="O(1)")
def client_reply(client: Client, mode: bytes) -> Reply:
    """Choose whether replies are sent: ON, OFF, or SKIP for the next one."""
    chosen = mode.upper()
    if chosen == b"ON":
        client.replies = Replies.ON
        return OK
    if chosen == b"OFF":
        client.replies = Replies.OFF
    elif chosen != b"SKIP":
        raise SYNTAX_ERROR
    elif client.replies is not Replies.OFF:
        client.replies = Replies.SKIP
    return NO_REPLY


@command("CLIENT NO-EVICT", flags=_ADMIN, group="connection", since="7.0.0", complexity="O(1)")
def client_no_evict(client: Client, enabled: bytes) -> Reply:
    """Keep the connection when clients use too much memory: ON or OFF."""
    client.no_evict = _on_off(enabled)
    return OK


@command("CLIENT NO-TOUCH", flags=_OWN, group="connection", since="7.2.0", complexity="O(1)")
def client_no_touch(client: Client, enabled: bytes) -> Reply:
    """Let the connection's reads leave the keys' idle times alone: ON or OFF."""
    client.no_touch = _on_off(enabled)
    client.engine.use_watch.heed_clients()
    return OK


def _on_off(word: bytes) -> bool:
    if word.upper() not in (b"ON", b"OFF"):
        raise SYNTAX_ERROR
    return word.upper() == b"ON"


@command("CLIENT UNBLOCK", flags=_ADMIN, group="connection", since="5.0.0", complexity="O(1)")
def client_unblock(client: Client, client_id: bytes, *reasons: Words) -> int:
    """Wake a connection that waits, as if its time were over or with an error; 1 if it did."""
    if len(reasons) > 1:
        raise subcommand_syntax(client.words[1], "client")
    reason = reasons[0] if reasons else b"TIMEOUT"
    if reason.upper() not in (b"TIMEOUT", b"ERROR"):
        raise CommandError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
    engine = client.engine
    other = engine.clients.get(parse_int(client_id))
    if other is None or other.blocked is None:
        return 0
    if reason.upper() == b"ERROR":
        engine.blocked.fail(other, UNBLOCKED)
    else:
        engine.blocked.time_out(other)
    return 1


@command("CLIENT PAUSE", flags=_ADMIN, group="connection", since="3.0.0", complexity="O(1)")
def client_pause(client: Client, timeout: bytes, *mode: Words) -> Reply:
    """Let the commands of connections wait for some milliseconds: ALL, or those that may WRITE."""
    if len(mode) > 1:
        raise subcommand_syntax(client.words[1], "client")
    kind = mode[0].upper() if mode else b"ALL"
    if kind not in (b"ALL", b"WRITE"):
        raise CommandError("ERR CLIENT PAUSE mode must be WRITE or ALL")
    now = client.engine.keyspace.now
    milliseconds = parse_milliseconds(timeout, now)
    client.engine.pause.begin(now + milliseconds, all_commands=kind == b"ALL")
    return OK


@command("CLIENT UNPAUSE", flags=_ADMIN, group="connection", since="6.2.0", complexity="O(1)")
def client_unpause(client: Client) -> Reply:
    """End a pause."""
    client.engine.pause.end()
    return OK


@command("CLIENT HELP", flags="loading stale", group="connection", since="5.0.0", complexity="O(1)")
def client_help(client: Client) -> Reply:
    """Explain the subcommands of CLIENT."""
    return help_reply("CLIENT")
