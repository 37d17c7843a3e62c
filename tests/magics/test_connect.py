"""%connect and what magics show of a server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.remote.errors import CannotConnect, NotThere
from redislua_kernel.render.outputs import Display, Text
from redislua_kernel.session import Session
from tests.magics.test_registry import outputs
from tests.servers import Server

LIBRARY = """#!lua name=points
redis.register_function{function_name='get', flags={'no-writes'}, description='reads',
  callback=function(keys) return redis.call('GET', keys[1]) end}
"""


@pytest.fixture
def session(reference_server: Server) -> Iterator[Session]:
    """A session whose cells go to the reference, which is empty."""
    session = Session(Engine())
    outputs(f"%connect {reference_server.host}:{reference_server.port}", session)
    for words in (["FLUSHALL"], ["FUNCTION", "FLUSH"], ["SCRIPT", "FLUSH"]):
        session.execute(*words)
    yield session
    session.close()


def shown(cell: str, session: Session) -> list[str]:
    """Give the texts of what a whole cell displays."""
    return [
        each.bundle["text/plain"] if isinstance(each, Display) else each.text
        for each in CellRun(session, parse(cell)).outputs()
        if isinstance(each, Display | Text)
    ]


def test_where_to_connect_is_told_in_the_words_of_the_error() -> None:
    for cell, message in (
        ("%connect --spawn mysql", r"usage: %connect --spawn \[redis | valkey\]"),
        ("%connect -p x", "a port is a number"),
        ("%connect --askpass", "nobody to ask"),
    ):
        with pytest.raises(UsageError, match=message):
            outputs(cell)


def test_a_failed_connect_leaves_the_connection_that_is_there(session: Session) -> None:
    with pytest.raises(CannotConnect):
        outputs("%connect 127.0.0.1:1", session)
    assert session.execute("SET", "k", "v") == b"OK"
    assert session.remote is not None


def test_status_tells_where_cells_go(session: Session) -> None:
    session.execute("SELECT", 2)
    (text,) = shown("%status", session)
    first, *rest = text.splitlines()
    assert first.endswith("[2]: redis 8.2.3")
    assert rest == ["role: master, standalone", "user: default", "database 2, RESP2"]
    outputs("%connect embedded", session)
    (text,) = shown("%status", session)
    assert text == ("cells go to the embedded engine, which answers as redis\ndatabase 0, RESP2\n")


def test_the_keys_of_a_server_are_listed(session: Session) -> None:
    session.execute("HSET", "user:1", "f", "v")
    session.execute("SET", "user:2", "v", "EX", 90)
    (text,) = shown("%keyspace user:*", session)
    assert text.splitlines()[0] == "database 0: 2 keys that fit user:*"
    assert "user:1  hash    none  1 field" in text
    (shown_,) = outputs("%keyspace user:1", session)
    assert '<samp class="">f</samp>' in shown_.bundle["text/html"]  # type: ignore[union-attr]
    session.options.rows = 1
    (text,) = shown("%keyspace", session)
    assert "user:  branch" in text


def test_the_functions_of_a_server_are_listed(session: Session) -> None:
    shown(LIBRARY, session)
    (text,) = shown("%functions", session)
    assert text.splitlines()[0] == "1 library, 1 function"
    assert "no-writes" in text
    assert "never" not in text
    assert "redis.register_function{function_name='get'" in text


def test_scripts_of_the_notebook_that_a_server_has_are_listed(session: Session) -> None:
    shown("return 1 + 1", session)
    shown("'a bare expression'", session)
    session.note_body(b"return 'never ran'", 0)
    told, text = shown("%scripts", session)
    assert told == "The server has cached 2 and lists none; of this notebook it has:\n"
    assert text.splitlines()[0].startswith("2 scripts, ")
    assert "return 1 + 1" in text
    with pytest.raises(UsageError, match="the server has no script of this notebook"):
        shown("%scripts ffff", session)


def test_what_a_cell_changes_at_a_server_is_shown(session: Session) -> None:
    session.execute("SET", "kept", "v")
    session.execute("SET", "gone", "v")
    (text,) = shown("%%diff\n%%redis\nDEL gone\nRPUSH l a\nEXPIREAT kept 33227625600", session)
    assert text.splitlines()[0] == "1 added, 1 changed, 1 removed"
    assert '~ "kept" string\n    expires: never → at 33227625600.000' in text
    with pytest.raises(NotThere, match="%diff without a cell needs the embedded engine"):
        shown("%diff", session)


def test_info_is_shown_as_it_is(session: Session) -> None:
    (result,) = outputs("%redis INFO server", session)
    assert result.resp == 3  # type: ignore[union-attr]
    assert result.reply.startswith(b"# Server\r\n")  # type: ignore[union-attr]


def test_redis_py_is_imported_only_where_a_server_is_wanted() -> None:
    code = "import sys, redislua_kernel.magics; assert 'redis' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
