"""%stats: commands per second, time in scripts, keys and memory, live and as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import uuid4

from redislua_kernel.browsing.stats import History
from redislua_kernel.errors import RedisError
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Display, Output, Outputs, Update
from redislua_kernel.session import Session


@magic("stats", while_busy=True, embedded=True)
def stats(session: Session, *, cell: Iterable[Output] | None = None) -> Outputs:
    """Plot commands per second, time in scripts, keys and memory, live while something runs.

    Above a cell as `%%stats`: of that cell, and the picture of its run remains. As `%stats`: of
    the last minute, for as long as it is to be seen.

        %%stats
        for i = 1, 1000000 do redis.call('INCR', 'hits') end
    """
    return _watch(session) if cell is None else _record(session, cell)


def _watch(session: Session) -> Display:
    from redislua_kernel.widgets.stats import StatsView  # noqa: PLC0415  # imports ipywidgets

    name = uuid4().hex
    view = StatsView(
        History(session.engine), lambda bundle: session.redisplay(Update(bundle, name))
    )
    return Display(view.mime_bundle(), name)


def _record(session: Session, cell: Iterable[Output]) -> Iterator[Output]:
    from redislua_kernel.widgets.stats import StatsView  # noqa: PLC0415  # imports ipywidgets

    name = uuid4().hex
    view = StatsView(History(session.engine, keeps_all=True))
    yield Display(view.mime_bundle(), name)
    try:
        with view.recording():
            yield from cell
    except RedisError:
        yield Update(view.mime_bundle(), name)
        raise
    yield Update(view.mime_bundle(), name)
