"""What the HELP subcommands reply: a text a container, beside this file."""

from __future__ import annotations

from importlib import resources

from redislua_kernel.reply import Status

__all__ = ["help_reply"]

_TEXTS = resources.files("redislua_kernel.engine.introspection.help")


def help_reply(container: str, file: str = "") -> list[Status]:
    """Give a container's HELP reply: a heading, the lines of its file, and HELP's own."""
    lines = (_TEXTS / f"{file or container.lower()}.txt").read_text().splitlines()
    heading = f"{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"
    return [Status(line.encode()) for line in (heading, *lines, "HELP", "    Print this help.")]
