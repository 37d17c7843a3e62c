"""The frame of all HTML: tables and a style in the notebook's own colours, light or dark.

Without a notebook's style sheet (GitHub, a mail) the tables are plain and readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redislua_kernel.render.style_sheets import style_sheet

__all__ = ["STYLE", "page", "table"]

#: JupyterLab moves cells to the right. It drops a style sheet, but not this, from a notebook that
#: it does not trust yet.
_CELL = 'style="text-align:left;vertical-align:top"'

#: Dollars and backslashes in data are no mathematics: JupyterLab's MathJax heeds the one, that of
#: nbconvert's pages the other.
_NO_MATH = "mathjax_ignore tex2jax_ignore"

STYLE = style_sheet("redislua_kernel.render", "page")


def page(html: str) -> str:
    """Put HTML into the frame that the style is for."""
    return f'{STYLE}<div class="redislua {_NO_MATH}">{html}</div>'


def table(header: Sequence[str], rows: Iterable[Sequence[str]], more: int = 0) -> str:
    """Give a table of cells that are HTML already, and a last line for `more` rows not shown."""
    head = "".join(f"<th {_CELL}>{name}</th>" for name in header)
    lines = ["".join(f"<td {_CELL}>{cell}</td>" for cell in row) for row in rows]
    if more:
        lines.append(f'<td class="more" colspan="{len(header) or 2}">… {more} more</td>')
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<table class="redislua-table">{top}<tbody>{body}</tbody></table>'
