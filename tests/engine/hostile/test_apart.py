"""Hostile scripts in a process of their own with little memory: it must not die of any of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest

from tests.engine.hostile.child import COLLECTIONS, PROCESS
from tests.engine.hostile.libraries import LIBRARIES
from tests.engine.hostile.scripts import BOMBS
from tests.engine.hostile.stops import STOPS

#: Of each kind some that are quick.
_SHORT = {
    "bombs": [
        "long strings 1", "long strings 4", "long strings 19", "many things 1", "many things 19",
        "library calls 1", "commands 10", "commands 28", "giant replies 5", "giant replies 9",
        "giant replies 16", "patterns of many parts 1", "patterns of many parts 7",
        "depth 1", "many of one 6", "to the brim 9",
    ],
    "ending": ["patterns 1", "replies 8"],
    "endless": ["outputs 2", "single calls 1"],
    "libraries": [
        "endless memory", "endless text", "a pattern of many parts", "one description for all",
        "many times many flags", "a long flag", "escapes", "libraries that hold much",
        "more packed than there can be", "a table grows", "texts are kept",
    ],
    "stops": [
        "tables that hold themselves", "keys that hold themselves", "an endless table",
        "a script that takes all",
    ],
}  # fmt: skip


def outcomes(names: Iterable[tuple[str, str]]) -> dict[str, dict[str, Any] | int]:
    """Run scripts of collections; give how each ended, or the exit code of its process."""
    ended: dict[str, dict[str, Any] | int] = {}
    child = _start()
    for collection, name in names:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps([collection, name]) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
        if line:
            ended[name] = json.loads(line)
        else:
            ended[name] = child.wait()
            child.stdout.close()
            child = _start()
    child.communicate()
    return ended


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.hostile.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def assert_survived(ended: dict[str, dict[str, Any] | int]) -> None:
    bad = {
        name: each
        for name, each in ended.items()
        if isinstance(each, int)
        or not each["intact"]
        or each["alive"] != "2"
        or "internal error" in each["how"]
    }
    assert not bad
    peaks = [each["peak"] for each in ended.values() if not isinstance(each, int)]
    assert max(peaks) < 3 * PROCESS  # a busy machine looks late


def test_there_are_many_bombs() -> None:
    assert len(BOMBS) + len(LIBRARIES) + len(STOPS) >= 290


def test_some_of_them_leave_process_and_data_alone() -> None:
    assert_survived(outcomes((kind, name) for kind in _SHORT for name in _SHORT[kind]))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_all_of_them_leave_process_and_data_alone(collection: str) -> None:
    assert_survived(outcomes((collection, name) for name in COLLECTIONS[collection]))
