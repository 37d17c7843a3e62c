"""FUNCTION DUMP's payload: read by real servers, theirs read here, damaged ones refused."""

from __future__ import annotations

import pytest
import redis

from redislua_kernel import Engine
from redislua_kernel.engine.rdb.crc64 import crc64
from redislua_kernel.engine.rdb.libraries import read_libraries, write_libraries
from redislua_kernel.errors import ResponseError
from tests.servers import Server

#: Short, repetitive enough to be compressed, and long enough for a length of four bytes.
LIBRARIES = [
    f"#!lua name=lib{size}\n" + "-- a comment\n" * size +
    f"redis.register_function('f{size}', function() return {size} end)"
    for size in (0, 10, 2000)
]  # fmt: skip


def signed(body: bytes, version: int = 12) -> bytes:
    body += version.to_bytes(2, "little")
    return body + crc64(body).to_bytes(8, "little")


def engine_with(libraries: list[str]) -> Engine:
    engine = Engine()
    for code in libraries:
        engine.execute("FUNCTION", "LOAD", code)
    return engine


def codes_of(engine: Engine) -> list[bytes]:
    listed = engine.execute("FUNCTION", "LIST", "WITHCODE")
    return sorted(entry[b"library_code"] for entry in listed)


def connect(server: Server) -> redis.Redis:
    client = redis.Redis(host=server.host, port=server.port, protocol=2)
    client.function_flush()
    return client


@pytest.mark.parametrize("length", [0, 1, 63, 64, 16383, 16384])
def test_what_is_written_is_read(length: int) -> None:
    codes = [b"x" * length, b"y"]
    assert list(read_libraries(write_libraries(codes))) == codes


def test_a_dump_restores_on_another_engine() -> None:
    engine = engine_with(LIBRARIES)
    other = Engine()
    assert other.execute("FUNCTION", "RESTORE", engine.execute("FUNCTION", "DUMP")) == b"OK"
    assert codes_of(other) == codes_of(engine)
    assert other.execute("FCALL", "f10", 0) == 10


def test_the_reference_restores_our_dump(reference_server: Server) -> None:
    payload = engine_with(LIBRARIES).execute("FUNCTION", "DUMP")
    client = connect(reference_server)
    assert client.execute_command("FUNCTION", "RESTORE", payload) == b"OK"
    assert [client.fcall(f"f{size}", 0) for size in (0, 10, 2000)] == [0, 10, 2000]


@pytest.mark.parametrize("server", ["reference_server", "debian_server"])
def test_dumps_of_real_servers_are_restored(request: pytest.FixtureRequest, server: str) -> None:
    client = connect(request.getfixturevalue(server))
    for code in LIBRARIES:
        client.function_load(code)
    engine = Engine()
    assert engine.execute("FUNCTION", "RESTORE", client.function_dump()) == b"OK"
    assert codes_of(engine) == sorted(code.encode() for code in LIBRARIES)
    assert engine.execute("FCALL", "f2000", 0) == 2000


WRONG = "ERR DUMP payload version or checksum are wrong"
BROKEN = "ERR Failed loading library payload"


DAMAGED = [
    (b"", WRONG),
    (b"x" * 9, WRONG),
    (write_libraries([b"x"])[:-1] + b"!", WRONG),
    (b"!" + write_libraries([b"x"])[1:], WRONG),
    (signed(b"\xf5\x01x", version=13), WRONG),
    (signed(b"\x00\x01x"), "ERR given type is not a function"),
    (signed(b"\xf6\x01x"), "ERR Pre-GA function format not supported"),
    (signed(b"\xf5"), BROKEN),
    (signed(b"\xf5\x20x"), BROKEN),
    (signed(b"\xf5\x80\x00\x00"), BROKEN),
    (signed(b"\xf5\x82\x00\x00\x00\x01x"), BROKEN),
    (signed(b"\xf5\xc3\x02\x05\x20\x00"), BROKEN),  # LZF that points before its start
    (signed(b"\xf5\xc4\x01"), BROKEN),
    (signed(b"\xf5\xc0\x07"), "ERR Missing library metadata"),  # the string "7"
    (write_libraries([LIBRARIES[1].encode(), b"x"]), "ERR Missing library metadata"),
    (write_libraries([LIBRARIES[1].encode()] * 2), "ERR Library 'lib10' already exists"),
    (write_libraries([b"#!lua name=x\nerror('x')"]), "ERR Error registering functions: "),
]


@pytest.mark.parametrize(("payload", "error"), DAMAGED)
def test_a_damaged_payload_changes_nothing(payload: bytes, error: str) -> None:
    engine = engine_with(LIBRARIES[:1])
    for policy in ("APPEND", "REPLACE", "FLUSH"):
        with pytest.raises(ResponseError) as caught:
            engine.execute("FUNCTION", "RESTORE", payload, policy)
        assert caught.value.message.startswith(error)
    assert codes_of(engine) == [LIBRARIES[0].encode()]


@pytest.mark.parametrize(("payload", "error"), DAMAGED)
def test_the_reference_refuses_the_same_with_the_same_words(
    reference_server: Server, payload: bytes, error: str
) -> None:
    with pytest.raises(redis.ResponseError) as caught:
        connect(reference_server).execute_command("FUNCTION", "RESTORE", payload)
    assert f"ERR {caught.value}".startswith(error)


def test_any_damaged_byte_is_noticed() -> None:
    payload = write_libraries([b"#!lua name=x\n"])
    for place in range(len(payload)):
        damaged = bytearray(payload)
        damaged[place] ^= 0x10
        with pytest.raises(ResponseError):
            list(read_libraries(bytes(damaged)))
