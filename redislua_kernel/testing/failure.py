"""What a test says that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from redislua_kernel.errors import RedisError

__all__ = ["CheckFailed", "SeveralFailed"]

_INDENT = " " * 4


class CheckFailed(RedisError, AssertionError):
    """A check that failed: where, what ran, what was expected and what came.

    `line` is the transcript's, counted from 1. With a hint, what was expected is not said:
    the hint is to lead there.
    """

    def __init__(
        self, line: int, text: str, expected: Sequence[str], got: Sequence[str], hint: str = ""
    ) -> None:
        said = (
            f"got {_joined(got)}" if hint else f"expected {_joined(expected)}, got {_joined(got)}"
        )
        super().__init__(f"{text}: {said}" + (f" ({hint})" if hint else ""))
        #: The name of the test, where it has one.
        self.test = ""
        self.line = line
        self.text = text
        self.expected = tuple(expected)
        self.got = tuple(got)
        self.hint = hint
        self.add_note("\n".join(self.explain()))

    def __str__(self) -> str:
        return f"{self.test}: {super().__str__()}" if self.test else super().__str__()

    def explain(self, offset: int = 0) -> list[str]:
        """Give the lines that explain it; `offset` lines stand above the transcript."""
        lines = [f"line {self.line + offset} | {self.text}"]
        if not self.hint:
            lines += _block("expected", self.expected)
        lines += _block("got", self.got)
        return [*lines, f"hint: {self.hint}"] if self.hint else lines


class SeveralFailed(RedisError):
    """Tests that failed when several ran: the lines that explain each, by its name."""

    def __init__(self, count: int, failures: Mapping[str, Sequence[str]]) -> None:
        super().__init__(f"{len(failures)} of {count} tests failed: {', '.join(failures)}")
        self.failures = failures

    def explain(self) -> list[str]:
        """Give the lines that explain all of them, each test's apart from the next."""
        explained = [
            line
            for name, lines in self.failures.items()
            for line in ("", name, *(f"  {each}" for each in lines))
        ]
        return explained[1:]


def _block(title: str, lines: Sequence[str]) -> list[str]:
    return [f"{title}:", *(_INDENT + line for line in lines or ("(nothing)",))]


def _joined(lines: Sequence[str]) -> str:
    return " / ".join(line.strip() for line in lines) or "nothing"
