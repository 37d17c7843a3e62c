"""Commands that took long: SLOWLOG and LATENCY are told of them.

One threshold stands for both, so that a command that was quick is compared with one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from redislua_kernel.engine.latency.monitor import LatencyMonitor
from redislua_kernel.engine.latency.slowlog import Slowlog
from redislua_kernel.engine.registry import check_call
from redislua_kernel.errors import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.client import Client

__all__ = ["SlowCalls"]


class SlowCalls:
    """Hands the calls that took long on to whom they concern."""

    def __init__(self, slowlog: Slowlog, latency: LatencyMonitor) -> None:
        self._slowlog = slowlog
        self._latency = latency
        self.configure()

    def configure(self) -> None:
        """Read the settings again."""
        self._slowlog.configure()
        self._latency.configure()
        #: What takes as long as this, in seconds, is to be noted here.
        self.threshold = min(self._slowlog.threshold, self._latency.threshold)

    def note(self, client: Client, words: Sequence[bytes], seconds: float) -> None:
        """Note a command, unless it did not even begin."""
        try:
            command = client.engine.commands.find(words)
            check_call(command, words)
        except ResponseError:
            return
        if seconds >= self._slowlog.threshold and "skip_slowlog" not in command.flags:
            self._slowlog.note(client, command, words, seconds)
        self._latency.note(b"fast-command" if "fast" in command.flags else b"command", seconds)
