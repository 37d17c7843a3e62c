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
#: Larger keys are not copied, and no more than that of all, in bytes of memory.
_LARGEST, _MOST_BYTES = 1 << 20, 64 << 20
#: How many keys are copied together.
_LOT = 100

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
    """A copy of some of a server's keys in an engine, as they are now; none that is too large."""

    def __init__(self, remote: Remote, keys: Sequence[bytes], *, is_whole: bool = True) -> None:
        self.engine = Engine(databases=max(remote.database + 1, 16))
        #: Whether these are all keys.
        self.is_whole = is_whole
        #: How many keys of these were not copied: they are too large, or no command can say them.
        self.left_out = 0
        self._client = self.engine.client()
        self._client.execute("SELECT", remote.database)
        sizes = remote.ask_each([[b"MEMORY", b"USAGE", key] for key in keys])
        total, small = 0, []
        for key, told in zip(keys, sizes, strict=True):
            size = told if isinstance(told, int) else 0
            if size > _LARGEST or total + size > _MOST_BYTES:
                self.left_out += 1
            else:
                total += size
                small.append(key)
        for start in range(0, len(small), _LOT):
            self._copy(remote, small[start : start + _LOT])

    @classmethod
    def of_all(cls, remote: Remote, most: int = 1000) -> Mirror:
        """Copy all keys of the selected database, or the first that SCAN finds."""
        keys, is_whole = scan(remote, b"*", most)
        return cls(remote, keys, is_whole=is_whole)

    def close(self) -> None:
        """Free what the copy takes."""
        self.engine.close()

    def _copy(self, remote: Remote, keys: Sequence[bytes]) -> None:
        asked = [[name, key] for key in keys for name in (b"DUMP", b"PEXPIRETIME")]
        told = remote.ask_each(asked)
        for key, payload, at in zip(keys, told[::2], told[1::2], strict=True):
            look()
            try:
                if isinstance(payload, bytes) and isinstance(at, int):
                    self._client.execute("RESTORE", key, max(at, 0), payload, "ABSTTL")
                elif payload is not None:
                    copy_key(remote.ask, self._client.execute, key)
            except ResponseError:
                self._copy_slowly(remote, key)

    def _copy_slowly(self, remote: Remote, key: bytes) -> None:
        """Copy what a payload does not bring here."""
        try:
            copy_key(remote.ask, self._client.execute, key)
        except ResponseError:
            self.left_out += 1
