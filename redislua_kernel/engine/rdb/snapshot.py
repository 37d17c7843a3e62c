"""RDB files: a whole keyspace and its libraries as bytes, and back.

Files of redis-server 2.2 to 8.2.3 are read; what is written is read by 8.2.3, and by older
servers that know its types. Whatever is damaged or cut off raises `Corrupt`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from redislua_kernel.engine.eviction.uses import SavedUse
from redislua_kernel.engine.interrupts import in_lots
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.engine.long_elements import ELEMENTS
from redislua_kernel.engine.progress import counted, note
from redislua_kernel.engine.rdb.crc64 import crc64
from redislua_kernel.engine.rdb.payload import RDB_VERSION, RDB_VERSIONS
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.values import read_bare_value, write_keyed_value
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.value import Stored, Value, as_stored, as_value

__all__ = ["NO_USE", "Entry", "Snapshot", "UseTeller", "read_snapshot", "write_snapshot"]

_MAGIC = b"REDIS"
_SLOT_INFO, _FUNCTION, _MODULE_AUX, _IDLE, _FREQUENCY = 244, 245, 247, 248, 249
_AUXILIARY, _SIZES, _EXPIRES_MS, _EXPIRES, _DATABASE, _END = 250, 251, 252, 253, 254, 255
#: The first version that ends with a checksum.
_CHECKSUM_SINCE = 5


NO_USE = SavedUse()

#: Gives what a file is to say of the uses of a database's key.
UseTeller = Callable[[int, bytes], SavedUse]


class Entry(NamedTuple):
    """One key of a file."""

    database: int
    key: bytes
    value: bytes | Value
    #: When it expires, in milliseconds since the epoch; None: never.
    expires: int | None
    use: SavedUse = NO_USE


class Snapshot(NamedTuple):
    """What a file holds."""

    entries: list[Entry]
    #: The code of each library.
    libraries: list[bytes]


def write_snapshot(
    keyspace: Keyspace,
    libraries: Iterable[bytes],
    *,
    server_version: bytes,
    compresses: bool,
    has_checksum: bool = True,
    leaves_out: Callable[[Stored], bool] | None = None,
    use_of: UseTeller | None = None,
) -> bytes:
    """Give the file of a keyspace that nobody changes meanwhile, and of its libraries."""
    writer = Writer(compresses=compresses)
    writer.data += b"%b%04d" % (_MAGIC, RDB_VERSION)
    for name, text in (
        (b"redis-ver", server_version),
        (b"redis-bits", b"64"),
        (b"ctime", b"%d" % (keyspace.now // 1000)),
        (b"aof-base", b"0"),
    ):
        writer.byte(_AUXILIARY)
        writer.string(name)
        writer.string(text)
    for code in libraries:
        writer.byte(_FUNCTION)
        writer.string(code)
    for database in keyspace.databases:
        entries: Mapping[bytes, Stored] = database.entries
        if leaves_out is not None:
            entries = {key: value for key, value in entries.items() if not leaves_out(value)}
        if not entries:
            continue
        writer.byte(_DATABASE)
        writer.length(database.index)
        writer.byte(_SIZES)
        writer.length(len(entries))
        writer.length(len(database.expires))
        for key, value in counted("writing keys", entries.items(), len(entries)):
            expires = database.expires.get(key)
            if expires is not None:
                writer.byte(_EXPIRES_MS)
                writer.milliseconds(expires)
            if use_of is not None:
                _write_use(writer, use_of(database.index, key))
            write_keyed_value(writer, key, as_value(value, keyspace.journal))
    writer.byte(_END)
    writer.data += (crc64(writer.data) if has_checksum else 0).to_bytes(8, "little")
    return bytes(writer.data)


def _write_use(writer: Writer, use: SavedUse) -> None:
    if use.idle is not None:
        writer.byte(_IDLE)
        writer.length(use.idle)
    if use.frequency is not None:
        writer.byte(_FREQUENCY)
        writer.byte(use.frequency)


def read_snapshot(data: bytes, journal: Journal, databases: int) -> Snapshot:
    """Give what a file holds, its values owned by a journal. Raises `Corrupt`."""
    ELEMENTS.were_long = True  # or may have been
    reader = Reader(data)
    if reader.take(5) != _MAGIC:
        raise Corrupt("it is no RDB file")
    version = reader.take(4)
    if not version.isdigit() or int(version) not in RDB_VERSIONS:
        raise Corrupt(f"its version {version.decode('latin-1')} is unknown")
    libraries: list[bytes] = []
    entries: list[Entry] = []
    for lot in in_lots(_read_entries(reader, libraries, journal, databases)):
        entries += lot
        note("reading keys", reader.place, len(data))
    if int(version) >= _CHECKSUM_SINCE:
        end = reader.place
        checksum = int.from_bytes(reader.take(8), "little")
        if checksum and checksum != crc64(data[:end]):  # 0: written without one
            raise Corrupt("its checksum is wrong")
    return Snapshot(entries, libraries)


def _read_entries(
    reader: Reader, libraries: list[bytes], journal: Journal, databases: int
) -> Iterator[Entry]:
    database, expires, use = 0, None, NO_USE
    while True:
        opcode = reader.byte()
        if opcode < _SLOT_INFO:
            key = reader.string()
            value = as_stored(read_bare_value(opcode, reader, journal))
            yield Entry(database, key, value, expires, use)
            expires, use = None, NO_USE
        elif opcode == _END:
            return
        elif opcode == _DATABASE:
            database = reader.length()
            if database >= databases:
                raise Corrupt(f"it has a database {database}")
        elif opcode == _EXPIRES_MS:
            expires = reader.milliseconds()
        elif opcode == _EXPIRES:
            expires = int.from_bytes(reader.take(4), "little", signed=True) * 1000
        elif opcode == _IDLE:
            use = use._replace(idle=reader.length())
        elif opcode == _FREQUENCY:
            use = use._replace(frequency=reader.byte())
        elif opcode == _FUNCTION:
            libraries.append(reader.string())
        else:
            _skip(opcode, reader)


def _skip(opcode: int, reader: Reader) -> None:
    """Take what a file says beside its data."""
    if opcode == _AUXILIARY:
        reader.string()
        reader.string()
    elif opcode in (_SIZES, _SLOT_INFO):
        for _ in range(2 if opcode == _SIZES else 3):
            reader.length()
    elif opcode == _MODULE_AUX:
        raise Corrupt("it needs a module")
    else:
        raise Corrupt("unknown type")
