"""What REPLCONF takes, and when SYNC gives no file, as on the reference."""

from __future__ import annotations

import pytest

from tests.differential.both import both_sides
from tests.servers import Server

pytestmark = pytest.mark.reference

SESSIONS = """
REPLCONF
REPLCONF capa
REPLCONF capa eof
REPLCONF CAPA eof Capa psync2 capa nosuch
REPLCONF nosuch 1
REPLCONF rdb-only 2
REPLCONF rdb-only x
REPLCONF rdb-only 1
REPLCONF rdb-filter-only data
REPLCONF rdb-filter-only '
REPLCONF rdb-filter-only "functions
REPLCONF rdb-filter-only functions
REPLCONF listening-port x
REPLCONF listening-port 7000 ip-address 1.2.3.4
REPLCONF ip-address {long}
REPLCONF capa eof nosuch 1
SYNC x
MULTI; SYNC; EXEC
MULTI; REPLCONF capa eof; EXEC
REPLICAOF 127.0.0.1 1; SYNC; REPLICAOF NO ONE
EVAL return{{redis.pcall('SYNC'),redis.pcall('REPLCONF','capa','eof')}} 0
"""


@pytest.mark.parametrize("session", SESSIONS.strip().format(long="x" * 256).splitlines())
def test_it_is_answered_alike(reference_server: Server, session: str) -> None:
    with both_sides(reference_server) as both:
        assert both.run([command.split() for command in session.split("; ")]) == []
