"""DEBUG: what test suites ask for. What looks into the reference's own structures is left out."""

from __future__ import annotations

import time
from collections.abc import Callable

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.dump import dump
from redislua_kernel.engine.commands.object import object_encoding
from redislua_kernel.engine.errors import CommandError, shown, subcommand_syntax
from redislua_kernel.engine.eviction.uses import Recency, Uses
from redislua_kernel.engine.interrupts import look
from redislua_kernel.engine.progress import counted
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.engine.signature import INT64_MAX, Words, parse_int
from redislua_kernel.errors import RedisError
from redislua_kernel.reply import OK, Attributed, BigNumber, Map, Reply, SetReply, Verbatim

NO_SUCH_KEY = CommandError("ERR no such key")
CANNOT_LOAD = CommandError("ERR Error trying to load the RDB dump, check server logs.")

#: In seconds: the longest sleep, and how often one that sleeps looks for an interrupt.
_LONGEST_SLEEP, _PATIENCE = 1 << 43, 0.05
#: A DUMP payload has these bytes more than the value: its type, and the footer.
_DUMP_FRAME = 11

_PROTOCOL: dict[bytes, Reply] = {
    b"string": b"Hello World",
    b"integer": 12345,
    b"double": 3.141,
    b"bignum": BigNumber(b"1234567999999999999999999999999999999"),
    b"null": None,
    b"array": [0, 1, 2],
    b"set": SetReply([0, 1, 2]),
    b"map": Map([(0, False), (1, True), (2, False)]),
    b"attrib": Attributed(
        b"Some real reply following the attribute", {b"key-popularity": [b"key:123", 90]}
    ),
    b"verbatim": Verbatim(b"This is a verbatim\nstring"),
    b"true": True,
    b"false": False,
}


@command(
    "DEBUG",
    flags="admin noscript loading stale",
    group="server",
    since="1.0.0",
    complexity="Depends on subcommand.",
)
def debug(client: Client, subcommand: bytes, *words: Words) -> Reply:
    """Help with testing: SLEEP, OBJECT, RELOAD, POPULATE, SET-ACTIVE-EXPIRE, and others."""
    name = subcommand.upper()
    if name in _SUBCOMMANDS:
        run, least, most = _SUBCOMMANDS[name]
        if least <= len(words) <= most:
            return run(client, *words)
    if name in _WITHOUT_EFFECT and words:
        return OK
    raise subcommand_syntax(subcommand, "debug")


def _sleep(client: Client, seconds: bytes) -> Reply:
    left = _seconds(seconds)
    if left < _LONGEST_SLEEP:  # what the reference cannot count in microseconds is over at once
        end = time.monotonic() + left
        while (left := end - time.monotonic()) > 0:
            look()
            time.sleep(min(left, _PATIENCE))
    return OK


def _seconds(word: bytes) -> float:
    """Read seconds as strtod does: what is no number counts as none."""
    try:
        return float(word)
    except ValueError:
        return 0


def _set_active_expire(client: Client, enabled: bytes) -> Reply:
    client.engine.keyspace.active_expire = enabled != b"0"
    return OK


def _set_disable_deny_scripts(client: Client, enabled: bytes) -> Reply:
    client.engine.conditions.let_scripts_call_all(enabled != b"0")
    return OK


def _error(client: Client, text: bytes) -> Reply:
    raise CommandError(shown(text))


def _log(client: Client, message: bytes) -> Reply:
    client.engine.log(WARNING, b"DEBUG LOG: " + message)
    return OK


def _object(client: Client, key: bytes) -> Reply:
    uses = client.engine.use_watch.ask()  # before all else: it takes other tables
    at = client.db.expiry(key)
    if at is not None:
        client.db.expires[key] = INT64_MAX  # a key that has expired is shown, and stays
    try:
        return _describe(client, key, uses)
    finally:
        if at is not None:
            client.db.expires[key] = at


def _describe(client: Client, key: bytes, uses: Uses) -> Reply:
    encoding = object_encoding(client.db, key)
    if encoding is None:
        raise NO_SUCH_KEY
    mark = client.db.mark(key)
    idle = uses.coldness(mark) // 1000 if isinstance(uses, Recency) else 0
    payload = dump(client, key)
    assert payload is not None
    client.db.remark(key, mark)  # looking at it is no use of it
    clock = client.engine.keyspace.now // 1000 - idle & 0xFFFFFF
    return (
        f"Value at:{id(client.db.get(key)):#x} refcount:1 encoding:{encoding.decode()} "
        f"serializedlength:{len(payload) - _DUMP_FRAME} lru:{clock} lru_seconds_idle:{idle}"
    ).encode()


def _reload(client: Client, *options: bytes) -> Reply:
    wanted = {option.upper() for option in options}
    if wanted - {b"MERGE", b"NOFLUSH", b"NOSAVE"}:
        text = "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options."
        raise CommandError(text)
    persistence = client.engine.persistence
    try:
        if b"NOSAVE" not in wanted:
            persistence.save()
        persistence.load(persistence.path, keeps=b"NOFLUSH" in wanted, replaces=b"MERGE" in wanted)
    except (OSError, RedisError) as error:
        client.engine.log(WARNING, f"DEBUG RELOAD: {error}".encode())
        raise CANNOT_LOAD from None
    persistence.note_saved()
    return OK


def _populate(
    client: Client, count: bytes, prefix: bytes = b"key", size: bytes | None = None
) -> Reply:
    length = 0 if size is None else parse_int(size)
    most = parse_int(count)
    with client.engine.working("populating"):
        for number in counted("adding keys", range(most), most):
            key = b"%b:%d" % (prefix, number)
            if not client.db.exists(key):
                text = b"value:%d" % number
                client.db.put(key, text.ljust(length, b"\0")[:length] if size is not None else text)
    client.engine.keyspace.journal.is_partial = True
    client.engine.keyspace.scan_orders.clear()  # what was added counts as no change
    return OK


def _protocol(client: Client, kind: bytes) -> Reply:
    try:
        return _PROTOCOL[kind.lower()]
    except KeyError:
        raise CommandError(
            "ERR Wrong protocol type name. Please use one of the following: "
            "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false"
        ) from None


#: What each subcommand runs, and how many words it takes at least and at most.
_SUBCOMMANDS: dict[bytes, tuple[Callable[..., Reply], int, int]] = {
    b"ERROR": (_error, 1, 1),
    b"LOG": (_log, 1, 1),
    b"OBJECT": (_object, 1, 1),
    b"POPULATE": (_populate, 1, 3),
    b"PROTOCOL": (_protocol, 1, 1),
    b"RELOAD": (_reload, 0, 3),
    b"SET-ACTIVE-EXPIRE": (_set_active_expire, 1, 1),
    b"SET-DISABLE-DENY-SCRIPTS": (_set_disable_deny_scripts, 1, 1),
    b"SLEEP": (_sleep, 1, 1),
}

#: They tune what the engine has not; test suites set them all the same.
_WITHOUT_EFFECT = {b"DICT-RESIZING", b"PAUSE-CRON", b"QUICKLIST-PACKED-THRESHOLD", b"REPLYBUFFER"}
