"""What was probably meant by a name that an error says there is not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from redislua_kernel.cells import UsageError, encode, split_words
from redislua_kernel.engine.registry import COMMANDS
from redislua_kernel.errors import RedisError
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.language.alike import command_alike, name_alike

__all__ = ["function_called", "name_meant"]

_COMMAND = re.compile(r"ERR unknown command '([^']+)'")
_SUBCOMMAND = re.compile(r"ERR unknown subcommand '([^']+)'\. Try (\S+) HELP")


def name_meant(message: str, run: CellRun) -> str:
    """Give the name of what there is that was probably meant; nothing if there is none alike."""
    command = _COMMAND.match(message)
    if command is not None:
        return command_alike(command[1])
    subcommand = _SUBCOMMAND.match(message)
    if subcommand is not None and encode(subcommand[2]) in COMMANDS:
        known = COMMANDS[encode(subcommand[2])].subcommands
        return name_alike(subcommand[1].upper(), _texts(known))
    words = words_called(run.cell.line(run.line) or "")
    try:
        if message == "ERR Function not found" and len(words) > 1:
            return _alike(words[1], run.session.libraries.function_names())
        if message == "ERR Library not found" and words:
            return _alike(words[-1], run.session.libraries.names())
    except RedisError:  # the server tells no names
        pass
    return ""


def function_called(line: str) -> bytes | None:
    """Give the function that a line calls, by `%fcall` or by the command FCALL."""
    words = words_called(line)
    name = words[0].lower() if len(words) > 1 else b""
    return words[1] if name in (b"fcall", b"fcall_ro") else None


def words_called(line: str) -> list[bytes]:
    """Give the words of the command that a line runs by itself, or by a magic like it."""
    try:
        words = split_words(line.lstrip("> %"))
    except UsageError:
        return []
    return words[1:] if words[:1] == [b"redis"] else words


def _alike(name: bytes, known: Iterable[bytes]) -> str:
    return name_alike(name.decode("utf-8", "replace"), _texts(known))


def _texts(names: Iterable[bytes]) -> list[str]:
    return [name.decode("utf-8", "replace") for name in names]
