"""Undo and effects: what a unit did can be taken back exactly, and repeated elsewhere exactly."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.engine.journal import Effect, Journal
from tests.clock import Clock
from tests.engine.picture import picture
from tests.engine.random_commands import COMMANDS, Words, run, run_in_script

PROGRAMS = st.lists(COMMANDS, max_size=25)
WAYS = st.sampled_from([run, run_in_script])

Way = Callable[[Engine, Words], Any]


def new_engine(clock: Clock) -> Engine:
    return Engine(databases=2, clock=clock, rng=random.Random(1))


@settings(max_examples=100)
@given(before=PROGRAMS, unit=PROGRAMS, pause=st.sampled_from([0, 2]), way=WAYS)
def test_rollback_restores_the_whole_dataset(
    before: list[Words], unit: list[Words], pause: float, way: Way
) -> None:
    clock = Clock()
    engine = new_engine(clock)
    for words in before:
        run(engine, words)
    was = picture(engine)
    clock.advance(pause)
    with engine.keyspace.unit() as journal:
        for words in unit:
            way(engine, words)
        engine.keyspace.rollback()
        assert journal.effects == []
    clock.advance(-pause)  # keys that expired meanwhile are back, too
    assert picture(engine) == was


@settings(max_examples=100)
@given(program=PROGRAMS, way=WAYS)
def test_effects_make_the_same_dataset_on_another_engine(program: list[Words], way: Way) -> None:
    clock = Clock()
    engine, replica = new_engine(clock), new_engine(clock)
    engine.keyspace.effect_listeners.append(partial(replay, replica))
    for words in program:
        way(engine, words)
        assert replicated(replica) == replicated(engine)
        clock.advance(0.3)


def replicated(engine: Engine) -> dict[tuple[int, bytes], Any]:
    """Show what effects carry over: all but the encodings, and readers that never read.

    A bit that is set to what it was makes its string raw, and is no change to replicate; so it
    is with a hash whose missing field is to expire, and with a new reader of an empty stream.
    """
    shown = {place: (kind, *rest) for place, (kind, _, *rest) in picture(engine).items()}
    for kind, *_, content in shown.values():
        if kind == b"stream":
            for group in content[b"groups"]:
                group[b"consumers"] = [
                    reader for reader in group[b"consumers"] if reader[b"active-time"] != -1
                ]
    return shown


def replay(replica: Engine, effects: list[Effect]) -> None:
    for effect in effects:
        replica.execute("SELECT", effect.database)
        replica.execute(*effect.words)


@pytest.fixture
def engine() -> Engine:
    return new_engine(Clock())


@pytest.fixture
def effects(engine: Engine) -> list[Effect]:
    """Every effect of the engine so far."""
    seen: list[Effect] = []
    engine.keyspace.effect_listeners.append(seen.extend)
    return seen


def words_of(effects: list[Effect]) -> list[bytes]:
    return [b" ".join(effect.words) for effect in effects]


def test_a_script_has_the_effects_of_its_writes(engine: Engine, effects: list[Effect]) -> None:
    script = "redis.call('SET', 'k', 1.5) redis.call('GET', 'k') redis.call('incr', 'n')"
    engine.execute("EVAL", script, 0)
    assert words_of(effects) == [b"MULTI", b"SET k 1.5", b"incr n", b"EXEC"]


def test_chance_and_relative_time_are_replaced_by_what_came_of_them(
    engine: Engine, effects: list[Effect]
) -> None:
    engine.execute("SADD", "s", "m")
    engine.execute("SET", "k", "v", "EX", 10)
    engine.execute("EXPIRE", "k", 20)
    engine.execute("SPOP", "s")
    engine.execute("XADD", "x", "*", "f", "v")
    engine.execute("INCRBYFLOAT", "f", "0.5")
    assert words_of(effects)[1:] == [
        b"SET k v PXAT 1700000010000",
        b"PEXPIREAT k 1700000020000",
        b"SREM s m",
        b"XADD x 1700000000000-0 f v",
        b"SET f 0.5 KEEPTTL",
    ]


def test_reads_and_writes_that_change_nothing_have_no_effects(
    engine: Engine, effects: list[Effect]
) -> None:
    for words in (("GET", "k"), ("DEL", "k"), ("SREM", "k", "m"), ("EXPIRE", "k", 1)):
        engine.execute(*words)
    assert effects == []


def test_set_repl_chooses_where_effects_go_until_the_script_ends(
    engine: Engine, effects: list[Effect]
) -> None:
    script = """
    redis.set_repl(redis.REPL_NONE) redis.call('SET', 'a', 1)
    redis.set_repl(redis.REPL_AOF) redis.call('SET', 'b', 1)
    """
    engine.execute("EVAL", script, 0)
    engine.execute("SET", "c", "1")
    assert [(effect.words[1], effect.targets) for effect in effects] == [(b"b", 1), (b"c", 3)]


def test_what_scripts_write_most_goes_where_set_repl_says(
    engine: Engine, effects: list[Effect]
) -> None:
    script = """
    for _, targets in ipairs({3, 1, 0, 2}) do
      redis.set_repl(targets)
      redis.call('INCR', 'n') redis.call('HSET', 'h', 'f', targets) redis.call('EXPIRE', 'h', 9)
      redis.call('LPUSH', 'l', targets) redis.call('RPOP', 'l')
    end
    """
    for _ in range(2):
        effects.clear()
        engine.execute("EVAL", script, 0)
        told = [(effect.words[0], effect.targets) for effect in effects]
        assert told[0] == (b"MULTI", 3)
        assert told[-1] == (b"EXEC", 3)
        names = (b"INCR", b"HSET", b"PEXPIREAT", b"LPUSH", b"RPOP")
        assert told[1:-1] == [(name, targets) for targets in (3, 1, 2) for name in names]


def test_a_script_that_keeps_all_effects_back_has_none(
    engine: Engine, effects: list[Effect]
) -> None:
    engine.execute("EVAL", "redis.set_repl(0) redis.call('INCR', 'n') redis.call('INCR', 'n')", 0)
    engine.execute("EVAL", "redis.set_repl(0) return 1", 0)
    assert effects == []
    assert engine.effects == []
    engine.execute("EVAL", "redis.call('INCR', 'n')", 0)
    assert words_of(effects) == [b"INCR n"]


def test_no_script_keeps_back_what_expires(engine: Engine, effects: list[Effect]) -> None:
    clock = engine.keyspace.clock
    assert isinstance(clock, Clock)
    engine.execute("SET", "k", "v", "PX", 1)
    clock.advance(1)
    engine.execute("EVAL", "redis.set_repl(0) redis.call('GET', 'k') redis.call('SET', 'a', 1)", 0)
    assert effects[1:] == [Effect(0, (b"DEL", b"k"))]


def test_no_script_keeps_back_that_a_field_is_set_too_late(
    engine: Engine, effects: list[Effect]
) -> None:
    call = "redis.call('HSETEX', 'h', 'PXAT', 1, 'FIELDS', 2, 'a', 1, 'b', 2)"
    for targets in (0, 1):
        effects.clear()
        engine.execute("EVAL", f"redis.set_repl({targets}) return {call}", 0)
        assert words_of(effects)[1:-1] == [b"HDEL h a", b"HDEL h b"]
        assert {effect.targets for effect in effects} == {3}


def test_messages_go_to_replicas_alone(engine: Engine, effects: list[Effect]) -> None:
    engine.execute("EVAL", "redis.call('PUBLISH', 'c', 'm')", 0)
    engine.execute("EVAL", "redis.set_repl(redis.REPL_AOF) redis.call('PUBLISH', 'c', 'm')", 0)
    assert effects == [Effect(0, (b"PUBLISH", b"c", b"m"), targets=2)]


def test_the_effects_of_the_last_command_can_be_seen(engine: Engine) -> None:
    script = "redis.call('SET', 'k', 1) redis.call('SELECT', 1) redis.call('INCR', 'n')"
    engine.execute("EVAL", script, 0)
    assert words_of(engine.effects) == [b"MULTI", b"SET k 1", b"INCR n", b"EXEC"]
    assert [effect.database for effect in engine.effects] == [0, 0, 1, 1]
    engine.execute("GET", "k")
    assert engine.effects == []


def test_effects_of_a_unit_arrive_together_when_it_ends(engine: Engine) -> None:
    batches: list[list[Effect]] = []
    engine.keyspace.effect_listeners.append(lambda effects: batches.append(list(effects)))
    with engine.keyspace.unit() as journal:
        engine.execute("SET", "k", "1")
        engine.execute("INCR", "k")
        assert words_of(journal.effects) == [b"SET k 1", b"INCR k"]
        assert batches == []
    assert [len(batch) for batch in batches] == [2]


def test_undoing_goes_backwards_and_counts() -> None:
    journal, seen = Journal(), []
    for number in range(3):
        journal.undo.append((seen.append, number))
    journal.record(0, b"SET", b"k", b"v")
    assert journal.rollback() == 3
    assert seen == [2, 1, 0]
    assert journal.effects == []
    assert journal.undo == []


def test_a_command_that_recorded_its_effects_is_not_recorded_itself() -> None:
    journal = Journal()
    journal.record(0, b"SREM", b"s", b"m")
    journal.record_call(0, (b"SPOP", b"s"))
    journal.record_call(1, (b"SET", b"k", b"v"))
    assert journal.effects == [Effect(0, (b"SREM", b"s", b"m")), Effect(1, (b"SET", b"k", b"v"))]
