"""HyperLogLog commands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from redislua_kernel.engine import hyperloglog
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.string_ranges import edit_string
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.hyperloglog import CorruptedError, Text, cached_estimate, is_contained
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, MoreKeys, Words
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.reply import OK, Reply, Status

NOT_A_HYPERLOGLOG = CommandError("WRONGTYPE Key is not a valid HyperLogLog string value.")
CORRUPTED = CommandError("INVALIDOBJ Corrupted HLL object detected")
KEY_MISSING = CommandError("ERR The specified key does not exist")
NOT_SPARSE = CommandError("ERR HLL encoding is not sparse")


def _add_known(db: Database, name: bytes, key: bytes, element: bytes) -> int | None:
    text = db.entries.get(key)
    if text.__class__ is RawString and key not in db.expires and is_contained(text, element):
        return 0
    return None


def _add_one(client: Client, key: bytes, element: bytes) -> int:
    return _add(client, key, (element,))


def _add(client: Client, key: bytes, elements: Sequence[bytes]) -> int:
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
    hyperloglog.drop_estimate(text)
    db.changed(key, b"pfadd", updated)
    return 1


@command(
    "PFADD",
    flags="write denyoom fast",
    group="hyperloglog",
    since="2.8.9",
    complexity="O(1) for each element.",
    plain=_add_one,
    in_scripts=InScripts(quick=_add_known),
)
def pfadd(client: Client, key: Key, *elements: Words) -> int:
    """Add elements to a HyperLogLog; tell whether its estimate may have changed."""
    return _add(client, key, elements)


def _count_one(db: Database, key: bytes) -> int:
    text, number = db.entries.get(key), None
    if text.__class__ is RawString and key not in db.expires:
        number = cached_estimate(text.data)
    return _count_anew(db, key) if number is None else number


def _count_anew(db: Database, key: bytes) -> int:
    value = _look(db, key)
    if value is None:
        return 0
    cached = cached_estimate(hyperloglog.data_of(value))
    if cached is not None:
        return cached
    try:
        number = hyperloglog.estimate_of(value)
    except CorruptedError:
        raise CORRUPTED from None
    # The value itself remembers the estimate: a reader writes.
    text = edit_string(db, key)
    text.remember(8, 16)
    hyperloglog.store_estimate(text.data, number)
    db.keyspace.dirty += 1
    db.journal.replicate(db.index, b"PFCOUNT", key)
    return number


@command(
    "PFCOUNT",
    flags="readonly may_replicate",
    group="hyperloglog",
    since="2.8.9",
    complexity="O(1) for each key.",
    plain=_count_one,
)
def pfcount(db: Database, key: Key, *more: MoreKeys) -> int:
    """Estimate how many different elements HyperLogLogs hold together."""
    if more:
        return hyperloglog.estimate(hyperloglog.count(_merged(db, (key, *more))))
    return _count_one(db, key)


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
    found = [hyperloglog.data_of(each) for key in keys if (each := _look(db, key)) is not None]
    text = _edit(db, destkey) or _create(db, destkey)
    if any(data[4] == hyperloglog.DENSE for data in found):
        hyperloglog.set_dense(text, bytearray(merged))
    else:
        hyperloglog.raise_registers(text, hyperloglog.registers_set(merged), limit)
    hyperloglog.drop_estimate(text)
    db.changed(destkey, b"pfadd")
    return OK


def _look(db: Database, key: bytes) -> Text | None:
    """Give a key's HyperLogLog to look at; None if there is none. Raises WRONGTYPE."""
    data = db.buffer(key)
    if data is None:
        return None
    if not hyperloglog.is_valid(data):
        raise NOT_A_HYPERLOGLOG
    text = db.peek(key)
    assert isinstance(text, Text)
    return text


def _edit(db: Database, key: bytes) -> RawString | None:
    """Give a key's HyperLogLog for changes; None if there is none. Raises WRONGTYPE."""
    text = _look(db, key)
    if text is None:
        return None
    if text.__class__ is RawString and text.journal is db.journal and not text.is_text:
        return text
    return edit_string(db, key)


def _create(db: Database, key: bytes) -> RawString:
    """Make a HyperLogLog where there is none."""
    text = RawString(hyperloglog.new(), db.journal)
    db.put(key, text)
    return text


def _registers(text: Text) -> bytearray:
    try:
        return hyperloglog.read_registers(text)
    except CorruptedError:
        raise CORRUPTED from None


def _merged(db: Database, keys: Sequence[bytes]) -> bytes:
    found = map(_look, repeat(db), keys)
    return hyperloglog.merge(_registers(text) for text in found if text is not None)


@command(
    "PFDEBUG", flags="write denyoom admin", group="hyperloglog", since="2.8.9", complexity="N/A"
)
def pfdebug(db: Database, subcommand: bytes, key: Key) -> Reply:
    """Look into a HyperLogLog: GETREG, DECODE, ENCODING, TODENSE."""
    text = _look(db, key)
    if text is None:
        raise KEY_MISSING
    data = hyperloglog.data_of(text)
    is_sparse = data[4] == hyperloglog.SPARSE
    name = subcommand.upper()
    if name == b"GETREG":
        return list(_registers(_make_dense(db, key)))
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


def _make_dense(db: Database, key: bytes) -> RawString:
    text = _edit(db, key)
    assert text is not None
    if text.data[4] == hyperloglog.SPARSE:
        try:
            hyperloglog.make_dense(text)
        except CorruptedError:
            raise CORRUPTED from None
        db.keyspace.dirty += 1
    return text


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
    agreed = hyperloglog.read_registers(sparse) == hyperloglog.read_registers(dense)
    if not agreed or abs(hyperloglog.estimate_of(dense) - 1000) > 50:
        raise CommandError("ERR TESTFAILED dense/sparse disagree")
    return OK
