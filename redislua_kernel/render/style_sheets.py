"""Style sheets, as they go out with each piece of HTML: without what only their readers need."""

from __future__ import annotations

import re
from importlib import resources

__all__ = ["style_sheet"]


def style_sheet(folder: str, name: str) -> str:
    """Give a style sheet that lies in a package's folder as an element."""
    text = (resources.files(folder) / f"{name}.css").read_text()
    text = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
    text = re.sub(r" ?([{};,]) ?", r"\1", text).replace(": ", ":").replace(";}", "}")
    return f"<style>{text.strip()}</style>"
