"""The calls of redis.call of the script that runs, or ran last."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from redislua_kernel.reply import Reply

__all__ = ["Call", "CallLog"]

#: So many of a script's last calls are kept.
_MOST_CALLS = 100


class Call:
    """A call of a command by the script, and what came of it so far."""

    def __init__(self, words: Sequence[bytes]) -> None:
        self.words = words
        self.reply: Reply = None
        self.has_ended = False


class CallLog:
    """The last calls of one script."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_MOST_CALLS)

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def clear(self) -> None:
        """Forget all: another script begins."""
        self._calls.clear()

    def begin(self, words: Sequence[bytes]) -> None:
        """Keep a call."""
        self._calls.append(Call(words))

    def end(self, reply: Reply) -> None:
        """Keep what came of the last call."""
        if self._calls:
            self._calls[-1].reply = reply
            self._calls[-1].has_ended = True
