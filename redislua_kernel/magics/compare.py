"""%%compare: a cell on the embedded engine and on a real server, from the same data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from redislua_kernel.browsing.programs import read_libraries, read_scripts
from redislua_kernel.cells import UsageError
from redislua_kernel.errors import RedisError, ResponseError
from redislua_kernel.magics.connect import spawn
from redislua_kernel.magics.offers import at_first
from redislua_kernel.magics.registry import WrongWords, magic
from redislua_kernel.remote.spawning import KINDS
from redislua_kernel.render.comparison import Pair, comparison_bundle
from redislua_kernel.render.outputs import Display, Output, Outputs
from redislua_kernel.session import Session

if TYPE_CHECKING:
    from redislua_kernel.remote.comparing import Compared, Comparison
    from redislua_kernel.remote.remote import Remote


@magic(
    "compare",
    usage=f"[{' | '.join(KINDS)}]",
    offers=at_first("server", tuple(KINDS)),
    embedded=True,
)
def compare(
    session: Session, server: bytes = b"redis", *, cell: Iterable[Output] | None = None
) -> Outputs:
    """Run the cell on a real server too, from the same data, and show what differs.

    The server, redis or valkey, is one of the notebook's own that nobody else uses. It gets the
    keys, the libraries and the cached scripts; then it runs each command after the embedded
    engine. Replies, errors, data and effects (what is replicated) are compared.

        %%compare
        %%eval stock:boots
        return redis.call('DECR', KEYS[1])

        %%compare valkey
    """
    kind = server.decode("utf-8", "replace").lower()
    if cell is None:
        if session.last_comparison is None:
            raise UsageError("nothing was compared yet: head a cell with %%compare")
        return Display(session.last_comparison)
    if kind not in KINDS:
        raise WrongWords
    return _compare(session, kind, cell)


def _compare(session: Session, kind: str, cell: Iterable[Output]) -> Iterator[Output]:
    # redis-py is imported where it is wanted, and not as each kernel starts.
    from redislua_kernel.remote.comparing import Comparison  # noqa: PLC0415
    from redislua_kernel.remote.remote import Remote  # noqa: PLC0415
    from redislua_kernel.remote.replication import Replication  # noqa: PLC0415

    backend, engine = session.backend, session.engine
    target = spawn(session, kind, scratch=True)
    remote = Remote(replace(target, resp=backend.resp, database=backend.database))
    looking = engine.client()
    looking.execute("SELECT", backend.database)
    with ExitStack() as stack:
        stack.callback(remote.close)
        remote.open()
        _prepare(session, remote)
        assert target.socket is not None
        replication = stack.enter_context(closing(Replication(target.socket, remote.ask)))
        comparison = Comparison(looking.execute, remote, engine.commands, replication)
        comparison.begin()
        with session.compared_by(comparison.run):
            try:
                yield from cell
            except RedisError:
                yield _show(session, remote, comparison)
                raise
        yield _show(session, remote, comparison)


def _prepare(session: Session, remote: Remote) -> None:
    """Give the server the libraries and cached scripts that there are, and nothing else."""
    for words in (("FLUSHALL",), ("FUNCTION", "FLUSH"), ("SCRIPT", "FLUSH")):
        remote.ask(*words)
    for library in read_libraries(session.engine):
        remote.ask("FUNCTION", "LOAD", library.code)
    for script in read_scripts(session.engine):
        with suppress(ResponseError):  # of the other dialect
            remote.ask("SCRIPT", "LOAD", script.body)


def _show(session: Session, remote: Remote, comparison: Comparison) -> Display:
    effects = comparison.effects(effect.words for effect in session.effects)
    session.last_comparison = comparison_bundle(
        remote.facts().name,
        _pairs(comparison.commands),
        _pairs(comparison.keys()),
        _pairs([effects] if effects else []),
        session.options.rows,
        session.backend.resp,
    )
    return Display(session.last_comparison)


def _pairs(compared: Sequence[Compared]) -> list[Pair]:
    return [Pair(each.words, each.embedded, each.server, each.is_equal) for each in compared]
