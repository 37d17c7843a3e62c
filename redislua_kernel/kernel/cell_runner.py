"""How a cell gets to the worker thread, and what it gives back: outputs, a result or a failure.

The kernel's thread only waits meanwhile, so that widgets, completion and interrupts are served.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from redislua_kernel import cells
from redislua_kernel.cells import UsageError
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.interrupts import is_asked
from redislua_kernel.engine.progress import Progress
from redislua_kernel.engine.settings.log_levels import WARNING
from redislua_kernel.kernel.outbox import Outbox
from redislua_kernel.kernel.progress import Bar, Line, ProgressDisplay
from redislua_kernel.kernel.terminal import CellTerminal, Stdin
from redislua_kernel.render.outputs import Text
from redislua_kernel.session import Session

if TYPE_CHECKING:
    from redislua_kernel.engine.worker import Worker
    from redislua_kernel.kernel.cell_run import CellRun
    from redislua_kernel.kernel.publisher import Publisher

__all__ = ["CellRunner"]

#: How often a cell looks whether a client's script is still running, in seconds.
_POLL = 0.01


class CellRunner:
    """Runs the cells of one notebook, one at a time."""

    def __init__(self, notebook: Session, worker: Worker) -> None:
        self._notebook = notebook
        self._engine = notebook.engine
        self._worker = worker
        #: Takes what the cell that runs now shows.
        self._outbox: Outbox | None = None
        #: Shows the long work of that cell, where somebody looks.
        self._progress: ProgressDisplay | None = None
        #: Set by an interrupt: a cell that is not in a script just now ends at its next output.
        self._stopping = threading.Event()
        self._engine.log_listeners.append(self._log)
        self._engine.work_listeners.append(self._follow)

    async def run(
        self, code: str, publisher: Publisher, stdin: Stdin | None, *, for_page: bool
    ) -> tuple[dict[str, Any] | None, str | None]:
        """Run a cell, and publish its outputs as they come.

        Give the failure's content, or the result's text.
        """
        # Imported with the first cell: see `RedisLuaKernel.start`.
        from redislua_kernel.kernel.cell_run import CellRun  # noqa: PLC0415

        try:
            cell = cells.parse(code)
        except UsageError as error:
            from redislua_kernel.kernel import failures  # noqa: PLC0415

            failure = failures.failure_of_cell(error, code)
            return publisher.fail(failure), None
        if cell.kind is cells.Kind.NONE and not cell.magics:
            return None, None
        run = CellRun(self._notebook, cell)
        outbox = Outbox(asyncio.get_running_loop(), publisher.publish)
        self._outbox = outbox
        self._notebook.terminal = CellTerminal(outbox, self._stopping.is_set, stdin)
        if for_page or stdin is not None:
            self._progress = ProgressDisplay((Bar if for_page else Line)(outbox.put))
        self._stopping.clear()
        call: Callable[[Callable[[], Any]], Awaitable[Any]] = self.on_worker
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
            self._outbox = self._notebook.terminal = self._progress = None

    async def on_worker(self, function: Callable[[], Any]) -> Any:
        """Run a function on the worker, and wait for what it gives."""
        return await asyncio.wrap_future(self._worker.submit(function))

    def interrupt(self) -> None:
        """Stop the cell that runs; from any thread."""
        self._stopping.set()
        self._worker.interrupt()

    def write(self, text: str, stream: str = "stdout") -> None:
        """Show text below the cell that runs; called on the worker."""
        outbox = self._outbox
        if outbox is not None:
            outbox.put(Text(text, stream))

    async def _has_worked(self, function: Callable[[], None]) -> bool:
        """Run a function on the worker; False: not, as a client's script is there too long."""
        job = self._worker.submit(function)
        end = asyncio.wrap_future(job)
        while not (await asyncio.wait((end,), timeout=_POLL))[0] and not job.running():
            if self._engine.scripting.is_overdue and job.cancel():
                return False
        await end
        return True

    def _work(self, run: CellRun, outbox: Outbox) -> None:
        """Run a cell as one unit, on the worker: an interrupt undoes all its writes."""
        notebook = self._notebook
        # A server has no need of the engine: others may use that meanwhile.
        lock = nullcontext() if notebook.remote is not None else self._engine.lock
        panel = nullcontext() if notebook.panel is None else notebook.panel.cell(run.cell.text)
        with lock, panel, notebook.cell():
            if self._stopping.is_set():  # it had to wait, and now need not run
                raise Interrupted
            self._tell_news(outbox)
            for output in run.outputs():
                outbox.put(output)
                if self._stopping.is_set() or is_asked():
                    raise notebook.interrupted()
        self._tell_news(outbox)

    def _work_while_busy(self, run: CellRun, outbox: Outbox) -> None:
        """Run a cell that may end the client's script which has the engine, and little else."""
        with self._notebook.while_busy():
            for output in run.outputs():
                outbox.put(output)
        running = self._engine.scripting.running
        if running is not None and running.is_stopping:
            self._worker.insist()

    def _tell_news(self, outbox: Outbox) -> None:
        """Show what the crash journal has to say."""
        journal = self._notebook.crash_journal
        news = journal.take_news() if journal is not None else ""
        if news:
            outbox.put(Text(news, "stderr"))

    def _log(self, level: int, message: bytes) -> None:
        """Show a line of redis.log; the engine calls this on the thread that logs."""
        stream = "stderr" if level >= WARNING else "stdout"
        self.write(message.decode("utf-8", "replace") + "\n", stream)

    def _follow(self, progress: Progress) -> None:
        """Show the long work of the cell that runs; called on the thread that does it."""
        display = self._progress
        if display is not None and threading.get_ident() == self._worker.ident:
            display.follow(progress)
