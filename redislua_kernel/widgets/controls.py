"""The widget's controls: each has a name for those who do not see it, and works by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

__all__ = ["box", "button", "icon_button", "show", "text_html"]


def button(
    description: str, tooltip: str, on_click: Callable[[], None], icon: str = "", style: str = ""
) -> Any:
    """Give a button."""
    made = ipywidgets.Button(
        description=description,
        tooltip=tooltip,
        icon=icon,
        button_style=style,
        layout=ipywidgets.Layout(width="auto"),
    )
    made.on_click(lambda _: on_click())
    return made


def icon_button(name: str, icon: str, on_click: Callable[[], None]) -> Any:
    """Give a button of which only the icon is seen; its name is there to be read out."""
    made = button(name, name, on_click, icon)
    made.add_class("redislua-icon")
    return made


def text_html(kind: str) -> Any:
    """Give a place for HTML of a kind; who sets it has escaped it."""
    made = ipywidgets.HTML(layout=ipywidgets.Layout(margin="0"))
    made.add_class(f"redislua-{kind}")
    return made


def box(kind: str, children: list[Any], *, vertical: bool = False) -> Any:
    """Give a row of controls, or a column."""
    made = (ipywidgets.VBox if vertical else ipywidgets.HBox)(children)
    made.add_class(f"redislua-{kind}")
    return made


def show(control: Any, is_shown: bool) -> None:
    """Show a control, or take it out of sight and of the keyboard's way."""
    control.layout.display = None if is_shown else "none"
