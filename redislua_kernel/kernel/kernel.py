"""The kernel: it answers Jupyter's requests and sends what running a cell gives."""

from __future__ import annotations

import asyncio
import signal
import threading
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import comm
import ipykernel.ipkernel  # noqa: F401  # gives comm a manager that works in kernels
from ipykernel._version import kernel_protocol_version
from ipykernel.kernelbase import Kernel

import redislua_kernel
from redislua_kernel import cells, widgets
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.engine import Engine
from redislua_kernel.engine.recovery import SUFFIX, CrashJournal
from redislua_kernel.engine.worker import Worker
from redislua_kernel.kernel.cell_runner import CellRunner
from redislua_kernel.kernel.debugging import DebuggerHome
from redislua_kernel.kernel.history import History
from redislua_kernel.kernel.packing import packer_of_any_text
from redislua_kernel.kernel.settling import settle
from redislua_kernel.kernel.terminal import Stdin
from redislua_kernel.render.outputs import Update
from redislua_kernel.session import Session, apply_settings, settings_of

if TYPE_CHECKING:
    from redislua_kernel.debugger.adapter import Adapter

__all__ = ["RedisLuaKernel"]

#: How long after its start the kernel is taken to be idle, in seconds.
_SETTLED = 0.2
#: How long the end of the kernel waits for the last cell's: a stuck script is left after three.
_LAST_CELL_SECONDS = 4.0


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
        self.runner = runner = CellRunner(self.notebook, self.worker)
        home = DebuggerHome(self.notebook, self._send_debug_event, runner.write, runner.interrupt)
        self.panel = self.notebook.panel = Panel(home)
        self.notebook.redisplay = self._redisplay
        self._begin_crash_journal()
        self._is_ending = False
        #: No cell waits for its reply to be sent.
        self._has_answered = threading.Event()
        self._has_answered.set()
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
        self.io_loop.call_later(_SETTLED, threading.Thread(target=settle, daemon=True).start)
        # A thread, because the handler runs in the midst of whatever this thread is doing.
        signal.signal(
            signal.SIGINT, lambda *_: threading.Thread(target=self.runner.interrupt).start()
        )

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

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Run a cell and send its reply; no more of them once the kernel ends."""
        if self._is_ending:
            return
        self._has_answered.clear()
        try:
            await super().execute_request(stream, ident, parent)  # type: ignore[no-untyped-call]
        finally:
            self._has_answered.set()

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
        failure, text = await self.runner.run(code, publisher, stdin, for_page=for_page)
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

    async def _evaluate(self, expressions: dict[str, str]) -> dict[str, Any]:
        """Give the values of a request's expressions, each a script of its own."""
        return {
            name: await self.runner.on_worker(partial(self._value, expression))
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
        reply: dict[str, str] = await self.runner.on_worker(check)
        return reply

    async def do_history(  # type: ignore[override]  # the base spells out what `asked` holds
        self, hist_access_type: str, **asked: Any
    ) -> dict[str, Any]:
        """Give cells that ran earlier."""
        return {"status": "ok", "history": self.history.reply(hist_access_type, **asked)}

    # Stopping

    async def interrupt_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Stop the cell that runs; on the control thread, which is never busy."""
        self.runner.interrupt()
        if self.session is not None:
            self.session.send(stream, "interrupt_reply", {"status": "ok"}, parent, ident=ident)

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """Stop what runs, and serve no longer."""
        self._is_ending = True
        self.runner.interrupt()
        # Its reply is sent while there are sockets.
        await asyncio.to_thread(self._has_answered.wait, _LAST_CELL_SECONDS)
        if self.notebook.crash_journal is not None:
            self.notebook.crash_journal.end()
        self.notebook.close()
        return {"status": "ok", "restart": restart}
