"""A cell's text, read: its magics, its Lua body, and where in the cell that body begins.

    %keys user:1                    line magics, before the body
    %%eval user:1 , 30              at most one cell magic; the rest of the cell is its body
    return redis.call(…)            the body, byte for byte what the engine gets

Line magics stand at the top; blank lines and `--` comments may stand between them. Blank lines
between the last magic and the body belong to neither. A cell without magics is all body. The
words of a magic are quoted as in redis-cli, but the name of a `%%test` is prose, and the commands
for `%%debug` have quotes of their own. A wrapper
(`%%trace`) stands above whatever heads the cell, a cell magic or nothing: it runs the rest as that
would run alone, and watches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from redislua_kernel.engine.words import split_words as split
from redislua_kernel.errors import RedisError

__all__ = [
    "WRAPPERS",
    "Cell",
    "Kind",
    "MagicLine",
    "UsageError",
    "encode",
    "keys_and_args",
    "library_name",
    "parse",
    "split_words",
]


#: The cell magics that run the rest of the cell as it would run without them, and watch it.
WRAPPERS = frozenset({"compare", "debug", "diff", "lint", "profile", "stats", "trace"})


#: The magics that get all that follows as it is: in prose a quote is an apostrophe, and the
#: debugger's commands have Lua in them. Only blanks part their words.
_VERBATIM = frozenset({"debug", "test", "tests"})
_BLANK = re.compile(rb"\s")


class UsageError(RedisError):
    """A cell or a magic that cannot be read; `line` is the cell's line, counted from 0."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Kind(Enum):
    """What the body of a cell is."""

    SCRIPT = "script"
    LIBRARY = "library"
    COMMANDS = "commands"
    #: Whatever the cell magic makes of it.
    MAGIC = "magic"
    #: There is no body.
    NONE = "none"


class MagicLine(NamedTuple):
    """One magic as it stands in the cell: its words, and its line counted from 0."""

    words: tuple[bytes, ...]
    line: int
    text: str

    @property
    def name(self) -> str:
        """The first word, without `%`; empty if there is none."""
        return self.words[0].decode("utf-8", "replace") if self.words else ""


class Cell(NamedTuple):
    """A cell, read. The body's line n, counted from 1, is the cell's line `offset + n`."""

    text: str
    magics: tuple[MagicLine, ...]
    #: The outermost first.
    wrappers: tuple[MagicLine, ...]
    head: MagicLine | None
    kind: Kind
    body: bytes
    offset: int

    @property
    def watched(self) -> tuple[MagicLine, ...]:
        """The line magics below a wrapper, which watches them too."""
        return tuple(
            each for each in self.magics if self.wrappers and each.line > self.wrappers[0].line
        )

    def line(self, number: int) -> str | None:
        """Give a line of the cell, counted from 1; None if it has no such line."""
        lines = self.text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else None


_KIND_OF_HEAD = {"eval": Kind.SCRIPT, "eval_ro": Kind.SCRIPT, "redis": Kind.COMMANDS}
_SHEBANG_NAME = re.compile(rb"#!lua[ \t][^\n]*?\bname=([^\s]*)")


def parse(text: str) -> Cell:
    """Read a cell. Raises UsageError, with the line, for a magic whose quotes do not close."""
    lines = text.split("\n")
    magics, wrappers, head, start = _read_top(lines)
    if start:
        while start < len(lines) and not lines[start].strip():
            start += 1
    body_text = "\n".join(lines[start:])
    body = encode(body_text)
    if head is not None:
        kind = _KIND_OF_HEAD.get(head.name, Kind.MAGIC)
    elif not body_text.strip():
        kind = Kind.NONE
    else:
        kind = Kind.SCRIPT if library_name(body) is None else Kind.LIBRARY
    return Cell(text, magics, wrappers, head, kind, body, start)


def library_name(body: bytes) -> bytes | None:
    """Give the name that a library's shebang states; None if the body is no library."""
    found = _SHEBANG_NAME.match(body)
    return found and found[1]


def keys_and_args(words: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Split words at the first lone comma, as redis-cli's --eval does."""
    words = list(words)
    if b"," not in words:
        return words, []
    comma = words.index(b",")
    return words[:comma], words[comma + 1 :]


def encode(text: str) -> bytes:
    """Give text as UTF-8; half a surrogate pair, which no UTF-8 has, does not fail."""
    return text.encode("utf-8", "surrogatepass")


def split_words(text: str, line: int | None = None) -> list[bytes]:
    """Split a line into words, quoted as in redis-cli.

    Raises UsageError for a quote that does not close, or closes in the middle of a word.
    """
    found = split(encode(text))
    if found is None:
        raise UsageError("unbalanced quotes", line)
    return found


def _read_top(
    lines: list[str],
) -> tuple[tuple[MagicLine, ...], tuple[MagicLine, ...], MagicLine | None, int]:
    """Read the magics at the top: give line magics, wrappers, the cell magic, the line after."""
    magics: list[MagicLine] = []
    wrappers: list[MagicLine] = []
    start = 0
    for number, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith("%%"):
            magic = _read_magic(stripped[2:], number, line)
            if magic.name not in WRAPPERS:
                return tuple(magics), tuple(wrappers), magic, number + 1
            wrappers.append(magic)
            start = number + 1
        elif stripped.startswith("%"):
            magics.append(_read_magic(stripped[1:], number, line))
            start = number + 1
        elif stripped and not _is_comment(stripped):
            break
    return tuple(magics), tuple(wrappers), None, start


def _read_magic(text: str, number: int, line: str) -> MagicLine:
    words = _BLANK.split(encode(text))
    if words[0].decode("utf-8", "replace") not in _VERBATIM:
        words = split_words(text, number)
    if not words or text[0].isspace():
        raise UsageError("a magic's name must follow the %", number)
    return MagicLine(tuple(words), number, line)


def _is_comment(line: str) -> bool:
    return line.startswith("--") and not re.match(r"--\[=*\[", line)
