"""Tests as transcripts: one that cannot be read, or fails, says so by the package's errors."""

from __future__ import annotations

import random
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress

from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import RedisError
from redislua_kernel.testing import Bench, CheckFailed, Transcript, TranscriptError
from redislua_kernel.testing.matching import matches
from tests.fuzz.mutation import damaged_text
from tests.fuzz.target import Failed, Target
from tests.fuzz.vocabulary import VOCABULARY

_LINES = ("", *VOCABULARY["lines of transcripts"])
_SECONDS = 2.0


class Transcripts(Target):
    count = 100

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._bench = Bench()
        self._worker = Worker(self._bench.engine)

    def write(self, rng: random.Random) -> str:
        text = "\n".join(rng.choices(_LINES, k=rng.randint(1, 9)))
        return damaged_text(text, rng) if rng.random() < 0.7 else text

    def take(self, given: str) -> None:
        try:
            transcript = Transcript.read(given)
        except TranscriptError as error:
            if not 1 <= error.line <= given.count("\n") + 1:
                raise Failed(f"it complains about line {error.line}") from None
            return
        for step in transcript.steps:
            matches(step.expected, [step.text, *step.expected])
        bench = Bench()
        worker = Worker(bench.engine)
        future = worker.submit(lambda: bench.check(transcript))
        try:
            future.result(_SECONDS)
        except TooLate:
            worker.interrupt()
            with suppress(RedisError):
                future.result(self.patience / 2)
        except CheckFailed as error:
            "\n".join(error.explain(0))
        except RedisError:
            pass
        finally:
            worker.submit(bench.close)
            worker.close()
