"""One client's connection: when its commands run, and where, and what becomes of its socket.

Commands run in order, on the loop's thread as long as they are quick; from the first script
on, what has arrived runs on the engine's script worker, so that the loop stays alive. While
another script runs, commands wait, or are refused once the script is overdue (see `Gate`).
While a script of its own is debugged, a connection is the console's (see `DebugSession`).
Nobody runs more than a slice of time at once, however much it has sent, and nothing more is
read from a client that is behind with its commands or its replies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from threading import get_ident
from time import monotonic
from typing import TYPE_CHECKING, cast

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.link import Traffic
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.reply import Push, Reply, ResponseError, Status
from redislua_kernel.server.command_queue import SLICE, CommandQueue
from redislua_kernel.server.debug_session import DebugSession
from redislua_kernel.server.encoder import encode
from redislua_kernel.server.output import Output
from redislua_kernel.server.parser import CrossProtocol
from redislua_kernel.server.refusals import refusal_of
from redislua_kernel.server.reply_writer import ReplyWriter
from redislua_kernel.server.routes import is_debugged, needs_worker
from redislua_kernel.server.sockets import address_of, keep_alive
from redislua_kernel.server.wait import Wait

if TYPE_CHECKING:
    from redislua_kernel.server.server import Server

__all__ = ["Connection"]

#: Above this much unsent output, the commands of a client without a limit wait.
OUTPUT_PAUSE = 64 << 20


class Connection(asyncio.Protocol):
    """The protocol object of one socket, with the engine client that it stands for."""

    #: Set by `connection_made`, unless the server refuses the connection.
    client: Client
    output: Output
    writer: ReplyWriter
    wait: Wait
    commands: CommandQueue

    def __init__(self, server: Server) -> None:
        self.server = server
        self.engine = server.engine
        self.transport: asyncio.Transport | None = None
        self._received = 0
        #: When something last came or went.
        self._last_used = server.loop.time()
        self._in_worker = False
        self._writable = self._readable = True
        self._ended = False  # the peer sends no more
        #: The script that is debugged, as long as it runs.
        self._session: DebugSession | None = None
        #: The reply to a wait that ended before its beginning got here from the worker.
        self._late: list[tuple[Reply, Sequence[Push | Status]]] = []

    # What the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet nobody; turn the client away if the server does not want it."""
        self.transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        refusal = refusal_of(self.server, peer)
        if refusal is not None:
            self.engine.connections.refused += 1
            self.transport.set_protocol(asyncio.Protocol())
            self.transport.write(refusal)
            self.transport.close()
            return
        self.client = client = self.engine.client()
        client.link = self
        client.address = address_of(peer)
        client.local_address = address_of(transport.get_extra_info("sockname"))
        client.authenticated = client.user.is_open
        client.deliver = self.deliver
        client.may_block = True
        client.unblocked = self.unblocked
        self.output = Output(self, self.transport)
        self.writer = ReplyWriter(client, self.output)
        self.wait = Wait(self.server, client)
        self.commands = CommandQueue(self.server, client, self.output, self.writer, self.wait)
        client.send_messages = self.writer.send_early
        self.transport.set_write_buffer_limits(OUTPUT_PAUSE, OUTPUT_PAUSE // 4)
        keep_alive(transport.get_extra_info("socket"), self.server.limits.keepalive)
        self.server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take input and run what is complete."""
        self._received += len(data)
        self._last_used = self.server.loop.time()
        self.engine.connections.bytes_received += len(data)
        if self._session is not None:
            self._session.channel.feed(data)
            return
        self.commands.feed(data)
        if self.commands.is_too_long():
            self.engine.connections.query_limit += 1
            self.engine.log(
                WARNING, b"Closing client that reached max query buffer length: %b" % data[:64]
            )
            self.hang_up()
            return
        self.work()

    def eof_received(self) -> bool:
        """Keep the socket as long as replies are due to a client that closed its half."""
        self._ended = True
        if self._session is not None:
            self._session.channel.close()
        if self.wait.is_on or self.client.is_postponed:
            return False
        return self._in_worker or self._is_behind

    def pause_writing(self) -> None:
        """Let commands wait: the client does not read its replies, and no limit ends that."""
        self._writable = self.output.limit.is_set

    def resume_writing(self) -> None:
        """Go on with the commands that waited."""
        self._writable = True
        self.work()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the client, at once or as soon as its script has ended."""
        self.transport = None
        self.commands.pending.clear()
        if self._session is not None:
            self._session.leave()
        self.server.forget(self)
        self.wait.forget()
        if not self._in_worker:
            self.server.leave(self.client)

    # Running commands

    def work(self) -> None:
        """Run commands until there are none left, the next has to wait, or others are due."""
        begun = monotonic()
        commands = self.commands
        while self._is_free and self._writable and self.transport is not None:
            if not commands.pending:
                commands.read()
            if not self._is_behind:
                break
            if monotonic() - begun > SLICE:
                self.server.loop.call_soon(self.work)
                break
            if self.writer.is_writing:
                self._write_on()
                continue
            if not commands.pending:
                continue
            pause = self.engine.pause
            if pause.until and pause.postpones(self.client, commands.pending[0]):
                self.client.words = commands.pending[0]
                self.server.postponed.add(self)
                break
            if not self.server.gate.enter():
                if not self.server.gate.overdue():
                    self.server.gate.wait(self)
                    break
                self._send(commands.run_busy())
                continue
            try:
                output = commands.run(on_worker=False)
            finally:
                self.server.gate.leave()
            self._send(b"" if isinstance(commands.error, CrossProtocol) else output)
            if self._is_free and not self.writer.is_writing and commands.pending:
                self._leave_loop()
        self._settle()
        self.engine.loop_counts.add(monotonic() - begun)

    def _leave_loop(self) -> None:
        """Let the next command run elsewhere, if it has to."""
        words = self.commands.pending[0]
        if needs_worker(self.client, words):
            if is_debugged(self.client, words):
                self._start_session()
            else:
                self._start_job()

    def _settle(self) -> None:
        """See to what is due once no command can run just now."""
        if self.transport is None:
            return
        if self.wait.is_on:
            self.wait.limit()
        elif self._is_free and not self._is_behind:
            self._finish()
        self._read_on()
        if self.server.limits.memory:
            self.server.eviction.look_at(self)

    @property
    def _is_free(self) -> bool:
        """Tell whether the next command may run, as far as this connection is concerned."""
        return not self._in_worker and not self.wait.is_on

    @property
    def _is_behind(self) -> bool:
        """Tell whether there is something to read, to run or to encode."""
        return self.writer.is_writing or not self.commands.is_empty

    def _finish(self) -> None:
        """Answer a bad frame and hang up; hang up too where the client has said goodbye."""
        assert self.transport is not None
        error = self.commands.error
        if error is not None:
            if not isinstance(error, CrossProtocol):
                self.output.send(encode(ResponseError(f"ERR Protocol error: {error}")))
            self.transport.close()
        elif self._ended and self._writable:
            self.transport.close()

    def _read_on(self) -> None:
        """Read more, unless the client is behind; who waits for others is not."""
        waits = self.wait.is_on or self.client.is_postponed or self._session is not None
        readable = self._writable and (waits or not self._is_behind)
        if readable is self._readable or self.transport is None:
            return
        self._readable = readable
        if readable:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def _write_on(self) -> None:
        """Go on with a long reply."""
        self._last_used = self.server.loop.time()
        rest = self.writer.write_on()
        if rest is not None:
            self._send(rest)
            self.output.end_parts()

    def _start_job(self) -> None:
        self._in_worker = True
        self.server.gate.start(self._run_on_worker, self._job_done)

    def _run_on_worker(self) -> bytes:
        return self.commands.run(on_worker=True)

    def _job_done(self, output: bytes | ResponseError) -> None:
        self._in_worker = False
        self.commands.give_up()
        if self.transport is None:
            self.server.leave(self.client)
            return
        self._send(output if isinstance(output, bytes) else encode(output))
        if self._late:
            self._resume(*self._late.pop())
        self.server.gate.wait(self)

    # Debugging

    def _start_session(self) -> None:
        self._in_worker = True
        self.commands.count += 1
        self._session = DebugSession(self, self.commands.pending.popleft())
        self._session.start()

    def send_from_script(self, data: bytes) -> None:
        """Send what the debugger says; called on the script's thread."""
        if not self.server.loop.is_closed():
            self.server.loop.call_soon_threadsafe(self._send, data)

    def debugged(self, reply: Reply | ResponseError) -> None:
        """Take the reply of a script that was debugged, which is the connection's last."""
        session, self._session = self._session, None
        assert session is not None
        self.client.closing = self.client.closing or session.has_begun
        data = session.channel.rest()
        self._job_done(self.writer.encode(reply))
        if data and self.transport is not None:
            self.data_received(data)

    # Waiting

    def unblocked(self, reply: Reply, messages: Sequence[Push | Status]) -> None:
        """Take the reply that ends a wait; any thread may call this."""
        self.server.loop.call_soon_threadsafe(self._resume, reply, messages)

    def _resume(self, reply: Reply, messages: Sequence[Push | Status]) -> None:
        if self._in_worker:  # what it gave before the wait is still on its way
            self._late.append((reply, messages))
            return
        self.wait.end()
        self.writer.add(*messages)
        self._send(self.writer.encode(reply))
        self.work()

    # Output

    def deliver(self, message: Push | Status) -> None:
        """Send a message to the client; any thread may call this."""
        if self.commands.is_running_here:
            self.writer.add(message)
        elif self.transport is not None:
            self.output.send_message(encode(message, self.client.resp))

    def _send(self, output: bytes) -> None:
        if self.transport is None:
            return
        if output:
            self.output.send(output)
            self._last_used = self.server.loop.time()
        if self.client.closing and self.transport is not None:  # sending may have ended it
            self.commands.pending.clear()
            self.transport.close()
            self.transport = None

    # Its end, and what is known of it

    def owes_replies(self) -> bool:
        """Tell whether there are replies that were not sent yet."""
        return self.commands.owes_replies or bool(self.output.unsent)

    def traffic(self) -> Traffic:
        """Tell what has gone over the connection; any thread may ask."""
        return Traffic(
            descriptor=self._descriptor(),
            idle=self.server.loop.time() - self._last_used,
            received=self._received,
            sent=self.output.sent,
            commands=self.commands.count,
            query=self.commands.query_bytes,
            arguments=self.commands.argument_bytes,
            unsent=self.output.unsent,
        )

    def _descriptor(self) -> int:
        transport = self.transport
        return 0 if transport is None else transport.get_extra_info("socket").fileno()

    def look_after(self, now: float) -> None:
        """End a connection that is idle for too long, or has left too much unread for too long."""
        if self.server.limits.idle and self._idle_at(now) > self.server.limits.idle:
            self.close()
        else:
            self.output.check()

    def _idle_at(self, now: float) -> float:
        """Give for how many seconds nothing has come; subscribers and monitors never idle."""
        client = self.client
        monitors = self.engine.monitors.clients
        if not self._is_free or self._is_behind or client.subscribed or client.id in monitors:
            return 0
        return now - self._last_used

    def close(self) -> None:
        """End the connection after what is still to send."""
        self.commands.pending.clear()
        if self.transport is not None:
            self.transport.close()

    def hang_up(self) -> None:
        """End it at once: what was not sent is lost; any thread may call this."""
        if get_ident() != self.server.thread:
            self.server.loop.call_soon_threadsafe(self.hang_up)
            return
        self.client.closing = True
        self.commands.pending.clear()
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.abort()
            # Nobody is to see the client any more, although the loop tells of its end later.
            self.server.forget(self)
            if not self._in_worker:
                self.server.leave(self.client)
