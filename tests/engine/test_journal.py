"""Undo and effects: what a unit did can be taken back exactly, and repeated elsewhere exactly."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.engine.journal import Effect
from tests.engine.random_commands import COMMANDS, Time, Words, picture, run

PROGRAMS = st.lists(COMMANDS, max_size=25)


def new_engine(clock: Time) -> Engine:
    return Engine(databases=2, clock=clock, rng=random.Random(1))


@settings(max_examples=100)
@given(before=PROGRAMS, unit=PROGRAMS, pause=st.sampled_from([0, 2]))
def test_rollback_restores_the_whole_dataset(
    before: list[Words], unit: list[Words], pause: float
) -> None:
    clock = Time()
    engine = new_engine(clock)
    for words in before:
        run(engine, words)
    was = picture(engine)
    clock.advance(pause)
    with engine.keyspace.unit() as journal:
        for words in unit:
            run(engine, words)
        engine.keyspace.rollback()
        assert journal.effects == []
    clock.advance(-pause)  # keys that expired meanwhile are back, too
    assert picture(engine) == was


@settings(max_examples=100)
@given(program=PROGRAMS)
def test_effects_make_the_same_dataset_on_another_engine(program: list[Words]) -> None:
    clock = Time()
    engine, replica = new_engine(clock), new_engine(clock)
    effects: list[Effect] = []
    engine.keyspace.effect_listeners.append(effects.extend)
    for words in program:
        run(engine, words)
        clock.advance(0.3)
    for effect in effects:
        replica.execute("SELECT", effect.database)
        replica.execute(*effect.words)
    assert picture(replica) == picture(engine)
