"""Whatever comes from outside is taken, or refused by an error of the package's own.

`make test` feeds each target (see `targets`) with some inputs, the same ones each time, and with
those of its corpus: each of these once went wrong. `make test-long` goes on with others, for
REDISLUA_FUZZ_SECONDS a target, by REDISLUA_SEED; `python -m tests.fuzz` does, too.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz.guard import run
from tests.fuzz.outcome import Order, Outcome
from tests.fuzz.targets import TARGETS


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Feed all targets, in one process as long as it lives; give what came of each."""
    return {outcome.target: outcome for outcome in run(Order([*TARGETS], "redislua"))}


def check(outcome: Outcome) -> None:
    assert outcome.error is None, f"{outcome.error}\n{outcome.given}"


@pytest.mark.timeout(600)  # what hangs is ended by the guard; the machine may be busy
@pytest.mark.parametrize("target", TARGETS)
def test_any_input_is_taken_or_refused(outcomes: dict[str, Outcome], target: str) -> None:
    check(outcomes[target])


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("target", TARGETS)
def test_many_inputs_are_taken_or_refused(target: str, reference_program: Path) -> None:
    seconds = float(os.environ.get("REDISLUA_FUZZ_SECONDS", "120"))
    seed = os.environ.get("REDISLUA_SEED", "long")
    (outcome,) = run(Order([target], seed, seconds, str(reference_program)))
    check(outcome)
