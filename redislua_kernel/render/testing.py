"""Outcomes of tests as text and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from redislua_kernel.quantities import count_of
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = ["Outcome", "outcomes_bundle"]


@dataclass(frozen=True)
class Outcome:
    """What running a test gave; `failure` is empty if it passed."""

    name: str
    checks: int
    failure: str = ""

    @property
    def said(self) -> str:
        """What there is to say about it."""
        unchecked = "" if self.checks else ": below a command stands the reply that it must give"
        return self.failure or count_of(self.checks, "check") + unchecked


def outcomes_bundle(outcomes: Sequence[Outcome]) -> Bundle:
    """Give one line for each test, and their count if they are several."""
    width = max(len(each.name) for each in outcomes)
    lines = [
        f"{'failed' if each.failure else 'passed'}  {each.name:{width}}  {each.said}"
        for each in outcomes
    ]
    count, failed = len(outcomes), sum(bool(each.failure) for each in outcomes)
    if count > 1:
        lines.append(f"{count} tests: {count - failed} passed, {failed} failed")
    rows = [[_mark(each), escape(each.name), escape(each.said)] for each in outcomes]
    title = f"<div>{lines[-1]}</div>" if count > 1 else ""
    html = page(title + table(("", "test", ""), rows))
    return {"text/plain": "\n".join(lines), "text/html": html}


def _mark(outcome: Outcome) -> str:
    if outcome.failure:
        return '<b class="error">✗ failed</b>'
    return '<b style="color:var(--jp-success-color1,#2a7)">✓ passed</b>'
