"""Write the README's table of magics from their registry: python -m tests.docs.magics_table"""

import re
from pathlib import Path

from redislua_kernel.magics.families import families
from redislua_kernel.magics.registry import Magic

README = Path(__file__).parents[2] / "README.md"

_TABLE = re.compile(r"(<!-- magics: .*? -->\n).*?(<!-- end of magics -->)", re.DOTALL)


def table() -> str:
    """Give the table in Markdown: how each magic is written, and what it does."""
    rows = ["| magic | what it does |\n", "|---|---|\n"]
    for title, magics in families().items():
        rows.append(f"| **{title}** | |\n")
        rows += [f"| {_forms(magic)} | {magic.summary} |\n" for magic in magics]
    return "".join(rows)


def _forms(magic: Magic) -> str:
    # Markdown ends a cell at a bar, also within code.
    usage = magic.usage.replace("|", "\\|")
    return "<br>".join("`" + f"{form} {usage}".rstrip() + "`" for form in magic.forms)


def with_table(readme: str) -> str:
    """Give the README with the table as it should be."""
    found = _TABLE.search(readme)
    assert found, "the README has lost the place of its table"
    return readme[: found.end(1)] + table() + readme[found.start(2) :]


def main() -> None:
    README.write_text(with_table(README.read_text()))


if __name__ == "__main__":
    main()
