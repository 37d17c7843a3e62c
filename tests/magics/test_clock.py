"""%clock: time that a notebook moves on by hand."""

from __future__ import annotations

import pytest

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.render.outputs import Text
from redislua_kernel.session import Session


@pytest.fixture
def session() -> Session:
    return Session(Engine(clock=lambda: 1_000_000))


def run(session: Session, cell: str) -> str:
    """Run a cell as the kernel does; give the text it shows."""
    with session.engine.lock, session.cell():
        outputs = list(CellRun(session, parse(cell)).outputs())
    return "".join(output.text for output in outputs if isinstance(output, Text))


def test_it_shows_the_time(session: Session) -> None:
    assert run(session, "%clock") == "1970-01-01 00:00:01.000 UTC\n"
    assert run(session, "%clock stop") == "1970-01-01 00:00:01.000 UTC, stopped\n"


def test_a_stopped_clock_moves_by_hand_alone(session: Session) -> None:
    assert run(session, "%clock stop 2026-03-01T12:00") == "2026-03-01 12:00:00.000 UTC, stopped\n"
    assert run(session, "%clock +1.5") == "2026-03-01 12:00:01.500 UTC, stopped\n"
    assert session.execute("TIME") == [b"1772366401", b"500000"]
    assert run(session, "%clock -1.5") == "2026-03-01 12:00:00.000 UTC, stopped\n"
    assert run(session, "%clock stop 3") == "1970-01-01 00:00:03.000 UTC, stopped\n"
    assert run(session, "%clock run") == "1970-01-01 00:00:01.000 UTC\n"


def test_it_moves_by_spans_as_tests_have_them(session: Session) -> None:
    assert run(session, "%clock stop 0") == "1970-01-01 00:00:00.000 UTC, stopped\n"
    assert run(session, "%clock +1d") == "1970-01-02 00:00:00.000 UTC, stopped\n"
    assert run(session, "%clock -2.5h") == "1970-01-01 21:30:00.000 UTC, stopped\n"
    assert run(session, "%clock +500ms") == "1970-01-01 21:30:00.500 UTC, stopped\n"


def test_a_running_clock_runs_ahead(session: Session) -> None:
    assert run(session, "%clock +60") == "1970-01-01 00:01:01.000 UTC\n"
    session.execute("SET", "a", 1, "EX", 10)
    run(session, "%clock +9")
    assert session.execute("TTL", "a") == 1
    run(session, "%clock +1")
    assert session.execute("EXISTS", "a") == 1  # at its very end, as the reference has it
    run(session, "%clock +0.001")
    assert session.execute("EXISTS", "a") == 0


def test_time_passes_within_a_cell(session: Session) -> None:
    session.execute("SET", "a", 1, "EX", 10)
    run(session, "%clock +9\n%redis SET b 1 EX 5\n%clock +4\n%%redis\nRENAME b c")
    assert session.execute("EXISTS", "a") == 0
    assert session.execute("TTL", "c") == 1


def test_a_snapshot_is_restored_into_the_present(session: Session) -> None:
    session.execute("SET", "a", 1, "EX", 10)
    run(session, "%snapshot before")
    run(session, "%clock +11")
    run(session, "%restore before")
    assert session.execute("EXISTS", "a") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("halt", "usage: %clock"),
        ("stop 1 2", "usage: %clock"),
        ("stop noon", "no time: noon"),
        ("+soon", "no time"),
        ("+nan", "no time"),
        ("+1e30", "too far away"),
        ("+99999999999999d", "too far away"),
        ("+1y", "no time"),
    ],
)
def test_what_is_no_time_is_refused(session: Session, words: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(session, f"%clock {words}")
