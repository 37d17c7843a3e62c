"""What goes out to one client: replies and messages, held to the limit of its class.

A client that leaves more unread than client-output-buffer-limit allows is disconnected, and
gets nothing of what made it too much. One without a limit is not run ahead of: its commands
wait until it has read (see `Connection.pause_writing`).
"""

from __future__ import annotations

import asyncio
from threading import get_ident
from typing import TYPE_CHECKING

from redislua_kernel.engine.link import REPLY_BUFFER
from redislua_kernel.engine.settings.log_levels import WARNING

if TYPE_CHECKING:
    from redislua_kernel.server.connection import Connection
    from redislua_kernel.server.limits import BufferLimit

__all__ = ["Output"]

#: A client without a limit may leave so many bytes of messages unread.
_MOST_MESSAGES = 1 << 30


class Output:
    """The way out of one connection."""

    def __init__(self, connection: Connection, transport: asyncio.Transport) -> None:
        self._connection = connection
        self._server = connection.server
        self._client = connection.client
        self._transport = transport
        self._counts = connection.engine.connections
        #: Bytes given to the transport so far.
        self._given = 0
        #: Bytes of messages from other threads: given to the loop, and taken by it.
        self._handed_over = self._taken_over = 0
        #: When the soft limit was passed; 0: it is not.
        self._over_since = 0.0
        self._is_over = False
        #: Messages that wait until a reply is whole that goes out in parts; None: there is none.
        self._held: list[bytes] | None = None

    @property
    def unsent(self) -> int:
        """The bytes that the peer has not taken yet."""
        return self._transport.get_write_buffer_size()

    @property
    def sent(self) -> int:
        """The bytes that the peer's system has taken."""
        return self._given - self.unsent

    @property
    def limit(self) -> BufferLimit:
        """The limit of the client's class."""
        return self._server.limits.output[self._client.kind]

    def send(self, data: bytes) -> None:
        """Send bytes, if the client may leave so much unread."""
        limit = self.limit
        if limit.is_set and self._exceeds(limit, self.unsent + len(data)):
            self._end()
            return
        self._given += len(data)
        self._counts.bytes_sent += len(data)
        self._transport.write(data)

    def send_part(self, data: bytes) -> None:
        """Send a part of a reply: messages must not come before `end_parts`."""
        if self._held is None:
            self._held = []
        self.send(data)

    def end_parts(self) -> None:
        """Send the messages that waited for the end of a reply, if any did."""
        held, self._held = self._held, None
        if held:
            self.send(b"".join(held))

    def exceeds(self, more: int) -> bool:
        """Tell whether so many bytes more are too much for a client whose class has a limit."""
        limit = self.limit
        return limit.is_set and self._exceeds(limit, self.unsent + more)

    def send_message(self, data: bytes) -> None:
        """Send a message that is no reply; any thread may call this."""
        most = self.limit.hard or _MOST_MESSAGES
        if get_ident() == self._server.thread:
            if self.unsent > most:
                self._end()
                return
            if self._held is None:
                self.send(data)
            else:
                self._held.append(data)
            if self._server.limits.memory:
                self._server.eviction.look_at(self._connection)
        # A script may publish faster than the loop, on the other thread, takes over.
        elif self._handed_over - self._taken_over <= most:
            self._handed_over += len(data)
            self._server.loop.call_soon_threadsafe(self._take_over, data)
        elif not self._is_over:
            self._is_over = True
            self._server.loop.call_soon_threadsafe(self._end)

    def check(self) -> None:
        """Disconnect a client that has left too much unread for too long."""
        limit = self.limit
        if limit.is_set and self._exceeds(limit, self.unsent):
            self._end()

    def _take_over(self, data: bytes) -> None:
        self._taken_over += len(data)
        self.send_message(data)

    def _exceeds(self, limit: BufferLimit, unsent: int) -> bool:
        counted = unsent - REPLY_BUFFER
        if limit.hard and counted > limit.hard:
            return True
        if not limit.soft or counted <= limit.soft:
            self._over_since = 0.0
            return False
        now = self._server.loop.time()
        self._over_since = self._over_since or now
        return int(now) - int(self._over_since) > limit.seconds  # whole seconds, as the reference

    def _end(self) -> None:
        if self._client.closing:
            return
        self._counts.output_limit += 1
        self._server.engine.log(
            WARNING,
            b"Client id=%d closed for overcoming of output buffer limits." % self._client.id,
        )
        self._connection.hang_up()
