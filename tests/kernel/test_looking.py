"""%%trace, %%profile and %debug: what a cell called, where its time went, where it failed."""

import re
from pathlib import Path

from tests.kernel.notebook import Notebook


def test_a_trace_shows_each_call_on_its_line_of_the_cell(notebook: Notebook) -> None:
    cell = (
        "%%trace\n%%eval k , v\nredis.call('SET', KEYS[1], ARGV[1])\nreturn redis.call('GET', 'k')"
    )
    outcome = notebook.run(cell)
    reply, trace = outcome.displayed
    assert reply == '"v"'
    title, _, *lines = trace.split("\n")
    assert re.fullmatch(r"2 calls, \d+ µs in commands, \d+ µs in all", title)
    assert [re.sub(r" +[\d.]+  ", "|", line.lstrip()) for line in lines] == [
        "3|SET k v → OK",
        '4|GET k → "v"',
    ]
    html = outcome.of("display_data")[1]["data"]["text/html"]
    assert html.count("<rect") == 2
    assert ">GET k</samp>" in html
    assert notebook.run("%trace").displayed == [trace]


def test_lines_of_files_put_together_are_named_by_their_files(
    notebook: Notebook, tmp_path: Path
) -> None:
    (tmp_path / "get.lua").write_text(
        "local function get(key)\n  return redis.call('GET', key)\nend\n"
    )
    (tmp_path / "read.lua").write_text("--- @include \"get\"\n\nreturn get('k')\n")
    (tmp_path / "alone.lua").write_text("return redis.call('GET', 'k')\n")
    notebook.run(f"%load {tmp_path}")
    trace = notebook.run("%%trace\n%call read").displayed[-1]
    assert re.search(r"^get\.lua:2 +[\d.]+  GET k → ", trace, re.MULTILINE)
    profile = notebook.run("%%profile\n%call read").displayed[-1]
    numbers = [line.partition("  ")[0] for line in profile.split("\n")[2:]]
    assert [each.split()[0] for each in numbers] == [
        *(f"get.lua:{line}" for line in (1, 2, 3)),
        *(f"read.lua:{line}" for line in (2, 3)),
    ]
    (tmp_path / "get.lua").write_text("\nlocal function get(key)\n  return nil + 1\nend\n")
    notebook.run(f"%load {tmp_path}")
    assert "get.lua line 3" in notebook.run("%call read").traceback
    assert (
        "the script, line get.lua:3 |   return nil + 1"
        in notebook.run("%debug ; quit").displayed[0]
    )
    trace = notebook.run("%%trace\n%call alone").displayed[-1]
    assert re.search(r"^ +1 +[\d.]+  GET k → ", trace, re.MULTILINE)


def test_the_trace_of_a_cell_that_fails_is_shown_too(notebook: Notebook) -> None:
    outcome = notebook.run("%%trace\nredis.call('SET', 'k', '<b>')\nreturn redis.call('INCR', 'k')")
    assert "INCR k → (error) ERR value is not an integer" in outcome.displayed[0]
    assert "<b>" not in outcome.of("display_data")[0]["data"]["text/html"]
    assert "line 3" in outcome.traceback


def test_debug_shows_the_variables_of_the_last_failure(notebook: Notebook) -> None:
    notebook.run(
        "%%eval k , v\nlocal n = {1, x = 'y'}\nlocal function f(a)\n  local b = a + n\nend\nf(4)"
    )
    (shown,) = notebook.run("%debug", allow_stdin=False).displayed
    assert re.sub(r'"function@0x\w+"', "…", shown) == (
        "user_script:3: attempt to perform arithmetic on upvalue 'n' (a table value)\n"
        "f, line 4 |   local b = a + n\n"
        "    a = 4\n"
        '    n (upvalue) = {[1]=1; ["x"]="y"}\n'
        "the script, line 6 | f(4)\n"
        '    n = {[1]=1; ["x"]="y"}\n'
        "    f = …\n"
        '    KEYS (global) = {"k"}\n'
        '    ARGV (global) = {"v"}'
    )


def test_debug_takes_commands_and_does_not_list_what_loops_keep_for_themselves(
    notebook: Notebook,
) -> None:
    notebook.run("for i = 1, 3 do\n  local name = i .. '!'\n  error(name)\nend")
    outcome = notebook.run("%debug ; print name ; print i + 1 ; quit", allow_stdin=False)
    assert "(for" not in outcome.displayed[0]
    assert outcome.stream().splitlines() == [
        "ldb> print name",
        '<value> "1!"',
        "ldb> print i + 1",
        "<value> 2",
        "ldb> quit",
    ]
    assert "usage" in notebook.run("%debug isolated").traceback


def test_a_profile_shows_hits_and_what_did_not_run(notebook: Notebook) -> None:
    body = "for i = 1, 3 do\n  redis.call('PING')\nend\nif false then\n  error('<never>')\nend"
    outcome = notebook.run(f"%%profile\n{body}")
    shown = outcome.displayed[-1]
    assert re.match(r"script: \d+ µs, \d+ % of them in commands; 1 line not run; 1 way ", shown)
    rows = [line.split() for line in shown.split("\n")[2:]]
    assert [row[:2] for row in rows] == [
        ["2", "4"], ["3", "3"], ["4", "end"], ["5", "1"], ["6", "not"], ["7", "1"],
    ]  # fmt: skip
    assert "if false then  <- never true" in shown
    html = outcome.of("display_data")[-1]["data"]["text/html"]
    assert ">never true</span>" in html
    assert "&lt;never&gt;" in html
    assert notebook.run("%profile").displayed == [shown]


def test_a_profile_shows_the_functions_of_a_library(notebook: Notebook) -> None:
    notebook.run("#!lua name=l\nredis.register_function('f', function()\n  return 1\nend)")
    (_, shown) = notebook.run("%%profile\n%%redis\nFCALL f 0").displayed
    assert shown.startswith("function f: ")
    assert "3        1" in shown


def test_stats_of_a_cell_leave_its_picture(notebook: Notebook) -> None:
    outcome = notebook.run("%%stats\nfor i = 1, 100 do redis.call('SET', i, i) end\nreturn 'done'")
    (first,), (last,) = outcome.of("display_data"), outcome.of("update_display_data")
    assert first["transient"] == last["transient"]
    assert first["transient"]["display_id"]
    assert "<polyline" in last["data"]["text/html"]
    assert "keys                   100" in last["data"]["text/plain"]
    assert outcome.result == '"done"'


def test_stats_of_a_cell_that_fails_are_kept_too(notebook: Notebook) -> None:
    outcome = notebook.run("%%stats\nredis.call('SET', 'k', 1)\nerror('no')")
    assert "keys                   1" in outcome.of("update_display_data")[0]["data"]["text/plain"]
    assert "no" in outcome.traceback


def test_a_reply_is_shown_as_its_command_wants_it(notebook: Notebook) -> None:
    notebook.run("%redis ZADD board 1 ann 2 bob")
    for cell in (
        "%redis ZRANGE board 0 -1 WITHSCORES",
        "%keys board\nredis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')",
        "%%eval board\nreturn redis.call('ZRANGE', KEYS[1], '0', '-1', 'WITHSCORES')",
    ):
        data = notebook.run(cell).of("execute_result")[0]["data"]
        assert data["text/html"].count("<rect") == 2
        assert data["text/plain"] == '1) "ann"\n2) "1"\n3) "bob"\n4) "2"'
