"""The frame of all HTML: tables and a style in the notebook's own colours, light or dark.

Without a notebook's style sheet (GitHub, a mail) the tables are plain and readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["STYLE", "page", "table"]

#: JupyterLab moves cells to the right. It drops a style sheet, but not this, from a notebook that
#: it does not trust yet.
_CELL = 'style="text-align:left;vertical-align:top"'

#: Dollars and backslashes in data are no mathematics: JupyterLab's MathJax heeds the one, that of
#: nbconvert's pages the other.
_NO_MATH = "mathjax_ignore tex2jax_ignore"

#: Jupyter's variables carry the theme, light or dark; the fallbacks suit both. The class of the
#: table is there to outweigh JupyterLab's own rules.
STYLE = (
    "<style>"
    ".redislua{color:var(--jp-content-font-color1,inherit);padding:var(--jp-code-padding,0);"
    "font-size:var(--jp-code-font-size,inherit);line-height:var(--jp-code-line-height,inherit)}"
    ".redislua table.redislua-table{border-collapse:collapse;margin:2px 0;"
    "color:inherit;font-size:inherit;table-layout:auto}"
    ".redislua .redislua-table th,.redislua .redislua-table td{"
    "border:1px solid var(--jp-border-color2,#8885);padding:2px 8px;max-width:none;"
    "white-space:normal}"
    ".redislua .redislua-table th{background:var(--jp-layout-color2,#8882);font-weight:600}"
    ".redislua samp{font-family:var(--jp-code-font-family,monospace);white-space:pre-wrap;"
    "overflow-wrap:anywhere}"
    ".redislua .string{color:var(--jp-mirror-editor-string-color,inherit)}"
    ".redislua .integer,.redislua .double{color:var(--jp-mirror-editor-number-color,#2a7)}"
    ".redislua .nil,.redislua .more{color:var(--jp-content-font-color2,#888)}"
    ".redislua summary{cursor:pointer;color:var(--jp-content-font-color2,#888)}"
    ".redislua .error{color:var(--jp-error-color1,#d33)}"
    "</style>"
)


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
