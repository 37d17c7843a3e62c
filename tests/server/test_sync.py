"""SYNC: the data as a file over a connection, which ends with it."""

from collections.abc import Callable

import pytest

from redislua_kernel import Engine
from redislua_kernel.server import Server
from tests.server.wire import Wire

LIBRARY = "#!lua name=lib\nredis.register_function('greet', function() return 'hello' end)"


def fetched(wire: Wire) -> bytes:
    """Give the file that comes for SYNC."""
    wire.send(b"SYNC\r\n")
    length, _, file = wire.rest().partition(b"\r\n")
    assert length == b"$%d" % len(file)
    return file


@pytest.mark.parametrize(
    ("settings", "keys", "libraries"),
    [
        (b"rdb-only 1", 1, 1),
        (b"", 1, 1),
        (b"listening-port 7000 rdb-only 1", 1, 1),
        (b"capa eof rdb-only 1 rdb-filter-only functions", 0, 1),
        (b'capa eof rdb-only 1 rdb-filter-only ""', 0, 0),
    ],
)
def test_the_file_has_the_parts_that_are_wanted(
    server: Server, connect: Callable[[], Wire], settings: bytes, keys: int, libraries: int
) -> None:
    server.engine.execute("SET", "k", "v")
    server.engine.execute("FUNCTION", "LOAD", LIBRARY)
    wire = connect()
    wire.ask(b"REPLCONF " + settings, b"+OK\r\n")
    engine = Engine()
    engine.persistence.adopt(fetched(wire), "what was fetched")
    assert engine.execute("DBSIZE") == keys
    assert len(engine.execute("FUNCTION", "LIST")) == libraries


def test_who_wants_a_part_must_know_marks(connect: Callable[[], Wire]) -> None:
    wire = connect()
    wire.ask(b"REPLCONF rdb-only 1 rdb-filter-only functions", b"+OK\r\n")
    wire.ask(b"SYNC", b"-ERR Filtered replica requires EOF capability\r\n")


def test_who_wants_to_be_a_replica_is_told_that_nothing_is_replicated(
    connect: Callable[[], Wire],
) -> None:
    wire = connect()
    wire.ask(b"REPLCONF listening-port 7000 capa eof capa psync2", b"+OK\r\n")
    wire.send(b"SYNC\r\n")
    assert wire.until(b"\r\n").startswith(b"-ERR nothing is replicated here")
    wire.ask(b"PING", b"+PONG\r\n")
