"""%keyspace: the embedded engine's keys as a table."""

from __future__ import annotations

from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Display, Outputs
from redislua_kernel.session import Session


@magic("keyspace", while_busy=True)
def keyspace(session: Session) -> Outputs:
    """Show the selected database's keys with type, time to live and size.

    %keyspace
    """
    from redislua_kernel.widgets.keyspace import KeyspaceTable  # noqa: PLC0415  # imports ipywidgets

    shown = KeyspaceTable(session.engine, session.backend.database, session.options.rows)
    return Display(shown.mime_bundle())
