"""Stepping through a script at a server, in the words of its own debugger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislua_kernel.engine import Engine
from redislua_kernel.remote.cluster import Cluster
from redislua_kernel.remote.errors import NotThere
from redislua_kernel.remote.remote import Remote
from redislua_kernel.render.outputs import Output
from redislua_kernel.reply import ResponseError
from redislua_kernel.session import Session
from tests.magics.test_registry import outputs

SCRIPT = "local a = 1\na = a + redis.call('INCR', KEYS[1])\nreturn a"


class User:
    """Somebody below the cell who says words and hears lines."""

    def __init__(self, *words: str) -> None:
        self.words = list(words)
        self.heard = ""
        self.answers = True

    def write(self, text: str) -> None:
        self.heard += text

    def ask(self, prompt: str, *, hidden: bool = False) -> str | None:
        return self.words.pop(0) if self.words else None


@pytest.fixture
def session(remote: Remote) -> Iterator[Session]:
    session = Session(Engine())
    session.connect(Remote(remote.target))
    yield session
    session.close()


def debug(session: Session, head: str, *words: str, body: str = SCRIPT) -> tuple[str, list[Output]]:
    from redislua_kernel.cells import parse  # noqa: PLC0415
    from redislua_kernel.kernel.cell_run import CellRun  # noqa: PLC0415

    user = User(*words)
    session.terminal = user
    given = list(CellRun(session, parse(f"{head}\n{body}")).outputs())
    return user.heard, given


def test_a_cell_is_stepped_through(session: Session) -> None:
    words = ("break 5", "list 4 1", "next", "print a", "step", "print", "c")
    heard, given = debug(session, "%keys n\n%%debug", *words)
    assert "* Stopped at 3, stop reason = step over\n-> 3   local a = 1\n" in heard
    assert "  #5   return a\n" in heard
    assert "-> 4   a = a + redis.call('INCR', KEYS[1])\n" in heard
    assert "<value> 1" in heard
    assert "<redis> INCR n" in heard
    assert "<value> a = 2" in heard
    assert [each.reply for each in given] == [2]  # type: ignore[union-attr]
    assert session.execute("GET", "n") == b"1"


def test_isolated_means_that_the_server_drops_the_changes(session: Session) -> None:
    _, (result,) = debug(session, "%keys n\n%%debug isolated", "continue")
    assert result.reply == 2  # type: ignore[union-attr]
    assert session.execute("GET", "n") is None


def test_breakpoints_stop_it_alone(session: Session) -> None:
    heard, (result,) = debug(session, "%keys n\n%break 4", "print a", "continue")
    assert heard.startswith("* Stopped at 4, stop reason = break point\n->#4   a = a + ")
    assert "<value> 1" in heard
    assert result.reply == 2  # type: ignore[union-attr]


def test_words_may_be_given_beforehand(session: Session) -> None:
    heard, _ = debug(session, "%keys n\n%%debug ; next ; print a ; continue")
    assert "<value> 1" in heard


def test_who_says_nothing_more_aborts_the_script(session: Session) -> None:
    with pytest.raises(ResponseError, match="script aborted"):
        debug(session, "%keys n\n%%debug", "step")
    assert session.execute("PING") == b"PONG"


def test_a_script_with_a_name_is_stepped_through_by_its_code(session: Session) -> None:
    debug(session, "%%script load count")
    heard, given = debug(session, "%%debug ; next ; print a\n%call count n", "c", body="")
    assert "* Stopped at 2, stop reason = step over\n-> 2   local a = 1\n" in heard
    assert "<value> 1" in heard
    assert given[0].reply == 2  # type: ignore[union-attr]


def test_in_a_cluster_it_is_at_the_node_that_has_the_key(
    session: Session, cluster: Cluster
) -> None:
    session.connect(Cluster(cluster.target))
    for key in "abc":
        heard, (result,) = debug(session, f"%keys {key}\n%%debug", "continue")
        assert "* Stopped at 3" in heard
        assert result.reply == 2  # type: ignore[union-attr]
        assert cluster.execute("GET", key) == b"1"


def test_script_debug_is_for_the_next_script(session: Session) -> None:
    assert session.execute("SCRIPT", "DEBUG", "SYNC") == b"OK"
    heard, _ = debug(session, "%keys n", "continue")
    assert "* Stopped at 2" in heard
    heard, (result,) = debug(session, "%keys n")
    assert not heard
    assert result.reply == 3  # type: ignore[union-attr]


def test_a_script_that_does_not_compile_is_an_error(session: Session) -> None:
    session.terminal = User("continue")
    session.execute("SCRIPT", "DEBUG", "YES")
    with pytest.raises(ResponseError, match="Error compiling script"):
        session.execute("EVAL", "return +", 0)


def test_functions_are_not_stepped_through_at_a_server(session: Session) -> None:
    session.terminal = User()
    session.execute("SCRIPT", "DEBUG", "YES")
    with pytest.raises(NotThere, match="not through FCALL: the embedded engine does"):
        session.execute("FCALL", "f", 0)
    outputs("%script debug no", session)
