"""How far a long piece of work is, as text and HTML."""

from __future__ import annotations

from html import escape

from redislua_kernel.render.html import page
from redislua_kernel.render.outputs import Bundle

__all__ = ["progress_bundle", "progress_text", "result_bundle"]


def progress_text(what: str, stage: str, part: float) -> str:
    """Tell in a line how far it is; `part` of the stage is done, from 0 to 1."""
    return f"{what}: {stage}, {part:.0%}" if stage else what


def progress_bundle(what: str, stage: str, part: float) -> Bundle:
    """Draw a bar with the same said beside it."""
    text = progress_text(what, stage, part)
    bar = f'<progress aria-label="{escape(what)}" max="100" value="{part * 100:.0f}"></progress>'
    return {"text/plain": text, "text/html": page(f"<div>{bar} {escape(text)}</div>")}


def result_bundle(text: str) -> Bundle:
    """Say what came of it, in the place of the bar."""
    return {"text/plain": text, "text/html": page(f'<div class="more">{escape(text)}</div>')}
