"""INFO, COMMAND, TIME, FLUSHALL, OBJECT and their like."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.introspection.describing import all_commands
from redislua_kernel.errors import ResponseError


@pytest.fixture
def engine() -> Engine:
    return Engine(clock=lambda: 1_234_567_890_123_456)


def info(engine: Engine, *sections: str) -> dict[str, str]:
    lines = engine.execute("INFO", *sections).decode().splitlines()
    return dict(line.split(":", 1) for line in lines if ":" in line)


def test_info_tells_version_role_and_keys(engine: Engine) -> None:
    engine.execute("SET", "k", 1, "EX", 10)
    fields = info(engine)
    assert (fields["redis_version"], fields["role"]) == ("8.2.3", "master")
    assert fields["db0"] == "keys=1,expires=1,avg_ttl=10000,subexpiry=0"


def test_info_gives_only_the_sections_asked_for(engine: Engine) -> None:
    assert engine.execute("INFO", "CLUSTER") == b"# Cluster\r\ncluster_enabled:0\r\n"
    assert engine.execute("INFO", "nosuch") == b""


def test_info_counts_scripts_and_functions(engine: Engine) -> None:
    engine.execute("EVAL", "return 1", 0)
    code = "#!lua name=l\nredis.register_function('f', function() end)"
    engine.execute("FUNCTION", "LOAD", code)
    fields = info(engine, "memory")
    assert (fields["number_of_cached_scripts"], fields["number_of_functions"]) == ("1", "1")


def test_time_stands_still_inside_a_script(engine: Engine) -> None:
    assert engine.execute("TIME") == [b"1234567890", b"123456"]


@pytest.mark.parametrize("words", [("FLUSHALL",), ("FLUSHDB", "ASYNC"), ("FLUSHALL", "sync")])
def test_flushing_deletes_the_keys(engine: Engine, words: tuple[str, ...]) -> None:
    engine.execute("SET", "k", 1)
    assert engine.execute(*words) == b"OK"
    assert engine.execute("DBSIZE") == 0


def test_swapdb_lets_databases_change_places(engine: Engine) -> None:
    engine.execute("SET", "k", 1)
    engine.execute("SWAPDB", 0, 1)
    assert engine.execute("DBSIZE") == 0
    assert len(engine.keyspace[1].entries) == 1


@pytest.mark.parametrize(
    ("value", "encoding"),
    [("1", b"int"), ("01", b"embstr"), ("x" * 40, b"embstr"), ("x" * 41, b"raw")],
)
def test_strings_have_the_references_encodings(engine: Engine, value: str, encoding: bytes) -> None:
    engine.execute("SET", "k", value)
    assert engine.execute("OBJECT", "ENCODING", "k") == encoding


def test_getkeys_finds_the_keys_or_says_why_not(engine: Engine) -> None:
    assert engine.execute("COMMAND", "GETKEYS", "MSET", "a", 1, "b", 2) == [b"a", b"b"]
    for words, error in [
        (("PING",), "ERR The command has no key arguments"),
        (("NOSUCH",), "ERR Invalid command specified"),
        (("GET",), "ERR Invalid number of arguments specified for command"),
    ]:
        with pytest.raises(ResponseError) as raised:
            engine.execute("COMMAND", "GETKEYS", *words)
        assert str(raised.value) == error


def test_command_list_is_filtered(engine: Engine) -> None:
    words = ("COMMAND", "LIST", "FILTERBY", "PATTERN", "config|s*")
    assert engine.execute(*words) == [b"config|set"]
    assert engine.execute("COMMAND", "COUNT") == len(engine.execute("COMMAND"))


def test_every_command_has_a_summary_for_its_users(engine: Engine) -> None:
    entries = engine.execute("COMMAND", "DOCS")
    assert entries[b"get"][b"summary"]
    bare = [
        found.full_name for found in all_commands() if not found.summary.endswith((".", "…", ": …"))
    ]
    assert bare == []


@pytest.mark.parametrize(
    "container",
    ["ACL", "CLIENT", "COMMAND", "CONFIG", "LATENCY", "MEMORY", "OBJECT", "PUBSUB", "SLOWLOG"],
)
def test_containers_explain_themselves(engine: Engine, container: str) -> None:
    heading, *_, last = engine.execute(container, "HELP")
    assert heading.startswith(container.encode() + b" <subcommand>")
    assert last == b"    Print this help."
    with pytest.raises(ResponseError, match=f"^ERR unknown subcommand 'x'. Try {container} HELP"):
        engine.execute(container, "x")


def test_resetstat_sets_the_counters_back(engine: Engine) -> None:
    engine.execute("CONFIG", "RESETSTAT")
    assert info(engine, "stats")["total_commands_processed"] == "1"


def test_info_debug_is_shown_to_who_names_it() -> None:
    engine = Engine()
    assert b"eventloop_duration_max" not in engine.execute("INFO", "all")
    assert b"eventloop_duration_max:0" in engine.execute("INFO", "debug")
