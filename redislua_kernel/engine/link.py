"""What the engine knows of a client's connection; a client inside the program has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["NO_TRAFFIC", "REPLY_BUFFER", "ConnectionCounts", "Link", "Traffic"]

#: The reference keeps so much of what is unsent in a buffer, which no limit counts, and the rest
#: in a list.
REPLY_BUFFER = 16 * 1024


@dataclass(frozen=True, slots=True)
class Traffic:
    """What has gone over a connection, and what is still in its buffers, in bytes."""

    #: The number of its socket.
    descriptor: int = 0
    #: Seconds since something was last received or sent.
    idle: float = 0.0
    received: int = 0
    sent: int = 0
    #: How many commands have run.
    commands: int = 0
    #: What has arrived and is not read yet.
    query: int = 0
    #: The words read so far of a command that has not all arrived.
    arguments: int = 0
    #: What the peer has not taken yet.
    unsent: int = 0


NO_TRAFFIC = Traffic()


class Link(Protocol):
    """A client's connection."""

    def traffic(self) -> Traffic:
        """Tell what has gone over it; any thread may ask."""

    def owes_replies(self) -> bool:
        """Tell whether there are replies that were not sent yet."""

    def hang_up(self) -> None:
        """End it at once: what was not sent is lost; any thread may call this."""


@dataclass
class ConnectionCounts:
    """What INFO counts of connections, since the start or CONFIG RESETSTAT."""

    received: int = 0
    #: Beyond maxclients.
    refused: int = 0
    #: For maxmemory-clients.
    evicted: int = 0
    #: For client-query-buffer-limit.
    query_limit: int = 0
    #: For client-output-buffer-limit.
    output_limit: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
