"""One client's connection: its input, the commands that wait, its output.

Commands run in order, on the loop's thread as long as they are quick; from the first script
on, what has arrived runs on the engine's script worker, so that the loop stays alive. While
another script runs, commands wait, or are refused once the script is overdue (see `Gate`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from threading import get_ident
from typing import TYPE_CHECKING, cast

from redislua_kernel.engine.blocking import Blocked
from redislua_kernel.engine.client import Replies
from redislua_kernel.reply import OK, Push, Reply, ResponseError, Status
from redislua_kernel.server.encoder import encode
from redislua_kernel.server.parser import CrossProtocol, RequestParser
from redislua_kernel.server.routes import needs_worker

if TYPE_CHECKING:
    from redislua_kernel.server.server import Server

__all__ = ["Connection"]

#: Above this much unsent output a client's commands wait until it has read.
OUTPUT_PAUSE = 64 << 20
#: A subscriber that leaves more unread than this is disconnected.
PUSH_LIMIT = 32 << 20
#: Input that waits or is not complete; a client that sends more is disconnected.
QUERY_LIMIT = 1 << 30
#: Replies are written out whenever they have grown to this size.
_BATCH_BYTES = 1 << 20
#: A wait that ends while a script runs ends that much later, in seconds, or after the script.
_BUSY_DELAY = 0.005


class Connection(asyncio.Protocol):
    """The protocol object of one socket, with the engine client that it stands for."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.engine = server.engine
        self.parser = RequestParser(self.engine.config.integer(b"proto-max-bulk-len"))
        self.client = self.engine.client()
        self.client.authenticated = self.client.user.is_open
        self.client.deliver = self.deliver
        self.client.may_block = True
        self.client.unblocked = self.unblocked
        #: Parsed commands that have not run yet.
        self.pending: deque[list[bytes]] = deque()
        self.transport: asyncio.Transport | None = None
        self.last_used = server.loop.time()
        self._runner = 0  # the thread that runs this connection's commands now
        self._in_worker = False
        self._writable = True
        self._ended = False  # the peer sends no more
        #: What its command waits for: nothing else runs until the reply is there.
        self._blocked: Blocked | None = None
        self._timer: asyncio.TimerHandle | None = None
        #: The reply to a wait that ended before its beginning got here from the worker.
        self._late: list[tuple[Reply, Sequence[Push | Status]]] = []
        #: Messages that a command of this very connection caused: they follow its reply.
        self._pushes: list[Push | Status] = []
        #: Bytes of messages from other threads: given to the loop, and taken by it.
        self._handed_over = self._taken_over = 0
        self._overrun = False

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet nobody; refuse the client if there are too many."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(OUTPUT_PAUSE, OUTPUT_PAUSE // 4)
        self.client.address = _address(transport.get_extra_info("peername"))
        self.client.local_address = _address(transport.get_extra_info("sockname"))
        if len(self.server.connections) >= self.engine.config.integer(b"maxclients"):
            self.transport.write(b"-ERR max number of clients reached\r\n")
            self.transport.close()
            return
        self.server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take input and run what is complete."""
        self.parser.feed(data)
        if len(self.parser) > QUERY_LIMIT:
            self.abort()
            return
        self.work()

    def eof_received(self) -> bool:
        """Keep the socket as long as replies are due to a client that closed its half."""
        self._ended = True
        return self._in_worker or bool(self.pending)

    def pause_writing(self) -> None:
        """Let commands wait: the client does not read its replies."""
        self._writable = False

    def resume_writing(self) -> None:
        """Go on with the commands that waited."""
        self._writable = True
        self.work()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the client, at once or as soon as its script has ended."""
        self.transport = None
        self.pending.clear()
        self.server.connections.discard(self)
        self.server.gate.waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
        if not self._in_worker:
            self.server.leave(self.client)

    # Running commands

    def work(self) -> None:
        """Run commands until there are none left, or the next one has to wait."""
        while self._is_free and self._writable and self.transport is not None:
            if not self.pending:
                self.last_used = self.server.loop.time()
                self.parser.is_of_stranger = self.client.must_log_in
                self.pending.extend(self.parser.take())
            if not self.pending:
                break
            if not self.server.gate.enter():
                if not self.server.gate.overdue():
                    self.server.gate.wait(self)
                    return
                self._send(self._run_busy())
                continue
            try:
                output = self._run(on_worker=False)
            finally:
                self.server.gate.leave()
            self._send(b"" if isinstance(self.parser.error, CrossProtocol) else output)
            if self._is_free and self.pending and needs_worker(self.client, self.pending[0]):
                self._start_job()
        if self._blocked is not None:
            self._limit_wait()
        elif self._is_free and not self.pending and self.transport is not None:
            self._finish()

    @property
    def _is_free(self) -> bool:
        """Tell whether the next command may run, as far as this connection is concerned."""
        return not self._in_worker and self._blocked is None

    def _finish(self) -> None:
        """Answer a bad frame and hang up; hang up too where the client has said goodbye."""
        assert self.transport is not None
        error = self.parser.error
        if error is not None:
            if not isinstance(error, CrossProtocol):
                self.transport.write(encode(ResponseError(f"ERR Protocol error: {error}")))
            self.transport.close()
        elif self._ended and self._writable:
            self.transport.close()

    def _run(self, on_worker: bool) -> bytes:
        """Run commands and give their replies; on the loop's thread, stop before a script."""
        client, call, pending = self.client, self.engine.call, self.pending
        out: list[bytes] = []
        size = 0
        self._runner = thread = get_ident()
        try:
            # An abandoned worker thread that comes back after all must not go on.
            while pending and size < _BATCH_BYTES and not client.closing and self._runner == thread:
                words = pending[0]
                if not on_worker and needs_worker(client, words):
                    break
                pending.popleft()
                try:
                    reply = call(client, words)
                except ResponseError as error:
                    reply = error
                except Exception as error:
                    reply = self.engine.report_bug(error)
                if reply.__class__ is Blocked:
                    self._blocked = reply
                    break
                encoded = self._encode(reply)
                out.append(encoded)
                size += len(encoded)
        finally:
            if self._runner == thread:
                self._runner = 0
        return b"".join(out)

    def _run_busy(self) -> bytes:
        """Answer one command while an overdue script holds the engine."""
        words = self.pending.popleft()
        self._runner = get_ident()
        try:
            reply = self.engine.busy_call(self.client, words)
            self.server.gate.see_to_it()
        except ResponseError as error:
            reply = error
        except Exception as error:
            reply = self.engine.report_bug(error)
        finally:
            self._runner = 0
        return self._encode(reply)

    def _encode(self, reply: Reply) -> bytes:
        client = self.client
        if client.replies is not Replies.ON:
            reply = client.sent(reply)
        encoded = b"+OK\r\n" if reply is OK else encode(reply, client.resp)
        if self._pushes:
            pushes, self._pushes = self._pushes, []
            encoded += b"".join([encode(push, client.resp) for push in pushes])
        return encoded

    def _start_job(self) -> None:
        self._in_worker = True
        self.server.gate.start(self._run_on_worker, self._job_done)

    def _run_on_worker(self) -> bytes:
        return self._run(on_worker=True)

    def _job_done(self, output: bytes | ResponseError) -> None:
        self._in_worker = False
        self._runner = 0
        if self.transport is None:
            self.server.leave(self.client)
            return
        self._send(output if isinstance(output, bytes) else encode(output))
        if self._late:
            self._resume(*self._late.pop())
        self.server.gate.wait(self)

    # Waiting

    def unblocked(self, reply: Reply, messages: Sequence[Push | Status]) -> None:
        """Take the reply that ends a wait; any thread may call this."""
        self.server.loop.call_soon_threadsafe(self._resume, reply, messages)

    def _resume(self, reply: Reply, messages: Sequence[Push | Status]) -> None:
        if self._in_worker:  # what it gave before the wait is still on its way
            self._late.append((reply, messages))
            return
        self._blocked = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._pushes += messages
        self._send(self._encode(reply))
        self.work()

    def _limit_wait(self) -> None:
        """See to it that the wait ends in time."""
        blocked = self._blocked
        if blocked is not None and blocked.until and self._timer is None:
            left = blocked.until / 1000 - self.engine.keyspace.clock() / 1_000_000
            self._timer = self.server.loop.call_later(max(left, 0), self._time_out)

    def _time_out(self) -> None:
        gate = self.server.gate
        if not gate.enter():  # a script has the engine: as late as it ends
            self._timer = self.server.loop.call_later(_BUSY_DELAY, self._time_out)
            return
        try:
            self.engine.blocked.time_out(self.client)
        finally:
            gate.leave()

    # Output

    def deliver(self, message: Push | Status) -> None:
        """Send a message to the client; any thread may call this."""
        thread = get_ident()
        if thread == self._runner:
            self._pushes.append(message)
            return
        data = encode(message, self.client.resp)
        if thread == self.server.thread:
            self._send_push(data)
        # A script may publish faster than the loop, on the other thread, takes over.
        elif self._handed_over - self._taken_over <= PUSH_LIMIT:
            self._handed_over += len(data)
            self.server.loop.call_soon_threadsafe(self._take_over, data)
        elif not self._overrun:
            self._overrun = True
            self.server.loop.call_soon_threadsafe(self.abort)

    def _take_over(self, data: bytes) -> None:
        self._taken_over += len(data)
        self._send_push(data)

    def _send_push(self, data: bytes) -> None:
        if self.transport is None:
            return
        self.transport.write(data)
        if self.transport.get_write_buffer_size() > PUSH_LIMIT:
            self.abort()

    def _send(self, output: bytes) -> None:
        if self.transport is None:
            return
        if output:
            self.transport.write(output)
        if self.client.closing:
            self.pending.clear()
            self.transport.close()
            self.transport = None

    def idle_since(self, now: float) -> float:
        """Give for how many seconds nothing has come; subscribers never idle."""
        client = self.client
        if not self._is_free or self.pending or client.subscribed:
            return 0
        return now - self.last_used

    def hang_up(self) -> None:
        """End the connection after what is still to send."""
        self.pending.clear()
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Hang up at once; what was not sent is lost."""
        self.pending.clear()
        if self.transport is not None:
            self.transport.abort()


def _address(name: object) -> str:
    """Give a socket's address as CLIENT LIST shows it."""
    return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else f"{name or ''}:0"
