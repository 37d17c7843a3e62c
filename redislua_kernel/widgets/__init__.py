"""The widgets: the only importer of ipywidgets, and that only once a widget is wanted.

Their callbacks run on Jupyter's threads while a script may run: they read Python state under
the engine's lock without waiting for it, and never call Lua.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["register_targets"]

#: Called with a comm and the message that opened it.
OpenHandler = Callable[[Any, Any], None]


def register_targets(register: Callable[[str, OpenHandler], None]) -> None:
    """Register the comms that pages open: without them a reloaded page loses its widgets."""
    register("jupyter.widget", _open_widget)
    register("jupyter.widget.control", _open_control)


def _open_widget(comm: Any, message: Any) -> None:
    from ipywidgets import Widget  # noqa: PLC0415  # takes 70 ms: only when it is needed

    Widget.handle_comm_opened(comm, message)


def _open_control(comm: Any, message: Any) -> None:
    from ipywidgets import Widget  # noqa: PLC0415

    Widget.handle_control_comm_opened(comm, message)
