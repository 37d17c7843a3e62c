"""What a view is, and the shapes in which replies come: RESP2, RESP3 and scripts have their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import isfinite
from typing import NamedTuple

from redislua_kernel.render.html import table
from redislua_kernel.render.plots import bar_svg, map_svg
from redislua_kernel.reply import Reply, Status, format_double

__all__ = ["AnyView", "Call", "Maker", "Pair", "Several", "View", "number_of", "pairs_of", "plain"]

#: Shows a value that is not shown in any special way.
Show = Callable[[Reply], str]
Pair = tuple[Reply, Reply]


class View(NamedTuple):
    """A table: what its columns are called, and its rows of replies.

    `bars` has a number for each row, to be drawn beside it, and `places` where it lies.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[Reply]]
    bars: Sequence[float] | None = None
    places: Sequence[tuple[float, float, str]] = ()
    #: What stands above the table.
    note: str = ""

    def html(self, show: Show, most: int) -> str:
        """Give the first `most` rows as HTML."""
        shown = [[show(each) for each in row] for row in self.rows[:most]]
        header = list(self.header)
        if self.bars is not None:
            bars = self.bars[:most]
            finite = list(filter(isfinite, bars))
            low, high = min([0.0, *finite]), max([0.0, *finite])
            for row, value in zip(shown, bars, strict=True):
                row.append(bar_svg(value, low, high))
            header.append("")
        picture = map_svg(self.places[:most]) if self.places else ""
        note = f'<div class="more">{escape(self.note)}</div>' if self.note else ""
        return f"{note}{picture}{table(header, shown, len(self.rows) - len(shown))}"


class Several(NamedTuple):
    """Tables with titles, one below the other."""

    parts: Sequence[tuple[str, View]]

    def html(self, show: Show, most: int) -> str:
        """Give the first `most` rows of each as HTML."""
        return "".join(
            f"<div><samp>{escape(title)}</samp></div>{view.html(show, most)}"
            for title, view in self.parts
        )


AnyView = View | Several


class Call(NamedTuple):
    """A command: its words, and the same in capitals."""

    words: Sequence[bytes]
    capitals: Sequence[str]

    def has(self, option: str) -> bool:
        return option in self.capitals


#: Gives the view of a reply to a command; None: it does not have the shape.
Maker = Callable[[Call, Reply], AnyView | None]


def pairs_of(reply: Reply) -> list[Pair] | None:
    """Give the pairs of a map, of a list of pairs, or of a flat list; None if it is none."""
    if isinstance(reply, dict):
        return list(reply.items())
    if not isinstance(reply, list | tuple):
        return None
    if all(isinstance(each, list | tuple) and len(each) == 2 for each in reply):
        return [(key, value) for key, value in reply]
    if len(reply) % 2 or any(isinstance(each, list | tuple | dict) for each in reply[::2]):
        return None
    return list(zip(reply[::2], reply[1::2], strict=True))


def plain(value: Reply) -> Reply:
    """Give a number, or an ID, so that it is shown without quotes, in RESP2 as in RESP3."""
    if isinstance(value, float):
        return Status(format_double(value))
    return Status(value) if isinstance(value, bytes) else value


def number_of(value: Reply) -> float | None:
    if isinstance(value, bytes):
        try:
            return float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) else None
