"""The dialect of Valkey 9.1.2, and changing between it and that of Redis."""

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.dialect import DIALECTS
from redislua_kernel.engine.rdb.crc64 import crc64
from redislua_kernel.reply import Reply
from tests.engine.outcomes import error_of

REDIS_LIBRARY = (
    "#!lua name=ours\nredis.register_function('f', function() return redis.call('GET', 'k') end)"
)
VALKEY_LIBRARY = "#!lua name=theirs\nserver.register_function('g', function() return 2 end)"


@pytest.fixture
def valkey() -> Engine:
    return Engine(dialect="valkey")


def test_redis_is_the_default() -> None:
    assert Engine().dialect is DIALECTS["redis"]
    assert Engine().execute("EVAL", "return redis.REDIS_VERSION", 0) == b"8.2.3"


def test_an_unknown_dialect_is_an_error() -> None:
    with pytest.raises(KeyError):
        Engine(dialect="keydb")


def test_server_is_the_same_object_as_redis(valkey: Engine) -> None:
    script = "return {tostring(server == redis), server.SERVER_NAME, redis.VALKEY_VERSION_NUM}"
    assert valkey.execute("EVAL", script, 0) == [b"true", b"valkey", 0x090102]
    assert "global variable 'server'" in error_of(Engine(), "EVAL", "return server", 0)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("error('x')", "ERR user_script:1: x script: on @user_script:1."),
        ("return redis.pcall('nosuch')", "ERR Unknown command called from script"),
        ("return redis.pcall('GET')", "ERR Wrong number of args calling command from script"),
        ("return redis.pcall('MULTI')", "ERR This Valkey command is not allowed from script"),
        ("return redis.pcall('XDELEX')", "ERR Unknown command called from script"),
        ("return redis.pcall('object', 'nOpe')", "ERR unknown subcommand 'nOpe'. Try OBJECT HELP."),
        ("return redis.pcall({})", "ERR Command arguments must be strings or integers"),
        (
            "redis.setresp()",
            "ERR server.setresp() requires one argument. script: on @user_script:1.",
        ),
        ("#!lua5\nreturn 1", "ERR Could not find scripting engine 'lua5'"),
        ("#!x flags=y\nreturn 1", "ERR Unexpected flag in script shebang: y"),
    ],
)
def test_errors_are_worded_as_valkey_words_them(valkey: Engine, script: str, error: str) -> None:
    assert error_of(valkey, "EVAL", script, 0) == error


def test_memory_is_looked_at_before_what_a_script_may_do(valkey: Engine) -> None:
    valkey.execute("SET", "k", "v")
    valkey.execute("CONFIG", "SET", "maxmemory", 1)
    error = error_of(valkey, "EVAL_RO", "return redis.pcall('SET', 'k', 'w')", 0)
    assert error.startswith("OOM command not allowed")


def test_a_shebang_names_its_engine_in_any_case(valkey: Engine) -> None:
    assert valkey.execute("EVAL", "#!Lua\nreturn 1", 0) == 1
    assert "Unexpected engine" in error_of(Engine(), "EVAL", "#!Lua\nreturn 1", 0)


def test_functions_names_are_checked_after_the_library_has_run(valkey: Engine) -> None:
    twice = "redis.register_function('f', function() end) " * 2
    error = "ERR Function already exists in the library"
    assert error_of(valkey, "FUNCTION", "LOAD", f"#!lua name=l\n{twice}") == error
    error = error_of(valkey, "FUNCTION", "LOAD", f"#!lua name=l\n{twice} last()")
    assert error.endswith("nonexistent global variable 'last'")
    assert valkey.execute("FUNCTION", "LIST") == []


def test_in_a_cluster_a_call_across_slots_is_refused_as_by_valkey() -> None:
    engine = Engine(cluster=True, dialect="valkey")
    error = error_of(engine, "EVAL", "return redis.pcall('MGET', 'a', 'b')", 0)
    assert error == "ERR Attempted to access a non local key in a cluster node"


def test_only_valkey_shows_scripts(valkey: Engine) -> None:
    sha = valkey.execute("SCRIPT", "LOAD", "return 1")
    assert valkey.execute("SCRIPT", "SHOW", sha.upper()) == b"return 1"
    assert error_of(valkey, "SCRIPT", "SHOW", "x") == "NOSCRIPT No matching script."
    unknown = "ERR unknown subcommand 'SHOW'. Try SCRIPT HELP."
    assert error_of(Engine(), "SCRIPT", "SHOW", sha) == unknown


def test_a_loaded_script_is_kept_though_eval_had_loaded_it(valkey: Engine) -> None:
    valkey.execute("EVAL", "return 'kept'", 0)
    sha = valkey.execute("SCRIPT", "LOAD", "return 'kept'")
    for number in range(501):
        valkey.execute("EVAL", f"return {number}", 0)
    assert valkey.execute("SCRIPT", "EXISTS", sha) == [1]


def test_hello_and_info_name_the_server(valkey: Engine) -> None:
    hello = valkey.execute("HELLO")
    assert (hello[b"server"], hello[b"version"]) == (b"valkey", b"9.1.2")
    assert b"valkey_version:9.1.2\r\n" in valkey.execute("INFO", "server")


def test_delifeq_deletes_what_equals(valkey: Engine) -> None:
    valkey.execute("SET", "lock", "me")
    assert valkey.execute("EVAL", "return server.call('DELIFEQ', 'lock', 'you')", 0) == 0
    assert valkey.execute("DELIFEQ", "lock", "me") == 1
    assert valkey.execute("EXISTS", "lock") == 0


def payload_of(version: int) -> bytes:
    body = version.to_bytes(2, "little")
    return body + crc64(body).to_bytes(8, "little")


@pytest.mark.parametrize(
    ("dialect", "taken"), [("redis", {*range(13)}), ("valkey", {*range(1, 12), 80})]
)
def test_restore_takes_payloads_of_certain_versions(dialect: str, taken: set[int]) -> None:
    def restores(version: int) -> bool:
        try:
            engine.execute("FUNCTION", "RESTORE", payload_of(version))
        except ResponseError:
            return False
        return True

    engine = Engine(dialect=dialect)
    assert {version for version in range(100) if restores(version)} == taken
    assert restores(int.from_bytes(engine.execute("FUNCTION", "DUMP")[-10:-8], "little"))
    engine.execute("SET", "k", "v")
    assert engine.execute("RESTORE", "copy", 0, engine.execute("DUMP", "k")) == b"OK"


def state_of(engine: Engine) -> tuple[Reply, ...]:
    names = sorted(each[b"library_name"] for each in engine.execute("FUNCTION", "LIST"))
    return engine.dialect.name, names, engine.execute("DBSIZE")


def test_a_change_keeps_data_scripts_and_libraries() -> None:
    engine = Engine()
    client = engine.client()
    client.execute("SELECT", 1)
    client.execute("SET", "k", "v")
    client.execute("FUNCTION", "LOAD", REDIS_LIBRARY)
    sha = client.execute("SCRIPT", "LOAD", "return redis.call('nosuch')")
    engine.change_dialect("valkey")
    assert client.execute("FCALL", "f", 0) == b"v"
    with pytest.raises(ResponseError, match=r"^ERR Unknown command .* script: on @user_script:1"):
        client.execute("EVALSHA", sha, 0)
    engine.change_dialect("redis")
    with pytest.raises(ResponseError, match=rf"^ERR Unknown Redis .* script: {sha.decode()}, on"):
        client.execute("EVALSHA", sha, 0)


def test_a_change_is_refused_for_a_library_that_the_other_refuses(valkey: Engine) -> None:
    valkey.execute("FUNCTION", "LOAD", REDIS_LIBRARY)
    valkey.execute("FUNCTION", "LOAD", VALKEY_LIBRARY)
    before = state_of(valkey)
    with pytest.raises(ResponseError, match=r"^ERR Library 'theirs' does not load: .*'server'$"):
        valkey.change_dialect("redis")
    assert state_of(valkey) == before
    assert valkey.execute("FCALL", "g", 0) == 2


def test_a_change_forgets_cached_scripts_that_the_other_refuses(valkey: Engine) -> None:
    sha = valkey.execute("SCRIPT", "LOAD", "#!LUA\nreturn 1")
    valkey.change_dialect("redis")
    assert valkey.execute("SCRIPT", "EXISTS", sha) == [0]


def test_a_change_is_undone_with_its_unit() -> None:
    engine = Engine()
    with engine.keyspace.unit():
        engine.execute("FUNCTION", "LOAD", REDIS_LIBRARY)
        engine.change_dialect("valkey")
        engine.execute("FUNCTION", "LOAD", VALKEY_LIBRARY)
        engine.keyspace.rollback()
    assert state_of(engine) == ("redis", [], 0)
    assert error_of(engine, "EVAL", "return redis.call('x')", 0).startswith("ERR Unknown Redis")


def test_a_script_that_is_abandoned_takes_its_units_change_with_it() -> None:
    engine = Engine()
    engine.keyspace.begin()
    engine.change_dialect("valkey")
    stuck = engine.scripting.runtime
    engine.abandon(stuck)
    assert engine.scripting.runtime is not stuck
    assert state_of(engine) == ("redis", [], 0)
    assert engine.execute("EVAL", "return 1", 0) == 1


def test_a_view_speaks_the_same_dialect(valkey: Engine) -> None:
    view = valkey.view()
    assert view.dialect is valkey.dialect
    assert view.execute("EVAL", "return type(server)", 0) == b"table"
