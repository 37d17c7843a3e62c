"""Saving the data to an RDB file and loading it, here and on redis-server 8.2.3."""

from __future__ import annotations

import random
import socket
from pathlib import Path
from typing import Any

import pytest

from redislua_kernel.__main__ import main
from redislua_kernel.engine import Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import down_to_resp2
from tests.clock import Clock
from tests.engine.picture import picture
from tests.resp_client import Reply, RespClient
from tests.servers import run_redis, run_serve

LIBRARY = "#!lua name=lib\nredis.register_function('greet', function() return 'hello' end)"

#: Every type, in the small and the large encodings.
FILL = [
    ("SET", "text", "some text, again and again and again and again"),
    ("SET", "number", "-1234"),
    ("SET", "volatile", "x", "PXAT", "4000000000000"),
    ("RPUSH", "list", "a", "1", ""),
    ("RPUSH", "long list", *(f"{'element' * 9}{n}" for n in range(400))),
    ("SADD", "ints", "1", "70000"),
    ("SADD", "words", "a", "b"),
    ("SADD", "many", *map(str, range(700))),
    ("ZADD", "zset", "1", "a", "-1.5", "b", "inf", "c"),
    ("ZADD", "long zset", *(word for n in range(300) for word in (str(n / 3), f"m{n}"))),
    ("HSET", "hash", "f", "v", "g", "1"),
    ("HPEXPIREAT", "hash", "4000000000000", "FIELDS", "1", "f"),
    ("HSET", "long hash", *(word for n in range(300) for word in (f"f{n}", "v" * n))),
    ("XADD", "stream", "1-1", "f", "v"),
    ("XADD", "stream", "2-1", "f", "w", "g", "x"),
    ("XGROUP", "CREATE", "stream", "group", "0"),
    ("XREADGROUP", "GROUP", "group", "reader", "COUNT", "1", "STREAMS", "stream", ">"),
    ("PFADD", "visitors", "a", "b"),
    ("SELECT", "3"),
    ("SET", "elsewhere", "x"),
    ("SELECT", "0"),
    ("FUNCTION", "LOAD", LIBRARY),
]

#: What tells that everything is there.
LOOK = [
    ("MGET", "text", "number", "volatile"),
    ("PEXPIRETIME", "volatile"),
    ("LRANGE", "list", "0", "-1"),
    ("LRANGE", "long list", "0", "-1"),
    ("SORT", "ints"),
    ("SORT", "words", "ALPHA"),
    ("SORT", "many"),
    ("ZRANGE", "zset", "0", "-1", "WITHSCORES"),
    ("ZRANGE", "long zset", "0", "-1", "WITHSCORES"),
    ("HMGET", "hash", "f", "g"),
    ("HPEXPIRETIME", "hash", "FIELDS", "2", "f", "g"),
    ("HMGET", "long hash", *(f"f{n}" for n in range(300))),
    ("XRANGE", "stream", "-", "+"),
    ("XPENDING", "stream", "group"),
    ("PFCOUNT", "visitors"),
    ("FCALL", "greet", "0"),
    *(("OBJECT", "ENCODING", key) for key in ("ints", "many", "list", "long hash", "zset")),
    ("DBSIZE",),
    ("SELECT", "3"),
    ("GET", "elsewhere"),
]


def fill(engine: Engine) -> Engine:
    for words in FILL:
        engine.execute(*words)
    return engine


def saved(engine: Engine, directory: Path) -> Path:
    return engine.persistence.save(directory / "dump.rdb")


def values(engine: Engine) -> dict[tuple[int, bytes], Any]:
    """Show every key but for its encoding: a string that was edited is no raw one any more."""
    return {place: (kind, *rest) for place, (kind, _, *rest) in picture(engine).items()}


def test_what_is_saved_can_be_loaded(tmp_path: Path) -> None:
    engine, other = fill(Engine()), Engine()
    count = other.persistence.load(saved(engine, tmp_path))
    assert count == engine.execute("DBSIZE") + 1
    assert values(other) == values(engine)
    assert other.execute("FCALL", "greet", 0) == b"hello"


def test_loading_takes_the_place_of_all_there_is_and_can_be_undone(tmp_path: Path) -> None:
    path = saved(fill(Engine()), tmp_path)
    engine = Engine()
    engine.execute("SET", "old", 1)
    with engine.keyspace.unit():
        engine.persistence.load(path)
        assert engine.execute("EXISTS", "old") == 0
        engine.keyspace.rollback()
    assert list(picture(engine)) == [(0, b"old")]
    assert not engine.scripting.functions.libraries


def test_expired_keys_are_left_out(tmp_path: Path, clock: Clock) -> None:
    engine = Engine(clock=clock)
    engine.execute("SET", "k", 1, "EX", 10)
    path = saved(engine, tmp_path)
    clock.advance(11)
    assert Engine(clock=clock).persistence.load(path) == 0


def test_a_damaged_file_changes_nothing(tmp_path: Path) -> None:
    chance = random.Random(1)
    whole = saved(fill(Engine()), tmp_path).read_bytes()
    engine = Engine()
    engine.execute("SET", "old", 1)
    for damage in range(60):
        data = bytearray(whole)
        if damage % 2:
            del data[chance.randrange(len(data)) :]
        else:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path = tmp_path / "damaged.rdb"
        path.write_bytes(data)
        with pytest.raises(ResponseError, match="cannot be loaded"):
            engine.persistence.load(path)
    assert list(picture(engine)) == [(0, b"old")]


def test_a_library_that_does_not_load_changes_nothing(tmp_path: Path) -> None:
    engine = fill(Engine())
    library = engine.scripting.functions.libraries[b"lib"]
    object.__setattr__(library, "code", b"#!lua name=lib\nreturn")
    path = saved(engine, tmp_path)
    other = Engine()
    other.execute("SET", "old", 1)
    with pytest.raises(ResponseError, match="No functions registered"):
        other.persistence.load(path)
    assert list(picture(other)) == [(0, b"old")]


def test_a_background_save_has_the_data_of_its_beginning(tmp_path: Path) -> None:
    engine = Engine()
    engine.config.put(b"dir", str(tmp_path).encode())
    engine.execute("SET", "k", "before")
    assert engine.execute("BGSAVE") == b"Background saving started"
    engine.execute("SET", "k", "after")
    thread = engine.persistence._background
    assert thread is not None
    thread.join(10)
    other = Engine()
    other.persistence.load(tmp_path / "dump.rdb")
    assert other.execute("GET", "k") == b"before"
    assert engine.persistence.changes == 1


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    engine = Engine()
    engine.config.put(b"dir", str(tmp_path / "nowhere").encode())
    with pytest.raises(ResponseError, match=r"^ERR$"):
        engine.execute("SAVE")


def typed(reply: Reply) -> Any:
    """Give a RESP2 reply as the engine gives it."""
    value = reply["v"]
    if isinstance(value, list):
        return [typed(item) for item in value]
    return value if isinstance(value, int) or value is None else value.encode("latin-1")


def test_the_reference_reads_our_files_and_we_read_its(
    reference_program: Path, tmp_path: Path
) -> None:
    engine = fill(Engine())
    saved(engine, tmp_path)
    ours = [down_to_resp2(engine.execute(*words)) for words in LOOK]
    with (
        run_redis(reference_program, "--dir", str(tmp_path)) as server,
        RespClient(server.host, server.port) as client,
    ):
        assert [typed(client.command(*words)) for words in LOOK] == ours
        client.command("CONFIG", "SET", "rdbcompression", "no")
        assert client.command("SAVE")["v"] == "OK"
    other = Engine()
    other.persistence.load(tmp_path / "dump.rdb")
    assert [down_to_resp2(other.execute(*words)) for words in LOOK] == ours


@pytest.mark.parametrize(
    ("policy", "word", "told"), [("allkeys-lru", "IDLETIME", 1000), ("volatile-lfu", "FREQ", 77)]
)
def test_how_keys_are_used_goes_from_file_to_file_as_the_policy_has_it(
    reference_program: Path, tmp_path: Path, policy: str, word: str, told: int
) -> None:
    engine, last = Engine(), Engine()
    for each in (engine, last):
        each.execute("CONFIG", "SET", "maxmemory-policy", policy)
    engine.execute("SET", "source", "v")
    payload = engine.execute("DUMP", "source")
    engine.execute("RESTORE", "k", 0, payload, word, told)
    saved(engine, tmp_path)
    with (
        run_redis(
            reference_program, "--dir", str(tmp_path), "--maxmemory-policy", policy
        ) as server,
        RespClient(server.host, server.port) as client,
    ):
        assert told <= client.command("OBJECT", word, "k")["v"] <= told + 20
        assert client.command("OBJECT", word, "source")["v"] < 20
        assert client.command("SAVE")["v"] == "OK"
    last.persistence.load(tmp_path / "dump.rdb")
    assert told <= last.execute("OBJECT", word, "k") <= told + 40
    # Without such a policy nothing is said, and an idle time that is said is taken.
    plain = Engine()
    plain.persistence.load(tmp_path / "dump.rdb")
    if word == "IDLETIME":
        assert told <= plain.execute("OBJECT", word, "k") <= told + 40
    saved(plain, tmp_path)
    last.persistence.load(tmp_path / "dump.rdb")
    assert last.execute("OBJECT", word, "k") < 20


def test_serve_begins_with_its_file_and_leaves_it_behind(tmp_path: Path) -> None:
    options = ("--dir", str(tmp_path), "--dbfilename", "data.rdb")
    with run_serve(*options) as server, RespClient(server.host, server.port) as client:
        client.command("SET", "k", "v")
        client.send("SHUTDOWN", "SAVE")
        with pytest.raises(EOFError):
            client.read()
    with run_serve(*options) as server, RespClient(server.host, server.port) as client:
        assert client.command("GET", "k")["v"] == "v"


@pytest.mark.parametrize(("keys", "said"), [(1, "1 key"), (2, "2 keys")])
def test_serve_says_how_much_it_has_loaded(
    tmp_path: Path, keys: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Engine()
    for number in range(keys):
        engine.execute("SET", f"key{number}", "value")
    path = saved(engine, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port), "--dir", str(path.parent)]) == 1
    assert capsys.readouterr().out == f"Loaded {said} from {path}\n"


@pytest.mark.parametrize("damage", ["no directory", "no RDB file"])
def test_serve_does_not_begin_without_its_data(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dump.rdb").write_bytes(b"something else")
    directory = tmp_path / "nowhere" if damage == "no directory" else tmp_path
    try:
        code = main(["serve", "--port", "0", "--dir", str(directory)])
    except SystemExit as error:
        code = error.code
    assert code != 0
    assert damage in capsys.readouterr().err


def test_flushall_ends_a_save_in_the_background(tmp_path: Path) -> None:
    engine = Engine()
    engine.config.put(b"dir", str(tmp_path).encode())
    engine.execute("SET", "key", "value")
    engine.execute("CONFIG", "SET", "rdb-key-save-delay", 10_000_000)
    engine.execute("BGSAVE")
    assert engine.persistence.is_saving
    engine.execute("FLUSHALL")
    thread = engine.persistence._background
    assert thread is not None
    thread.join(5)
    assert not engine.persistence.is_saving
    assert list(tmp_path.iterdir()) == []


def test_flushall_saves_where_there_are_save_points(tmp_path: Path) -> None:
    engine = Engine()
    engine.config.put(b"dir", str(tmp_path).encode())
    engine.execute("SET", "key", "value")
    engine.execute("FLUSHALL")
    assert engine.persistence.changes > 0
    engine.execute("CONFIG", "SET", "save", "3600 1")
    engine.execute("FLUSHALL")
    assert engine.persistence.changes == 0
    assert engine.persistence.path.exists()
