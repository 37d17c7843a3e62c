"""%functions and %scripts: what there is to run, how often it ran, and how long that took."""

from __future__ import annotations

from redislua_kernel.browsing.caller import Caller
from redislua_kernel.browsing.programs import read_scripts
from redislua_kernel.cells import UsageError
from redislua_kernel.magics import server_views
from redislua_kernel.magics.offers import at_first, at_once, library_names
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Display, Outputs
from redislua_kernel.session import Session


@magic("functions", offers=at_first("library", library_names), while_busy=True)
def functions(session: Session, library: bytes = b"*") -> Outputs:
    """Look at libraries, their functions' calls, times and errors, and what runs; change them.

    With a library's name, or a pattern: those. To load, replace, delete, dump, restore, and to
    kill a function that runs. Of a server: a list, for servers count no calls.

        %functions
        %functions points
    """
    if session.remote is not None:
        return server_views.functions(session.remote, library, session.options.rows)
    from redislua_kernel.widgets.functions import FunctionsView  # noqa: PLC0415  # ipywidgets

    view = FunctionsView(_caller(session, "functions-widget"), library, rows=session.options.rows)
    return Display(view.mime_bundle())


def _digests(session: Session) -> list[str]:
    scripts = session.engine.scripting.scripts
    return at_once(session, lambda: scripts.scripts)


@magic("scripts", offers=at_first("digest", _digests), while_busy=True)
def scripts(session: Session, sha: bytes = b"") -> Outputs:
    """Look at the cached scripts: calls, times, errors, evictions; with a digest's beginning, one.

    To show, run and flush them. Of a server: those of this notebook, for servers list none.

        %scripts
        %scripts e0e1f9
    """
    if session.remote is not None:
        bodies = session.known_bodies()
        return server_views.scripts(session.remote, bodies, sha, session.options.rows)
    from redislua_kernel.widgets.scripts import ScriptsView  # noqa: PLC0415  # ipywidgets

    if sha and not read_scripts(session.engine, sha):
        raise UsageError(f"no cached script's digest begins with {sha.decode(errors='replace')}")
    view = ScriptsView(_caller(session, "scripts-widget"), sha, rows=session.options.rows)
    return Display(view.mime_bundle())


def _caller(session: Session, name: str) -> Caller:
    worker = session.worker
    if worker is None:
        return Caller(session.engine, name, session.backend.database)
    return Caller(
        session.engine, name, session.backend.database, submit=worker.submit, insist=worker.insist
    )
