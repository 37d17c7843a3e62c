r"""A test as a transcript: what is run, and below it what redis-cli would print.

    # Bob may not release Ann's lock.
    > SET lock:a ann
    > FCALL release 1 lock:a bob
    (integer) 0
    ? Compare the token before you delete the key.
    > @advance 10s
    = redis.call('TTL', 'lock:a') == -1

- `> command` runs a command, quoted as in redis-cli; a number before it repeats it. The lines
  below are its reply. Without such lines any reply will do that is no error.
- `...` stands for any text within a line, and alone on a line for any lines.
- `= expression` is Lua that must be true.
- `? text`, below a check, is what its failure says instead of what was expected.
- `# text` is a comment.
- `> @advance 10s` lets time pass, which otherwise stands still; `> @time 1700000000` sets it, in
  seconds since the epoch; `> @seed 7` begins another course of random numbers; `> @effects` gives
  what the last command would replicate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from redislua_kernel.engine.words import split_words
from redislua_kernel.errors import RedisError
from redislua_kernel.testing.failure import CheckFailed

__all__ = ["Kind", "NamedTest", "Step", "Transcript", "TranscriptError"]

_COUNTED = re.compile(r"(\d+)\s+(\S.*)")
#: What may follow `> @`, and how many words after it.
_DIRECTIVES = {b"@advance": 1, b"@time": 1, b"@seed": 1, b"@effects": 0}


class TranscriptError(RedisError):
    """A transcript that cannot be read; `line` is counted from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Kind(Enum):
    """What a step is."""

    COMMAND = ">"
    DIRECTIVE = "@"
    EXPRESSION = "="


@dataclass(frozen=True)
class Step:
    """One line that does something, and what is expected of it."""

    kind: Kind
    #: The line, counted from 1, and its text without the mark.
    line: int
    text: str
    words: tuple[bytes, ...] = ()
    count: int = 1
    expected: tuple[str, ...] = ()
    hint: str = ""

    @property
    def is_check(self) -> bool:
        """Tell whether anything is expected of it but to succeed."""
        return bool(self.expected) or self.kind is Kind.EXPRESSION

    def failure(self, expected: Sequence[str], got: Sequence[str]) -> CheckFailed:
        """Give the error that says it failed."""
        mark = "=" if self.kind is Kind.EXPRESSION else ">"
        return CheckFailed(self.line, f"{mark} {self.text}", expected, got, self.hint)


@dataclass(frozen=True)
class Transcript:
    """A test, read."""

    text: str
    steps: tuple[Step, ...]

    @classmethod
    def read(cls, text: str) -> Transcript:
        """Read a transcript; raises TranscriptError."""
        return cls(text, tuple(_steps(text)))

    @property
    def checks(self) -> int:
        """How many checks it has."""
        return sum(step.is_check for step in self.steps)


@dataclass(frozen=True)
class NamedTest:
    """A test with its name, and how many lines of its cell or file stand above it."""

    name: str
    transcript: Transcript
    offset: int = 0


def _steps(text: str) -> Iterator[Step]:
    step: Step | None = None
    for number, line in enumerate(text.split("\n"), 1):
        mark, rest = line[:1], line[1:].strip()
        if not line.strip() or mark == "#":
            continue
        if mark in (">", "="):
            if step is not None:
                yield step
            step = _begin(mark, number, rest)
        elif step is None:
            raise TranscriptError(number, "a reply without a command: begin with > and a command")
        elif mark == "?":
            step = replace(step, hint=f"{step.hint} {rest}".lstrip())
        elif step.kind is Kind.EXPRESSION:
            raise TranscriptError(number, "an expression has no reply: it must be true")
        else:
            step = replace(step, expected=(*step.expected, line))
    if step is not None:
        yield step


def _begin(mark: str, number: int, text: str) -> Step:
    if not text:
        raise TranscriptError(number, f"nothing follows the {mark}")
    if mark == "=":
        return Step(Kind.EXPRESSION, number, text)
    counted = _COUNTED.fullmatch(text)
    count, command = (int(counted[1]), counted[2]) if counted else (1, text)
    words = split_words(command.encode("utf-8", "surrogatepass"))
    if words is None:
        raise TranscriptError(number, "unbalanced quotes")
    if not words:  # a zero byte alone, where the reference sees the end
        raise TranscriptError(number, f"nothing follows the {mark}")
    if not words[0].startswith(b"@"):
        return Step(Kind.COMMAND, number, text, tuple(words), count)
    name = words[0].lower()
    if _DIRECTIVES.get(name) != len(words) - 1:
        known = "@advance 10s, @time 1700000000, @seed 7, @effects"
        raise TranscriptError(number, f"{command} is none of {known}")
    return Step(Kind.DIRECTIVE, number, text, (name, *words[1:]), count)
