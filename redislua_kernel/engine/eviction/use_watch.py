"""Whether an engine keeps the uses and the sizes of its keys, and in which form.

It does so with a memory limit, with a policy that goes by uses, and from the first time on that
somebody asks how long a key was idle. Up to then no key's use is known, only that of any key:
all keys count as used at that time.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from redislua_kernel.engine.eviction.uses import Frequency, Recency, Uses

if TYPE_CHECKING:
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.registry import Command

__all__ = ["UseWatch", "uses_keys"]

#: What names keys but leaves no mark on them.
_LOOKS_ONLY = frozenset(
    {"EXISTS", "EXPIRETIME", "MEMORY USAGE", "OBJECT ENCODING", "OBJECT FREQ", "OBJECT IDLETIME"}
    | {"OBJECT REFCOUNT", "PEXPIRETIME", "PTTL", "TTL", "TYPE"}
)


def uses_keys(command: Command) -> bool:
    """Tell whether a call of a command may be a use of keys."""
    if command.name in _LOOKS_ONLY:
        return False
    return bool(command.keys.first or command.find_keys) or command.group == "scripting"


class UseWatch:
    """Lets the keyspace keep what the settings, and those who asked, need."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        #: When a client's command last used any key, on the monotonic clock.
        self.last_use = monotonic()
        self._was_asked = False

    def configure(self) -> None:
        """Read the settings again."""
        keyspace, config = self._engine.keyspace, self._engine.config
        policy = config.values[b"maxmemory-policy"]
        kind: type[Uses] | None = None
        if policy.endswith(b"lfu"):
            kind = Frequency
        elif policy.endswith(b"lru") or self._engine.conditions.memory_limit or self._was_asked:
            kind = Recency
        if kind is not keyspace.uses.__class__ and (kind or keyspace.uses):
            self._begin(kind)
        elif isinstance(keyspace.uses, Frequency):
            keyspace.uses.configure()

    def ask(self) -> Uses:
        """Give what is kept of the uses of keys, which are kept from now on if none were."""
        self._was_asked = True
        if self._engine.keyspace.uses is None:
            self._begin(Recency)
        uses = self._engine.keyspace.uses
        assert uses is not None
        return uses

    def heed_clients(self) -> None:
        """Find out again whether there are clients whose commands leave no marks."""
        engine = self._engine
        spares = any(client.no_touch for client in engine.clients.values())
        if spares:
            self.ask()
        elif engine.keyspace.uses is not None:
            engine.keyspace.uses.is_paused = False
        engine.conditions.spare_keys(spares)

    def _begin(self, kind: type[Uses] | None) -> None:
        engine, keyspace = self._engine, self._engine.keyspace
        if kind is None:
            keyspace.watch(None)
        elif kind is Frequency:
            keyspace.watch(Frequency(keyspace, engine.config))
        else:
            recency = Recency(keyspace)
            idle = int((monotonic() - self.last_use) * 1000)
            keyspace.watch(recency, recency.idle_for(idle))
