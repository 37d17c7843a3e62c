"""Tests of scripts, functions and data: what `%%test` and the pytest fixture share.

A test is a transcript: commands, and the replies that redis-cli would print (see `transcript`).
It runs on a `Bench`: an engine whose clock stands still until the test moves it.
"""

from __future__ import annotations

from redislua_kernel.testing.bench import Bench
from redislua_kernel.testing.failure import CheckFailed, SeveralFailed
from redislua_kernel.testing.transcript import NamedTest, Transcript, TranscriptError

__all__ = ["Bench", "CheckFailed", "NamedTest", "SeveralFailed", "Transcript", "TranscriptError"]
