"""CLIENT LIST and INFO: the fields, and who is listed."""

from __future__ import annotations

from redislua_kernel import Engine
from redislua_kernel.engine.client import Client
from redislua_kernel.reply import Verbatim


def fields_of(client: Client) -> dict[str, str]:
    line = client.execute("CLIENT", "INFO")
    assert isinstance(line, Verbatim)
    return dict(field.split("=", 1) for field in line.decode().split())


def test_the_query_buffer_holds_the_callers_own_command() -> None:
    fields = fields_of(Engine().client())
    assert (fields["qbuf"], fields["argv-mem"], fields["cmd"]) == ("26", "10", "client|info")


def test_the_last_command_of_others_is_named() -> None:
    engine = Engine()
    other = engine.client()
    other.execute("CONFIG", "GET", "save")
    line = engine.client().execute("CLIENT", "LIST", "ID", other.id)
    assert isinstance(line, Verbatim)
    assert b" cmd=config|get " in line
    assert b" qbuf=0 " in line


def test_what_a_transaction_has_queued_takes_memory() -> None:
    engine = Engine()
    other = engine.client()
    other.execute("MULTI")
    other.execute("SET", "key", "value")
    line = engine.client().execute("CLIENT", "LIST", "ID", other.id)
    assert isinstance(line, Verbatim)
    assert b" multi=1 " in line
    assert b" multi-mem=11 " in line


def test_the_engines_own_client_is_listed_only_if_it_is_used() -> None:
    engine = Engine()
    client = engine.client()
    assert client.id == 1
    line = client.execute("CLIENT", "LIST")
    assert isinstance(line, Verbatim)
    assert line.count(b"\n") == 1
