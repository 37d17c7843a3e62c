"""%snapshot, %restore, %snapshots and %diff: states of the data, kept and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.changes import changes
from redislua_kernel.engine.keyspace import Keyspace
from redislua_kernel.magics import server_views
from redislua_kernel.magics.offers import at_first
from redislua_kernel.magics.registry import magic
from redislua_kernel.quantities import count_of
from redislua_kernel.render.changes import changes_bundle
from redislua_kernel.render.outputs import Display, Output, Outputs, Text
from redislua_kernel.session import Session

_OFFERS = at_first("snapshot", lambda session: session.snapshots)


@magic("snapshot", offers=_OFFERS, embedded=True)
def snapshot(session: Session, name: bytes) -> Outputs:
    """Keep all data as they are now under a name; costs little, however much they are.

    %snapshot before
    """
    session.snapshots[_text(name)] = _fork(session)
    return Text(f"snapshot {_text(name)}: {_count(session.snapshots[_text(name)])}\n")


@magic("restore", offers=_OFFERS, embedded=True)
def restore(session: Session, name: bytes) -> Outputs:
    """Bring back the data of a snapshot, in place of all there are.

    %restore before
    """
    kept = _find(session, name)
    session.engine.keyspace.adopt(kept)
    return Text(f"restored {_text(name)}: {_count(kept)}\n")


@magic("snapshots", embedded=True)
def snapshots(session: Session) -> Outputs:
    """List the snapshots.

    %snapshots
    """
    lines = [f"{name}: {_count(kept)}\n" for name, kept in session.snapshots.items()]
    return Text("".join(lines) or "no snapshots\n")


@magic("diff", usage="[snapshot]", offers=_OFFERS)
def diff(session: Session, *snapshot: bytes, cell: Iterable[Output] | None = None) -> Outputs:
    """Show which keys were added, changed and removed, and what in them.

    By the cell, by the last cell, or since a snapshot. Of a server: by the cell.

        %%diff
        %diff
        %diff before
    """
    if len(snapshot) > 1 or (snapshot and cell is not None):
        raise UsageError("usage: %%diff, %diff or %diff snapshot")
    if cell is not None and session.remote is not None:
        return server_views.diff(session.remote, cell, session.options.rows)
    if cell is not None:
        return _diff_cell(session, cell)
    session.require_embedded("%diff without a cell")
    if snapshot:
        return _show(session, _find(session, snapshot[0]))
    before = session.before_last_cell
    if before is None:
        raise UsageError("too much data to keep a look at each cell: head it with %%diff")
    return _show(session, before)


def _diff_cell(session: Session, cell: Iterable[Output]) -> Iterator[Output]:
    before = _fork(session)
    yield from cell
    yield _show(session, before)


def _show(session: Session, before: Keyspace) -> Display:
    found = list(changes(before, session.engine.keyspace))
    return Display(changes_bundle(found, rows=session.options.rows))


def _fork(session: Session) -> Keyspace:
    try:
        return session.engine.keyspace.fork()
    except RuntimeError:
        raise UsageError("the cell has written already: this goes in a cell before it") from None


def _find(session: Session, name: bytes) -> Keyspace:
    kept = session.snapshots.get(_text(name))
    if kept is None:
        known = ", ".join(session.snapshots) or "none"
        raise UsageError(f"no snapshot {_text(name)}; there are: {known}")
    return kept


def _count(keyspace: Keyspace) -> str:
    return count_of(sum(len(database.entries) for database in keyspace.databases), "key")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
