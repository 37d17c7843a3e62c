"""A process that is killed at any moment, also while it begins or compacts; and a full disk."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def start(path: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.recovery.dying", str(path), *more],
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_again_and_again(path: Path, times: int, seed: int) -> None:
    """Kill processes, each of which goes on from what the one before has left."""
    rng = random.Random(seed)
    done = 0
    for _ in range(times):
        process = start(path)
        assert process.stdout is not None
        # Else it dies while it begins.
        lines = [process.stdout.readline()] if rng.random() < 0.7 else []
        time.sleep(rng.random() ** 3 * 0.8)
        process.send_signal(signal.SIGKILL)
        lines += [line for line in process.stdout if line.endswith("\n")]
        process.communicate()
        done = int(lines[-1].split()[0]) if lines else done
    process = start(path)
    assert process.stdout is not None
    one, other, *news = process.stdout.readline().split()
    process.kill()
    process.communicate()
    assert int(one) in (done, done + 1)
    assert one == other
    assert "Later" not in news


def test_it_loses_at_most_the_unit_that_ran(tmp_path: Path) -> None:
    for seed in range(2):
        kill_again_and_again(tmp_path / f"{seed}.redislua", 5, seed)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_it_loses_at_most_the_unit_that_ran_however_often_it_is_killed(tmp_path: Path) -> None:
    for _ in range(40):
        seed = random.randrange(2**32)
        kill_again_and_again(tmp_path / f"{seed}.redislua", 5, seed)


@pytest.mark.parametrize("most", [100, 20_000, 60_000])
def test_a_full_disk_switches_the_journal_off_and_is_told(tmp_path: Path, most: int) -> None:
    path = tmp_path / "kernel.redislua"
    process = start(path, str(most))
    assert process.stdout is not None
    while "The crash journal is off" not in (line := process.stdout.readline()):
        assert line
    assert process.stdout.readline()  # it goes on
    assert not any(tmp_path.iterdir())
    process.kill()
    process.communicate()
