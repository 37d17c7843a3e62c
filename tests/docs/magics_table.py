"""Write the list of magics from their registry: python -m tests.docs.magics_table"""

from pathlib import Path

from redislua_kernel.magics.families import families
from redislua_kernel.magics.registry import Magic

MAGICS_PAGE = Path(__file__).parents[2] / "docs" / "magics.md"

_HEAD = """# Magics

Words in [brackets] may be left out, and ... stands for any number of further ones. A magic with
one `%` stands on a line of its own, above the Lua; one with `%%` heads a cell, whose rest is its
body. Of those that watch a cell (`%%trace`, `%%diff`), the form with one `%` looks at what ran
last. `%help config` explains a magic in a notebook. This page is made by
`python -m tests.docs.magics_table`.
"""


def magics_page() -> str:
    """Give the page in Markdown: for each family how its magics are written, and what they do."""
    parts = [_HEAD]
    for title, magics in families().items():
        rows = "".join(f"| {_forms(magic)} | {magic.summary} |\n" for magic in magics)
        parts.append(f"\n## {title}\n\n| magic | what it does |\n|---|---|\n{rows}")
    return "".join(parts)


def _forms(magic: Magic) -> str:
    # Markdown ends a cell at a bar, also within code.
    usage = magic.usage.replace("|", "\\|")
    return "<br>".join("`" + f"{form} {usage}".rstrip() + "`" for form in magic.forms)


def main() -> None:
    MAGICS_PAGE.write_text(magics_page())


if __name__ == "__main__":
    main()
