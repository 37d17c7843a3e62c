"""What the debugger wants of where it is at home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol

from redislua_kernel.engine import Engine
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.journal import Effect
from redislua_kernel.reply import Reply

__all__ = ["Host"]


class Host(Protocol):
    """Where the debugger is at home: a notebook's kernel."""

    engine: Engine

    def read_cell(self, text: str) -> tuple[bytes, int] | None:
        """Give a cell's body, and how many lines stand before it; None: it has none."""

    def send_event(self, event: dict[str, Any]) -> None:
        """Tell the client; from any thread."""

    def write(self, text: str) -> None:
        """Show a text below the cell that runs; on its thread."""

    def run(self, function: Callable[[], Any]) -> Future[Any]:
        """Run a function on the thread of the scripts, once what runs there has ended."""

    def evaluate(self, code: bytes) -> Reply:
        """Run a piece of Lua as a cell would, on the thread of the scripts."""

    def interrupt(self) -> None:
        """Stop what runs, and undo it."""

    @property
    def database(self) -> Database:
        """The database that the next script sees."""

    @property
    def effects(self) -> Sequence[Effect]:
        """What the last cell has replicated."""

    @property
    def parameters(self) -> tuple[Sequence[bytes], Sequence[bytes]]:
        """What the next script gets as KEYS and ARGV."""
