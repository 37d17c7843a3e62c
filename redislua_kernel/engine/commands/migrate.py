"""MIGRATE: keys that move to another server, which the engine never reaches."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import NO_KEYS_FOUND, SYNTAX_ERROR, CommandError, shown
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import KeyRange, Words, parse_int
from redislua_kernel.reply import Reply, Status

KEY_AND_KEYS = CommandError(
    "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string"
)
UNREACHABLE = CommandError("IOERR error or timeout writing to target instance")
UNKNOWN_HOST = CommandError("IOERR error or timeout connecting to the client")

#: How many words each option takes.
_OPTIONS = {b"COPY": 1, b"REPLACE": 1, b"AUTH": 2, b"AUTH2": 3}
#: The words before the options, the name left out.
_FIXED = 5


def _find_keys(words: Sequence[bytes]) -> list[bytes]:
    key, place = words[2], _FIXED
    while place < len(words):
        option = words[place].upper()
        if option == b"KEYS":
            if key:
                raise NO_KEYS_FOUND
            return list(words[place + 1 :])
        place += _OPTIONS.get(option, 1)
    return [key]


@command(
    "MIGRATE",
    flags="write movablekeys",
    group="generic",
    since="2.6.0",
    complexity="O(N) where N is the number of keys and of their elements.",
    categories="keyspace dangerous",
    keys=KeyRange(3, 3, 1),
    find_keys=_find_keys,
)
def migrate(
    client: Client,
    host: bytes,
    port: bytes,
    key: bytes,
    destination_db: bytes,
    timeout: bytes,
    *options: Words,
) -> Reply:
    """Move keys to another server; as none can be reached from here, they stay."""
    _check_options(key, options)
    keys = _find_keys((host, port, key, destination_db, timeout, *options))
    parse_int(timeout)
    parse_int(destination_db)
    if not any([client.db.exists(name) for name in keys]):
        return Status(b"NOKEY")
    raise UNREACHABLE if _is_address(host) else UNKNOWN_HOST


def _is_address(host: bytes) -> bool:
    """Tell whether a host needs nobody who knows its name."""
    try:
        ip_address(shown(host))
    except ValueError:
        return host == b"localhost"
    return True


def _check_options(key: bytes, words: tuple[bytes, ...]) -> None:
    place = 0
    while place < len(words):
        if words[place].upper() == b"KEYS":
            if key:
                raise KEY_AND_KEYS
            return
        length = _OPTIONS.get(words[place].upper())
        if length is None or place + length > len(words):
            raise SYNTAX_ERROR
        place += length
