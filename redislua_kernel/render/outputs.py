"""What running a cell gives, piece by piece: values for the kernel to send."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redislua_kernel.reply import Reply

__all__ = [
    "MOST",
    "At",
    "Bundle",
    "Clear",
    "Display",
    "Output",
    "Outputs",
    "Result",
    "Text",
    "Update",
]

#: How many bytes of a reply's text are shown unless somebody wishes otherwise.
MOST = 200_000

#: MIME type → content, as Jupyter wants it.
Bundle = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """A reply, to be rendered in the RESP version in which it came.

    `command` has the words of the command that gave it, if they are known.
    """

    reply: Reply
    resp: int = 2
    #: The server that gave it; None: the embedded engine.
    origin: str | None = None
    command: Sequence[bytes] = ()


@dataclass(frozen=True)
class Display:
    """Something to show that is no reply: a widget, help. With a name, it can be updated."""

    bundle: Bundle = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class Update:
    """What is to be shown from now on in the place of the display of that name."""

    bundle: Bundle
    name: str


@dataclass(frozen=True)
class Text:
    """Lines for the cell's stdout, or its stderr."""

    text: str
    stream: str = "stdout"


@dataclass(frozen=True)
class Clear:
    """Take away what the cell has shown so far."""


@dataclass(frozen=True)
class At:
    """What comes next stems from this line of the body, counted from 1. Shows nothing."""

    line: int


Output = Result | Display | Update | Text | Clear | At

#: What a magic gives: one output, or several as they come.
Outputs = Output | Iterable[Output]
