"""What a script may do; all of it is compared with the reference in tests/differential."""

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.conditions import DiskError
from redislua_kernel.engine.dialect import REDIS
from redislua_kernel.engine.scripting.modes import Mode, mode_of
from redislua_kernel.errors import ResponseError

NO_FLAGS: frozenset[str] = frozenset()


def test_without_conditions_only_writing_can_be_forbidden(engine: Engine) -> None:
    conditions = engine.conditions
    assert mode_of(conditions, None, REDIS, read_only=False) is Mode.FREE
    assert mode_of(conditions, NO_FLAGS, REDIS, read_only=False) is Mode.FREE
    assert mode_of(conditions, None, REDIS, read_only=True) is Mode.READ_ONLY
    assert mode_of(conditions, frozenset({"no-writes"}), REDIS, read_only=False) is Mode.READ_ONLY
    with pytest.raises(ResponseError, match="Can not execute a script with write flag"):
        mode_of(conditions, NO_FLAGS, REDIS, read_only=True)


def test_a_script_without_a_shebang_is_judged_call_by_call(engine: Engine) -> None:
    engine.conditions.follow(b"host", 1)
    engine.conditions.break_disk(DiskError.RDB)
    mode = mode_of(engine.conditions, None, REDIS, read_only=False)
    assert mode == Mode.READ_ONLY_REPLICA | Mode.RDB_ERROR


@pytest.mark.parametrize(
    ("flags", "one_slot"), [(None, False), ("no-writes", True), ("allow-cross-slot-keys", False)]
)
def test_in_a_cluster_a_shebang_binds_a_script_to_one_slot(
    engine: Engine, flags: str | None, one_slot: bool
) -> None:
    engine.conditions.join_cluster(True)
    given = None if flags is None else frozenset({flags})
    mode = mode_of(engine.conditions, given, REDIS, read_only=False)
    assert Mode.CLUSTER in mode
    assert (Mode.ONE_SLOT in mode) is one_slot


def test_no_cluster_is_refused_there_alone(engine: Engine) -> None:
    flags = frozenset({"no-cluster"})
    assert mode_of(engine.conditions, flags, REDIS, read_only=False) is Mode.FREE
    engine.conditions.join_cluster(True)
    with pytest.raises(ResponseError, match="'no-cluster' flag is set"):
        mode_of(engine.conditions, flags, REDIS, read_only=False)
