"""Scripts and functions as people look at them, read while anything may run."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from redislua_kernel import Engine, RedisError
from redislua_kernel.browsing.caller import Caller, Outcome, Refused
from redislua_kernel.browsing.drafts import read_draft
from redislua_kernel.browsing.library_files import FileError, dump_to, restore_from
from redislua_kernel.browsing.programs import (
    fingerprint,
    read_libraries,
    read_running,
    read_scripts,
)
from redislua_kernel.engine.worker import Worker
from tests.waiting import wait_until

LIBRARY = """#!lua name=points
redis.register_function{function_name='peek', description='Look.', flags={'no-writes'},
  callback=function() return 1 end}
redis.register_function('spin', function() while true do end end)
"""


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    engine.execute("FUNCTION", "LOAD", LIBRARY)
    yield engine
    engine.close()


def test_a_library_is_read_with_what_its_functions_did(engine: Engine) -> None:
    engine.execute("FCALL", "peek", 0)
    (library,) = read_libraries(engine, b"POI*")
    peek, spin = library.functions
    assert library.code == LIBRARY.encode()
    assert (peek.name, peek.flags, peek.description) == (b"peek", ("no-writes",), b"Look.")
    assert (peek.runs.calls, peek.runs.failed, spin.runs.calls) == (1, 0, 0)
    assert peek.runs.seconds == peek.runs.mean > 0
    assert spin.runs.last is None
    assert read_libraries(engine, b"other") == []


def test_scripts_are_found_by_their_digests_and_the_slowest_comes_first(engine: Engine) -> None:
    engine.execute("EVAL", "return 1", 0)
    engine.execute("EVAL", "return 2", 0)
    engine.execute("SCRIPT", "LOAD", "#!lua\n\n  -- never ran\nreturn 1")
    for script in engine.scripting.scripts.scripts.values():
        script.runs.durations[:] = {b"return 1": [0.1], b"return 2": [0.2]}.get(script.body, [])
    slow, quick, loaded = read_scripts(engine)
    assert (slow.title, quick.title, loaded.title) == (
        b"return 2", b"return 1", b"-- never ran",
    )  # fmt: skip
    assert (quick.is_evictable, loaded.is_evictable) == (True, False)
    (found,) = read_scripts(engine, quick.sha[:6].upper().encode())
    assert found.sha == quick.sha


def test_the_fingerprint_changes_with_whatever_is_shown(engine: Engine) -> None:
    seen = {fingerprint(engine)}
    for command in (
        ("FCALL", "peek", 0),
        ("EVAL", "return 1", 0),
        ("EVAL", "return 1", 0),
        ("SCRIPT", "LOAD", "return 2"),
        ("FUNCTION", "LOAD", "REPLACE", LIBRARY + " "),
        ("SCRIPT", "FLUSH"),
    ):
        engine.execute(*command)
        assert fingerprint(engine) not in seen, command
        seen.add(fingerprint(engine))
    engine.execute("GET", "k")
    assert fingerprint(engine) in seen


def test_what_runs_is_seen_and_killed_without_waiting(engine: Engine, worker: Worker) -> None:
    caller = Caller(engine, "test", submit=worker.submit, insist=worker.insist)
    assert caller.kill() == "Nothing is running."
    told: list[Outcome] = []
    caller.apart(lambda execute: execute("FCALL", "spin", 0), told.append)
    wait_until(lambda: read_running(engine))
    running = read_running(engine)
    assert running is not None
    assert (running.name, running.is_function) == (b"spin", True)
    assert read_libraries(engine)[0].functions[1].runs.calls == 0
    with pytest.raises(Refused, match="A script is running"):
        caller.execute("FUNCTION", "DELETE", "points")
    caller.apart(lambda execute: execute("PING"), told.append)
    assert isinstance(told.pop(), Refused)
    assert caller.kill() == ""
    wait_until(lambda: told)
    assert "killed by user" in str(told[0])
    assert read_libraries(engine)[0].functions[1].runs.failed == 1


def test_what_has_written_is_not_killed(engine: Engine, worker: Worker) -> None:
    caller = Caller(engine, "test", submit=worker.submit, insist=worker.insist)
    told: list[Outcome] = []
    body = "redis.call('SET', 'k', 1) while true do end"
    caller.apart(lambda execute: execute("EVAL", body, 0), told.append)
    wait_until(lambda: read_running(engine) and engine.scripting.runtime.wrote)
    assert caller.kill().startswith("UNKILLABLE")
    worker.interrupt()
    wait_until(lambda: told)
    assert isinstance(told[0], RedisError)


def test_a_script_stuck_in_a_pattern_is_given_up(engine: Engine) -> None:
    worker = Worker(engine, grace=0.1)
    caller = Caller(engine, "test", submit=worker.submit, insist=worker.insist)
    caller.apart(
        lambda execute: execute(
            "EVAL", "return string.find(('a'):rep(60), ('a-'):rep(40)..'b')", 0
        ),
        lambda outcome: None,
    )
    wait_until(lambda: read_running(engine))
    time.sleep(0.1)
    assert caller.kill() == ""
    wait_until(lambda: read_running(engine) is None)
    assert caller.execute("PING") == b"PONG"
    worker.close()


def test_a_draft_knows_what_it_would_replace(engine: Engine) -> None:
    draft = read_draft(engine, b"#!lua name=points\nnew")
    assert (draft.name, draft.before) == (b"points", LIBRARY.encode())
    assert read_draft(engine, b"#!lua name=other\n").before is None
    with pytest.raises(RedisError, match="Missing library metadata"):
        read_draft(engine, b"return 1")


def test_libraries_travel_in_a_file(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = str(tmp_path_factory.mktemp("files") / "two words.fn").encode()
    assert "bytes written to" in dump_to(engine.execute, file)
    engine.execute("FUNCTION", "FLUSH")
    restore_from(engine.execute, file)
    assert [each.name for each in read_libraries(engine)] == [b"points"]
    with pytest.raises(RedisError, match="already exists"):
        restore_from(engine.execute, file)
    with pytest.raises(FileError, match="cannot read"):
        restore_from(engine.execute, file + b".none")
    with pytest.raises(FileError, match="cannot write"):
        dump_to(engine.execute, file + b"/x")
