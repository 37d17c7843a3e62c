"""What access control refused: the entries of ACL LOG, and the counts of INFO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from redislua_kernel.engine.client_line import describe_client

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine

__all__ = ["AccessLog", "Refusal"]

#: So many of the newest entries are looked at for one that a refusal repeats.
_LOOKED_AT = 10
#: A refusal later than this, in milliseconds, repeats nothing.
_SAME_EVENT = 60_000


@dataclass
class Refusal:
    """One entry: what was refused to whom, where, and how often."""

    reason: str
    context: str
    object: bytes
    username: bytes
    #: CLIENT LIST's line of the client who met it last.
    client: bytes
    number: int
    created: int
    updated: int
    count: int = 1

    def is_repeated_by(self, other: Refusal) -> bool:
        """Tell whether another refusal is this one again."""
        return (
            self.reason == other.reason
            and self.context == other.context
            and self.object == other.object
            and self.username == other.username
            and abs(other.updated - self.updated) <= _SAME_EVENT
        )


class AccessLog:
    """The newest refusals first, at most as many as acllog-max-len says."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._next = 0
        self.entries: list[Refusal] = []
        self.reset_counts()

    def reset_counts(self) -> None:
        """Begin again to count, as CONFIG RESETSTAT does."""
        self.counts = dict.fromkeys(("auth", "command", "key", "channel"), 0)

    def add(
        self,
        client: Client,
        reason: str,
        word: bytes,
        *,
        username: bytes | None = None,
        context: str | None = None,
    ) -> None:
        """Note that a client was refused something: a command, a key, a channel, or the login."""
        self.counts[reason] += 1
        now = self._engine.keyspace.now
        user = client.user.name if username is None else username
        place = context or ("toplevel" if client.transaction is None else "multi")
        line = describe_client(client, client)
        entry = Refusal(reason, place, word, user, line, self._next, now, now)
        known = next((e for e in self.entries[:_LOOKED_AT] if e.is_repeated_by(entry)), None)
        if known is not None:
            self.entries.remove(known)
            known.client, known.updated = line, now
            known.count += 1
            entry = known
        else:
            self._next += 1
        self.entries.insert(0, entry)
        del self.entries[self._engine.config.integer(b"acllog-max-len") :]
