"""What brackets a cell."""

from dataclasses import replace

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.session import Session


@pytest.fixture
def session() -> Session:
    return Session(Engine())


def change_much(session: Session) -> None:
    """Run a cell that changes data and settings, and is stopped then."""
    with session.cell():
        session.execute("SET", "k", "in between")
        session.execute("CONFIG", "SET", "maxmemory", 1000)
        session.keys, session.options.rows = [], 1
        session.engine.limits = replace(session.engine.limits, lua_memory=2 << 20)
        raise Stopped


def test_a_cell_that_is_stopped_leaves_data_and_settings_as_they_were(session: Session) -> None:
    session.execute("SET", "k", "before")
    session.keys, before = [b"k"], session.engine.limits
    with pytest.raises(Interrupted):
        change_much(session)
    assert session.execute("GET", "k") == b"before"
    assert session.execute("CONFIG", "GET", "maxmemory") == {b"maxmemory": b"0"}
    assert session.keys == [b"k"]
    assert session.options.rows == 100
    assert session.engine.limits == before


def test_effects_are_those_of_the_last_cell_until_one_runs_a_command(session: Session) -> None:
    with session.cell():
        session.execute("SET", "k", "v")
    with session.cell():
        assert [effect.words for effect in session.effects] == [(b"SET", b"k", b"v")]
        session.execute("PING")
        assert session.effects == []


def test_the_data_before_the_last_change_stay_to_be_looked_at(session: Session) -> None:
    with session.cell():
        session.execute("SET", "k", "first")
    with session.cell():
        session.execute("SET", "k", "second")
    with session.cell():
        session.execute("GET", "k")
    before = session.before_last_cell
    assert before is not None
    assert before[0].peek(b"k") == b"first"


def test_of_very_many_data_no_look_is_kept(session: Session) -> None:
    session.execute("DEBUG", "POPULATE", 20_000)
    with session.cell():
        session.execute("SET", "k", "v")
    with session.cell():
        session.execute("SET", "k", "w")
    assert session.before_last_cell is None
