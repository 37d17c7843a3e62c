"""What was refused: the entries of ACL LOG, and INFO's counts."""

from __future__ import annotations

from typing import Any

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine import Client
from tests.clock import Clock
from tests.engine.outcomes import error_of


@pytest.fixture
def bob(clock: Clock) -> Client:
    engine = Engine(clock=clock)
    engine.execute("ACL", "SETUSER", "bob", "on", ">p", "+@all", "-acl", "~x*", "(+set ~y*)")
    client = engine.client()
    client.execute("AUTH", "bob", "p")
    return client


def log_of(client: Client) -> list[dict[bytes, Any]]:
    entries: list[dict[bytes, Any]] = client.engine.execute("ACL", "LOG")
    return entries


def test_an_entry_tells_what_was_refused_to_whom(bob: Client) -> None:
    error_of(bob, "GET", "z")
    (entry,) = log_of(bob)
    assert (entry[b"reason"], entry[b"context"]) == (b"key", b"toplevel")
    assert (entry[b"object"], entry[b"username"], entry[b"count"]) == (b"z", b"bob", 1)
    assert b" cmd=get user=bob " in entry[b"client-info"]


def test_the_same_again_within_a_minute_is_one_entry(bob: Client, clock: Clock) -> None:
    error_of(bob, "GET", "z")
    clock.advance(50)
    error_of(bob, "SET", "z", 1)
    assert [(e[b"count"], e[b"entry-id"]) for e in log_of(bob)] == [(2, 0)]
    clock.advance(70)
    error_of(bob, "GET", "z")
    assert [(e[b"count"], e[b"entry-id"]) for e in log_of(bob)] == [(1, 1), (2, 0)]
    assert [e[b"age-seconds"] for e in log_of(bob)] == [0, 70]


def test_the_selector_that_came_furthest_is_quoted(bob: Client) -> None:
    error_of(bob, "PUBLISH", "c", "m")
    error_of(bob, "SET", "z", 1)
    assert [(e[b"reason"], e[b"object"]) for e in log_of(bob)] == [
        (b"key", b"z"), (b"channel", b"c")
    ]  # fmt: skip


def test_contexts_are_told_apart(bob: Client) -> None:
    bob.execute("MULTI")
    error_of(bob, "GET", "z")
    bob.execute("DISCARD")
    error_of(bob, "EVAL", "return redis.call('get', 'z')", 0)
    assert [entry[b"context"] for entry in log_of(bob)] == [b"lua", b"multi"]


def test_failed_logins_are_noted_under_the_name_that_was_tried(bob: Client) -> None:
    error_of(bob, "AUTH", "eve", "x")
    error_of(bob, "HELLO", 3, "AUTH", "bob", "x")
    assert [(e[b"object"], e[b"username"]) for e in log_of(bob)] == [
        (b"HELLO", b"bob"), (b"AUTH", b"eve")
    ]  # fmt: skip


def test_the_log_is_as_long_as_the_setting_says(bob: Client) -> None:
    bob.engine.execute("CONFIG", "SET", "acllog-max-len", 2)
    for key in ("a", "b", "c"):
        error_of(bob, "GET", key)
    assert [entry[b"object"] for entry in log_of(bob)] == [b"c", b"b"]
    assert len(bob.engine.execute("ACL", "LOG", 1)) == 1
    assert bob.engine.execute("ACL", "LOG", "RESET") == b"OK"
    assert log_of(bob) == []


def test_info_counts_refusals_by_their_reason(bob: Client) -> None:
    error_of(bob, "ACL", "LIST")
    error_of(bob, "GET", "z")
    error_of(bob, "AUTH", "bob", "x")
    error_of(bob, "PUBLISH", "c", "m")
    error_of(bob, "PUBLISH", "d", "m")
    lines = bob.engine.execute("INFO", "stats").split(b"\r\n")
    fields = [line for line in lines if line.startswith(b"acl_")]
    assert fields == [
        b"acl_access_denied_auth:1",
        b"acl_access_denied_cmd:1",
        b"acl_access_denied_key:1",
        b"acl_access_denied_channel:2",
    ]
