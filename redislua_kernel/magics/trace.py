"""%trace: each redis.call of a cell, with its reply, its line and its time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from time import perf_counter

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.debugging.trace import CallTrace, TracedCall
from redislua_kernel.engine.words import quote_word
from redislua_kernel.errors import RedisError
from redislua_kernel.magics.registry import magic
from redislua_kernel.quantities import count_of, shorten
from redislua_kernel.render.outputs import Display, Output, Outputs
from redislua_kernel.render.terminal import format_beginning
from redislua_kernel.render.trace import CallView, trace_bundle
from redislua_kernel.reply import ResponseError
from redislua_kernel.session import Session

#: Gives what names the lines of a code.
LineNames = Callable[[bytes], Callable[[int], str]]

#: How much of a call, and of a reply, is shown.
_LONGEST = 200


@magic("trace", embedded=True)
def trace(session: Session, *, cell: Iterable[Output] | None = None) -> Outputs:
    """Show each redis.call of the cell with its reply, its line and its time.

    As `%trace`: show the last trace again.

        %%trace
        return redis.call('INCR', 'hits')
    """
    if cell is not None:
        return _trace(session, cell)
    if session.last_trace is None:
        raise UsageError("nothing was traced yet: head a cell with %%trace")
    return Display(session.last_trace)


def _trace(session: Session, cell: Iterable[Output]) -> Iterator[Output]:
    began = perf_counter()
    with CallTrace(session.engine.scripting) as record:
        try:
            yield from cell
        except RedisError:
            yield _show(session, record, perf_counter() - began)
            raise
    yield _show(session, record, perf_counter() - began)


def _show(session: Session, record: CallTrace, seconds: float) -> Display:
    count = len(record.calls) + record.left_out
    title = (
        f"{count_of(count, 'call')}, {record.total / 1000:.0f} µs in commands, "
        f"{seconds * 1e6:.0f} µs in all"
    )
    line_names = cache(session.line_names)
    calls = [_view(line_names, call) for call in record.calls]
    rows = session.options.rows
    session.last_trace = trace_bundle(title, calls, rows=rows, more=record.left_out)
    return Display(session.last_trace)


def _view(line_names: LineNames, call: TracedCall) -> CallView:
    reply = format_beginning(call.reply, 2, 4 * _LONGEST)[0].replace("\n", " ")
    source = call.source
    return CallView(
        call=shorten(b" ".join(map(quote_word, call.words)).decode("utf-8", "replace"), _LONGEST),
        reply=shorten(reply, _LONGEST),
        line=str(call.line) if source is None else line_names(source.code)(call.line),
        began=call.began / 1000,
        took=call.took / 1000,
        failed=isinstance(call.reply, ResponseError),
    )
