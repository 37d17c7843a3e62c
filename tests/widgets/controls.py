"""A widget's controls as a person finds them: those that can be seen, by their words."""

from typing import Any

import ipywidgets

__all__ = ["HOSTILE", "button", "field", "html", "seen"]

#: What must be inert wherever it is shown.
HOSTILE = "<img src=x onerror=alert(1)>"


def seen(box: Any, kind: Any) -> list[Any]:
    """Give the controls of a kind in a box that can be seen."""
    found, waiting = [], [box]
    while waiting:
        each = waiting.pop(0)
        if each.layout.display == "none" or "redislua-unused" in each._dom_classes:
            continue
        if isinstance(each, kind):
            found.append(each)
        waiting = [*getattr(each, "children", ()), *waiting]
    return found


def button(view: Any, name: str) -> Any:
    """Give a button by its text, or by the beginning of its tooltip."""
    for each in seen(view.box, ipywidgets.Button):
        if each.description == name or each.tooltip.startswith(name):
            return each
    raise AssertionError(f"no button {name}")


def field(view: Any, label: str) -> Any:
    kinds = (ipywidgets.Text, ipywidgets.Textarea, ipywidgets.Dropdown, ipywidgets.Checkbox)
    return next(each for each in seen(view.box, kinds) if each.description == label)


def html(view: Any) -> str:
    return "\n".join(each.value for each in seen(view.box, ipywidgets.HTML))
