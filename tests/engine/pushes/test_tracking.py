"""Client-side caching: who is told of which changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from redislua_kernel.engine import Client, Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import Push
from tests.clock import Clock

Listen = Callable[..., tuple[Client, list[Push]]]


@pytest.fixture
def engine(clock: Clock) -> Engine:
    return Engine(clock=clock)


@pytest.fixture
def tracking(engine: Engine) -> Listen:
    """Make RESP3 clients that track, with what they are told."""

    def listen(*options: str) -> tuple[Client, list[Push]]:
        client, told = engine.client(), []
        client.resp, client.deliver = 3, told.append
        client.execute("CLIENT", "TRACKING", "ON", *options)
        return client, told

    return listen


def test_a_client_is_told_once_of_a_change_to_what_it_has_read(
    engine: Engine, tracking: Listen
) -> None:
    client, told = tracking()
    client.execute("GET", "k")
    client.execute("SET", "unread", 1)
    for value in (1, 2):
        engine.execute("SET", "k", value)
    assert told == [[b"invalidate", [b"k"]]]


def test_what_a_script_reads_counts_as_read_by_its_caller(engine: Engine, tracking: Listen) -> None:
    client, told = tracking()
    client.execute("EVAL", "redis.call('GET', 'k') redis.call('SET', 'w', 1)", 2, "k", "keys")
    engine.execute("MSET", "k", 1, "w", 2, "keys", 3)
    assert told == [[b"invalidate", [b"k"]]]


def test_a_broadcast_has_all_keys_of_a_unit_with_the_prefix(
    engine: Engine, tracking: Listen
) -> None:
    _, told = tracking("BCAST", "PREFIX", "a", "PREFIX", "b")
    engine.execute("EVAL", "for _, k in ipairs(KEYS) do redis.call('INCR', k) end", 4, *"abca")
    assert told == [[b"invalidate", [b"a"]], [b"invalidate", [b"b"]]]


def test_noloop_leaves_out_what_the_client_changes_itself(engine: Engine, tracking: Listen) -> None:
    for options in ((), ("BCAST",)):
        client, told = tracking("NOLOOP", *options)
        client.execute("GET", "k")
        client.execute("SET", "k", 1)
        assert not told
        client.execute("GET", "k")
        engine.execute("SET", "k", 1)
        assert told == [[b"invalidate", [b"k"]]]


def test_opting_in_and_out_concerns_one_command(engine: Engine, tracking: Listen) -> None:
    opted_in, told_in = tracking("OPTIN")
    opted_out, told_out = tracking("OPTOUT")
    for client, mode in ((opted_in, "YES"), (opted_out, "NO")):
        client.execute("CLIENT", "CACHING", mode)
        client.execute("GET", "a")
        client.execute("GET", "b")
    engine.execute("MSET", "a", 1, "b", 1)
    assert told_in == [[b"invalidate", [b"a"]]]
    assert told_out == [[b"invalidate", [b"b"]]]


def test_messages_can_go_to_another_client_of_either_protocol(engine: Engine) -> None:
    target, told = engine.client(), []
    target.deliver = told.append
    target.execute("SUBSCRIBE", "__redis__:invalidate")
    told.clear()
    client = engine.client()
    client.execute("CLIENT", "TRACKING", "ON", "REDIRECT", target.id)
    client.execute("GET", "k")
    engine.execute("SET", "k", 1)
    assert told == [[b"message", b"__redis__:invalidate", [b"k"]]]
    target.close()
    client.resp, client.deliver = 3, told.append
    client.execute("GET", "k")
    engine.execute("SET", "k", 1)
    assert told[1:] == [[b"tracking-redir-broken", target.id]]
    assert b"broken_redirect" in client.execute("CLIENT", "TRACKINGINFO")[b"flags"]


def test_a_flush_and_an_expired_key_are_told(
    engine: Engine, tracking: Listen, clock: Clock
) -> None:
    client, told = tracking()
    engine.execute("SET", "k", 1, "EX", 1)
    client.execute("GET", "k")
    clock.advance(2)
    engine.execute("EXISTS", "k")
    engine.execute("FLUSHALL")
    assert told[0] == [b"invalidate", [b"k"]]
    assert told[1] == [b"invalidate", None]


def test_the_table_keeps_to_its_limit(engine: Engine, tracking: Listen) -> None:
    client, told = tracking()
    engine.execute("CONFIG", "SET", "tracking-table-max-keys", 2)
    client.execute("MGET", "a", "b", "c")
    assert told == [[b"invalidate", [b"a"]]]
    assert engine.tracking.count_items() == 2


def test_nothing_listens_after_the_last_client_is_gone(engine: Engine, tracking: Listen) -> None:
    client, told = tracking("BCAST")
    client.execute("CLIENT", "TRACKING", "OFF")
    engine.execute("SET", "k", 1)
    other, _ = tracking()
    other.close()
    assert not told
    assert not engine.keyspace.listeners
    assert not engine.conditions.any


@pytest.mark.parametrize(
    ("before", "options", "problem"),
    [
        ((), ("PREFIX", "a"), "PREFIX option requires BCAST mode to be enabled"),
        ((), ("BCAST", "OPTIN"), "OPTIN and OPTOUT are not compatible with BCAST"),
        ((), ("OPTIN", "OPTOUT"), "You can't specify both OPTIN mode and OPTOUT mode"),
        ((), ("REDIRECT", "99"), "The client ID you want redirect to does not exist"),
        (("BCAST",), (), "You can't switch BCAST mode on/off before disabling tracking"),
        (("OPTIN",), ("OPTOUT",), "You can't switch OPTIN/OPTOUT mode before disabling"),
        (("BCAST", "PREFIX", "ab"), ("BCAST", "PREFIX", "a"), "Prefix 'a' overlaps with an exist"),
        ((), ("BCAST", "PREFIX", "a", "PREFIX", "ab"), "Prefix 'a' overlaps with another provid"),
        ((), ("NOSUCH",), "syntax error"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    tracking: Listen, before: tuple[str, ...], options: tuple[str, ...], problem: str
) -> None:
    client, _ = tracking(*before)
    if not before:
        client.execute("CLIENT", "TRACKING", "OFF")
    with pytest.raises(ResponseError, match=problem):
        client.execute("CLIENT", "TRACKING", "ON", *options)


def test_a_flush_is_told_once_and_no_swap_is(engine: Engine, tracking: Listen) -> None:
    _, heard = tracking()
    engine.execute("SWAPDB", 3, 4)
    assert heard == []
    engine.execute("FLUSHALL")
    assert heard == [Push([b"invalidate", None])]
