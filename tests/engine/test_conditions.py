"""What holds in an engine, from its settings and its switches."""

from collections.abc import Callable

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.conditions import DiskError


def test_an_engine_begins_without_any_condition(engine: Engine) -> None:
    assert not engine.conditions.any


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (lambda e: e.conditions.break_disk(DiskError.RDB), lambda e: e.conditions.break_disk(None)),
        (lambda e: e.conditions.break_disk(DiskError.AOF), lambda e: e.conditions.break_disk(None)),
        (lambda e: e.conditions.be_strict(True), lambda e: e.conditions.be_strict(False)),
        (lambda e: e.conditions.join_cluster(True), lambda e: e.conditions.join_cluster(False)),
        (lambda e: e.conditions.follow(b"host", 1), lambda e: e.conditions.lead()),
        (
            lambda e: e.execute("CONFIG", "SET", "maxmemory", 1),
            lambda e: e.execute("CONFIG", "SET", "maxmemory", 0),
        ),
        (
            lambda e: e.execute("CONFIG", "SET", "min-slaves-to-write", 1),
            lambda e: e.execute("CONFIG", "SET", "min-replicas-max-lag", 0),
        ),
    ],
)
def test_what_begins_also_ends(
    engine: Engine, begin: Callable[[Engine], object], end: Callable[[Engine], object]
) -> None:
    begin(engine)
    assert engine.conditions.any
    end(engine)
    assert not engine.conditions.any


def test_a_replica_may_ignore_the_limit_of_memory(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "maxmemory", 1)
    engine.conditions.follow(b"host", 1)
    assert engine.conditions.memory_limit == 0
    engine.execute("CONFIG", "SET", "replica-ignore-maxmemory", "no")
    assert engine.conditions.memory_limit == 1


def test_a_setting_lets_writes_through_although_snapshots_fail(engine: Engine) -> None:
    engine.conditions.break_disk(DiskError.RDB)
    with pytest.raises(ResponseError, match=r"^MISCONF"):
        engine.execute("PING")
    engine.execute("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
    assert engine.execute("SET", "k", "v") == b"OK"
    engine.conditions.break_disk(DiskError.AOF)
    with pytest.raises(ResponseError, match=r"^MISCONF Errors writing to the AOF file"):
        engine.execute("SET", "k", "v")


def test_a_view_has_the_same_conditions(engine: Engine) -> None:
    engine.conditions.break_disk(DiskError.AOF)
    engine.conditions.be_strict(True)
    engine.conditions.join_cluster(True)
    view = engine.view().conditions
    assert (view.broken, view.is_strict, view.is_cluster) == (DiskError.AOF, True, True)
    engine.conditions.be_strict(False)
    assert view.is_strict
