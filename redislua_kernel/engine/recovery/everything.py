"""All data and libraries as one record: an RDB file, and beside it what most keys are.

Python marshals a million strings in a moment, and reads them as fast, and collections nearly so;
written one by one they would keep the cell that runs meanwhile, and the kernel that starts again,
waiting for seconds.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.dialect import REDIS
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.rdb.snapshot import write_snapshot
from redislua_kernel.engine.recovery.collections import has_plain_form, plain_form, value_of
from redislua_kernel.engine.types.value import Stored, as_value

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine

__all__ = ["Everything"]

#: So many strings, and collections, are marshalled at once: other threads wait meanwhile. The plain
#: forms of so few collections are gone before Python's cycle collector looks for them.
_STRINGS, _COLLECTIONS = 1 << 16, 1 << 8

#: How a table keeps a string that is not edited in place.
_OF_STRINGS = (bytes, int)


class Everything(NamedTuple):
    """What there was at one time, in microseconds since the epoch; marshalled as it is."""

    now_us: int
    #: The libraries, and the values that are in none of the following.
    rdb: bytes
    #: The strings of each database, marshalled in lots: dicts from key to value.
    strings: dict[int, list[bytes]]
    #: Its collections as well, from key to plain form.
    collections: dict[int, list[bytes]]
    #: When those of both expire that do, in milliseconds since the epoch.
    expires: dict[int, dict[bytes, int]]

    @classmethod
    def of(cls, keyspace: Keyspace, libraries: list[bytes]) -> Everything:
        """Take all from a keyspace that nobody changes meanwhile, and its libraries."""
        rdb = write_snapshot(
            keyspace,
            libraries,
            server_version=REDIS.version.encode(),
            compresses=False,
            has_checksum=False,
            leaves_out=_is_beside,
        )
        used = [database for database in keyspace.databases if database.entries]
        return cls(
            keyspace.now_us,
            rdb,
            {database.index: list(_strings(database)) for database in used},
            {database.index: list(_collections(database)) for database in used},
            {database.index: _expires(database) for database in used},
        )

    def adopt(self, engine: Engine) -> None:
        """Let an engine have this in place of all there is; as part of a unit."""
        engine.persistence.adopt(self.rdb, "the crash journal's snapshot")
        keyspace = engine.keyspace
        for index, lots in self.strings.items():
            database = keyspace[index]
            entries = database.entries.copy()
            for lot in lots:
                entries.update(marshal.loads(lot))
            for lot in self.collections[index]:
                plain_forms = marshal.loads(lot)
                for key, plain in plain_forms.items():
                    entries[key] = value_of(database.journal, plain)
                keyspace.unpacked += len(plain_forms)
            expires = database.expires | self.expires[index]
            for key in [key for key, at in expires.items() if at < keyspace.now]:
                del entries[key], expires[key]
            database.replace(entries, expires)


def _strings(database: Database) -> Iterator[bytes]:
    strings = (each for each in database.entries.items() if each[1].__class__ in _OF_STRINGS)
    while lot := dict(islice(strings, _STRINGS)):
        yield marshal.dumps(lot)


def _collections(database: Database) -> Iterator[bytes]:
    collections = (each for each in database.entries.items() if has_plain_form(each[1]))
    journal = database.journal
    while some := list(islice(collections, _COLLECTIONS)):
        lot = {key: plain_form(as_value(value, journal)) for key, value in some}
        yield marshal.dumps(lot)


def _is_beside(stored: Stored) -> bool:
    """Tell whether what a table keeps stands beside the RDB file."""
    return stored.__class__ in _OF_STRINGS or has_plain_form(stored)


def _expires(database: Database) -> dict[bytes, int]:
    entries = database.entries
    return {key: at for key, at in database.expires.items() if _is_beside(entries[key])}
