"""%lint, and the warnings that come by themselves."""

from pathlib import Path

import pytest

from redislua_kernel import Engine
from redislua_kernel.cells import UsageError, parse
from redislua_kernel.errors import ResponseError
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.render.outputs import Display, Output, Result, Text
from redislua_kernel.session import Session

FAULT = "return redis.call('GET', 'k') == nil"


@pytest.fixture
def session() -> Session:
    return Session(Engine())


def run(session: Session, code: str) -> list[Output]:
    return list(CellRun(session, parse(code)).outputs())


def remarks(session: Session, code: str) -> str:
    shown = [each for each in run(session, code) if isinstance(each, Display)]
    return "\n".join(each.bundle["text/plain"] for each in shown)


def test_a_warning_stands_above_the_result_and_comes_once(session: Session) -> None:
    warning, result = run(session, FAULT)
    assert isinstance(result, Result)
    assert isinstance(warning, Display)
    assert warning.bundle["text/plain"] == (
        "warning nil-reply: a missing value comes as false, so `redis.call('GET', 'k') == nil` is "
        "never true\n"
        "line 1 | return redis.call('GET', 'k') == nil\n"
        "                ^ test the value itself: not redis.call('GET', 'k')"
    )
    assert "<samp>nil-reply</samp>" in warning.bundle["text/html"]
    assert len(run(session, FAULT)) == 1
    assert remarks(session, f"{FAULT} -- changed")


def test_a_warning_counts_the_lines_of_the_cell(session: Session) -> None:
    assert "line 4 | " in remarks(session, f"%keys k\n\n%%eval k\n{FAULT}")


def test_an_error_speaks_for_itself_and_warnings_wait(session: Session) -> None:
    code = "%keys k\nlocal found = redis.call('GET', KEYS[1]) == nil\nreturn found"
    session.execute("LPUSH", "k", "a")
    outputs = CellRun(session, parse(code)).outputs()
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        next(outputs)
    session.execute("DEL", "k")
    assert "nil-reply" in remarks(session, code)


def test_what_cannot_be_said_afterwards_is_said_before(session: Session) -> None:
    first = next(CellRun(session, parse("while true do end")).outputs())
    assert isinstance(first, Display)
    assert "endless-loop" in first.bundle["text/plain"]


def test_clean_code_gets_nothing(session: Session) -> None:
    assert len(run(session, "return 1")) == 1
    assert run(session, "%lint") == [Text("nothing found\n")]
    assert run(session, "%%lint\nreturn 1") == [Text("nothing found\n")]


def test_the_cell_magic_runs_nothing(session: Session) -> None:
    code = "redis.call('SET', KEYS[1], 1)\nif redis.call('EXISTS', KEYS[1]) then return 1 end"
    assert "always-true" in remarks(session, f"%%lint\n%%eval k\n{code}")
    assert session.execute("DBSIZE") == 0


def test_the_line_magic_looks_at_the_last_cell_and_gives_hints(session: Session) -> None:
    run(session, FAULT)
    shown = remarks(session, "%lint")
    assert "warning nil-reply" in shown
    assert "hint missing-no-writes" in shown


def test_it_looks_at_files(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "get.lua"
    file.write_text(FAULT)
    assert f"{file}:1 | return" in remarks(session, f"%lint {file}")
    (tmp_path / "broken.lua").write_text("if x then")
    both = remarks(session, f"%lint {tmp_path}")
    assert "broken.lua: ERR Error compiling script" in both
    assert f"{file}:1 | return" in both
    with pytest.raises(UsageError, match="cannot be read"):
        run(session, f"%lint {tmp_path}/none.lua")


def test_it_says_why_there_is_nothing_to_look_at(session: Session) -> None:
    with pytest.raises(UsageError, match="no cell ran Lua yet"):
        run(session, "%lint")
    with pytest.raises(UsageError, match="no Lua"):
        run(session, "%%lint\n%%redis\nGET k")
    with pytest.raises(ResponseError, match="'end' expected"):
        run(session, "%%lint\nif x then")


def test_an_option_turns_it_off_or_makes_it_strict(session: Session) -> None:
    run(session, "%config lint off")
    assert len(run(session, FAULT)) == 1
    run(session, "%config lint strict")
    assert "undeclared-key" in remarks(session, FAULT)
    run(session, "%config lint on")
    assert "undeclared-key" not in remarks(session, "return redis.call('GET', 'other')")


def test_scripts_that_differ_in_literals_alone_are_told_of(session: Session) -> None:
    for number in range(4):
        run(session, f"return redis.call('GET', 'user:{number}')")
    assert "varying-body: 3 other scripts" in remarks(session, "%lint")


def test_a_fault_of_a_rule_does_not_keep_a_cell_from_running(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(session.reviewer, "news", fail)
    assert [type(each) for each in run(session, "return 1")] == [Result]


def test_it_says_what_a_reply_lost_in_this_very_run(session: Session) -> None:
    code = "%args 1\nreturn {ARGV[1], ARGV[2], ARGV[1]}"
    assert remarks(session, code) == (
        "warning nil-in-reply: result[2] is nil, and the array ended there: 1 element came, "
        "1 behind it did not\n    false comes as a null reply"
    )
    assert remarks(session, code) == ""
    assert remarks(session, f"%config lint off\n{code} -- again") == ""


def test_a_loss_is_not_told_where_a_rule_has_told_it_or_a_comment_silences_it(
    session: Session,
) -> None:
    assert remarks(session, "return {1, nil, 3}").count("nil-in-reply") == 1
    assert remarks(session, "local n = 5 / 2\nreturn n -- lint: ignore float-in-reply") == ""
    assert (
        remarks(session, "local n = tonumber('2.5') -- lint: ignore float-in-reply\nreturn n") == ""
    )


def test_losses_of_commands_and_functions_are_told_as_well(session: Session) -> None:
    assert "float-in-reply" in remarks(session, "%%redis\nEVAL 'return 0.5' 0")
    session.execute(
        "FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 0.5 end)"
    )
    assert "result was 0.5" in remarks(session, "%fcall f")
