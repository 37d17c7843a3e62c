"""%diff, %snapshot and %restore in a session."""

from __future__ import annotations

import pytest

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.render.outputs import Display, Text
from redislua_kernel.session import Session


@pytest.fixture
def session() -> Session:
    return Session(Engine())


def run(session: Session, cell: str) -> str:
    """Run a cell as the kernel does; give the texts it shows."""
    shown = []
    with session.engine.lock, session.cell():
        for output in CellRun(session, parse(cell)).outputs():
            if isinstance(output, Display):
                shown.append(output.bundle["text/plain"])
            elif isinstance(output, Text):
                shown.append(output.text)
    return "".join(shown)


def test_diff_shows_what_the_last_cell_changed(session: Session) -> None:
    run(session, "redis.call('SET', 'a', 1)")
    run(session, "redis.call('SET', 'b', '<b>')\nredis.call('DEL', 'a')")
    run(session, "return redis.call('GET', 'b')")
    assert run(session, "%diff") == (
        '1 added, 1 removed\n- "a" string\n    - "1"\n+ "b" string\n    + "<b>"'
    )


def test_a_cell_that_fails_has_changed_what_it_wrote(session: Session) -> None:
    with pytest.raises(Exception, match="boo"):
        run(session, "redis.call('SET', 'a', 1)\nerror('boo')")
    assert run(session, "%diff").startswith("1 added")


@pytest.mark.parametrize(
    ("fill", "write"),
    [
        ("for i = 1, 11000 do redis.call('HSET', 'k', i, i) end", "redis.call('HSET', 'k', 1, 2)"),
        ("redis.call('SETRANGE', 'k', 1e6, 'x')", "redis.call('APPEND', 'k', 'x')"),
        ("for i = 1, 9000 do redis.call('SET', i, i) end"
         " for i = 1, 1100 do redis.call('SADD', 'k', i) end", "redis.call('SADD', 'k', 'x')"),
    ],
)  # fmt: skip
def test_much_data_are_not_copied_for_a_look_before_each_cell(
    session: Session, fill: str, write: str
) -> None:
    run(session, fill)
    before = session.engine.keyspace[0].entries[b"k"]
    run(session, write)
    assert session.engine.keyspace[0].entries[b"k"] is before
    with pytest.raises(UsageError, match="head it with %%diff"):
        run(session, "%diff")
    assert run(session, f"%%diff\n{write} redis.call('SET', 'other', 1)") != "no changes"
    run(session, "%redis FLUSHALL")
    run(session, "redis.call('SET', 'a', 1)")
    assert run(session, "%diff").startswith("1 added")


def test_diff_as_a_head_shows_what_its_cell_changes(session: Session) -> None:
    assert run(session, "%%diff\nredis.call('SET', 'a', 1)") == '1 added\n+ "a" string\n    + "1"'
    assert run(session, "%%diff\nreturn 1") == "no changes"


def test_it_watches_the_lines_below_it_and_not_those_above(session: Session) -> None:
    added = '1 added\n+ "b" string\n    + "2"'
    assert run(session, "%%diff\n%redis SET b 2") == added


def test_a_snapshot_is_compared_and_restored_any_number_of_times(session: Session) -> None:
    run(session, "redis.call('SET', 'a', 1)")
    assert run(session, "%snapshot one") == "snapshot one: 1 key\n"
    for _ in range(2):
        run(session, "redis.call('APPEND', 'a', 'x')\nredis.call('SET', 'b', 2)")
        assert run(session, "%diff one").startswith("1 added, 1 changed")
        assert run(session, "%restore one") == "restored one: 1 key\n"
        assert run(session, "%diff one") == "no changes"
    assert run(session, "%snapshots") == "one: 1 key\n"
    assert session.execute("GET", "a") == b"1"


def test_with_many_keys_only_a_head_looks(session: Session) -> None:
    run(session, "for i = 1, 11000 do redis.call('SET', i, i) end")
    run(session, "redis.call('SET', 'a', 1)")
    with pytest.raises(UsageError, match="head it with %%diff"):
        run(session, "%diff")
    assert run(session, "%%diff\nredis.call('SET', 'b', 1)").startswith("1 added")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%restore two", "no snapshot two; there are: none"),
        ("%diff a b", "usage: %%diff, %diff or %diff snapshot"),
        ("%redis SET a 1\n%snapshot late", "the cell has written already"),
    ],
)
def test_what_cannot_be_gets_a_clear_error(session: Session, cell: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(session, cell)
    assert caught.value.message.startswith(message)
