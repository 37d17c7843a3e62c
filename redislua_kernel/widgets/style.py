"""The widget's style sheet; its colours are those of Jupyter's theme."""

from __future__ import annotations

from redislua_kernel.render.html import STYLE
from redislua_kernel.render.keyspace import KEYSPACE_STYLE

__all__ = ["SHEET"]

_DEPTHS = "".join(
    f".redislua-browser .redislua-depth-{depth} button{{padding-left:{6 + 16 * depth}px}}"
    for depth in range(1, 9)
)

SHEET = (
    STYLE + KEYSPACE_STYLE + "<style>"
    # the whole
    ".redislua-browser{padding:8px 0;color:var(--jp-content-font-color1,inherit)}"
    ".redislua-browser .widget-html-content{line-height:1.4}"
    ".redislua-browser .redislua-bar{gap:8px;flex-wrap:wrap;align-items:center}"
    ".redislua-browser .redislua-panes{flex-wrap:wrap;gap:16px;align-items:flex-start}"
    ".redislua-browser .redislua-keys{flex:1 1 360px;min-width:300px;overflow:hidden}"
    ".redislua-browser .redislua-value{flex:1.4 1 420px;min-width:300px;overflow:hidden;"
    "border:1px solid var(--jp-border-color2,#8885);border-radius:6px;padding:8px 12px}"
    ".redislua-browser button:focus-visible,.redislua-browser pre:focus-visible{"
    "outline:2px solid var(--jp-brand-color1,#1976d2);outline-offset:-2px}"
    ".redislua-browser .redislua-status{color:var(--jp-content-font-color2,#777);font-size:12px}"
    ".redislua-browser .redislua-icon{font-size:0}"
    ".redislua-browser .redislua-icon .fa{font-size:14px;line-height:28px;margin:0}"
    # the tree
    ".redislua-browser .redislua-rows{border:1px solid var(--jp-border-color2,#8885);"
    "border-radius:6px;overflow:hidden}"
    ".redislua-browser .redislua-row{align-items:center;height:28px;overflow:hidden;"
    "border-bottom:1px solid var(--jp-border-color3,#8883)}"
    ".redislua-browser .redislua-row:hover{background:var(--jp-layout-color2,#8882)}"
    ".redislua-browser .redislua-row.redislua-chosen{"
    "background:hsl(210 80% 50% / .18);"
    "box-shadow:inset 3px 0 0 var(--jp-brand-color1,#1976d2)}"
    ".redislua-browser .redislua-row button:is(:focus,:hover,:active):enabled{outline:none;"
    "box-shadow:none}"
    ".redislua-browser .redislua-row:has(button:focus-visible){"
    "outline:2px solid var(--jp-brand-color1,#1976d2);outline-offset:-2px}"
    ".redislua-browser .redislua-unused{display:none}"
    ".redislua-browser .redislua-row button{flex:1 1 auto;min-width:0;text-align:left;"
    "background:transparent;color:inherit;box-shadow:none;margin:0;padding:0 6px;height:28px;"
    "font-family:var(--jp-code-font-family,monospace);white-space:pre;overflow:hidden;"
    "text-overflow:ellipsis}"
    ".redislua-browser .redislua-row button .fa{display:inline-block;width:14px;margin-right:4px;"
    "text-align:center;opacity:.7}"
    ".redislua-browser .redislua-facts-of-row{flex:0 0 auto;margin:0 8px 0 0;font-size:12px;"
    "white-space:nowrap}"
    ".redislua-browser .redislua-facts-of-row .widget-html-content{display:flex;gap:8px;"
    "align-items:center;height:28px;line-height:28px}"
    ".redislua-browser .redislua-size{color:var(--jp-content-font-color2,#777)}"
    ".redislua-browser .redislua-facts-of-row .redislua-type{width:44px;text-align:center}"
    ".redislua-browser .redislua-left{color:var(--jp-warn-color1,#b60)}" + _DEPTHS +
    # the value
    ".redislua-browser h3{margin:0 0 4px;font-size:15px;overflow-wrap:anywhere}"
    ".redislua-browser .redislua-facts{margin:0 0 8px;display:flex;flex-wrap:wrap;gap:4px 14px;"
    "color:var(--jp-content-font-color2,#777);font-size:12px;align-items:center}"
    ".redislua-browser .redislua-text{margin:0;padding:8px;max-height:420px;overflow:auto;"
    "background:var(--jp-layout-color2,#8881);border-radius:4px;font-size:12px;line-height:1.45}"
    ".redislua-browser .redislua-contents{max-height:520px;overflow:auto;font-size:12px}"
    ".redislua-browser .redislua-contents .redislua-table{width:100%}"
    ".redislua-browser .redislua-contents svg{margin:4px 0 8px}"
    ".redislua-browser .redislua-changes{margin-top:6px}"
    ".redislua-browser .redislua-search{flex:0 1 340px}"
    ".redislua-browser .redislua-form{border-top:1px solid var(--jp-border-color2,#8885);"
    "margin-top:8px;padding-top:8px}"
    ".redislua-browser .redislua-said{color:var(--jp-error-color1,#d33)}"
    ".redislua-browser .redislua-hint{color:var(--jp-content-font-color2,#777)}"
    "</style>"
)
