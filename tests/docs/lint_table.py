"""Write the list of lint's rules from their registry: python -m tests.docs.lint_table"""

from pathlib import Path

from redislua_kernel.language.lint import RULES, Level
from redislua_kernel.language.lint.losses import LOSSES

LINT_PAGE = Path(__file__).parents[2] / "docs" / "lint.md"

_HEAD = """# What lint finds

`%%lint` and `%lint` look for these; warnings also come by themselves when a cell first runs. Rules
that are marked *strict* speak under `%config lint strict` alone. `-- lint: ignore nil-reply`
silences a rule on its line, or from the line above; without a name, all rules. This page is made
by `python -m tests.docs.lint_table`.
"""

_LEVELS = {Level.WARNING: "warning", Level.HINT: "hint", Level.STRICT: "strict"}


def rules_page() -> str:
    """Give the page in Markdown: the rules by level, and what is seen in replies alone."""
    rules = sorted(RULES.values(), key=lambda rule: (rule.level, rule.name))
    rows = "".join(f"| {each.name} | {_LEVELS[each.level]} | {each.summary} |\n" for each in rules)
    lost = "".join(f"| {name} | {text} |\n" for name, text in sorted(LOSSES.items()))
    return (
        f"{_HEAD}\n| rule | level | what it finds |\n|---|---|---|\n{rows}\n"
        "## In the very reply\n\nWhen a cell runs, its replies are looked at, too:\n\n"
        f"| rule | what was lost |\n|---|---|\n{lost}"
    )


def main() -> None:
    LINT_PAGE.write_text(rules_page())


if __name__ == "__main__":
    main()
