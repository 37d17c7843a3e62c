"""The conditions in which an engine refuses commands: full, stale, read-only, in a cluster, ...

Most come from settings, as on a real server: maxmemory, replicaof, min-replicas-to-write. What
no command brings about there has a switch here: a disk that cannot be written, cluster mode,
and the strict mode, which is this engine's own. `any` is what a running engine looks at: while
nothing holds, no command pays for any of this.

    admission   what a client's command meets in these conditions
    scripting   what a script may do in them (`modes`), and its calls (`guards`)
"""

from __future__ import annotations

from enum import Enum

from redislua_kernel.engine.errors import AOF_ERROR, CommandError, rdb_error
from redislua_kernel.engine.settings.config import Config

__all__ = ["Conditions", "DiskError"]

#: A call inside a script that takes less than so many microseconds is noted as slow only where
#: that is asked for: to time each call costs as much as half of a quick one.
_LONG = 10_000


class DiskError(Enum):
    """What could not be written to the disk."""

    RDB = "rdb"
    AOF = "aof"

    def refusal(self, title: str) -> CommandError:
        """Give the error that writes then meet on a server with this title."""
        return rdb_error(title) if self is DiskError.RDB else AOF_ERROR


class Conditions:
    """What holds in an engine now; read again whenever a setting changes."""

    def __init__(self, config: Config) -> None:
        self._config = config
        #: What of the disk fails.
        self.broken: DiskError | None = None
        self._strict = False
        #: Connections have to wait: see `pause`.
        self.is_paused = False
        #: Somebody is shown what scripts call.
        self.is_observed = False
        #: Somebody is told of each call of a script and of its reply; or afterwards alone.
        self.is_traced = self.is_recorded = False
        #: Scripts may call what is not for them: DEBUG SET-DISABLE-DENY-SCRIPTS.
        self.allows_noscript = False
        #: Whether there are users who may not do everything.
        self.has_users = False
        #: Whether there are clients whose commands are no uses of keys (CLIENT NO-TOUCH).
        self.has_no_touch = False
        #: Whether the memory was full when the command began that runs now.
        self.is_full = False
        config.listeners.append(self.changed)
        self.changed()

    def changed(self) -> None:
        """Read the settings again."""
        config = self._config
        host, _, port = config.values[b"replicaof"].rpartition(b" ")
        #: Host and port of the master that this replica cannot reach.
        self.master = (host, int(port)) if host else None
        is_replica = self.master is not None
        #: A replica refuses what clients write.
        self.is_read_only = is_replica and config.is_on(b"replica-read-only")
        #: A replica without its master refuses nearly everything.
        self.is_stale = is_replica and not config.is_on(b"replica-serve-stale-data")
        #: A master has fewer replicas than it must have to take writes: there are none.
        self.lacks_replicas = not is_replica and bool(
            config.integer(b"min-replicas-to-write") and config.integer(b"min-replicas-max-lag")
        )
        ignores_limit = is_replica and config.is_on(b"replica-ignore-maxmemory")
        #: How much memory the keyspace may take; 0: any.
        self.memory_limit = 0 if ignores_limit else config.maxmemory
        self.is_cluster = config.is_on(b"cluster-enabled")
        #: Each call of a script is timed, to be noted if it is slow.
        self.times_calls = (
            0 <= config.integer(b"slowlog-log-slower-than") < _LONG
            or config.integer(b"latency-monitor-threshold") > 0
        )
        self.any = bool(
            self.memory_limit
            or is_replica
            or self.lacks_replicas
            or self.broken
            or self.is_cluster
            or self._strict
            or self.is_paused
            or self.is_observed
            or self.times_calls
            or self.is_traced
            or self.is_recorded
            or self.allows_noscript
            or self.has_users
            or self.has_no_touch
        )
        if not self.memory_limit:
            self.is_full = False

    @property
    def disk_error(self) -> DiskError | None:
        """What keeps writes away because the disk fails; a setting allows them all the same."""
        if self.broken is DiskError.RDB and not self._config.is_on(b"stop-writes-on-bgsave-error"):
            return None
        return self.broken

    def break_disk(self, error: DiskError | None) -> None:
        """Let the disk fail from now on, or be sound again."""
        self.broken = error
        self.changed()

    @property
    def switches(self) -> tuple[DiskError | None, bool, bool]:
        """What is no setting, for who brings it back later."""
        return self.broken, self._strict, self.allows_noscript

    @switches.setter
    def switches(self, switches: tuple[DiskError | None, bool, bool]) -> None:
        self.broken, self._strict, self.allows_noscript = switches
        self.changed()

    @property
    def is_strict(self) -> bool:
        """Tell whether scripts may touch only the keys they declare, of one slot."""
        return self._strict

    def be_strict(self, strict: bool) -> None:
        """Switch the strict mode on or off."""
        self._strict = strict
        self.changed()

    def be_paused(self, paused: bool) -> None:
        """Let connections wait from now on, or no more."""
        self.is_paused = paused
        self.changed()

    def be_observed(self, observed: bool) -> None:
        """Let somebody be shown what scripts call, or nobody any more."""
        self.is_observed = observed
        self.changed()

    def be_traced(self, traced: bool, *, afterwards: bool = False) -> None:
        """Let somebody be told of a script's calls, or only afterwards; or nobody any more."""
        self.is_traced, self.is_recorded = traced, afterwards
        self.changed()

    def let_scripts_call_all(self, allowed: bool) -> None:
        """Let scripts call what is not for them from now on, or no more."""
        self.allows_noscript = allowed
        self.changed()

    def restrict_users(self, restricted: bool) -> None:
        """Look at the rights of users from now on, or no more."""
        self.has_users = restricted
        self.changed()

    def spare_keys(self, spared: bool) -> None:
        """Look from now on at whose commands are no uses of keys, or no more."""
        self.has_no_touch = spared
        self.changed()

    def join_cluster(self, joined: bool) -> None:
        """Make the engine a cluster's only node, which owns all slots, or none again."""
        self._config.put(b"cluster-enabled", b"yes" if joined else b"no")

    def follow(self, host: bytes, port: int) -> None:
        """Become the replica of a master, which cannot be reached: nothing is replicated."""
        self._config.put(b"replicaof", b"%b %d" % (host, port))

    def lead(self) -> None:
        """Become a master again."""
        self._config.put(b"replicaof", b"")

    def copy(self, other: Conditions) -> None:
        """Take over the conditions of another engine, whose settings are taken over already."""
        self.broken, self._strict = other.broken, other._strict
        self.has_users = other.has_users
        self.changed()
