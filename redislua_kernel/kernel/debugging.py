"""What the visual debugger is at home in: the kernel, its worker and its messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from redislua_kernel import cells
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.journal import Effect
from redislua_kernel.reply import Reply
from redislua_kernel.session import Session

__all__ = ["DebuggerHome"]


class DebuggerHome:
    """One notebook, as its debugger knows it: see `debugger.host.Host`."""

    def __init__(
        self,
        session: Session,
        send_event: Callable[[dict[str, Any]], None],
        write: Callable[[str], None],
        interrupt: Callable[[], None],
    ) -> None:
        self.session = session
        self.engine = session.engine
        self.send_event = send_event
        self.write = write
        self.interrupt = interrupt

    def read_cell(self, text: str) -> tuple[bytes, int] | None:
        """Give a cell's body, and how many lines stand before it; None: it has none."""
        try:
            cell = cells.parse(text)
        except cells.UsageError:
            return None
        is_lua = cell.kind not in (cells.Kind.NONE, cells.Kind.COMMANDS)
        return (cell.body, cell.offset) if is_lua else None

    def run(self, function: Callable[[], Any]) -> Future[Any]:
        """Run a function on the worker."""
        assert self.session.worker is not None
        return self.session.worker.submit(function)

    def evaluate(self, code: bytes) -> Reply:
        """Run a piece of Lua with the notebook's KEYS and ARGV."""
        session = self.session
        with session.engine.lock:
            return session.run_script(code, session.keys, session.args, show_call=True)

    @property
    def database(self) -> Database:
        """The database that cells see."""
        return self.engine.keyspace[self.session.embedded.database]

    @property
    def effects(self) -> Sequence[Effect]:
        """What the last cell has replicated."""
        return self.session.effects

    @property
    def parameters(self) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """What %keys and %args have set."""
        return self.session.keys, self.session.args
