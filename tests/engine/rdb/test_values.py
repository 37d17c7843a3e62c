"""Values of every type, in the encodings of every version of Redis."""

from __future__ import annotations

import struct

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.rdb import intset, listpack
from redislua_kernel.engine.rdb.payload import sign
from redislua_kernel.engine.rdb.reader import Corrupt
from redislua_kernel.engine.rdb.values import read_value, write_value
from redislua_kernel.engine.rdb.writer import Writer
from redislua_kernel.engine.types.value import Value
from redislua_kernel.reply import Reply
from tests.engine.rdb.packed import ziplist, zipmap

SOON, LATER = 1 << 44, 1 << 45

#: Commands, a line each, that make a value at `k`, and its encoding.
VALUES = {
    "a list": ("RPUSH k a 1 -300\n", "listpack"),
    "a long list": ("RPUSH k " + " ".join(f"element-{i}" for i in range(800)), "quicklist"),
    "a list of a long element": (f"RPUSH k a {'x' * 9000} b", "quicklist"),
    "integers": ("SADD k 3 1 -2", "intset"),
    "many integers": ("SADD k " + " ".join(map(str, range(600))), "hashtable"),
    "a set": ("SADD k 3 b a", "listpack"),
    "a large set": ("SADD k " + " ".join(f"m{i}" for i in range(200)), "hashtable"),
    "a sorted set": ("ZADD k 1 a 1.5 b -inf c 1e300 d", "listpack"),
    "a large sorted set": ("ZADD k " + " ".join(f"{i / 7} m{i}" for i in range(200)), "skiplist"),
    "a hash": ("HSET k f v g 1", "listpack"),
    "a large hash": (f"HSET k f v g {'x' * 70}", "hashtable"),
    "a hash with times": (
        f"HSET k f v g 1 h 2\nHPEXPIREAT k {LATER} FIELDS 1 f\nHPEXPIREAT k {SOON} FIELDS 1 h",
        "listpackex",
    ),
    "a large hash with times": (
        f"HSET k f v g {'x' * 70} h 1\nHPEXPIREAT k {LATER} FIELDS 1 f\n"
        f"HPEXPIREAT k {SOON} FIELDS 1 h",
        "hashtable",
    ),
    "a stream": ("XADD k 1-1 f v\nXADD k 1-2 f 7\nXADD k 5-0 g v h w\nXDEL k 1-2", "stream"),
    "a stream of many nodes": ("\n".join(f"XADD k {i}-1 f {i}" for i in range(1, 250)), "stream"),
    "a stream without entries": ("XGROUP CREATE k g $ MKSTREAM", "stream"),
    "a stream with groups": (
        "XADD k 1-1 f v\nXADD k 1-2 f w\nXGROUP CREATE k g 0 ENTRIESREAD 1\n"
        "XGROUP CREATE k a $\nXREADGROUP GROUP g two COUNT 1 STREAMS k >\n"
        "XREADGROUP GROUP g one STREAMS k >\nXGROUP CREATECONSUMER k g none",
        "stream",
    ),
}


def make(engine: Engine, commands: str) -> Value | bytes:
    for line in commands.splitlines():
        engine.execute(*line.split())
    value = engine.keyspace[0].peek(b"k")
    assert value is not None
    return value


@pytest.mark.parametrize(("commands", "encoding"), VALUES.values(), ids=VALUES)
def test_a_value_comes_back_in_its_encoding(engine: Engine, commands: str, encoding: str) -> None:
    value = make(engine, commands)
    payload = write_value(value)
    back = read_value(payload, Journal())
    assert isinstance(back, Value)
    back._check()  # type: ignore[attr-defined]
    assert back.encoding() == encoding.encode()
    assert write_value(back) == payload
    assert read_value(write_value(value, compresses=False), Journal()) is not None


@pytest.mark.parametrize(("commands", "encoding"), VALUES.values(), ids=VALUES)
def test_damage_is_refused_or_gives_a_sound_value(
    engine: Engine, commands: str, encoding: str
) -> None:
    body = write_value(make(engine, commands), compresses=False)[:-10]
    for place in range(0, len(body), 1 + len(body) // 100):
        for value in (0, 0x81, 0xC3, 0xFF, body[place] ^ 1):
            damaged = body[:place] + bytes([value]) + body[place + 1 :]
            try:
                back = read_value(damaged + bytes(10), Journal())
            except Corrupt:
                continue
            write_value(back, compresses=False)
            if isinstance(back, Value):
                back._check()  # type: ignore[attr-defined]


def payload_of(kind: int, *parts: bytes | int) -> bytes:
    """Give a payload: integers are lengths, bytes are strings."""
    writer = Writer()
    writer.byte(kind)
    for part in parts:
        if isinstance(part, int):
            writer.length(part)
        else:
            writer.string(part)
    return sign(writer.data, version=6)


def with_scores(*pairs: tuple[bytes, bytes]) -> bytes:
    """Give the payload of a sorted set as Redis 2 wrote it: scores as text."""
    writer = Writer()
    writer.byte(3)
    writer.length(len(pairs))
    for member, score in pairs:
        writer.string(member)
        writer.data += score
    return sign(writer.data, version=6)


TIMES = listpack.encode([b"g", b"1", b"%d" % SOON, b"f", b"v", b"0"])

OLD: dict[str, tuple[bytes, str, Reply]] = {
    "a list": (payload_of(1, 2, b"a", b"1"), "LRANGE k 0 -1", [b"a", b"1"]),
    "a list as a ziplist": (payload_of(10, ziplist(b"a", b"1")), "LRANGE k 0 -1", [b"a", b"1"]),
    "a list of ziplists": (
        payload_of(14, 2, ziplist(b"a", b"1"), ziplist(b"b" * 300)),
        "LRANGE k 0 -1",
        [b"a", b"1", b"b" * 300],
    ),
    "a set": (payload_of(2, 2, b"1", b"2"), "SMISMEMBER k 1 2", [1, 1]),
    "an intset": (payload_of(11, intset.encode([1, 2])), "SMISMEMBER k 1 2", [1, 1]),
    "a sorted set with scores as text": (
        with_scores((b"a", b"\x031.5"), (b"b", b"\xfe"), (b"c", b"\xff")),
        "ZMSCORE k a b c",
        [b"1.5", b"inf", b"-inf"],
    ),
    "a sorted set as a ziplist": (
        payload_of(12, ziplist(b"a", b"1.5", b"b", b"2")),
        "ZMSCORE k a b",
        [b"1.5", b"2"],
    ),
    "a hash as a zipmap": (payload_of(9, zipmap(b"f", b"v")), "HGETALL k", [b"f", b"v"]),
    "a hash as a ziplist": (payload_of(13, ziplist(b"f", b"v")), "HGETALL k", [b"f", b"v"]),
    "a hash with absolute times": (
        payload_of(22, 2, 0, b"f", b"v", SOON, b"g", b"1"),
        "HPEXPIRETIME k FIELDS 2 f g",
        [-1, SOON],
    ),
    "a listpack with times": (payload_of(23, TIMES), "HPEXPIRETIME k FIELDS 2 f g", [-1, SOON]),
}


@pytest.mark.parametrize(("payload", "command", "reply"), OLD.values(), ids=OLD)
def test_what_older_servers_write_is_read(
    engine: Engine, payload: bytes, command: str, reply: Reply
) -> None:
    assert engine.execute("RESTORE", "k", 0, payload) == b"OK"
    found = engine.execute(*command.split())
    if isinstance(found, dict):
        found = [word for pair in found.items() for word in pair]
    if isinstance(reply, list) and isinstance(found, list) and isinstance(found[0], float):
        found = [b"%g" % score for score in found]
    assert found == reply


def stream_payload(version: int, node: bytes, *, length: int = 1) -> bytes:
    writer = Writer()
    writer.byte({1: 15, 2: 19, 3: 21}[version])
    writer.length(1)
    writer.string(struct.pack(">QQ", 1, 1))
    writer.string(node)
    numbers = [length, 1, 1] if version == 1 else [length, 1, 1, 1, 1, 0, 0, 1]
    for number in numbers:
        writer.length(number)
    writer.length(1)  # groups
    writer.string(b"g")
    for number in (1, 1, *([1] if version > 1 else []), 1):
        writer.length(number)
    writer.data += struct.pack(">QQ", 1, 1)
    writer.milliseconds(70)
    writer.length(2)
    writer.length(1)  # consumers
    writer.string(b"c")
    for _ in range(2 if version > 2 else 1):
        writer.milliseconds(90)
    writer.length(1)
    writer.data += struct.pack(">QQ", 1, 1)
    return sign(writer.data)


NODE = listpack.encode([b"1", b"0", b"1", b"f", b"0", b"2", b"0", b"0", b"v", b"4"])


@pytest.mark.parametrize("version", [1, 2, 3])
def test_streams_of_three_versions(engine: Engine, version: int) -> None:
    assert engine.execute("RESTORE", "k", 0, stream_payload(version, NODE)) == b"OK"
    assert engine.execute("XRANGE", "k", "-", "+") == [(b"1-1", (b"f", b"v"))]
    assert engine.execute("XPENDING", "k", "g") == [1, b"1-1", b"1-1", [[b"c", b"1"]]]


CORRUPT = {
    "an unknown type": payload_of(8),
    "a module's value": payload_of(7, 1),
    "an empty list": payload_of(1, 0),
    "a list of empty ziplists": payload_of(14, 1, ziplist()),
    "more elements than there are": payload_of(1, 1 << 60, b"a"),
    "a node of an unknown kind": payload_of(18, 1, 3, b"a"),
    "a member twice": payload_of(2, 2, b"a", b"a"),
    "a member of an intset twice": payload_of(11, intset.encode([1, 1])),
    "an empty listpack": payload_of(20, listpack.encode([])),
    "a member of a listpack twice": payload_of(20, listpack.encode([b"a", b"a"])),
    "a field without a value": payload_of(16, listpack.encode([b"f", b"v", b"g"])),
    "a field twice": payload_of(13, ziplist(b"f", b"v", b"f", b"w")),
    "a score that is no number": payload_of(17, listpack.encode([b"a", b"x"])),
    "NaN": with_scores((b"a", b"\xfd")),
    "a time that is none": payload_of(23, listpack.encode([b"f", b"v", b"x"])),
    "a time too late": payload_of(22, 1, 1 << 50, b"f", b"v"),
    "times out of order": payload_of(
        23, listpack.encode([b"f", b"v", b"0", b"g", b"w", b"%d" % SOON])
    ),
    "a stream of another length": stream_payload(3, NODE, length=2),
    "a stream without a node": payload_of(21, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0),
    "a stream whose entry is cut off": stream_payload(
        3, listpack.encode([b"1", b"0", b"1", b"f", b"0", b"2", b"0", b"0"])
    ),
}


@pytest.mark.parametrize("payload", CORRUPT.values(), ids=CORRUPT)
def test_what_contradicts_itself_is_refused(payload: bytes) -> None:
    with pytest.raises(Corrupt):
        read_value(payload, Journal())
