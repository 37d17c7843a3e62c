"""Threads that are stuck in Lua: how one is told, and stopped for good once it comes back.

Nothing ends a step of Lua's that takes for ever. Its state is abandoned then: it is never freed,
and whatever the thread calls of ours parks it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from threading import get_ident
from types import CodeType
from typing import TYPE_CHECKING, Any, TypeVar

from redislua_kernel.engine.client import Client

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["ABANDONED", "AbandonedClient", "enters_lua", "is_parked", "park", "runtime_inside"]

#: The states that were abandoned: a thread may still be stuck in one, so that none may be freed.
ABANDONED: list[Runtime] = []

#: The threads that `park` has stopped.
_parked: set[int] = set()

#: What runs in the frame that is a thread's innermost one for as long as Lua runs. Its variable
#: `inside` is there then, and is the state.
_enters_lua: set[CodeType] = set()

F = TypeVar("F", bound=Callable[..., Any])


def park() -> None:
    """Stop the calling thread for good; it is a daemon and ends with the process."""
    _parked.add(get_ident())
    while True:
        time.sleep(1e6)


def enters_lua(method: F) -> F:
    """Mark a function that calls Lua: it has the state in a variable `inside` meanwhile.

    It deletes that before it looks whether the state was abandoned, and parks if it was.
    """
    _enters_lua.add(method.__code__)
    return method


def runtime_inside(thread: int) -> Runtime | None:
    """Give the state whose Lua a thread is in, not in a function of ours that Lua has called."""
    frame = sys._current_frames().get(thread)
    if frame is None or frame.f_code not in _enters_lua:
        return None
    runtime: Runtime | None = frame.f_locals.get("inside")
    return runtime


def is_parked(thread: int) -> bool:
    """Tell whether `park` has stopped a thread."""
    return thread in _parked


class AbandonedClient(Client):
    """The client of an abandoned state: whoever still uses it is stopped."""

    __slots__ = ()

    @property
    def db(self) -> Any:  # type: ignore[override]
        park()

    @property
    def engine(self) -> Any:  # type: ignore[override]
        park()
