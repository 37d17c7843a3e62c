"""Keyspace notifications: which events reach whom."""

from __future__ import annotations

import pytest

from redislua_kernel.engine import Engine
from redislua_kernel.reply import Push
from tests.clock import Clock


@pytest.fixture
def engine(clock: Clock) -> Engine:
    return Engine(clock=clock)


@pytest.fixture
def heard(engine: Engine) -> list[Push]:
    listener, heard = engine.client(), []
    listener.deliver = lambda push: heard.append((push[-2], push[-1]))
    listener.execute("PSUBSCRIBE", "__key*")
    heard.clear()
    return heard


def test_nothing_is_published_before_it_is_asked_for(engine: Engine, heard: list[Push]) -> None:
    engine.execute("SET", "k", "v")
    assert not heard
    assert not engine.keyspace.listeners


def test_an_event_goes_to_the_channels_of_its_key_and_of_its_name(
    engine: Engine, heard: list[Push]
) -> None:
    engine.execute("CONFIG", "SET", "notify-keyspace-events", "KEA")
    engine.execute("SET", "k", "v")
    assert heard == [(b"__keyspace@0__:k", b"set"), (b"__keyevent@0__:set", b"k")]


def test_only_the_chosen_classes_are_published(engine: Engine, heard: list[Push]) -> None:
    engine.execute("CONFIG", "SET", "notify-keyspace-events", "Kl")
    for words in (("SET", "k", "v"), ("RPUSH", "l", "x"), ("LPOP", "l")):
        engine.execute(*words)
    assert heard == [(b"__keyspace@0__:l", b"rpush"), (b"__keyspace@0__:l", b"lpop")]
    heard.clear()
    engine.execute("CONFIG", "SET", "notify-keyspace-events", "")
    engine.execute("RPUSH", "l", "x")
    assert not heard


def test_new_keys_are_told_apart(engine: Engine, heard: list[Push]) -> None:
    engine.execute("CONFIG", "SET", "notify-keyspace-events", "En$")
    for _ in range(2):
        engine.execute("EVAL", "redis.call('SET', 'k', 1) redis.call('MSET', 'k', 1, 'j', 1)", 0)
        engine.execute("DEL", "j")
    new = [key for channel, key in heard if channel == b"__keyevent@0__:new"]
    assert new == [b"k", b"j", b"j"]


def test_a_key_that_expires_says_so(engine: Engine, heard: list[Push], clock: Clock) -> None:
    engine.execute("SET", "k", "v", "EX", 1)
    engine.execute("CONFIG", "SET", "notify-keyspace-events", "Ex")
    clock.advance(2)
    engine.execute("GET", "k")
    assert heard == [(b"__keyevent@0__:expired", b"k")]
