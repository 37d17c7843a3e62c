"""What a script may do, decided when it starts: from its flags and the engine's conditions."""

from __future__ import annotations

from enum import IntFlag

from redislua_kernel.engine.conditions import Conditions, DiskError
from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.errors import MASTER_DOWN, TOO_FEW_REPLICAS, CommandError

__all__ = ["Mode", "mode_of", "modes_by_flags"]

NO_CLUSTER = CommandError("ERR Can not run script on cluster, 'no-cluster' flag is set.")
STALE = CommandError(
    "MASTERDOWN Link with MASTER is down, replica-serve-stale-data is set to 'no' "
    "and 'allow-stale' flag is not set on the script."
)
READ_ONLY_REPLICA = CommandError("READONLY Can not run script with write flag on readonly replica")
_DISK_ERROR = (
    "but it's currently unable to persist to disk. "
    "Writable scripts are blocked. Use 'no-writes' flag for read only scripts."
)
DISK_ERRORS = {
    DiskError.RDB: f"save RDB snapshots, {_DISK_ERROR}",
    DiskError.AOF: f"persist data to AOF, {_DISK_ERROR} AOF error: No space left on device",
}
WRITES_IN_RO = CommandError("ERR Can not execute a script with write flag using *_ro command.")
OUT_OF_MEMORY = CommandError(
    "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'"
)


class Mode(IntFlag):
    """What a script may not do; fixed when it starts."""

    FREE = 0
    READ_ONLY = 1
    OUT_OF_MEMORY = 2
    #: The data are stale: only commands that do not care run.
    STALE = 4
    # Each of these forbids the first write; after one, further ones are let through.
    READ_ONLY_REPLICA = 8
    RDB_ERROR = 16
    AOF_ERROR = 32
    TOO_FEW_REPLICAS = 64
    #: The keys of a call must be in one slot, or even those of all calls.
    CLUSTER = 128
    ONE_SLOT = 256
    #: Only declared keys may be touched.
    STRICT = 512
    #: Nothing is forbidden, but somebody is shown each call.
    OBSERVED = 1024
    #: The caller is a user who may not do everything.
    RESTRICTED = 2048
    #: Somebody is told of each call before it runs, and of its reply.
    TRACED = 4096
    #: What scripts may not call they may call all the same.
    UNGUARDED = 8192
    #: Somebody is told of each call, but only afterwards: that costs less.
    RECORDED = 16384
    #: Calls are timed: the slow ones are noted.
    TIMED = 32768
    #: The reply of a call is kept as it was before it became a Lua value.
    TOLD = TRACED | RECORDED


def modes_by_flags(flags: frozenset[str] | None) -> tuple[Mode, Mode | None]:
    """Decide what a script with these flags may do while no condition forbids anything.

    By any command, and by one that only reads: None where `mode_of` refuses that.
    """
    if flags is None:
        return Mode.FREE, Mode.READ_ONLY
    return (Mode.READ_ONLY, Mode.READ_ONLY) if "no-writes" in flags else (Mode.FREE, None)


def mode_of(
    conditions: Conditions, flags: frozenset[str] | None, dialect: Dialect, *, read_only: bool
) -> Mode:
    """Decide what a script with these flags may do; None: it has no shebang.

    Raises what forbids it to run at all, in the words of the dialect.
    """
    if flags is not None:
        _refuse(conditions, flags, dialect, read_only=read_only)
    elif conditions.is_stale:
        raise MASTER_DOWN
    may_write = not read_only and not (flags and "no-writes" in flags)
    mode = Mode.FREE if may_write else Mode.READ_ONLY
    return mode | _restrictions(conditions, flags) if conditions.any else mode


def _refuse(
    conditions: Conditions, flags: frozenset[str], dialect: Dialect, *, read_only: bool
) -> None:
    """Raise what forbids a script with a shebang to run, in the reference's order."""
    if conditions.is_cluster and "no-cluster" in flags:
        raise NO_CLUSTER
    if conditions.is_stale and "allow-stale" not in flags:
        raise STALE
    if "no-writes" in flags:
        return
    if conditions.is_read_only:
        raise READ_ONLY_REPLICA
    if conditions.disk_error:
        reason = DISK_ERRORS[conditions.disk_error]
        raise CommandError(f"MISCONF {dialect.title} is configured to {reason}")
    if read_only:
        raise WRITES_IN_RO
    if conditions.lacks_replicas:
        raise TOO_FEW_REPLICAS
    if conditions.is_full and "allow-oom" not in flags:
        raise OUT_OF_MEMORY


def _restrictions(conditions: Conditions, flags: frozenset[str] | None) -> Mode:
    """Give what the conditions forbid the commands of a script that may run."""
    has_shebang, flags = flags is not None, flags or frozenset()
    forbidden = {
        Mode.OUT_OF_MEMORY: conditions.is_full and "allow-oom" not in flags,
        Mode.STALE: conditions.is_stale,
        Mode.READ_ONLY_REPLICA: conditions.is_read_only,
        Mode.RDB_ERROR: conditions.disk_error is DiskError.RDB,
        Mode.AOF_ERROR: conditions.disk_error is DiskError.AOF,
        Mode.TOO_FEW_REPLICAS: conditions.lacks_replicas,
        Mode.CLUSTER: conditions.is_cluster,
        Mode.ONE_SLOT: conditions.is_cluster
        and has_shebang
        and "allow-cross-slot-keys" not in flags,
        Mode.STRICT: conditions.is_strict,
        Mode.OBSERVED: conditions.is_observed,
        Mode.TIMED: conditions.times_calls,
        Mode.TRACED: conditions.is_traced,
        Mode.RECORDED: conditions.is_recorded,
        Mode.UNGUARDED: conditions.allows_noscript,
    }
    mode = Mode.FREE
    for each, holds in forbidden.items():
        if holds:
            mode |= each
    return mode
