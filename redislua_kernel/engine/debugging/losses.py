"""What the result of a script lost when it became a reply.

A reply knows no nil within an array, no fraction under RESP2, no named field and no function: what
a script returns of these does not reach its caller, and nothing tells it so. Somebody who watches
is told, of the first few thousand elements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Loss", "LossWatcher", "read_losses"]


@dataclass(frozen=True)
class Loss:
    """One thing that was lost: where in the result (`[2][1]`), and what."""

    path: str
    #: `nil`: elements after it. `names`: fields. `fraction`, `range`: of a number. `type`: a value
    #: that is no reply. `results`: what was returned after the first value.
    kind: Literal["nil", "names", "fraction", "range", "type", "results"]
    #: How many elements, fields or values; 1 where that says nothing.
    count: int = 1
    #: The number, the type, the first of the fields.
    what: str = ""
    #: How many elements came before.
    kept: int = 0


#: Is told what a script's result lost, if anything.
LossWatcher = Callable[[Sequence[Loss]], None]


def read_losses(tokens: Sequence[Any]) -> list[Loss]:
    """Read what `lua/losses.lua` gives."""
    return [
        _loss(*(_plain(each) for each in tokens[place : place + 4]))
        for place in range(0, len(tokens), 4)
    ]


def _loss(path: Any, kind: Any, first: Any, second: Any) -> Loss:
    if kind == "nil":
        return Loss(path, kind, count=first, kept=second)
    if kind == "names":
        return Loss(path, kind, count=first, what=second)
    return Loss(path, kind, what=first)


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
