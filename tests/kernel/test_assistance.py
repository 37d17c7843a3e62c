"""What Tab and Shift-Tab offer in cells with magics."""

from pathlib import Path

import pytest

from redislua_kernel import Engine
from redislua_kernel.kernel import assistance
from redislua_kernel.session import Session


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session(Engine())
    session.execute("SET", "user:1", "x")
    session.execute("SCRIPT", "LOAD", "return 1")
    session.execute(
        "FUNCTION", "LOAD", "#!lua name=points\nredis.register_function('add', function() end)"
    )
    return session


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("%fca", "%fcall"),
        ("%fcall a", "add"),
        ("%function delete p", "points"),
        ("%evalsha e0e", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"),
        ("%script exists ", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"),
        ("%redis CONFIG GET busy", "busy-reply-threshold"),
        ("%redis GET us", "user:1"),
        ("%%redis\nSET a 1\nFCALL ", "add"),
        ("%%test it\n> SET a 1\nOK\n> FCALL ", "add"),
        ("%%test it\n= redis.ca", "call"),
        ("%%eval us", "user:1"),
        ("%help fc", "fcall"),
        ("%redis ACL DELUSER d", "default"),
        ("%redis CLIENT TRACKING on ", "BCAST"),
        ("server.ca", "call"),
        ("%config dialect v", "valkey"),
        ("%config STRICT ", "yes"),
    ],
)
def test_tab_offers(session: Session, code: str, word: str) -> None:
    _, _, matches = assistance.complete(code, len(code), session)
    texts = [match.text for match in matches]
    assert word in texts
    assert len(texts) == len(set(texts))


def test_tab_offers_files_to_load_and_folders(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    for name in ("data/dump.rdb", "day.lua", "day.rdb", "day.txt"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    for code, paths in (
        ("%load ", ["data/", "day.lua", "day.rdb"]),
        ("%save data/", ["data/dump.rdb"]),
    ):
        _, _, matches = assistance.complete(code, len(code), session)
        assert [match.text for match in matches] == paths


@pytest.mark.parametrize("code", ["%keyspace ", "%effects ", "%args "])
def test_tab_offers_keys_only_where_one_can_stand(session: Session, code: str) -> None:
    assert assistance.complete(code, len(code), session)[2] == []


def test_tab_in_a_transaction_queues_nothing(session: Session) -> None:
    session.execute("MULTI")
    assistance.complete("%fcall ", 7, session)
    assert session.execute("EXEC") == []


@pytest.mark.parametrize("code", ["redis.call?", "?redis.call", "redis.call??", "%fcall?"])
def test_a_question_mark_asks_for_help(code: str) -> None:
    assert assistance.page(code) is not None
