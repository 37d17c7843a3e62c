"""One command that runs a script or a function, under the debugger's console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from redislua_kernel.engine.debugging.console import Console
from redislua_kernel.engine.debugging.debugger import Debugger
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.registry import check_call
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["can_begin", "on_a_view", "run_debugged"]


@contextmanager
def on_a_view(client: Client) -> Iterator[Client]:
    """Give the client's twin on a view of its engine, which is dropped; others go on meanwhile.

    For who holds the engine's lock, once, in a unit of his own that has changed nothing so far.
    """
    engine = client.engine
    view = engine.view()
    try:
        with engine.standing_aside():
            yield client.twin(view)
    finally:
        view.close()


def can_begin(client: Client, words: Sequence[bytes]) -> bool:
    """Tell whether a command gets as far as its script; False: it fails by its mere form.

    Raises what forbids it to run at this time, or to this client.
    """
    engine = client.engine
    try:
        check_call(engine.commands.find(words), words)
    except CommandError:
        return False
    with engine.lock:
        engine.admit(client, words)
    return True


def run_debugged(client: Client, words: Sequence[bytes], console: Console) -> Reply:
    """Run a client's command while a console watches; give its reply. Raises its error.

    Changes are kept: to drop them, give the client's twin of a view of its engine.
    """
    engine = client.engine
    with engine.lock:
        console.debugger = debugger = Debugger(engine.scripting, console)
        try:
            with engine.scripting.watchers.attached(debugger):
                return engine.call(client, words)
        finally:
            console.end()
