"""Replies as people would rather look at them: hashes, sorted sets, streams and places.

A view is chosen by the command that gave a reply, and by the reply's shape; what does not have
the shape has no view. Entries of streams are known by their shape alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.render.views import fields, places, scores, streams
from redislua_kernel.render.views.streams import entries_view
from redislua_kernel.render.views.view import AnyView, Call
from redislua_kernel.reply import Reply

__all__ = ["view_of"]

_VIEWS = fields.VIEWS | scores.VIEWS | streams.VIEWS | places.VIEWS


def view_of(command: Sequence[bytes], reply: Reply) -> AnyView | None:
    """Give the view of a command's reply; None if it has none. The command may be unknown."""
    capitals = [bytes(word).decode("utf-8", "replace").upper() for word in command]
    for count in (2, 1):
        view = _VIEWS.get(" ".join(capitals[:count])) if len(capitals) >= count else None
        if view is not None and reply:
            return view(Call(command, capitals), reply)
    return entries_view(reply)
