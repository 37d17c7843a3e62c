"""The keyspace as a widget: a tree of keys on the left, what is in the chosen one at the right."""

from __future__ import annotations

from redislua_kernel.widgets.keyspace.view import KeyspaceView

__all__ = ["KeyspaceView"]
