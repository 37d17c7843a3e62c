"""The kernel: it answers Jupyter's requests and sends what running a cell gives.

Cells run on the engine's worker thread; this thread only waits, so that widgets, completion
and interrupts are served meanwhile.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import comm
import ipykernel.ipkernel  # noqa: F401  # gives comm a manager that works in kernels
from ipykernel._version import kernel_protocol_version
from ipykernel.kernelbase import Kernel

import redislua_kernel
from redislua_kernel import cells, widgets
from redislua_kernel.cells import UsageError
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.engine import Engine
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.interrupts import is_asked
from redislua_kernel.engine.log_levels import WARNING
from redislua_kernel.engine.progress import Progress
from redislua_kernel.engine.recovery import SUFFIX, CrashJournal
from redislua_kernel.engine.worker import Worker
from redislua_kernel.kernel.debugging import DebuggerHome
from redislua_kernel.kernel.history import History
from redislua_kernel.kernel.outbox import Outbox
from redislua_kernel.kernel.packing import packer_of_any_text
from redislua_kernel.kernel.progress import Bar, Line, ProgressDisplay
from redislua_kernel.kernel.terminal import CellTerminal, Stdin
from redislua_kernel.render.outputs import Text, Update
from redislua_kernel.session import Session, apply_settings, settings_of

if TYPE_CHECKING:
    from redislua_kernel.debugger.adapter import Adapter
    from redislua_kernel.kernel.cell_run import CellRun
    from redislua_kernel.kernel.publisher import Publisher

__all__ = ["RedisLuaKernel"]

#: How often a cell looks whether a client's script is still running, in seconds.
_POLL = 0.01
#: How long after its start the kernel is taken to be idle, in seconds.
_SETTLED = 0.2


class RedisLuaKernel(Kernel):
    """A Jupyter kernel whose cells are Redis scripts."""

    implementation = "redislua_kernel"
    implementation_version = redislua_kernel.__version__
    banner = (
        f"Redis Lua {redislua_kernel.__version__}: cells are scripts and function libraries of an "
        "embedded Redis. %help lists the magics."
    )
    language_info = {  # noqa: RUF012  # as the base class has it
        "name": "lua",
        "version": "5.1",
        "mimetype": "text/x-lua",
        "file_extension": ".lua",
        "pygments_lexer": "lua",
        "codemirror_mode": "lua",
    }

    #: ipykernel waits this long after each cell for prints to arrive; nothing here prints.
    _execute_sleep = 0.0

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        if self.session is not None:
            self.session.pack = packer_of_any_text(self.session.pack)
        self.engine = Engine()
        self.worker = Worker(self.engine)
        self.notebook = Session(self.engine, worker=self.worker)
        self.history = History()
        #: Takes the log lines of the cell that runs now.
        self._outbox: Outbox | None = None
        #: Shows the long work of that cell, where somebody looks.
        self._progress: ProgressDisplay | None = None
        #: Set by an interrupt: a cell that is not in a script just now ends at its next output.
        self._stopping = threading.Event()
        self.engine.log_listeners.append(self._log)
        self.engine.work_listeners.append(self._follow)
        home = DebuggerHome(self.notebook, self._send_debug_event, self._write, self._interrupt)
        self.panel = self.notebook.panel = Panel(home)
        self.notebook.redisplay = self._redisplay
        self._begin_crash_journal()
        self._debug_requests: set[asyncio.Task[None]] = set()
        self.comm_manager = comm.get_comm_manager()
        for kind in ("comm_open", "comm_msg", "comm_close"):
            self.shell_handlers[kind] = getattr(self.comm_manager, kind)
        widgets.register_targets(self.comm_manager.register_target)

    def start(self) -> None:
        """Begin to serve."""
        super().start()  # type: ignore[no-untyped-call]
        # The kernel is ready sooner if what only cells need comes when it has nothing to do; a
        # cell that comes meanwhile waits for what it needs alone.
        self.io_loop.call_later(_SETTLED, threading.Thread(target=_settle, daemon=True).start)
        # A thread, because the handler runs in the midst of whatever this thread is doing.
        signal.signal(signal.SIGINT, lambda *_: threading.Thread(target=self._interrupt).start())

    @property
    def kernel_info(self) -> dict[str, Any]:
        """What kernel_info replies."""
        subshells = ["kernel subshells"] if self._supports_kernel_subshells else []
        return {
            "protocol_version": kernel_protocol_version,
            "implementation": self.implementation,
            "implementation_version": self.implementation_version,
            "language_info": self.language_info,
            "banner": self.banner,
            "help_links": [
                {
                    "text": "Redis Lua API",
                    "url": "https://redis.io/docs/latest/develop/programmability/lua-api/",
                },
                {"text": "Lua 5.1", "url": "https://www.lua.org/manual/5.1/"},
            ],
            "supported_features": ["debugger", *subshells],
        }

    def pre_handler_hook(self) -> None:
        """Leave SIGINT alone: its handler is set once, and these hooks run on any thread."""

    def post_handler_hook(self) -> None:
        """Leave SIGINT alone."""

    # Executing

    async def do_execute(
        self,
        code: str,
        silent: bool,
        store_history: bool = True,
        user_expressions: dict[str, str] | None = None,
        allow_stdin: bool = False,
        *,
        cell_meta: Any = None,
        cell_id: str | None = None,
    ) -> dict[str, Any]:
        """Run a cell on the worker; send its outputs as they come."""
        from redislua_kernel.kernel.publisher import Publisher  # noqa: PLC0415  # see `start`
        from redislua_kernel.remote.secrets import hide_secrets  # noqa: PLC0415

        self._allow_stdin = allow_stdin
        if "?" in code:
            from redislua_kernel.kernel import assistance  # noqa: PLC0415

            page = assistance.page(code)
            if page is not None:
                return self._done(payload=[{"source": "page", "data": page, "start": 0}])
        parent = self.get_parent("shell")  # type: ignore[no-untyped-call]
        send = partial(self._publish, None if silent else parent)
        # Pages name the cell that they run, programs do not.
        for_page = cell_id is not None
        publisher = Publisher(send, self.notebook, self.execution_count, for_page=for_page)
        stdin = self._stdin_to(parent) if allow_stdin and not silent else None
        failure, text = await self._run(code, publisher, stdin, for_page=for_page)
        if store_history and not silent:
            self.history.add(self.execution_count, hide_secrets(code), text)
        if failure is not None:
            return {"status": "error", "execution_count": self.execution_count, **failure}
        return self._done(user_expressions=await self._evaluate(user_expressions or {}))

    def _publish_execute_input(self, code: str, parent: Any, execution_count: int) -> None:
        """Tell other clients what runs, without its passwords."""
        from redislua_kernel.remote.secrets import hide_secrets  # noqa: PLC0415  # see `start`

        super()._publish_execute_input(  # type: ignore[no-untyped-call]
            hide_secrets(code), parent, execution_count
        )

    def _stdin_to(self, parent: dict[str, Any]) -> Stdin:
        """Give the stdin channel to who sent a request."""
        ident = self._get_shell_context_var(self._shell_parent_ident)
        session, socket = self.session, self.stdin_socket
        assert session is not None

        def send(kind: str, content: dict[str, Any]) -> None:
            session.send(socket, kind, content, parent, ident=ident)

        def receive(milliseconds: int) -> dict[str, Any] | None:
            if not socket.poll(milliseconds):
                return None
            _, reply = session.recv(socket)
            return reply

        return Stdin(send, receive)

    async def _run(
        self, code: str, publisher: Publisher, stdin: Stdin | None, *, for_page: bool
    ) -> tuple[dict[str, Any] | None, str | None]:
        """Run a cell; give the failure's content, or the result's text."""
        from redislua_kernel.kernel.cell_run import CellRun  # noqa: PLC0415  # see `start`

        try:
            cell = cells.parse(code)
        except UsageError as error:
            from redislua_kernel.kernel import failures  # noqa: PLC0415

            failure = failures.failure_of_cell(error, code)
            return publisher.fail(failure), None
        if cell.kind is cells.Kind.NONE and not cell.magics:
            return None, None
        run = CellRun(self.notebook, cell)
        outbox = Outbox(asyncio.get_running_loop(), publisher.publish)
        self._outbox = outbox
        self.notebook.terminal = CellTerminal(outbox, self._stopping.is_set, stdin)
        if for_page or stdin is not None:
            self._progress = ProgressDisplay((Bar if for_page else Line)(outbox.put))
        self._stopping.clear()
        call: Callable[[Callable[[], Any]], Awaitable[Any]] = self._on_worker
        try:
            if not await self._has_worked(partial(self._work, run, outbox)):
                call = asyncio.to_thread
                await call(partial(self._work_while_busy, run, outbox))
            outbox.close()
            return None, publisher.finish()
        except Exception as error:
            from redislua_kernel.kernel import failures  # noqa: PLC0415

            outbox.close()
            failure = await call(partial(failures.failure_of_run, error, run))
            return publisher.fail(failure), None
        finally:
            self._outbox = self.notebook.terminal = self._progress = None

    async def _has_worked(self, function: Callable[[], None]) -> bool:
        """Run a function on the worker; False: not, as a client's script is there too long."""
        job = self.worker.submit(function)
        end = asyncio.wrap_future(job)
        while not (await asyncio.wait((end,), timeout=_POLL))[0] and not job.running():
            if self.engine.scripting.is_overdue and job.cancel():
                return False
        await end
        return True

    def _work(self, run: CellRun, outbox: Outbox) -> None:
        """Run a cell as one unit, on the worker: an interrupt undoes all its writes."""
        # A server has no need of the engine: others may use that meanwhile.
        lock = nullcontext() if self.notebook.remote is not None else self.engine.lock
        with lock, self.panel.cell(run.cell.text), self.notebook.cell():
            if self._stopping.is_set():  # it had to wait, and now need not run
                raise Interrupted
            self._tell_news(outbox)
            for output in run.outputs():
                outbox.put(output)
                if self._stopping.is_set() or is_asked():
                    raise self.notebook.interrupted()
        self._tell_news(outbox)

    def _begin_crash_journal(self) -> None:
        """Bring back what this kernel had if it died, before any cell runs."""
        path = getattr(self.parent, "abs_connection_file", None)
        if path:  # Jupyter gives a kernel that it starts again the same file
            journal = CrashJournal(
                self.engine,
                Path(path).with_suffix(SUFFIX),
                partial(settings_of, self.notebook),
                partial(apply_settings, self.notebook),
            )
            self.notebook.crash_journal = journal
            self.worker.submit(journal.begin)

    def _tell_news(self, outbox: Outbox) -> None:
        """Show what the crash journal has to say."""
        journal = self.notebook.crash_journal
        news = journal.take_news() if journal is not None else ""
        if news:
            outbox.put(Text(news, "stderr"))

    def _work_while_busy(self, run: CellRun, outbox: Outbox) -> None:
        """Run a cell that may end the client's script which has the engine, and little else."""
        with self.notebook.while_busy():
            for output in run.outputs():
                outbox.put(output)
        running = self.engine.scripting.running
        if running is not None and running.is_stopping:
            self.worker.insist()

    async def _on_worker(self, function: Callable[[], Any]) -> Any:
        return await asyncio.wrap_future(self.worker.submit(function))

    async def _evaluate(self, expressions: dict[str, str]) -> dict[str, Any]:
        """Give the values of a request's expressions, each a script of its own."""
        return {
            name: await self._on_worker(partial(self._value, expression))
            for name, expression in expressions.items()
        }

    def _value(self, expression: str) -> dict[str, Any]:
        from redislua_kernel.render.bundle import reply_bundle  # noqa: PLC0415  # see `start`

        try:
            reply = self.notebook.run_script(cells.encode(expression), (), (), show_call=True)
        except redislua_kernel.RedisError as error:
            from redislua_kernel.kernel import failures  # noqa: PLC0415

            return {"status": "error", **failures.failure(error)}
        bundle = reply_bundle(reply, self.notebook.backend.resp)
        return {"status": "ok", "data": bundle, "metadata": {}}

    def _done(self, **content: Any) -> dict[str, Any]:
        return {
            "status": "ok",
            "execution_count": self.execution_count,
            "payload": [],
            "user_expressions": {},
            **content,
        }

    def _publish(self, parent: dict[str, Any] | None, kind: str, content: dict[str, Any]) -> None:
        """Send a message on iopub; without a parent (a silent request) nothing is sent."""
        if parent is not None and self.session is not None:
            topic = self._topic(kind)  # type: ignore[no-untyped-call]
            self.session.send(self.iopub_socket, kind, content, parent, ident=topic)

    def _redisplay(self, update: Update) -> None:
        """Update what an earlier cell has shown; on any thread."""
        from redislua_kernel.kernel.publisher import Publisher  # noqa: PLC0415  # see `start`

        Publisher(partial(self._publish, {}), self.notebook, 0).publish(update)

    def _log(self, level: int, message: bytes) -> None:
        """Show a line of redis.log; the engine calls this on the thread that logs."""
        stream = "stderr" if level >= WARNING else "stdout"
        self._write(message.decode("utf-8", "replace") + "\n", stream)

    def _write(self, text: str, stream: str = "stdout") -> None:
        """Show text below the cell that runs; called on the worker."""
        outbox = self._outbox
        if outbox is not None:
            outbox.put(Text(text, stream))

    def _follow(self, progress: Progress) -> None:
        """Show the long work of the cell that runs; called on the thread that does it."""
        display = self._progress
        if display is not None and threading.get_ident() == self.worker.ident:
            display.follow(progress)

    # Debugging

    @cached_property
    def debugger(self) -> Adapter:
        """Answers a debugging client, once there is one."""
        from redislua_kernel.debugger.adapter import Adapter  # noqa: PLC0415  # see `start`

        return Adapter(self.panel)

    async def debug_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Begin to answer a debugger's request.

        Some answers come from a script that has stopped. The control thread does not wait for
        them: an interrupt must get through.
        """
        answer = asyncio.ensure_future(
            super().debug_request(stream, ident, parent)  # type: ignore[no-untyped-call]
        )
        self._debug_requests.add(answer)
        answer.add_done_callback(self._debug_requests.discard)

    async def do_debug_request(self, msg: dict[str, Any]) -> dict[str, Any]:
        """Answer a debugger's request."""
        return await asyncio.wrap_future(self.debugger.answer(msg))

    def _send_debug_event(self, event: dict[str, Any]) -> None:
        """Tell debugging clients of an event; not as an output of the cell that runs."""
        if self.session is not None:
            parent = self.get_parent("control")  # type: ignore[no-untyped-call]
            topic = self._topic("debug_event")  # type: ignore[no-untyped-call]
            self.session.send(self.iopub_socket, "debug_event", event, parent, ident=topic)

    # Helping

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        """Complete what stands before the cursor."""
        from redislua_kernel.kernel import assistance  # noqa: PLC0415  # see `start`

        start, end, matches = assistance.complete(code, cursor_pos, self.notebook)
        kinds = [
            {
                "start": start,
                "end": end,
                "text": each.text,
                "type": each.kind,
                "signature": each.signature,
            }
            for each in matches
        ]
        return {
            "status": "ok",
            "matches": [each.text for each in matches],
            "cursor_start": start,
            "cursor_end": end,
            "metadata": {"_jupyter_types_experimental": kinds},
        }

    async def do_inspect(
        self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()
    ) -> dict[str, Any]:
        """Explain what stands at the cursor."""
        from redislua_kernel.kernel import assistance  # noqa: PLC0415  # see `start`

        bundle = assistance.inspect(code, cursor_pos, self.notebook)
        found = bundle is not None
        return {"status": "ok", "found": found, "data": bundle or {}, "metadata": {}}

    async def do_is_complete(self, code: str) -> dict[str, str]:
        """Tell whether a cell can run as it is, or more lines must follow."""
        from redislua_kernel.kernel import assistance  # noqa: PLC0415  # see `start`

        check = partial(assistance.is_complete, code, self.notebook)
        reply: dict[str, str] = await self._on_worker(check)
        return reply

    async def do_history(  # type: ignore[override]  # the base spells out what `asked` holds
        self, hist_access_type: str, **asked: Any
    ) -> dict[str, Any]:
        """Give cells that ran earlier."""
        return {"status": "ok", "history": self.history.reply(hist_access_type, **asked)}

    # Stopping

    async def interrupt_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Stop the cell that runs; on the control thread, which is never busy."""
        self._interrupt()
        if self.session is not None:
            self.session.send(stream, "interrupt_reply", {"status": "ok"}, parent, ident=ident)

    def _interrupt(self) -> None:
        self._stopping.set()
        self.worker.interrupt()

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """Stop what runs, and serve no longer."""
        self._interrupt()
        if self.notebook.crash_journal is not None:
            self.notebook.crash_journal.end()
        self.notebook.close()
        return {"status": "ok", "restart": restart}


def _settle() -> None:
    """Import what runs cells and helps with them, and look for garbage from now on.

    What is there by then stays, and is never looked through again.
    """
    try:
        _import_the_rest()
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def _import_the_rest() -> None:
    from redislua_kernel.kernel import assistance, failures, publisher  # noqa: F401, PLC0415
    from redislua_kernel.magics import magics  # noqa: PLC0415

    magics()
