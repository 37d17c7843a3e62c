"""SLOWLOG: the commands that took longer than slowlog-log-slower-than.

Those that a script calls have entries of their own, without a client, where less than the
default of 10 ms counts as slow: see `Conditions.times_calls`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from redislua_kernel.engine.pushes.monitors import redacted

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client
    from redislua_kernel.engine.registry import Command
    from redislua_kernel.engine.settings.config import Config

__all__ = ["Slowlog"]

_MOST_WORDS = 32
_LONGEST_WORD = 128


class Entry(NamedTuple):
    """One slow command."""

    number: int
    time: int  # seconds since the epoch
    microseconds: int
    words: list[bytes]
    address: bytes
    client_name: bytes


class Slowlog:
    """The last slow commands, the newest first."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.entries: deque[Entry] = deque()
        self._next_number = 0
        self.configure()

    def configure(self) -> None:
        """Read the settings again."""
        microseconds = self._config.integer(b"slowlog-log-slower-than")
        #: Commands that take as long as this, in seconds, are noted.
        self.threshold = microseconds / 1e6 if microseconds >= 0 else inf

    def note(
        self, client: Client, command: Command, words: Sequence[bytes], seconds: float
    ) -> None:
        """Add a command that a client ran."""
        self.entries.appendleft(
            Entry(
                self._next_number,
                client.engine.keyspace.clock() // 1_000_000,
                int(seconds * 1e6),
                _trimmed(redacted(command, words)),
                b"" if client.in_script else client.address.encode(),
                client.name,
            )
        )
        self._next_number += 1
        most = self._config.integer(b"slowlog-max-len")
        while len(self.entries) > most:
            self.entries.pop()


def _trimmed(words: Sequence[bytes]) -> list[bytes]:
    if len(words) <= _MOST_WORDS:
        return list(map(_trimmed_word, words))
    kept = _MOST_WORDS - 1
    rest = b"... (%d more arguments)" % (len(words) - kept)
    return [*map(_trimmed_word, words[:kept]), rest]


def _trimmed_word(word: bytes) -> bytes:
    rest = len(word) - _LONGEST_WORD
    return word if rest <= 0 else b"%b... (%d more bytes)" % (word[:_LONGEST_WORD], rest)
