"""A cell of many replies: a page that draws thousands by themselves stands still.

JupyterLab draws fifty outputs of a cell, and hides the others until they are asked for.

The first are displayed, and so is the last, which is the cell's result. Those in between are text,
line by line as redis-cli prints them, of which a page draws any number as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redislua_kernel.render.bundle import reply_text
from redislua_kernel.render.outputs import Clear, Output, Result, Text
from redislua_kernel.reply import NO_REPLY
from redislua_kernel.session.options import Options

__all__ = ["most_as_text"]

_MOST_DISPLAYS = 40


def most_as_text(outputs: Iterable[Output], options: Options) -> Iterator[Output]:
    """Give a cell's outputs with its replies beyond the first 40 as text, but for the last."""
    displayed = 0
    waiting: Result | None = None  # until it is known whether something follows
    try:
        for output in outputs:
            if waiting is not None:
                yield _as_text(waiting, options)
                waiting = None
            if isinstance(output, Clear):
                displayed = 0
            elif isinstance(output, Result) and output.reply is not NO_REPLY:
                if displayed >= _MOST_DISPLAYS:
                    waiting = output
                    continue
                displayed += 1
            yield output
    except Exception:
        if waiting is not None:
            yield _as_text(waiting, options)
        raise
    if waiting is not None:
        yield waiting


def _as_text(result: Result, options: Options) -> Text:
    return Text(f"{reply_text(result.reply, result.resp, most=options.reply_limit)}\n")
