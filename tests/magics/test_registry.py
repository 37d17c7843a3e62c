"""The registry of magics."""

import pytest

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call, magics
from redislua_kernel.magics.families import families
from redislua_kernel.render.outputs import Output, Result, Text
from redislua_kernel.session import Session


def outputs(cell: str, session: Session | None = None) -> list[Output]:
    parsed = parse(cell)
    session = session or Session(Engine())
    given = [output for line in parsed.magics for output in call(session, line)]
    if parsed.head is not None:
        given += call(session, parsed.head, parsed.body)
    return given


@pytest.mark.parametrize("name", magics())
def test_every_magic_has_a_summary_and_an_example(name: str) -> None:
    assert magics()[name].summary.endswith((".", "line."))
    assert f"%{name}" in magics()[name].help


def test_every_magic_is_listed_once() -> None:
    listed = [each.name for family in families().values() for each in family]
    assert sorted(listed) == sorted(magics())


def test_a_magic_of_two_words_goes_first() -> None:
    session = Session(Engine())
    sha = outputs("%%script LOAD\nreturn 1", session)
    assert sha == [Result(b"e0e1f9fabfc9d4800c877a703b823ac0578ff8db")]
    assert outputs("%script load 'return 1'", session) == sha


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%nope", "unknown magic %nope; %help lists all"),
        ("%eval k", "%eval needs a body: head the cell with %%eval"),
        ("%%keys\nk", "%keys heads no cell: it stands on a line of its own"),
        ("%evalsha", "usage: %evalsha sha1 [key ...] [, arg ...]"),
        ("%script", "usage: %script subcommand [argument ...]"),
        ("%function dump into x", "usage: %function dump [to file]"),
        ("%redis", "usage: %redis command [argument ...], or %%redis above several"),
    ],
)
def test_a_malformed_magic_gets_a_clear_error(cell: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        outputs(cell)
    assert caught.value.message == message


def test_resp_is_chosen_with_config() -> None:
    session = Session(Engine())
    outputs("%config resp 3", session)
    assert session.backend.resp == 3


def test_the_dialect_is_chosen_with_config() -> None:
    session = Session(Engine())
    outputs("%config dialect valkey", session)
    assert outputs("%config dialect", session) == [Text("dialect valkey\n")]
    assert session.execute("EVAL", "return server.call('PING')", 0) == b"PONG"


def test_a_library_may_stand_in_the_way_of_a_dialect() -> None:
    session = Session(Engine(dialect="valkey"))
    library = "#!lua name=l\nserver.register_function('f', function() end)"
    session.execute("FUNCTION", "LOAD", library)
    with pytest.raises(UsageError) as caught:
        outputs("%config dialect redis", session)
    assert caught.value.message.startswith("Library 'l' does not load: ")
    assert caught.value.message.endswith("\nThe dialect is still valkey")
