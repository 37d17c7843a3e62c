"""The settings that bound connections, read once for each change."""

from __future__ import annotations

from dataclasses import dataclass

from redislua_kernel.engine.settings.config import Config

__all__ = ["BufferLimit", "Limits"]

#: The least that all clients together may take: with less, nobody could be talked to.
_LEAST_MEMORY = 128 * 1024


@dataclass(frozen=True)
class BufferLimit:
    """How much a class of clients may leave unread: at most, and for some seconds; 0: any."""

    hard: int
    soft: int
    seconds: int

    @property
    def is_set(self) -> bool:
        """Tell whether it limits anything."""
        return bool(self.hard or self.soft)


class Limits:
    """What connections look at, each as the settings have it now."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.read()

    def read(self) -> None:
        """Read the settings again."""
        integer, values = self._config.integer, self._config.values
        self.clients = integer(b"maxclients")
        #: Bytes that a client may send ahead.
        self.query = integer(b"client-query-buffer-limit")
        self.bulk = integer(b"proto-max-bulk-len")
        #: Seconds after which an idle client is disconnected; 0: never.
        self.idle = integer(b"timeout")
        self.keepalive = integer(b"tcp-keepalive")
        self.protects = self._config.is_on(b"protected-mode")
        #: By class of clients: normal, pubsub.
        self.output: dict[str, BufferLimit] = {}
        words = values[b"client-output-buffer-limit"].split()
        for kind, *numbers in zip(*[iter(words)] * 4, strict=True):
            self.output[kind.decode()] = BufferLimit(*map(int, numbers))
        self.memory = self._memory(values[b"maxmemory-clients"])

    def _memory(self, value: bytes) -> int:
        """Give what all clients together may take; 0: any amount."""
        if value.endswith(b"%"):
            limit = self._config.maxmemory * int(value[:-1]) // 100
        else:
            limit = int(value)
        return limit and max(limit, _LEAST_MEMORY)
