"""%effects: what the last cell would have replicated."""

import pytest

from redislua_kernel.cells import parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call
from redislua_kernel.render.outputs import Text
from redislua_kernel.session import Session


def run(session: Session, cell: str) -> str:
    """Run a cell of magics; give the text it shows."""
    parsed = parse(cell)
    with session.cell():
        outputs = [output for line in parsed.magics for output in call(session, line)]
        if parsed.head is not None:
            outputs += call(session, parsed.head, parsed.body)
        elif parsed.body:
            session.run_script(parsed.body, (), ())
    return "".join(output.text for output in outputs if isinstance(output, Text))


@pytest.fixture
def session() -> Session:
    return Session(Engine(clock=lambda: 1_700_000_000_000_000))


def test_a_scripts_writes_are_shown_as_a_transaction(session: Session) -> None:
    run(session, "redis.call('set', 'k', 'two words', 'ex', 10) redis.call('incr', 'n')")
    assert run(session, "%effects") == (
        'MULTI\nSET k "two words" PXAT 1700000010000\nincr n\nEXEC\n'
    )


def test_the_database_and_what_set_repl_chose_are_told_where_they_change(session: Session) -> None:
    run(
        session,
        """
        redis.call('set', 'a', '1')
        redis.call('select', 1)
        redis.set_repl(redis.REPL_AOF)
        redis.call('set', 'b', '')
        redis.call('publish', 'c', 'not to replicas')
        """,
    )
    assert run(session, "%effects") == (
        "MULTI\nset a 1\n"
        '# to the append-only file alone\nSELECT 1\nset b ""\n'
        "# to the append-only file and to replicas\nEXEC\n"
    )


def test_every_command_of_a_cell_stands_for_itself(session: Session) -> None:
    run(session, '%%redis\nSET k 1\nGET k\nINCR k\nEVAL \'redis.call("DEL", "k")\' 0')
    assert run(session, "%effects") == "SET k 1\nINCR k\nDEL k\n"


def test_looking_leaves_the_effects_as_they_are_and_reading_has_none(session: Session) -> None:
    assert run(session, "%effects") == "(no effects)\n"
    run(session, "%redis SET k 1")
    assert run(session, "%effects") == run(session, "%effects") == "SET k 1\n"
    run(session, "%redis GET k")
    assert run(session, "%effects") == "(no effects)\n"


def test_within_a_cell_its_own_effects_are_shown(session: Session) -> None:
    run(session, "%redis SET other 1")
    assert run(session, "%redis SET k 1\n%effects") == "SET k 1\n"
