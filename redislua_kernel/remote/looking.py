"""Looking at a server's data without holding it up: SCAN, never KEYS, and no more than is shown.

Commands go in lots over the second connection, each lot at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from redislua_kernel.browsing.details import UNITS, KeyDetails
from redislua_kernel.engine import Engine
from redislua_kernel.engine.interrupts import look
from redislua_kernel.remote.copying import copy_key
from redislua_kernel.remote.remote import Remote
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["Mirror", "read_details", "scan"]

#: How many keys a step of SCAN looks at, and how long all steps may take together, in seconds.
_STEP, _SECONDS = 1000, 2.0
#: Larger keys are not copied, in bytes of memory.
_LARGEST = 1 << 20

_SIZES = {
    "string": b"STRLEN",
    "list": b"LLEN",
    "set": b"SCARD",
    "zset": b"ZCARD",
    "hash": b"HLEN",
    "stream": b"XLEN",
}


def scan(remote: Remote, pattern: bytes, most: int) -> tuple[list[bytes], bool]:
    """Give names of keys that fit a pattern, sorted, and whether these are all there are."""
    names: set[bytes] = set()
    end = monotonic() + _SECONDS
    for probe in remote.probes():
        cursor = b"0"
        while True:
            look()
            words = [b"SCAN", cursor, b"MATCH", pattern, b"COUNT", b"%d" % _STEP]
            cursor, found = probe.call(words)
            names.update(map(bytes, found))
            if len(names) > most or monotonic() > end:
                return sorted(names)[:most], False
            if cursor == b"0":
                break
    return sorted(names), True


def read_details(remote: Remote, keys: Sequence[bytes]) -> list[KeyDetails | None]:
    """Give what there is to tell of keys; None: there is no such key any more."""
    kinds = [
        bytes(kind).decode() if isinstance(kind, bytes) else "none"
        for kind in remote.ask_each([[b"TYPE", key] for key in keys])
    ]
    asked = []
    for key, kind in zip(keys, kinds, strict=True):
        asked += [
            [b"PTTL", key],
            [_SIZES.get(kind, b"EXISTS"), key],
            [b"OBJECT", b"ENCODING", key],
            [b"MEMORY", b"USAGE", key],
        ]
    told = remote.ask_each(asked)
    return [
        None if kind == "none" else _details(kind, *told[place * 4 : place * 4 + 4])
        for place, kind in enumerate(kinds)
    ]


def _details(kind: str, ttl: Reply, size: Reply, encoding: Reply, memory: Reply) -> KeyDetails:
    left = ttl if isinstance(ttl, int) and ttl >= 0 else None
    return KeyDetails(
        type=kind,
        expires=None,
        ttl=left,
        size=size if isinstance(size, int) else 0,
        unit=UNITS.get(kind, "byte"),
        encoding=bytes(encoding).decode() if isinstance(encoding, bytes) else "",
        memory=memory if isinstance(memory, int) else 0,
    )


class Mirror:
    """A copy of a server's keys in an engine, to be compared: of so many keys, none too large."""

    def __init__(self, remote: Remote, pattern: bytes = b"*", most: int = 1000) -> None:
        self.engine = Engine()
        keys, self.is_whole = scan(remote, pattern, most)
        #: How many of these keys were too large.
        self.too_large = 0
        client = self.engine.client()
        client.execute("SELECT", remote.database)
        sizes = remote.ask_each([[b"MEMORY", b"USAGE", key] for key in keys])
        for key, size in zip(keys, sizes, strict=True):
            look()
            if isinstance(size, int) and size > _LARGEST:
                self.too_large += 1
                continue
            try:
                copy_key(remote.ask, client.execute, key)
            except ResponseError as error:
                if error.code not in ("NOPERM", "ERR"):
                    raise
                self.too_large += 1
