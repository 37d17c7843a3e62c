"""The widgets' style sheet."""

from __future__ import annotations

from redislua_kernel.render.html import STYLE
from redislua_kernel.render.keyspace import KEYSPACE_STYLE
from redislua_kernel.render.style_sheets import style_sheet

__all__ = ["SHEET"]

SHEET = STYLE + KEYSPACE_STYLE + style_sheet("redislua_kernel.widgets", "widgets")
