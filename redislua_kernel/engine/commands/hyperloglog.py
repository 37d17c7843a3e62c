"""HyperLogLog commands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from redislua_kernel.engine import hyperloglog
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.string_ranges import edit_string
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.hyperloglog import CorruptedError
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, MoreKeys, Words
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.reply import OK, Reply, Status

NOT_A_HYPERLOGLOG = CommandError("WRONGTYPE Key is not a valid HyperLogLog string value.")
CORRUPTED = CommandError("INVALIDOBJ Corrupted HLL object detected")
KEY_MISSING = CommandError("ERR The specified key does not exist")
NOT_SPARSE = CommandError("ERR HLL encoding is not sparse")


@command(
    "PFADD",
    flags="write denyoom fast",
    group="hyperloglog",
    since="2.8.9",
    complexity="O(1) for each element.",
)
def pfadd(client: Client, key: Key, *elements: Words) -> int:
    """Add elements to a HyperLogLog; tell whether its estimate may have changed."""
    db = client.db
    text = _edit(db, key)
    updated = 0
    if text is None:
        text, updated = _create(db, key), 1
    try:
        wanted, limit = hyperloglog.locate_all(elements), client.engine.config.hll_sparse_max_bytes
        updated += hyperloglog.raise_registers(text, wanted, limit)
    except CorruptedError:
        raise CORRUPTED from None
    if not updated:
        return 0
    text.remember(15, 16)
    hyperloglog.invalidate(text.data)
    db.changed(key, b"pfadd", updated)
    return 1


@command(
    "PFCOUNT",
    flags="readonly may_replicate",
    group="hyperloglog",
    since="2.8.9",
    complexity="O(1) for each key.",
)
def pfcount(db: Database, key: Key, *more: MoreKeys) -> int:
    """Estimate how many different elements HyperLogLogs hold together."""
    if more:
        return hyperloglog.estimate(_merged(db, (key, *more)))
    found = db.buffer(key)
    if found is None:
        return 0
    cached = hyperloglog.cached_estimate(found)
    if cached is not None:
        return cached
    if not hyperloglog.is_valid(found):
        raise NOT_A_HYPERLOGLOG
    number = hyperloglog.estimate(_registers(found))
    # The value itself remembers the estimate: a reader writes.
    text = edit_string(db, key)
    text.remember(8, 16)
    hyperloglog.store_estimate(text.data, number)
    db.keyspace.dirty += 1
    db.journal.replicate(db.index, b"PFCOUNT", key)
    return number


@command(
    "PFMERGE",
    flags="write denyoom",
    group="hyperloglog",
    since="2.8.9",
    complexity="O(N) where N is the number of keys.",
)
def pfmerge(client: Client, destkey: Key, *sourcekeys: MoreKeys) -> Reply:
    """Make a HyperLogLog of everything that several ones, and itself, hold."""
    db, limit = client.db, client.engine.config.hll_sparse_max_bytes
    keys = (destkey, *sourcekeys)
    merged = _merged(db, keys)
    is_dense = any(
        found is not None and found[4] != hyperloglog.SPARSE
        for found in [_look(db, key) for key in keys]
    )
    text = _edit(db, destkey) or _create(db, destkey)
    if is_dense:
        hyperloglog.set_dense(text, merged)
    else:
        wanted = [(index, value) for index, value in enumerate(merged) if value]
        hyperloglog.raise_registers(text, wanted, limit)
    text.remember(15, 16)
    hyperloglog.invalidate(text.data)
    db.changed(destkey, b"pfadd")
    return OK


def _look(db: Database, key: bytes) -> bytes | bytearray | None:
    """Give a key's HyperLogLog to look at; None if there is none. Raises WRONGTYPE."""
    data = db.buffer(key)
    if data is not None and not hyperloglog.is_valid(data):
        raise NOT_A_HYPERLOGLOG
    return data


def _edit(db: Database, key: bytes) -> RawString | None:
    """Give a key's HyperLogLog for changes; None if there is none. Raises WRONGTYPE."""
    value = db.get(key)
    if value is None:
        return None
    text = value if value.__class__ is RawString else None
    data = db.string(key) if text is None else text.data
    if data is None or not hyperloglog.is_valid(data):
        raise NOT_A_HYPERLOGLOG
    is_ready = text is not None and text.journal is db.journal and not text.is_text
    return text if is_ready else edit_string(db, key)


def _create(db: Database, key: bytes) -> RawString:
    """Make a HyperLogLog where there is none."""
    text = RawString(hyperloglog.new(), db.journal)
    db.put(key, text)
    return text


def _registers(data: bytes | bytearray) -> bytes:
    try:
        return hyperloglog.read_registers(data)
    except CorruptedError:
        raise CORRUPTED from None


def _merged(db: Database, keys: Sequence[bytes]) -> bytes:
    found = map(_look, repeat(db), keys)
    return hyperloglog.merge(_registers(data) for data in found if data is not None)


@command(
    "PFDEBUG", flags="write denyoom admin", group="hyperloglog", since="2.8.9", complexity="N/A"
)
def pfdebug(db: Database, subcommand: bytes, key: Key) -> Reply:
    """Look into a HyperLogLog: GETREG, DECODE, ENCODING, TODENSE."""
    data = _look(db, key)
    if data is None:
        raise KEY_MISSING
    is_sparse = data[4] == hyperloglog.SPARSE
    name = subcommand.upper()
    if name == b"GETREG":
        _make_dense(db, key)
        return list(_registers(_look(db, key) or b""))
    if name == b"DECODE":
        if not is_sparse:
            raise NOT_SPARSE
        return _decode(data)
    if name == b"ENCODING":
        return Status(b"sparse" if is_sparse else b"dense")
    if name == b"TODENSE":
        _make_dense(db, key)
        return int(is_sparse)
    raise CommandError(f"ERR Unknown PFDEBUG subcommand '{shown(subcommand)}'")


def _make_dense(db: Database, key: bytes) -> None:
    text = _edit(db, key)
    if text is None or text.data[4] != hyperloglog.SPARSE:
        return
    try:
        hyperloglog.make_dense(text)
    except CorruptedError:
        raise CORRUPTED from None
    db.keyspace.dirty += 1


def _decode(data: bytes | bytearray) -> bytes:
    """Write the runs of a sparse HyperLogLog: `z:length`, `Z:length`, `v:value,length`."""
    words = []
    for byte, value, length in hyperloglog.decode(data):
        if value:
            words.append(b"v:%d,%d" % (value, length))
        else:
            words.append(b"%b:%d" % (b"Z" if byte & 0x40 else b"z", length))
    return b" ".join(words)


@command("PFSELFTEST", flags="admin", group="hyperloglog", since="2.8.9", complexity="N/A")
def pfselftest(client: Client) -> Reply:
    """Check that both encodings of a HyperLogLog agree and estimate well."""
    journal = Journal()
    sparse, dense = (RawString(hyperloglog.new(), journal) for _ in range(2))
    hyperloglog.make_dense(dense)
    elements = [b"%d" % number for number in range(1000)]
    for text in (sparse, dense):
        hyperloglog.raise_registers(text, hyperloglog.locate_all(elements))
    values = hyperloglog.read_registers(dense.data)
    agreed = hyperloglog.read_registers(sparse.data) == values
    if not agreed or abs(hyperloglog.estimate(values) - 1000) > 50:
        raise CommandError("ERR TESTFAILED dense/sparse disagree")
    return OK
