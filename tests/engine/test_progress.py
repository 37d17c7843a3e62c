"""Long work is announced, and counts how far it is."""

from pathlib import Path

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.progress import Progress, counted, note, working
from redislua_kernel.errors import RedisError


@pytest.fixture
def announced(engine: Engine) -> list[Progress]:
    works: list[Progress] = []
    engine.work_listeners.append(works.append)
    return works


def test_files_are_announced_with_their_names(
    engine: Engine, announced: list[Progress], tmp_path: Path
) -> None:
    engine.execute("MSET", "a", 1, "b", 2)
    engine.persistence.save(tmp_path / "x.rdb")
    engine.persistence.load(tmp_path / "x.rdb")
    save, load = announced
    assert (save.what, load.what) == ("saving x.rdb", "loading x.rdb")
    assert save.is_done
    assert load.is_done
    assert (load.stage, load.total) == ("taking over keys", 2)


def test_work_that_fails_is_over_but_not_done(
    engine: Engine, announced: list[Progress], tmp_path: Path
) -> None:
    over: list[bool] = []
    engine.work_listeners.append(
        lambda progress: setattr(progress, "when_over", lambda ended: over.append(ended.is_done))
    )
    (tmp_path / "x.rdb").write_bytes(b"REDIS0012")
    with pytest.raises(RedisError):
        engine.persistence.load(tmp_path / "x.rdb")
    assert over == [False]


def test_restoring_libraries_tells_how_far_it_is_in_the_payload(
    engine: Engine, announced: list[Progress]
) -> None:
    for name in ("one", "two"):
        code = f"#!lua name={name}\nredis.register_function('{name}', function() end)"
        engine.execute("FUNCTION", "LOAD", code)
    payload = engine.execute("FUNCTION", "DUMP")
    engine.execute("FUNCTION", "RESTORE", payload, "FLUSH")
    (restore,) = announced
    assert restore.stage == "loading libraries"
    assert len(payload) / 3 < restore.done < restore.total < len(payload)


def test_counted_gives_all_and_takes_note_of_the_part_that_is_done() -> None:
    work, parts = Progress("counting"), []
    with working(work):
        for number in counted("numbers", range(4096), 4096):
            if number % 1024 == 0:
                parts.append(work.part)
    assert parts == [0, 0.25, 0.5, 0.75]


def test_work_within_work_counts_for_the_outer_one() -> None:
    outer, inner = Progress("outer"), Progress("inner")
    with working(outer), working(inner):
        note("deep", 1, 2)
    assert outer.part == 0.5
    assert inner.stage == ""
    note("nowhere", 1, 1)
    assert outer.stage == "deep"
