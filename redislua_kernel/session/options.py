"""How the notebook shows replies."""

from __future__ import annotations

from dataclasses import dataclass

from redislua_kernel.render.outputs import MOST

__all__ = ["Options"]


@dataclass
class Options:
    """How the notebook shows replies; `%config` sets these."""

    #: How many rows of a table HTML shows.
    rows: int = 100
    #: How many bytes of a reply's text are shown, and how many characters of a cell's output.
    reply_limit: int = MOST
    output_limit: int = 1_000_000
    #: Whether cells are looked at before they run: `off`, `on` or `strict`.
    lint: str = "on"
