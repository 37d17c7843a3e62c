"""MONITOR: clients that see every command as a line of text.

A script's own line comes before those of its calls; all others follow their command, and so
does that of a script that could not run. What administers the server, or would give a password
away, is not shown as it is. The format is that of redis-server 8.2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from redislua_kernel.engine.words import quote
from redislua_kernel.reply import Status

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.engine import Engine
    from redislua_kernel.engine.registry import Command

__all__ = ["Monitors", "redacted"]

_REDACTED = b"(redacted)"


class Monitors:
    """The clients that called MONITOR."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clients: dict[int, Client] = {}
        #: The words of the last script that was shown before it ran.
        self._script: Sequence[bytes] = ()

    def add(self, client: Client) -> None:
        """Show a client every command from now on."""
        if not self.clients:
            self.engine.observers.add(self._look)
        self.clients[client.id] = client

    def remove(self, client: Client) -> None:
        """Show a client nothing more."""
        if self.clients.pop(client.id, None) is not None and not self.clients:
            self.engine.observers.drop(self._look)

    def feed_script(self, client: Client) -> None:
        """Show a client's call of a script that is about to run."""
        self._script = client.words
        self.feed(client, client.words)

    def feed(self, client: Client, words: Sequence[bytes]) -> None:
        """Show a client's command to all monitors."""
        seconds, fraction = divmod(self.engine.keyspace.clock(), 1_000_000)
        quoted = b" ".join(map(quote, words))
        place = f"{client.database} {'lua' if client.in_script else client.address}"
        line = Status(f"{seconds}.{fraction:06d} [{place}] ".encode() + quoted)
        for monitor in list(self.clients.values()):
            if monitor.deliver is not None:
                monitor.deliver(line)

    def _look(
        self, client: Client, command: Command, words: Sequence[bytes], from_script: bool
    ) -> None:
        # Who waits was shown when it began to.
        if self.engine.blocked.is_serving or "admin" in command.flags:
            return
        if "skip_monitor" in command.flags and words is self._script:
            return
        doer = self.engine.scripting.runtime.client if from_script else client
        self.feed(doer, redacted(command, words))


def redacted(command: Command, words: Sequence[bytes]) -> Sequence[bytes]:
    """Give a command's words without what would give a password away."""
    if command.name == "AUTH":
        return [words[0], *[_REDACTED] * (len(words) - 1)]
    options = [word.upper() for word in words[:-2]] if command.name == "HELLO" else []
    if b"AUTH" in options:
        after = options.index(b"AUTH") + 1
        return [*words[:after], _REDACTED, _REDACTED, *words[after + 2 :]]
    return words
