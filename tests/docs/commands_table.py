"""Write the list of commands from their registry: python -m tests.docs.commands_table"""

from collections.abc import Iterator
from pathlib import Path

from redislua_kernel.engine import Engine
from redislua_kernel.engine.registry import COMMANDS, Command
from redislua_kernel.language.documentation import command_usage

COMMANDS_PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

_HEAD = """# Commands

What the embedded engine runs, from cells, from scripts and over RESP. In the middle column, *no*
marks what scripts may not call, *reads* what a read-only script may call too, and *writes* what it
may not. `%help set` explains a command in a notebook. This page is made by
`python -m tests.docs.commands_table`.
"""


def page() -> str:
    """Give the page in Markdown: a table for each group of commands."""
    Engine()  # registers them
    parts = [_HEAD]
    groups = sorted({command.group for command in _commands()})
    for group in groups:
        rows = "".join(map(_row, (each for each in _commands() if each.group == group)))
        title = group.replace("-", " ").capitalize()
        parts.append(
            f"\n## {title}\n\n| command | in scripts | what it does |\n|---|---|---|\n{rows}"
        )
    return "".join(parts)


def _commands() -> Iterator[Command]:
    """Give all commands, and after a container its subcommands, by name."""
    for _, command in sorted(COMMANDS.items()):
        if command.is_runnable:
            yield command
        for _, subcommand in sorted(command.subcommands.items()):
            yield subcommand


def _row(command: Command) -> str:
    usage = command_usage(command).replace("|", "\\|")
    summary = command.summary.replace("|", "\\|")
    return f"| `{usage}` | {_in_scripts(command)} | {summary} |\n"


def _in_scripts(command: Command) -> str:
    if "noscript" in command.flags:
        return "no"
    if "readonly" in command.flags:
        return "reads"
    return "writes" if command.is_write else "yes"


def main() -> None:
    COMMANDS_PAGE.parent.mkdir(exist_ok=True)
    COMMANDS_PAGE.write_text(page())


if __name__ == "__main__":
    main()
