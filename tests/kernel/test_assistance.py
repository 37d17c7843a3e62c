"""What Tab and Shift-Tab offer in cells with magics."""

from pathlib import Path
from time import thread_time

import pytest

from redislua_kernel import Engine
from redislua_kernel.kernel import assistance
from redislua_kernel.session import Session
from redislua_kernel.testing import NamedTest


@pytest.fixture(scope="module")
def session() -> Session:
    session = Session(Engine())
    session.execute("SET", "user:1", "x")
    session.execute("HSET", "user:2", "f", "v")
    session.execute("RPUSH", "two words", "x")
    session.snapshots["before"] = session.engine.keyspace.fork()
    session.tests["totals"] = NamedTest("totals", "")
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
        ("%help nil-r", "nil-reply"),
        ("%help NOSC", "NOSCRIPT"),
        ("%redis ACL DELUSER d", "default"),
        ("%redis CLIENT TRACKING on ", "BCAST"),
        ("server.ca", "call"),
        ("%config dialect v", "valkey"),
        ("%config STRICT ", "yes"),
        ("%config lint ", "strict"),
        ("%connect --spawn v", "valkey"),
        ("%connect -h db --ask", "--askpass"),
        ("%deploy po", "points"),
        ("%deploy points --dr", "--dry-run"),
        ("%restore bef", "before"),
        ("%diff bef", "before"),
        ("%tests tot", "totals"),
        ("%functions po", "points"),
        ("%%debug iso", "isolated"),
        ("%redis HGET us", "user:2"),
        ('%redis GET "us', '"user:1"'),
        ("%redis LLEN tw", '"two words"'),
        ('%redis LLEN "two w', '"two words"'),
        ("%%redis\nLLEN tw", '"two words"'),
        ("return redis.call('GET', 'us", "user:1"),
        ("return redis.call('LLEN', 'tw", "two words"),
        ("%%eval user:1 , 30\nreturn ARGV[", "1"),
        ("%keys user:1\nreturn KEYS[", "1"),
    ],
)
def test_tab_offers_what_fits_there(session: Session, code: str, word: str) -> None:
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


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("%redis HGET us", "user:1"),
        ("return redis.call('us", "user:1"),
        ("return redis.call('SUBSC", "SUBSCRIBE"),
        ("return redis.call('HGET', 'us", "user:1"),
    ],
)
def test_tab_does_not_offer(session: Session, code: str, word: str) -> None:
    _, _, matches = assistance.complete(code, len(code), session)
    assert word not in [match.text for match in matches]


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        ("return redis.call('GE", "T', KEYS[1])", "GET"),
        ("return redis.call('GET', 'us", "er:9')", "user:9"),
        ('return redis.call("GE', '")', "GE"),
        ("return redis.call('GE", ", KEYS[1]) .. 'x'", "GE"),
        ("return redis.ca", "ll('GET')", "ca"),
    ],
)
def test_a_match_takes_the_place_of_the_string_up_to_its_end(
    session: Session, before: str, after: str, replaced: str
) -> None:
    start, end, matches = assistance.complete(before + after, len(before), session)
    assert matches
    assert (before + after)[start:end] == replaced


def test_tab_looks_among_many_keys_for_a_moment_only() -> None:
    session = Session(Engine())
    session.execute("DEBUG", "POPULATE", 100_000)
    session.execute("SET", "newest", 1)
    took = []
    for code, offered in (
        ("%redis GET ne", ["newest"]),
        ("return redis.call('GET', 'ne", ["newest"]),
        ("%redis HGET k", []),
        ("%redis GET nothing", []),
    ):
        for _ in range(3):
            began = thread_time()
            _, _, matches = assistance.complete(code, len(code), session)
            took.append(thread_time() - began)
            assert [match.text for match in matches] == offered
    assert min(took) < 0.05
    assert sorted(took)[len(took) // 2] < 0.1


def explained(session: Session, code: str, cursor: int | None = None) -> str:
    bundle = assistance.inspect(code, len(code) if cursor is None else cursor, session)
    return "" if bundle is None else bundle["text/plain"]


def test_shift_tab_tells_of_a_local_where_it_is_declared(session: Session) -> None:
    code = "%keys a\n\n-- Adds up.\nlocal function add(a, b)\n  return a + b\nend\nreturn add(1, 2)"
    assert explained(session, code, code.rindex("add") + 1) == (
        "add(a, b)\n\nA local function, declared on line 4.\n\nAdds up."
    )
    assert "parameter, declared on line 4" in explained(session, code, code.index("a + b") + 1)
    assert "add(a, b)" in explained(session, f"{code[:-1]}")


def test_shift_tab_tells_of_a_table_s_fields(session: Session) -> None:
    code = "local t = {size = 1, run = function(x) end}\nreturn t.run(1)"
    assert "fields: size, run(x)" in explained(session, code, code.rindex("t.") + 1)
    assert explained(session, code, code.rindex("run") + 1).startswith("t.run(x)")


def test_shift_tab_prefers_a_local_to_a_library_of_the_same_name(session: Session) -> None:
    code = "local string = 5\nreturn string"
    assert explained(session, code).startswith("string = 5")
    assert "Fill values" in explained(session, "return string.format")


@pytest.mark.parametrize("code", ["%fcall add", "%redis FCALL add 1 k", "%%redis\nFCALL add"])
def test_shift_tab_tells_of_a_library_s_function(session: Session, code: str) -> None:
    assert "library: points" in explained(session, code)


@pytest.mark.parametrize(
    "code", ["local x = ", "function f(", "return redis.call('", "local t = {a = ", "x.y.z", "''"]
)
def test_shift_tab_in_half_written_code_does_no_harm(session: Session, code: str) -> None:
    for place in range(len(code) + 1):
        assistance.inspect(code, place, session)
