"""What INFO counts: calls, errors, rejected and failed commands, inside scripts and out."""

from __future__ import annotations

from contextlib import suppress

import pytest

from redislua_kernel import Engine
from redislua_kernel.backend import Argument
from redislua_kernel.engine.statistics import MAX_ERROR_KINDS, TIMED_CALLS
from redislua_kernel.errors import ResponseError


def run(engine: Engine, *commands: tuple[Argument, ...]) -> None:
    for words in commands:
        with suppress(ResponseError):
            engine.execute(*words)


def info(engine: Engine, section: str) -> dict[str, str]:
    lines = bytes(engine.execute("INFO", section)).decode().split("\r\n")
    return dict(line.split(":", 1) for line in lines if ":" in line)


def counts(engine: Engine, command: str) -> tuple[int, int, int]:
    """Give a command's calls, rejected calls and failed calls."""
    field = info(engine, "commandstats").get(f"cmdstat_{command}")
    if field is None:
        return 0, 0, 0
    values = dict(pair.split("=") for pair in field.split(","))
    return int(values["calls"]), int(values["rejected_calls"]), int(values["failed_calls"])


def errors(engine: Engine) -> dict[str, str]:
    fields = info(engine, "errorstats")
    return {name.removeprefix("errorstat_"): count for name, count in fields.items()}


def test_a_command_that_cannot_begin_is_rejected_and_one_that_errs_has_failed(
    engine: Engine,
) -> None:
    run(engine, ("SET", "k"), ("SET", "k", "v"), ("INCR", "k"), ("LPUSH", "k", "x"), ("NOSUCH",))
    assert counts(engine, "set") == (1, 1, 0)
    assert counts(engine, "incr") == (1, 0, 1)
    assert errors(engine) == {"ERR": "count=3", "WRONGTYPE": "count=1"}
    assert info(engine, "stats")["total_error_replies"] == "4"


@pytest.mark.parametrize("subcommand", ["LOAD", "LOADEX", "UNLOAD"])
def test_a_command_that_a_setting_forbids_is_rejected(engine: Engine, subcommand: str) -> None:
    run(engine, ("MODULE", subcommand, "x"))
    assert counts(engine, f"module|{subcommand.lower()}") == (0, 1, 0)
    assert errors(engine) == {"ERR": "count=1"}


@pytest.mark.parametrize(
    ("script", "failed", "total"),
    [
        ("return redis.call('incr', 's')", 1, 1),
        ("redis.pcall('incr', 's') return 1", 0, 1),
        ("return redis.pcall('incr', 's')", 1, 1),
        ("redis.pcall('incr', 's') error('mine')", 1, 2),
        ("return redis.error_reply('MY own')", 1, 1),
        ("return {1, {err = 'MY own'}, {err = 'MY other'}}", 1, 2),
        ("return {redis.pcall('incr', 's'), redis.pcall('incr', 's')}", 2, 2),
        ("return {redis.pcall('incr', 's'), {err = 'MY own'}}", 2, 2),
        ("redis.pcall({}) return 1", 0, 0),
        ("return redis.pcall({})", 1, 1),
        ("local e = redis.pcall('incr', 's') e.ignore_error_stats_update = nil return e", 1, 2),
    ],
)
def test_an_error_counts_once_however_a_script_hands_it_on(
    engine: Engine, script: str, failed: int, total: int
) -> None:
    engine.execute("SET", "s", "x")
    run(engine, ("EVAL", script, 0))
    assert counts(engine, "eval") == (1, 0, failed)
    assert info(engine, "stats")["total_error_replies"] == str(total)


def test_calls_inside_scripts_count_under_the_commands_name(engine: Engine) -> None:
    script = """
        for _ = 1, 50 do redis.call('GET', 'k') redis.call('get', 'k') end
        redis.pcall('get') redis.pcall('get', 'a', 'b') redis.pcall('ping', 'a', 'b')
        redis.pcall('xgroup', 'create') redis.pcall('xgroup', 'create', 'k', 'g', 'x')
        redis.pcall('config', 'get', 'x')"""
    run(engine, ("EVAL", script, 0), ("GET", "k"))
    assert counts(engine, "get") == (101, 2, 0)
    assert counts(engine, "ping") == (1, 0, 1)
    assert counts(engine, "xgroup|create") == (1, 1, 1)
    assert counts(engine, "config|get") == (0, 1, 0)
    processed = int(info(engine, "stats")["total_commands_processed"])
    assert processed == 101 + 2 + 1 + 4  # GET, PING and XGROUP, EVAL, INFO


def test_the_time_inside_scripts_is_estimated_from_the_first_calls(engine: Engine) -> None:
    engine.execute("EVAL", f"for _ = 1, {TIMED_CALLS * 2} do redis.call('PING') end", 0)
    ((command, ping),) = [item for item in engine.statistics.called() if item[0].name == "PING"]
    assert command.full_name == "ping"
    assert ping.is_timed
    mean = sum(ping.timed) / TIMED_CALLS
    assert ping.microseconds == round(mean * 2 * TIMED_CALLS * 1e6)


def test_what_exec_runs_counts_for_itself(engine: Engine) -> None:
    run(engine, ("MULTI",), ("SET", "k", "v"), ("LPUSH", "k", "x"), ("EXEC",))
    assert counts(engine, "lpush") == (1, 0, 1)
    assert counts(engine, "exec") == (1, 0, 0)
    run(engine, ("MULTI",), ("SET",), ("EXEC",))
    assert counts(engine, "set") == (1, 1, 0)
    assert counts(engine, "exec") == (2, 0, 1)
    assert errors(engine) == {"ERR": "count=1", "EXECABORT": "count=1", "WRONGTYPE": "count=1"}


def test_no_memory_left_is_a_rejection(engine: Engine) -> None:
    engine.execute("CONFIG", "SET", "maxmemory", 1)
    run(engine, ("SET", "k", "v"), ("EVAL", "return redis.call('SET', 'k', 'v')", 0))
    run(engine, ("EVAL", "#!lua\nreturn 1", 0))
    assert counts(engine, "set") == (0, 2, 0)
    assert counts(engine, "eval") == (1, 1, 1)
    assert errors(engine) == {"OOM": "count=3"}


def test_too_many_kinds_of_errors_are_listed_no_more_until_a_reset(engine: Engine) -> None:
    logged: list[bytes] = []
    engine.log_listeners.append(lambda level, text: logged.append(text))
    for kind in range(MAX_ERROR_KINDS):
        run(engine, ("EVAL", f"return redis.error_reply('K{kind} x')", 0))
    assert len(errors(engine)) == MAX_ERROR_KINDS
    run(engine, ("EVAL", "return redis.error_reply('ONE_MORE x')", 0), ("NOSUCH",))
    assert errors(engine) == {"ERRORSTATS_DISABLED": "count=1"}
    assert [text[:10] for text in logged] == [b"Errorstats", b"Current er"]
    engine.execute("CONFIG", "RESETSTAT")
    assert errors(engine) == {}
    run(engine, ("NOSUCH",))
    assert errors(engine) == {"ERR": "count=1"}


@pytest.mark.parametrize(
    ("text", "kind"), [("A:B#", "A_B_"), ("A" * 30, "A" * 30), ("A" * 31, "ERR"), ("", "ERR")]
)
def test_an_error_is_known_by_its_first_word(engine: Engine, text: str, kind: str) -> None:
    run(engine, ("EVAL", "return redis.error_reply(ARGV[1])", 0, f"{text} x" if text else ""))
    assert errors(engine) == {kind: "count=1"}


def test_a_reset_forgets_what_scripts_called(engine: Engine) -> None:
    engine.execute("EVAL", "redis.call('GET', 'k')", 0)
    engine.execute("CONFIG", "RESETSTAT")
    assert counts(engine, "get") == (0, 0, 0)
    engine.execute("EVAL", "redis.call('GET', 'k')", 0)
    assert counts(engine, "get") == (1, 0, 0)


def test_commandstats_are_shown_to_who_asks_for_them(engine: Engine) -> None:
    assert b"# Commandstats" not in engine.execute("INFO")
    assert b"# Commandstats" in engine.execute("INFO", "everything")
    assert b"# Errorstats" in engine.execute("INFO")
