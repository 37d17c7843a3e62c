"""The commands of one connection: what has arrived, read; what waits, in its order; what runs."""

from __future__ import annotations

from collections import deque
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING

from redislua_kernel.engine.blocking import Blocked
from redislua_kernel.engine.client import Client
from redislua_kernel.reply import OK, ResponseError
from redislua_kernel.server.encoder import encode, holds_long, is_long
from redislua_kernel.server.output import Output
from redislua_kernel.server.parser import ProtocolError, RequestParser
from redislua_kernel.server.reply_writer import BATCH_BYTES, ReplyWriter
from redislua_kernel.server.routes import is_debugged, needs_worker
from redislua_kernel.server.wait import Wait

if TYPE_CHECKING:
    from redislua_kernel.server.server import Server

__all__ = ["SLICE", "CommandQueue"]

#: Others are due once a connection's commands have run for so long, in seconds.
SLICE = 0.002
#: Who has not logged in may send so much ahead.
_STRANGERS_QUERY = 1 << 20
_OK = b"+OK\r\n"


class CommandQueue:
    """Reads one client's commands, and runs them one after another.

    A wait begins with a command that blocks. The writer encodes the replies.
    """

    def __init__(
        self, server: Server, client: Client, output: Output, writer: ReplyWriter, wait: Wait
    ) -> None:
        self._server = server
        self._engine = server.engine
        self._client = client
        self._output = output
        self._writer = writer
        self._wait = wait
        self._parser = RequestParser()
        #: Parsed commands that have not run yet.
        self.pending: deque[list[bytes]] = deque()
        #: How many have run.
        self.count = 0
        #: The thread that runs commands now.
        self._runner = 0
        #: The replies that wait to be sent together.
        self._replies: list[bytes] = []

    # Reading

    def feed(self, data: bytes) -> None:
        """Take what has arrived."""
        self._parser.feed(data)

    def read(self) -> None:
        """Read the first commands that are complete."""
        parser = self._parser
        parser.is_of_stranger = self._client.must_log_in
        parser.bulk_limit = self._server.limits.bulk
        self.pending.extend(parser.take())
        counts = self._engine.loop_counts
        counts.most_commands = max(counts.most_commands, len(self.pending))

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to read, nor to run."""
        return not self.pending and self._parser.is_exhausted

    @property
    def error(self) -> ProtocolError | None:
        """What was wrong behind the commands that were read; None: nothing."""
        return self._parser.error

    def is_too_long(self) -> bool:
        """Tell whether more has arrived than a client may send ahead, what MULTI queued too."""
        if self._parser.buffered <= _STRANGERS_QUERY:
            return False
        transaction = self._client.transaction
        size = self._parser.buffered + (0 if transaction is None else transaction.size)
        return size > self._server.limits.query or self._client.must_log_in

    @property
    def query_bytes(self) -> int:
        """The bytes that have arrived and are no command that has run."""
        waiting = sum(len(word) for words in list(self.pending) for word in words)
        return self._parser.buffered + waiting

    @property
    def argument_bytes(self) -> int:
        """The bytes in the words of the command that is arriving."""
        return self._parser.held

    # Running

    @property
    def is_running_here(self) -> bool:
        """Tell whether this thread runs a command of these now."""
        return get_ident() == self._runner

    @property
    def owes_replies(self) -> bool:
        """Tell whether there are replies that wait to be sent together."""
        return bool(self._replies)

    def run(self, *, on_worker: bool) -> bytes:
        """Run commands and give their replies; on the loop's thread, stop before a script."""
        client, pending = self._client, self.pending
        call, pause = self._engine.call, self._engine.pause
        quick, writer = self._server.quick, self._writer
        out: list[bytes] = []
        self._replies = out
        size = ran = 0
        most = min(BATCH_BYTES, self._output.limit.hard or BATCH_BYTES)
        self._runner = thread = get_ident()
        until = monotonic() + SLICE
        try:
            # An abandoned worker thread that comes back after all must not go on.
            while pending and size < most and not client.closing and self._runner == thread:
                words = pending[0]
                if words[0] not in quick:
                    if not on_worker and needs_worker(client, words):
                        break
                    if client.debug_mode != "no" and is_debugged(client, words):
                        break
                if pause.until and pause.postpones(client, words):
                    break
                pending.popleft()
                try:
                    reply = call(client, words)
                except ResponseError as error:
                    reply = error
                except Exception as error:
                    reply = self._engine.report_bug(error)
                ran += 1
                kind = reply.__class__
                if kind is Blocked:
                    self._wait.begin(reply)
                    self._engine.statistics.take_back(words)
                    break
                if not writer.is_plain:
                    encoded = writer.encode(reply)
                elif kind is bytes:  # nearly all replies are this or that
                    encoded = b"$%d\r\n%b\r\n" % (len(reply), reply)
                elif reply is OK:
                    encoded = _OK
                elif is_long(reply) or (words[0] not in quick and holds_long(reply)):
                    writer.begin(reply)
                    break
                else:
                    encoded = encode(reply, client.resp)
                out.append(encoded)
                size += len(encoded)
                if client.started > until:
                    break
        finally:
            self.count += ran
            if self._runner == thread:
                self._runner = 0
        return b"".join(out)

    def run_busy(self) -> bytes:
        """Answer one command while an overdue script holds the engine."""
        words = self.pending.popleft()
        self.count += 1
        self._runner = get_ident()
        try:
            reply = self._engine.busy_call(self._client, words)
            self._server.gate.see_to_it()
        except ResponseError as error:
            reply = error
        except Exception as error:
            reply = self._engine.report_bug(error)
        finally:
            self._runner = 0
        return self._writer.encode(reply)

    def give_up(self) -> None:
        """Take note that the worker has ended, or has left its thread behind."""
        self._runner = 0
