"""%functions and %scripts: what they show where no widget lives."""

import pytest

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call
from redislua_kernel.render.outputs import Display
from redislua_kernel.session import Session

LIBRARY = "#!lua name={0}\nredis.register_function('{0}_f', function() return 1 end)"


@pytest.fixture
def session() -> Session:
    session = Session(Engine())
    for name in ("one", "other"):
        session.execute("FUNCTION", "LOAD", LIBRARY.format(name))
    return session


def text(session: Session, line: str) -> str:
    (shown,) = call(session, parse(line).magics[0])
    assert isinstance(shown, Display)
    assert set(shown.bundle) == {
        "text/plain", "text/html", "application/vnd.jupyter.widget-view+json",
    }  # fmt: skip
    plain: str = shown.bundle["text/plain"]
    return plain


def test_functions_stand_below_their_libraries(session: Session) -> None:
    session.execute("FCALL", "one_f", 0)
    title, _, library, header, row, *rest = text(session, "%functions").splitlines()
    assert title == "2 libraries, 2 functions"
    assert library.startswith("library one (")
    assert header.split()[:4] == ["function", "calls", "errors", "total"]
    assert row.split()[:3] == ["one_f", "1", "0"]
    assert rest[-1].split() == ["other_f", "0", "never"]


def test_one_library_shows_its_code(session: Session) -> None:
    lines = text(session, "%functions ONE").splitlines()
    assert lines[0] == "1 library, 1 function"
    assert lines[-2:] == ["   1  #!lua name=one", f"   2  {LIBRARY.format('one').splitlines()[1]}"]


def test_the_cache_is_listed(session: Session) -> None:
    session.execute("EVAL", "-- name\nreturn 1", 0)
    title, _, row, *_ = text(session, "%scripts").splitlines()
    assert title == "1 script, 16 B; 1 by EVAL alone, which may be evicted; 0 evicted so far"
    assert row.endswith("-- name")


def test_a_digest_that_no_script_has_is_a_clear_error(session: Session) -> None:
    with pytest.raises(UsageError, match="begins with abc"):
        text(session, "%scripts abc")
