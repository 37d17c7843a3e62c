"""A kernel that dies: what it had after its last whole cell comes back, by itself or when asked."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.notebook import Notebook

LIBRARY = "#!lua name=lib\nredis.register_function('f', function() return 'from f' end)"
BACK = "The kernel had died. What it had after its last whole cell is back: "


@pytest.fixture
def mortal(kernelspec: str) -> Iterator[Notebook]:
    """A kernel of its own, for those who kill it."""
    with Notebook.start(kernelspec) as notebook:
        yield notebook


def journal_of(notebook: Notebook) -> Path:
    return Path(notebook.manager.connection_file).with_suffix(".redislua")


def die(notebook: Notebook) -> None:
    os.kill(notebook.manager.provisioner.pid, signal.SIGKILL)  # type: ignore[union-attr]


def start_again(notebook: Notebook) -> float:
    """Start the kernel anew on its connection file, as Lab does; give how long it took."""
    began = time.monotonic()
    notebook.manager.restart_kernel(now=True)
    notebook.client.wait_for_ready(timeout=60)
    return time.monotonic() - began


def test_what_it_had_comes_back_by_itself(mortal: Notebook) -> None:
    run = mortal.run
    run("%%redis\nSET k v EX 1000\nHSET h f 1\nZADD z 1 a\nXADD x 1-1 f v\nSELECT 2\nSET other 1")
    run(LIBRARY)
    run("%keys one\n%args two\n%config rows 7\n%redis CONFIG SET maxmemory 100mb")
    run("%%script load\nreturn 'cached'")
    run("return redis.call('INCR', 'n')")
    ready = "redis.log(redis.LOG_NOTICE, 'ready')"
    request = mortal.begin(f"redis.call('SET', 'lost', 1) {ready} while true do end")
    mortal.wait_for_stream(request, "ready\n")
    die(mortal)
    start_again(mortal)
    first = run("redis.call('INCR', 'n')")
    assert first.stream("stderr") == f"{BACK}6 keys, 1 library.\n"
    assert first.result == "(integer) 2"
    assert run("%redis EXISTS lost").result == "(integer) 0"
    assert run("%redis GET other").result == '"1"'
    assert run("%redis SELECT 0").result == "OK"
    assert 900 < int((run("%redis TTL k").result or "").removeprefix("(integer) ")) <= 1000
    assert run("%fcall f").result == '"from f"'
    assert run("return {KEYS[1], ARGV[1]}").result == '1) "one"\n2) "two"'
    assert run("%config rows").stream() == "rows 7\n"
    assert run("%redis CONFIG GET maxmemory").result == '1) "maxmemory"\n2) "104857600"'
    assert run("%redis EVALSHA 952f49ffc8f7b098d8ab5da45d3164ca36ed18b1 0").result == '"cached"'


def test_it_waits_for_recover_if_that_was_set(mortal: Notebook) -> None:
    mortal.run("%config recover manual\n%redis SET k v")
    die(mortal)
    start_again(mortal)
    first = mortal.run("%redis DBSIZE")
    assert first.result == "(integer) 0"
    assert first.stream("stderr") == "The kernel had died: %recover brings back what it had.\n"
    mortal.run("%redis SET young 1")
    assert mortal.run("%recover").stream() == f"{BACK}1 key, 0 libraries.\n"
    assert mortal.run("%redis GET k").result == '"v"'
    assert mortal.run("%config recover").stream() == "recover manual\n"
    assert "has not died" in mortal.run("%recover").traceback
    die(mortal)
    start_again(mortal)
    mortal.run("%recover")
    assert mortal.run("%redis KEYS *").result == '1) "k"'


def test_an_orderly_end_leaves_nothing_behind(kernelspec: str) -> None:
    with Notebook.start(kernelspec) as notebook:
        notebook.run("%redis SET k v")
        path = journal_of(notebook)
        assert path.exists()
        assert path.stat().st_mode & 0o077 == 0
        notebook.manager.restart_kernel(now=False)
        notebook.client.wait_for_ready(timeout=60)
        assert notebook.run("%redis DBSIZE").result == "(integer) 0"
        notebook.run("%redis SET k v")
        assert path.exists()
    assert not path.exists()


def test_it_can_be_switched_off_and_on(mortal: Notebook) -> None:
    mortal.run("%redis SET k v")
    mortal.run("%config journal off")
    assert not journal_of(mortal).exists()
    assert mortal.run("%config journal").stream() == "journal off\n"
    mortal.run("%config journal fsync\n%redis SET l w")
    assert mortal.run("%config journal").stream() == "journal fsync\n"
    die(mortal)
    start_again(mortal)
    assert mortal.run("%redis DBSIZE").result == "(integer) 2"
    assert mortal.run("%config journal").stream() == "journal fsync\n"


def test_a_damaged_journal_is_cut_and_kept_and_said(mortal: Notebook) -> None:
    for number in range(5):
        mortal.run(f"%redis SET k{number} v")
    die(mortal)
    path = journal_of(mortal)
    data = bytearray(path.read_bytes())
    data[data.index(b"k3")] ^= 1
    path.write_bytes(data)
    start_again(mortal)
    first = mortal.run("%redis DBSIZE")
    assert first.result == "(integer) 3"
    assert f"The file is kept as {path}.damaged" in first.stream("stderr")
    assert "Later cells are lost: its last " in first.stream("stderr")
    Path(f"{path}.damaged").unlink()
    path.write_bytes(b"nonsense")
    die(mortal)
    start_again(mortal)
    first = mortal.run("%redis DBSIZE")
    assert first.result == "(integer) 0"
    assert "is lost" in first.stream("stderr")
    Path(f"{path}.damaged").unlink()


def kill_at_random_moments(notebook: Notebook, times: int, seed: int) -> None:
    """Kill a kernel at any moment, whose cells each move two counters together."""
    random_number = random.Random(seed)
    cell = "local n = redis.call('INCR', 'a') redis.call('RPUSH', 'l', n, ('x'):rep({}))"
    for _ in range(times):
        done = 0
        for _ in range(random_number.randrange(1, 6)):
            request = notebook.begin(cell.format(random_number.choice([1, 1000, 1_000_000])))
            if random_number.random() < 0.7:
                notebook.finish(request)
                done += 1
        time.sleep(random_number.random() * 0.02)
        die(notebook)
        start_again(notebook)
        outcome = notebook.run("return {redis.call('GET', 'a') or '0', redis.call('LLEN', 'l')}")
        first, second = (outcome.result or "").splitlines()
        count = int(first.removeprefix("1) ").strip('"'))
        # All that had ended, and of what had not whole cells alone.
        assert done <= count, outcome
        assert second == f"2) (integer) {2 * count}", outcome
        assert "damaged" not in outcome.stream("stderr")
        notebook.run("%redis DEL l a")


def test_killed_at_random_moments_it_loses_at_most_the_cell_that_ran(mortal: Notebook) -> None:
    kill_at_random_moments(mortal, 8, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_killed_a_hundred_times_it_loses_at_most_the_cell_that_ran(mortal: Notebook) -> None:
    kill_at_random_moments(mortal, 100, seed=random.randrange(2**32))
