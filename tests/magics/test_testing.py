"""%%test and %tests: checks on copies of the notebook's data."""

from collections.abc import Iterator

import pytest

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call
from redislua_kernel.render.outputs import Display, Output
from redislua_kernel.session import Session
from redislua_kernel.testing import CheckFailed, SeveralFailed


@pytest.fixture
def session() -> Session:
    return Session(Engine())


def run(session: Session, text: str) -> str:
    """Run a cell that is one magic; give the texts that it displays."""
    return "\n".join(output.bundle["text/plain"] for output in outputs(session, text))


def outputs(session: Session, text: str) -> Iterator[Display]:
    cell = parse(text)
    session.note_body(cell.body, cell.offset)
    given: Iterator[Output]
    given = call(session, cell.head, cell.body) if cell.head else call(session, cell.magics[0])
    return (output for output in given if isinstance(output, Display))


def test_a_test_sees_the_notebooks_data_and_leaves_them_alone(session: Session) -> None:
    session.execute("SET", "n", 41)
    session.execute("HELLO", 3)
    shown = run(session, "%%test the counter's next value\n> INCR n\n(integer) 42\n> SET m 1.5")
    assert shown == "passed  the counter's next value  1 check"
    assert session.execute("GET", "n") == b"41"
    assert session.execute("EXISTS", "m") == 0


def test_a_test_sees_the_notebooks_libraries_and_scripts(session: Session) -> None:
    session.execute(
        "FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 1.5 end)"
    )
    sha = session.execute("SCRIPT", "LOAD", "return 'x'").decode()
    run(session, f'%%test calls\n> FCALL f 0\n(integer) 1\n> EVALSHA {sha} 0\n"x"')


def test_a_failing_test_fails_its_cell(session: Session) -> None:
    with pytest.raises(CheckFailed, match=r"^sums: > INCRBY n 2: expected .* 3, got .* 2"):
        run(session, "%%test sums\n> INCRBY n 2\n(integer) 3")


def test_what_cannot_be_read_points_at_its_line(session: Session) -> None:
    with pytest.raises(UsageError, match="unbalanced quotes"):
        run(session, "%%test t\n> GET 'x")
    with pytest.raises(UsageError, match="usage: %%test name"):
        run(session, "%%test\n> GET x")
    assert not session.tests


def test_all_tests_run_again_and_those_that_fail_are_told(session: Session) -> None:
    run(session, "%%test numbers\n> INCR n\n(integer) 1")
    run(session, "%%test texts\n> APPEND t ab\n(integer) 2\n= redis.call('GET', 't') == 'ab'")
    assert run(session, "%tests").splitlines() == [
        "passed  numbers  1 check",
        "passed  texts    2 checks",
        "2 tests: 2 passed, 0 failed",
    ]
    session.execute("SET", "n", 1)
    given = outputs(session, "%tests")
    assert "failed  numbers  > INCR n: expected" in next(given).bundle["text/plain"]
    with pytest.raises(SeveralFailed, match="1 of 2 tests failed: numbers") as raised:
        next(given)
    assert raised.value.explain()[:2] == ["numbers", "  line 2 | > INCR n"]
    assert run(session, "%tests tex*") == "passed  texts  2 checks"


def test_a_test_of_the_same_name_takes_the_place_of_the_former(session: Session) -> None:
    with pytest.raises(CheckFailed):
        run(session, '%%test t\n> GET x\n"1"')
    run(session, "%%test t\n> GET x\n(nil)")
    assert run(session, "%tests t") == "passed  t  1 check"


def test_a_test_that_checks_nothing_says_what_it_lacks(session: Session) -> None:
    told = run(session, "%%test t\n> GET x")
    assert told == "passed  t  0 checks: below a command stands the reply that it must give"


@pytest.mark.parametrize("line", ["%tests", "%tests none of these"])
def test_no_test_to_run_is_an_error(session: Session, line: str) -> None:
    with pytest.raises(UsageError, match=r"there are no tests|no test is called none of these"):
        run(session, line)


def test_what_the_cell_has_written_already_cannot_be_tested(session: Session) -> None:
    with session.cell():
        session.execute("SET", "k", "v")
        with pytest.raises(UsageError, match="a test has a cell of its own"):
            run(session, "%%test t\n> GET k")
