"""The crash journal: what it holds makes the same data, libraries, scripts and settings again."""

from __future__ import annotations

import random
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislua_kernel import Engine
from redislua_kernel.engine.recovery import Damaged, Recorder, Recovered, Sync, recover
from redislua_kernel.engine.recovery import recorder as recorder_module
from redislua_kernel.engine.recovery.records import Kind, read_records
from tests.clock import Clock
from tests.engine.picture import picture
from tests.engine.random_commands import COMMANDS, Words, run
from tests.engine.test_journal import replicated

LIBRARY = "#!lua name=lib\nredis.register_function('f', function() return 'from f' end)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kernel-1.redislua"


@pytest.fixture
def recorder(engine: Engine, path: Path) -> Iterator[Recorder]:
    made = Recorder(engine, path, dict)
    made.start()
    yield made
    made.stop(remove=False)


def recovered(path: Path, engine: Engine | None = None) -> tuple[Engine, Recovered]:
    """Give an engine as a new process would have it."""
    made = engine or Engine()
    return made, recover(made, path)


def fill(engine: Engine) -> None:
    """Give an engine every type of value, with expiries, in two databases."""
    for words in (
        "SET s v", "SET s2 v EX 1000", "HSET h f 1 g 2", "HPEXPIRE h 100000 FIELDS 1 f",
        "RPUSH l a b c", "SADD set 1 2 x", "ZADD z 1 a 2.5 b", "XADD x * f v",
        "XGROUP CREATE x g 0", "XREADGROUP GROUP g c STREAMS x >", "PFADD hll a b c",
        "SETBIT bits 100 1", "GEOADD geo 13.3 38.1 Palermo", "SELECT 3", "SET other db", "SELECT 0",
    ):  # fmt: skip
        engine.execute(*words.split())
    engine.execute("FUNCTION", "LOAD", LIBRARY)


def test_every_type_comes_back_with_its_expiries_and_libraries(
    engine: Engine, recorder: Recorder, path: Path
) -> None:
    fill(engine)
    made, found = recovered(path)
    assert picture(made) == picture(engine)
    assert made.execute("FCALL", "f", 0) == b"from f"
    assert (found.keys, found.libraries, found.damage) == (11, 1, None)


def test_what_scripts_did_with_numbers_comes_back(
    engine: Engine, recorder: Recorder, path: Path
) -> None:
    engine.execute("EVAL", "redis.call('INCRBY', 'n', 2) redis.call('PEXPIRE', 'n', 1e12)", 0)
    engine.execute("EVAL", "redis.call('RPUSH', 'l', 1, 2) redis.call('LSET', 'l', 0, 1.5)", 0)
    made, found = recovered(path)
    assert found.damage is None
    assert picture(made) == picture(engine)


@settings(max_examples=40)
@given(program=st.lists(COMMANDS, max_size=25), compact_at=st.integers(0, 25))
def test_any_commands_come_back(program: list[Words], compact_at: int) -> None:
    clock = Clock()
    engine = Engine(databases=2, clock=clock, rng=random.Random(1))
    with TemporaryDirectory() as directory:
        path = Path(directory, "journal")
        recorder = Recorder(engine, path, dict)
        recorder.start()
        for number, words in enumerate(program):
            run(engine, words)
            clock.advance(0.3)
            if number == compact_at:
                engine.keyspace.journal.is_partial = True
        recorder.stop(remove=False)
        if path.exists():
            made = Engine(databases=2, clock=clock, rng=random.Random(1))
            found = recover(made, path)
            assert found.damage is None
            assert replicated(made) == replicated(engine)


def test_a_key_that_has_expired_meanwhile_is_not_created_again(path: Path) -> None:
    clock = Clock()
    engine = Engine(clock=clock)
    recorder = Recorder(engine, path, dict)
    recorder.start()
    engine.execute("SET", "k", "1", "EX", 10)
    engine.execute("INCR", "k")
    recorder.stop(remove=False)
    clock.advance(60)
    made = Engine(clock=clock)
    recover(made, path)
    assert made.execute("EXISTS", "k") == 0


def test_a_unit_is_written_once_and_whole(engine: Engine, recorder: Recorder, path: Path) -> None:
    engine.execute("EVAL", "for i = 1, 100 do redis.call('SET', 'k' .. i, i) end", 0)
    kinds = [kind for kind, _ in read_records(path).records]
    assert kinds == [Kind.UNIT]


def test_what_is_undone_or_changes_nothing_is_not_written(
    engine: Engine, recorder: Recorder, path: Path
) -> None:
    engine.execute("GET", "k")
    with engine.keyspace.unit():
        engine.execute("SET", "k", "v")
        engine.keyspace.rollback()
    assert not path.exists()


def restore_snapshot(engine: Engine) -> None:
    snapshot = engine.keyspace.fork()
    engine.execute("SET", "k", "other")
    with engine.keyspace.unit():
        engine.keyspace.adopt(snapshot)


UNREPEATED = {
    "a restored snapshot": restore_snapshot,
    "made keys": lambda engine: engine.execute("DEBUG", "POPULATE", 10),
    "unreplicated writes": lambda engine: engine.execute(
        "EVAL", "redis.set_repl(redis.REPL_NONE) redis.call('SET', 'quiet', 1)", 0
    ),
}


@pytest.mark.parametrize("change", UNREPEATED.values(), ids=UNREPEATED)
def test_what_no_command_repeats_is_written_as_a_snapshot(
    engine: Engine, recorder: Recorder, path: Path, change: Any
) -> None:
    engine.execute("SET", "k", "v")
    change(engine)
    assert read_records(path).records[0][0] is Kind.SNAPSHOT
    assert picture(recovered(path)[0]) == picture(engine)


def test_a_loaded_file_comes_back(
    engine: Engine, recorder: Recorder, path: Path, tmp_path: Path
) -> None:
    other = Engine()
    fill(other)
    engine.execute("SET", "old", "v")
    engine.persistence.load(other.persistence.save(tmp_path / "dump.rdb"))
    engine.execute("SET", "new", "v")
    assert picture(recovered(path)[0]) == picture(engine)


def test_cached_scripts_come_back(engine: Engine, recorder: Recorder, path: Path) -> None:
    digest = engine.execute("SCRIPT", "LOAD", "return 'loaded'")
    engine.execute("EVAL", "return 'evaluated'", 0)
    recorder.note()
    made, _ = recovered(path)
    assert made.execute("EVALSHA", digest, 0) == b"loaded"
    assert set(made.scripting.scripts.scripts) == set(engine.scripting.scripts.scripts)
    engine.execute("SCRIPT", "FLUSH")
    recorder.note()
    assert not recovered(path)[0].scripting.scripts.scripts


def test_settings_are_written_when_they_change(engine: Engine, path: Path) -> None:
    values = {"a": 1}
    recorder = Recorder(engine, path, lambda: dict(values))
    recorder.start()
    recorder.note()
    assert not path.exists()
    values["a"] = 2
    recorder.note()
    recorder.note()
    assert read_records(path).records == [(Kind.SETTINGS, {"a": 2})]
    assert recovered(path)[1].settings == {"a": 2}


def test_the_file_is_private(engine: Engine, recorder: Recorder, path: Path) -> None:
    engine.execute("SET", "k", "v")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_goes_on_in_the_same_file(engine: Engine, recorder: Recorder, path: Path) -> None:
    engine.execute("SET", "k", "1")
    recorder.stop(remove=False)
    made, found = recovered(path)
    second = Recorder(made, path, dict)
    second.start(keep=found.end)
    made.execute("INCR", "k")
    second.stop(remove=False)
    assert recovered(path)[0].execute("GET", "k") == b"2"


def test_it_is_compacted_in_the_background_and_nothing_is_lost_meanwhile(
    engine: Engine, recorder: Recorder, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "WORTH_COMPACTING", 20_000)
    sizes = []
    for number in range(3000):
        engine.execute("SET", b"key:%d" % (number % 50), "v" * 50)
        sizes.append(path.stat().st_size)
    wait_for_threads()
    assert max(sizes) < 200_000
    assert picture(recovered(path)[0]) == picture(engine)
    assert not list(path.parent.glob("*.new*"))


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "redislua-journal":
            thread.join(20)


def test_what_grows_beyond_the_limit_is_given_up_and_said(
    engine: Engine, recorder: Recorder, path: Path
) -> None:
    said: list[str] = []
    recorder.limit, recorder.failed = 100_000, said.append
    engine.execute("SET", "k", "v" * 50_000)
    assert not said
    for number in range(5):
        engine.execute("SET", f"k{number}", "v" * 50_000)
        wait_for_threads()
    assert len(said) == 1
    assert "larger than its limit" in said[0]
    assert not path.exists()
    engine.execute("SET", "k", "goes on")


def test_a_disk_that_is_full_is_said(engine: Engine, recorder: Recorder, path: Path) -> None:
    said: list[str] = []
    recorder.failed = said.append
    engine.execute("SET", "k", "v")
    assert recorder._file is not None

    def refuse(data: bytes) -> None:
        raise OSError(28, "No space left on device")

    recorder._file._write = refuse  # type: ignore[method-assign]
    engine.execute("SET", "k", "w")
    assert said == ["it cannot be written: [Errno 28] No space left on device"]
    assert engine.execute("GET", "k") == b"w"


@pytest.mark.parametrize("sync", Sync)
def test_it_works_with_and_without_waiting_for_the_disk(
    engine: Engine, recorder: Recorder, path: Path, sync: Sync
) -> None:
    recorder.sync = sync
    engine.execute("SET", "k", "v")
    assert recovered(path)[0].execute("GET", "k") == b"v"


# Damage


@pytest.fixture
def written(engine: Engine, recorder: Recorder, path: Path) -> bytes:
    """A file of five units, each of which has counted n once."""
    for _ in range(5):
        engine.execute("INCR", "n")
    recorder.stop(remove=False)
    return path.read_bytes()


def test_wherever_it_is_cut_off_the_whole_units_before_come_back(
    path: Path, written: bytes
) -> None:
    seen = set()
    engine = Engine()
    for size in range(len(written) + 1):
        path.write_bytes(written[:size])
        made, found = recovered(path, engine)
        assert found.damage is None
        seen.add(int(made.execute("GET", "n") or 0))
        assert found.end <= size
    assert seen == set(range(6))


def test_a_byte_that_is_wrong_ends_it_there_and_is_said(path: Path, written: bytes) -> None:
    said = 0
    engine = Engine()
    for place in range(26, len(written), 3):
        path.write_bytes(written[:place] + bytes([written[place] ^ 0x55]) + written[place + 1 :])
        made, found = recovered(path, engine)
        assert int(made.execute("GET", "n") or 0) < 5
        said += found.damage is not None
    assert said


def test_what_is_no_crash_journal_is_refused(path: Path) -> None:
    path.write_bytes(b"something else entirely")
    with pytest.raises(Damaged, match="no crash journal"):
        recovered(path)


def test_an_effect_that_cannot_be_repeated_is_said(path: Path) -> None:
    recorder = Recorder(Engine(), path, dict)
    recorder.start()
    recorder._append(Kind.UNIT, (time.time_ns() // 1000, [(0, 3, b"SET", b"k", b"v")]))
    recorder._append(Kind.UNIT, (time.time_ns() // 1000, [(0, 3, b"INCR", b"k")]))
    recorder._append(Kind.UNIT, (time.time_ns() // 1000, [(0, 3, b"SET", b"k", b"w")]))
    recorder.stop(remove=False)
    made, found = recovered(path)
    assert made.execute("GET", "k") == b"v"
    assert found.damage is not None
    assert "record 2 cannot be repeated" in found.damage
