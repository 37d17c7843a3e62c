"""What a client's command meets; the replies themselves are compared in tests/differential."""

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.admission import Need, needs_of
from redislua_kernel.reply import QUEUED


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        ((b"GET", b"k"), Need.FRESH_DATA),
        ((b"SET", b"k", b"v"), Need.WRITES | Need.MEMORY | Need.FRESH_DATA),
        ((b"PUBLISH", b"c", b"m"), Need.REPLICATION),
        ((b"DEL", b"k"), Need.WRITES | Need.FRESH_DATA),
        ((b"CONFIG", b"GET", b"x"), Need.NOTHING),
        ((b"EVAL", b"return 1", b"0"), Need.REPLICATION),
        ((b"EVAL", b"#!nonsense\n", b"0"), Need.REPLICATION),
        ((b"EVAL", b"#!lua\nreturn 1", b"0"), Need.WRITES | Need.MEMORY | Need.FRESH_DATA),
        ((b"EVAL", b"#!lua flags=no-writes,allow-stale\nreturn 1", b"0"), Need.NOTHING),
        ((b"eval_ro", b"#!lua flags=allow-oom\n", b"0"), Need.WRITES | Need.FRESH_DATA),
        ((b"FCALL", b"F", b"0"), Need.FRESH_DATA),
        ((b"FCALL", b"none", b"0"), Need.REPLICATION),
        ((b"EVALSHA", b"0" * 40, b"0"), Need.REPLICATION),
    ],
)
def test_needs_are_those_of_the_command_or_of_its_script(
    words: tuple[bytes, ...], needs: Need
) -> None:
    engine = Engine()
    engine.execute(
        "FUNCTION",
        "LOAD",
        "#!lua name=lib\nredis.register_function{function_name='f', flags={'no-writes'}, "
        "callback=function() return 1 end}",
    )
    assert needs_of(engine, engine.commands.find(words), words) == needs


def test_a_transaction_needs_what_any_of_its_commands_needs() -> None:
    engine = Engine()
    client = engine.client()
    client.execute("MULTI")
    assert client.execute("SET", "k", "v") is QUEUED
    engine.conditions.follow(b"host", 1)
    with pytest.raises(ResponseError) as caught:
        client.execute("EXEC")
    assert str(caught.value).startswith("EXECABORT Transaction discarded because of: READONLY ")
    assert client.execute("GET", "k") is None


def test_a_transaction_across_slots_is_refused_at_its_end() -> None:
    client = Engine(cluster=True).client()
    client.execute("MULTI")
    client.execute("GET", "a")
    client.execute("GET", "b")
    with pytest.raises(ResponseError, match=r"^CROSSSLOT"):
        client.execute("EXEC")
    with pytest.raises(ResponseError, match=r"^ERR EXEC without MULTI"):
        client.execute("EXEC")


def test_what_a_setting_forbids_is_refused_before_anybody_asks_who_calls() -> None:
    engine = Engine()
    engine.execute("ACL", "SETUSER", "ann", "on", "nopass", "~*", "&*", "+@all", "-module")
    engine.execute("CONFIG", "SET", "requirepass", "secret")
    client = engine.client()
    client.authenticated = False  # as each connection begins
    with pytest.raises(ResponseError, match=r"^NOAUTH"):
        client.execute("MODULE", "LIST")
    with pytest.raises(ResponseError, match=r"^ERR MODULE command not allowed"):
        client.execute("MODULE", "LOAD", "x")
    client.execute("AUTH", "ann", "any")
    with pytest.raises(ResponseError, match=r"^ERR MODULE command not allowed"):
        client.execute("MODULE", "LOAD", "x")
    assert engine.execute("ACL", "LOG") == []
