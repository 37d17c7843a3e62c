"""Runs targets in a process of its own, so that not even a crash goes unseen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.outcome import Order, Outcome

__all__ = ["run"]

_ROOT = Path(__file__).parents[2]


def run(order: Order) -> Iterator[Outcome]:
    """Feed targets; an input that kills the process, or hangs, has gone wrong."""
    with TemporaryDirectory(prefix="fuzz-") as directory:
        scratch, errors = Path(directory, "input"), Path(directory, "errors")
        left = list(order.targets)
        while left:
            for outcome in _run(replace(order, targets=left), scratch, errors):
                left.remove(outcome.target)
                yield outcome


def _run(order: Order, scratch: Path, errors: Path) -> Iterator[Outcome]:
    """Feed targets in one process, up to the one that ends it."""
    with errors.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.child", json.dumps(asdict(order)), str(scratch)],
            env={**os.environ, "PYTHONPATH": _python_path()},
            stdin=subprocess.PIPE,  # its end tells the process that we are gone
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    done = 0
    try:
        assert process.stdout is not None
        for line in process.stdout:
            yield Outcome(**json.loads(line))
            done += 1
        process.wait()
    finally:
        with suppress(ProcessLookupError):  # and with it the reference it has started
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    if process.returncode:
        number, _, given = (
            scratch.read_text().partition("\n") if scratch.exists() else ("0", "", "")
        )
        ending = "hung, or ended the process" if process.returncode > 0 else "killed the process"
        error = f"it {ending} ({process.returncode}):\n{errors.read_text(errors='replace')}"
        yield Outcome(order.targets[done], int(number), given=given, error=error)


def _python_path() -> str:
    return os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
