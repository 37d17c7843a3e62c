"""A widget's controls as a person finds them: those that can be seen, by their words."""

import time
from collections.abc import Callable
from typing import Any

import ipywidgets

__all__ = ["button", "field", "html", "seen", "wait_until"]


def seen(box: Any, kind: Any) -> list[Any]:
    """Give the controls of a kind that can be seen."""
    found, waiting = [], [box]
    while waiting:
        each = waiting.pop(0)
        if each.layout.display == "none":
            continue
        if isinstance(each, kind):
            found.append(each)
        waiting = [*getattr(each, "children", ()), *waiting]
    return found


def button(box: Any, name: str) -> Any:
    return next(each for each in seen(box, ipywidgets.Button) if each.description == name)


def field(box: Any, label: str) -> Any:
    kinds = (ipywidgets.Text, ipywidgets.Textarea, ipywidgets.Dropdown)
    return next(each for each in seen(box, kinds) if each.description == label)


def html(box: Any) -> str:
    return "\n".join(each.value for each in seen(box, ipywidgets.HTML))


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
