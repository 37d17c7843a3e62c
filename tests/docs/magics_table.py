"""Write the README's table of magics from their registry: python -m tests.docs.magics_table"""

import re
from pathlib import Path

from redislua_kernel.magics import MAGICS

README = Path(__file__).parents[2] / "README.md"

_TABLE = re.compile(r"(<!-- magics: .*? -->\n).*?(<!-- end of magics -->)", re.DOTALL)


def table() -> str:
    """Give the table in Markdown: how each magic is written, and what it does."""
    rows = [
        f"| {'<br>'.join(f'`{form} {magic.usage}'.rstrip() + '`' for form in magic.forms)} "
        f"| {magic.summary} |\n"
        for magic in MAGICS.values()
    ]
    return "".join(["| magic | what it does |\n", "|---|---|\n", *rows])


def with_table(readme: str) -> str:
    """Give the README with the table as it should be."""
    found = _TABLE.search(readme)
    assert found, "the README has lost the place of its table"
    return readme[: found.end(1)] + table() + readme[found.start(2) :]


def main() -> None:
    README.write_text(with_table(README.read_text()))


if __name__ == "__main__":
    main()
