"""%keyspace: the keys, to browse and, those of the embedded engine, to change."""

from __future__ import annotations

from redislua_kernel.magics import server_views
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Display, Outputs
from redislua_kernel.session import Session


@magic("keyspace", while_busy=True)
def keyspace(session: Session, pattern: bytes = b"*") -> Outputs:
    """Browse the selected database's keys, or those that fit a pattern, and change them.

    A tree by the separator in their names, with type, time to live and size; what is in a
    key by its type; to search, edit, expire, rename, delete. It follows the data. Of a server: a
    list, found by SCAN; of a single key, what is in it.

        %keyspace
        %keyspace user:*
    """
    if session.remote is not None:
        return server_views.keyspace(session.remote, pattern, session.options.rows)
    from redislua_kernel.widgets.keyspace import KeyspaceView  # noqa: PLC0415  # imports ipywidgets

    shown = KeyspaceView(session.engine, session.backend.database, pattern)
    return Display(shown.mime_bundle(session.options.rows))
