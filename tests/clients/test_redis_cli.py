"""redis-cli in all its modes: it prints the same of `serve` as of the reference."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.resp_client import RespClient
from tests.servers import Server, run_redis

_DATA = """
SET string value
SET number 12
RPUSH list a b c
HSET hash f1 v1 f2 v2
SADD set x
ZADD zset 1.5 m 2 n
XADD stream 1-1 f v
"""
_INTERACTIVE = r"""
SET k "two words\n\x41"
GET k
MULTI
INCR number
GET k
EXEC
HELLO 3 SETNAME me
CLIENT GETNAME
HGETALL hash
ZRANGE zset 0 -1 WITHSCORES
SELECT 3
DBSIZE
SELECT 0
EVAL "return {1, {err='E one'}, false}" 0
LPOP string
NOSUCH command
BLPOP list 1
"""
_PIPE = b"".join(b"*3\r\n$3\r\nSET\r\n$6\r\np:%04d\r\n$1\r\nv\r\n" % n for n in range(3000))


def run(redis_cli: Path, server: Server, *words: str, data: bytes = b"") -> list[str]:
    """Give the lines that redis-cli prints."""
    command = [str(redis_cli), "-h", server.host, "-p", str(server.port), *words]
    done = subprocess.run(command, input=data, capture_output=True, timeout=240, check=False)
    return (done.stdout + done.stderr).decode().replace("\r", "\n").splitlines()


@pytest.fixture(params=["ours", "theirs"])
def filled(
    redis_cli: Path, serve: Server, reference_server: Server, request: pytest.FixtureRequest
) -> Server:
    server: Server = serve if request.param == "ours" else reference_server
    run(redis_cli, server, data=f"FLUSHALL\n{_DATA}".encode())
    return server


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ((), _INTERACTIVE.encode()),
        (("--csv", "HGETALL", "hash"), b""),
        (("--csv",), b"LRANGE list 0 -1\nGET none\nEVAL 'return {1,{2}}' 0\n"),
        (("--json", "HGETALL", "hash"), b""),
        (("--quoted-json", "GET", "string"), b""),
        (("-3", "--json", "ZRANGE", "zset", "0", "-1", "WITHSCORES"), b""),
        (("-3", "HGETALL", "hash"), b""),
        (("-3", "CONFIG", "GET", "maxclients"), b""),
        (("--no-raw", "-3", "XRANGE", "stream", "-", "+"), b""),
        (("-x", "SET", "k"), b"from stdin"),
        (("-X", "mark", "SET", "k", "mark"), b"from stdin"),
        (("-r", "3", "-i", "0.01", "INCR", "number"), b""),
        (("-n", "2", "DBSIZE"), b""),
        (("-e", "LPOP", "string"), b""),
        (("--pipe",), _PIPE),
        (("--pipe",), b"SET a 1\r\nLPOP a\r\nNOSUCH\r\n"),
        (("-a", "wrong", "PING"), b""),
        (("--user", "default", "--pass", "any", "PING"), b""),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_it_prints_the_same(
    redis_cli: Path, serve: Server, reference_server: Server, words: tuple[str, ...], data: bytes
) -> None:
    printed = []
    for server in (serve, reference_server):
        run(redis_cli, server, data=f"FLUSHALL\n{_DATA}".encode())
        lines = run(redis_cli, server, *words, data=data)
        printed.append([line for line in lines if not _of_the_server(line)])
    assert printed[0] == printed[1]


def _of_the_server(line: str) -> bool:
    """Tell whether a line of HELLO's reply is one that differs from server to server."""
    return bool(re.match(r"id \d|modules |ver \d|path |args |version ", line))


def test_scan_finds_all_and_what_matches(redis_cli: Path, filled: Server) -> None:
    run(redis_cli, filled, "--pipe", data=_PIPE)
    assert len(run(redis_cli, filled, "--scan")) == 3007
    found = run(redis_cli, filled, "--scan", "--pattern", "p:000*")
    assert sorted(found) == [f"p:000{n}" for n in range(10)]


def test_bigkeys_and_memkeys_name_the_largest(redis_cli: Path, filled: Server) -> None:
    printed = run(redis_cli, filled, "--bigkeys")
    assert "Biggest   list found '\"list\"' has 3 items" in printed
    assert "Biggest   hash found '\"hash\"' has 2 fields" in printed
    assert "Biggest string found '\"string\"' has 5 bytes" in printed
    assert "Biggest stream found '\"stream\"' has 1 entries" in printed
    assert "1 zsets with 2 members (14.29% of keys, avg size 2.00)" in printed
    printed = run(redis_cli, filled, "--memkeys")
    assert any(
        re.match(r"Biggest +stream found '\"stream\"' has \d+ bytes", line) for line in printed
    )


def test_hotkeys_names_what_is_read_most(redis_cli: Path, filled: Server) -> None:
    assert any(
        "LFU maxmemory policy is not selected" in line
        for line in run(redis_cli, filled, "--hotkeys")
    )
    run(redis_cli, filled, "CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
    run(redis_cli, filled, "-r", "30", "GET", "string")
    printed = run(redis_cli, filled, "--hotkeys")
    run(redis_cli, filled, "CONFIG", "SET", "maxmemory-policy", "noeviction")
    assert any(re.match(r'hot key found with counter: \d+\tkeyname: "string"', x) for x in printed)


def test_stat_and_latency_go_on_until_they_are_ended(redis_cli: Path, filled: Server) -> None:
    command = ["stdbuf", "-oL", redis_cli, "-p", str(filled.port), "--stat", "-i", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as endless:
        assert endless.stdout is not None
        _, header, first, _ = (endless.stdout.readline() for _ in range(4))
        endless.terminate()
    assert header.split() == ["keys", "mem", "clients", "blocked", "requests", "connections"]
    assert first.split()[0] == "7"
    assert len(run(redis_cli, filled, "--latency", "--raw", "-i", "0.1")[0].split()) == 4


def test_eval_runs_a_file(redis_cli: Path, filled: Server, tmp_path: Path) -> None:
    script = tmp_path / "script.lua"
    script.write_text("return {KEYS[1], ARGV[1]}")
    assert run(redis_cli, filled, "--eval", str(script), "key", ",", "arg") == ["key", "arg"]


def test_subscribe_and_monitor_print_what_comes(redis_cli: Path, filled: Server) -> None:
    for words, line in ((("SUBSCRIBE", "c"), "hello"), (("MONITOR",), '"PUBLISH" "c" "hello"')):
        with subprocess.Popen(
            [redis_cli, "-p", str(filled.port), *words], stdout=subprocess.PIPE, text=True
        ) as listening:
            assert listening.stdout is not None
            listening.stdout.readline()  # it listens from now on
            run(redis_cli, filled, "PUBLISH", "c", "hello")
            while not listening.stdout.readline().rstrip().endswith(line):
                assert listening.poll() is None
            listening.terminate()


def test_a_cluster_is_backed_up(redis_cli: Path, serve_cluster: Server, tmp_path: Path) -> None:
    node = f"{serve_cluster.host}:{serve_cluster.port}"
    printed = run(redis_cli, serve_cluster, "--cluster", "backup", node, str(tmp_path))
    assert any("Backup created into" in line for line in printed)
    (file,) = tmp_path.glob("*.rdb")
    assert file.read_bytes().startswith(b"REDIS")


@pytest.mark.parametrize(("option", "values"), [("--rdb", 7), ("--functions-rdb", 0)])
def test_another_server_begins_with_what_was_fetched(
    redis_cli: Path,
    filled: Server,
    reference_program: Path,
    tmp_path: Path,
    option: str,
    values: int,
) -> None:
    library = b"#!lua name=lib\nredis.register_function('greet', function() return 'hello' end)"
    run(redis_cli, filled, "-x", "FUNCTION", "LOAD", "REPLACE", data=library)
    run(redis_cli, filled, option, str(tmp_path / "fetched.rdb"))
    with (
        run_redis(
            reference_program, "--dir", str(tmp_path), "--dbfilename", "fetched.rdb"
        ) as server,
        RespClient(server.host, server.port) as client,
    ):
        assert client.command("DBSIZE")["v"] == values
        assert client.command("FCALL", "greet", "0")["v"] == "hello"
