"""%deploy and %rollback, from a notebook's cells to real servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislua_kernel.cells import UsageError
from redislua_kernel.engine import Engine
from redislua_kernel.magics.deploy import NotDeployed, deploy, rollback
from redislua_kernel.render.outputs import Display, Outputs, Text
from redislua_kernel.session import Session
from tests.resp_client import RespClient
from tests.servers import Server

OLD = "#!lua name=points\nredis.register_function('earn', function() return 1 end)"
NEW = "#!lua name=points\nredis.register_function('earn', function() return 2 end)"


class User:
    """Somebody at a notebook, who answers a question."""

    answers = True

    def __init__(self, answer: str) -> None:
        self.answer, self.asked = answer, ""

    def write(self, text: str) -> None:
        raise AssertionError(text)

    def ask(self, prompt: str, *, hidden: bool = False) -> str | None:
        self.asked = prompt
        return self.answer


@pytest.fixture
def session() -> Session:
    engine = Engine()
    engine.execute("FUNCTION", "LOAD", NEW)
    return Session(engine)


@pytest.fixture
def client(reference_server: Server) -> Iterator[RespClient]:
    with RespClient(reference_server.host, reference_server.port) as client:
        client.command("FUNCTION", "FLUSH")
        yield client


@pytest.fixture
def where(reference_server: Server) -> bytes:
    return f"redis://{reference_server.host}:{reference_server.port}".encode()


def shown(outputs: Outputs) -> str:
    """Take all outputs, and give their text."""
    texts = []
    for output in outputs:  # type: ignore[union-attr]
        if isinstance(output, Display):
            assert "<div" in output.bundle["text/html"]
            texts.append(output.bundle["text/plain"])
        elif isinstance(output, Text):
            texts.append(output.text)
    return "\n".join(texts)


def call(client: RespClient) -> object:
    return client.command("FCALL", "earn", "0")["v"]


def test_a_dry_run_shows_the_difference_and_changes_nothing(
    session: Session, client: RespClient, where: bytes
) -> None:
    client.command("FUNCTION", "LOAD", OLD)
    text = shown(deploy(session, b"points", where, b"--dry-run"))
    assert "-redis.register_function('earn', function() return 1 end)" in text
    assert "+redis.register_function('earn', function() return 2 end)" in text
    assert "a dry run: nothing was changed" in text
    assert call(client) == 1


def test_the_user_is_asked_first(session: Session, client: RespClient, where: bytes) -> None:
    session.terminal = user = User("n")
    assert "nothing was changed" in shown(deploy(session, b"points", where))
    assert user.asked == "Do it? [y/N] "
    user.answer = "y"
    assert "loaded" in shown(deploy(session, b"points", where))
    assert call(client) == 2


def test_where_nobody_can_be_asked_it_takes_a_word(
    session: Session, client: RespClient, where: bytes
) -> None:
    assert "--yes does it without asking" in shown(deploy(session, b"points", where))
    assert "loaded" in shown(deploy(session, b"points", where, b"--yes"))
    assert "all have it already" in shown(deploy(session, b"points", where, b"--yes"))


def test_what_was_deployed_can_be_taken_back_step_by_step(
    session: Session, client: RespClient, where: bytes
) -> None:
    client.command("FUNCTION", "LOAD", OLD)
    shown(deploy(session, b"points", where, b"--yes"))
    session.engine.execute("FUNCTION", "LOAD", "REPLACE", NEW.replace("2", "3"))
    shown(deploy(session, b"points", where, b"--yes"))
    assert call(client) == 3
    assert "replaced" in shown(rollback(session, b"points", b"--yes"))
    assert call(client) == 2
    shown(rollback(session, b"points", b"--yes"))
    assert call(client) == 1
    with pytest.raises(UsageError, match="has taken it back"):
        rollback(session, b"points")


def test_what_others_have_changed_since_is_not_taken_back(
    session: Session, client: RespClient, where: bytes
) -> None:
    shown(deploy(session, b"points", where, b"--yes"))
    client.command("FUNCTION", "LOAD", "REPLACE", OLD)
    with pytest.raises(NotDeployed, match="nothing was changed"):
        shown(rollback(session, b"points", b"--yes"))
    assert call(client) == 1


def test_an_unknown_library_and_a_missing_place_are_told(session: Session) -> None:
    with pytest.raises(UsageError, match="no library nothing"):
        deploy(session, b"nothing", b"redis://127.0.0.1:1")
    with pytest.raises(UsageError, match="where to"):
        deploy(session, b"points")
