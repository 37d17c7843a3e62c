"""Tests as transcripts: one that cannot be read, or fails, says so by the package's errors."""

from __future__ import annotations

import ast
import random
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from dataclasses import replace
from textwrap import dedent

from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import RedisError
from redislua_kernel.testing import Bench, CheckFailed, NamedTest, Transcript, TranscriptError
from redislua_kernel.testing.export import pytest_file
from redislua_kernel.testing.matching import matches
from redislua_kernel.testing.transcript import Step
from tests.fuzz.mutation import damaged_text
from tests.fuzz.target import Failed, Target
from tests.fuzz.vocabulary import VOCABULARY

_LINES = ("", *VOCABULARY["lines of transcripts"])
_SECONDS = 2.0


class Transcripts(Target):
    count = 100

    def begin(self) -> None:
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
        _check_export(transcript)
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


def _check_export(transcript: Transcript) -> None:
    """See that the test is the same in the file that is written for pytest."""
    module = ast.parse(pytest_file([NamedTest(transcript.text[:30], transcript)], []))
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    (text,) = (ast.literal_eval(call.args[0]) for call in calls if _name_of(call) == "check")
    exported = Transcript.read(dedent(text))
    if [_without_line(step) for step in exported.steps] != [
        _without_line(step) for step in transcript.steps
    ]:
        raise Failed(f"it is exported as {text!r}")


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _without_line(step: Step) -> Step:
    return replace(step, line=0)
