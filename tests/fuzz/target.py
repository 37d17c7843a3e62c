"""What can be fed with inputs: it writes them, and tells whether it took one as it should."""

from __future__ import annotations

import logging
import random
import resource
import sys
import traceback
from abc import ABC, abstractmethod
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.resp_client import RespClient
from tests.servers import run_redis

__all__ = ["Failed", "Input", "Target"]

#: What a target is fed with: text, bytes, or several of them. Its `repr` is a literal.
Input = Any

#: How much more memory one input may take, in bytes.
_MOST_MEMORY = 700 << 20


class Failed(Exception):
    """An input was not taken as it should be."""


class Target(ABC):
    """One reader of foreign input.

    `check` raises whatever is wrong: an exception that is none of the package's own, or `Failed`.
    With the program of the reference, a target that can also compares with that.
    """

    #: How many inputs the short run takes.
    count = 300
    #: How long one input may take, in seconds, on a machine that others use too.
    patience = 60

    def __init__(self, reference: Path | None = None) -> None:
        self._reference = reference
        self._stack = ExitStack()
        self._client: RespClient | None = None
        self._highest = _memory()
        self._faults = _Faults()
        logging.getLogger("redislua_kernel").addHandler(self._faults)
        self.begin()

    def begin(self) -> None:  # noqa: B027  # most need nothing
        """Make what there must be before the first input."""

    @abstractmethod
    def write(self, rng: random.Random) -> Input:
        """Write an input; the same random numbers write the same one."""

    @abstractmethod
    def take(self, given: Input) -> None:
        """Take an input; raise what is wrong."""

    def check(self, given: Input) -> None:
        """Take an input; raise what is wrong, also a fault that was only logged, or much memory."""
        self.take(given)
        faults = self._faults.take()
        if faults:
            raise Failed(faults[0])
        highest = _memory()
        taken, self._highest = highest - self._highest, highest
        if taken > _MOST_MEMORY:
            raise Failed(f"it took {taken >> 20} MB")

    def close(self) -> None:
        """End what was started."""
        logging.getLogger("redislua_kernel").removeHandler(self._faults)
        self._stack.close()

    @property
    def reference(self) -> RespClient | None:
        """A client of the reference; None: there is none."""
        if self._client is None and self._reference is not None:
            server = self._stack.enter_context(run_redis(self._reference))
            self._client = RespClient(server.host, server.port)
            self.prepare(self._client)
        return self._client

    def prepare(self, client: RespClient) -> None:
        """Make the reference ready."""
        client.command("FLUSHALL")

    def reference_died(self) -> None:
        """Begin anew with a reference that an input has crashed."""
        print("the reference has crashed", file=sys.stderr)
        self._stack.close()
        self._client = None


class _Faults(logging.Handler):
    """Takes what the package logs as its own fault, such as a command that failed unexpectedly."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        about = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
        self._texts.append(f"{record.getMessage()}\n{about}")

    def take(self) -> list[str]:
        """Give what has come since the last time."""
        texts, self._texts = self._texts, []
        return texts


def _memory() -> int:
    """The most memory that this process has taken so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
