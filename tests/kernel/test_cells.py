"""Cells in a running kernel, as a notebook sees them."""

import hashlib
from pathlib import Path

import pytest

from redislua_kernel.kernel.packing import packer_of_any_text
from tests.kernel.notebook import Notebook

LIBRARY = """#!lua name=points
redis.register_function('add', function(keys, args)
  return redis.call('INCRBY', keys[1], args[1])
end)
"""


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("return 1", "(integer) 1"),
        ("1+1", "(integer) 2"),
        ("redis.call('PING')", "PONG"),
        ("{1, {'two'}}", '1) (integer) 1\n2) 1) "two"'),
        ("return false", "(nil)"),
        ("local x = 'a\\n\"'\nreturn x", '"a\\n\\""'),
        ("%%eval k1 k2 , a1\nreturn {KEYS[2], ARGV[1]}", '1) "k2"\n2) "a1"'),
        ("%%eval_ro k\nreturn redis.call('GET', KEYS[1])", "(nil)"),
        ("%keys k\n%args 'a b'\n\nreturn {KEYS[1], ARGV[1]}", '1) "k"\n2) "a b"'),
        ("%redis PING", "PONG"),
        ("%%redis\n# a comment\n\nPING", "PONG"),
    ],
)
def test_a_cell_gives_what_redis_cli_prints(notebook: Notebook, cell: str, text: str) -> None:
    outcome = notebook.run(cell)
    assert outcome.result == text
    assert set(outcome.of("execute_result")[0]["data"]) == {
        "text/plain", "text/html", "application/json",
    }  # fmt: skip


def test_a_page_gets_no_json_which_it_would_show_instead_of_html(notebook: Notebook) -> None:
    content = {"code": "return 1", "silent": False, "store_history": True}
    outcome = notebook.finish(notebook.send("execute_request", content, cellId="a page's cell"))
    assert set(outcome.of("execute_result")[0]["data"]) == {"text/plain", "text/html"}


def test_an_empty_cell_gives_nothing(notebook: Notebook) -> None:
    outcome = notebook.run("")
    assert outcome.messages == []
    assert outcome.reply["status"] == "ok"


def test_keys_and_args_stay_until_they_are_set_again(notebook: Notebook) -> None:
    assert notebook.run("%keys k\n%args a").messages == []
    assert notebook.run("return {KEYS, ARGV}").result == '1) 1) "k"\n2) 1) "a"'
    assert notebook.run("%%eval\nreturn #KEYS + #ARGV").result == "(integer) 0"
    notebook.run("%keys\n%args")
    assert notebook.run("return #KEYS + #ARGV").result == "(integer) 0"


def test_the_engine_gets_the_exact_body(notebook: Notebook) -> None:
    body = "-- comment\nreturn 'é'  \n"
    sha = hashlib.sha1(body.encode()).hexdigest()
    notebook.run(f"%keys k\n{body}")
    assert notebook.run(f"%evalsha {sha}").result == '"\\xc3\\xa9"'
    assert notebook.run(f"%%script load\n{body}").result == f'"{sha}"'


def test_replies_before_the_last_are_displayed_in_order(notebook: Notebook) -> None:
    outcome = notebook.run("%redis SET a 1\n%%redis\nINCR a\nGET a")
    assert outcome.displayed == ["OK", "(integer) 2"]
    assert outcome.result == '"2"'


def test_log_lines_appear_among_the_outputs(notebook: Notebook) -> None:
    outcome = notebook.run(
        "%redis PING\nredis.log(redis.LOG_NOTICE, 'one')\n"
        "redis.log(redis.LOG_WARNING, 'two') redis.log(redis.LOG_DEBUG, 'hidden') return 3"
    )
    kinds = [kind for kind, _ in outcome.messages]
    assert kinds == ["display_data", "stream", "stream", "execute_result"]
    assert (outcome.stream(), outcome.stream("stderr")) == ("one\n", "two\n")


def test_a_log_line_appears_while_the_script_runs(notebook: Notebook) -> None:
    request = notebook.begin("redis.log(redis.LOG_NOTICE, 'first') while true do end")
    notebook.wait_for_stream(request, "first\n")
    notebook.manager.interrupt_kernel()
    assert notebook.finish(request).reply["status"] == "error"


# Libraries


def test_a_library_cell_tells_what_changed(notebook: Notebook) -> None:
    first = notebook.run(LIBRARY)
    assert first.stream() == "library points loaded: added add\n"
    assert first.result == '"points"'
    second = notebook.run(LIBRARY + "redis.register_function('new', function() end)")
    assert second.stream() == "library points replaced: added new; kept add\n"
    third = notebook.run(LIBRARY.replace("'add'", "'plus'"))
    assert third.stream() == "library points replaced: added plus; removed add, new\n"


def test_functions_are_called(notebook: Notebook) -> None:
    notebook.run(LIBRARY)
    assert notebook.run("%fcall add k , 5").result == "(integer) 5"
    assert "Can not execute" in notebook.run("%fcall_ro add k , 5").traceback


def test_a_broken_library_changes_nothing(notebook: Notebook) -> None:
    notebook.run(LIBRARY)
    outcome = notebook.run("#!lua name=points\n\nlocal x = = 2")
    assert outcome.reply["evalue"].startswith("ERR Error compiling function")
    assert outcome.traceback.endswith("line 3 | local x = = 2\n                   ^")
    assert notebook.run("%fcall add k , 5").result == "(integer) 5"


def test_libraries_travel_through_a_file(notebook: Notebook, tmp_path: Path) -> None:
    path = tmp_path / "all libraries.fn"
    notebook.run(LIBRARY)
    assert "bytes written" in notebook.run(f'%function dump to "{path}"').stream()
    notebook.run("%function flush")
    assert notebook.run(f'%function restore from "{path}" replace').result == "OK"
    assert notebook.run("%fcall add k , 5").result == "(integer) 5"
    payload = notebook.run("%function dump").result
    assert notebook.run(f"%function restore {payload} flush").result == "OK"
    missing = notebook.run("%function restore from /no/such/file")
    assert missing.reply["ename"] == "UsageError"


def test_every_subcommand_of_script_and_function_is_there(notebook: Notebook) -> None:
    assert "Subcommands are" in (notebook.run("%script help").result or "")
    assert "Subcommands are" in (notebook.run("%function HELP").result or "")
    assert notebook.run("%script exists abc").result == "1) (integer) 0"
    assert notebook.run("%script flush sync").result == "OK"
    assert notebook.run("%script kill").reply["evalue"].startswith("NOTBUSY")
    assert notebook.run("%function kill").reply["evalue"].startswith("NOTBUSY")
    assert notebook.run("%function list libraryname x*").result == "(empty array)"
    assert "running_script" in (notebook.run("%function stats").result or "")
    assert notebook.run("%function delete nope").reply["evalue"] == "ERR Library not found"
    assert notebook.run(f"%%function load\n{LIBRARY}").result == '"points"'
    assert "already exists" in notebook.run(f"%%function load\n{LIBRARY}").traceback
    assert notebook.run(f"%%function load replace\n{LIBRARY}").result == '"points"'


# Errors


def test_an_error_shows_the_line_of_the_cell(notebook: Notebook) -> None:
    outcome = notebook.run("%keys k\n\nlocal x = 1\nreturn redis.call('INCR')")
    assert outcome.reply["ename"] == "ResponseError"
    assert outcome.reply["evalue"].endswith("on @user_script:2.")
    assert outcome.reply["traceback"][:3] == [
        outcome.reply["evalue"],
        "line 4 | return redis.call('INCR')",
        "                ^",
    ]
    assert outcome.of("error")[0]["traceback"] == outcome.reply["traceback"]


@pytest.mark.parametrize(
    ("cell", "pointer"),
    [
        ("local a\n  return a.b.c", "line 2 |   return a.b.c\n                  ^"),
        ("return nope", "line 1 | return nope\n                ^"),
        ("x = = 1", "line 1 | x = = 1\n             ^"),
        ("%%redis\nPING\nINCR", "line 3 | INCR\n         ^"),
        ("%%redis\nSET k v\nGET 'k", "line 3 | GET 'k\n         ^"),
        ("%redis PING\n%nope", "line 2 | %nope\n         ^"),
        ("%keys a\n%args 'b", "line 2 | %args 'b\n         ^"),
        ("%evalsha", "line 1 | %evalsha\n         ^"),
        (
            "redis.call('SET', 'k', 1)\nreturn redis.pcall('nope')",
            f"line 2 | return redis.pcall('nope')\n{' ' * 16}^",
        ),
        (
            "%%eval k\nlocal a = 1\nreturn redis.error_reply('SOLDOUT no boots')",
            f"line 3 | return redis.error_reply('SOLDOUT no boots')\n{' ' * 35}^",
        ),
        (
            "%%eval k\nreturn {err = ARGV[1] or 'A ' .. 'b'}",
            "line 2 | return {err = ARGV[1] or 'A ' .. 'b'}\n                                   ^",
        ),
        ("%%eval k\nlocal n = 'X'\nreturn {err = 'X' .. n}", "line 1 | %%eval k\n         ^"),
    ],
)
def test_the_caret_points_at_what_is_wrong(notebook: Notebook, cell: str, pointer: str) -> None:
    assert notebook.run(cell).traceback.partition("\n")[2].startswith(pointer)


@pytest.mark.parametrize("command", ["MONITOR", "SUBSCRIBE news"])
def test_who_wants_to_listen_is_told_where_to(notebook: Notebook, command: str) -> None:
    assert "a client of %serve does" in notebook.run(f"%redis {command}").traceback


def test_an_error_in_a_loaded_script_shows_the_line_of_its_file(
    notebook: Notebook, tmp_path: Path
) -> None:
    (tmp_path / "get.lua").write_text("local function get(key)\n  return redis.call('GET')\nend")
    (tmp_path / "first-1.lua").write_text("-- $include(get)\nreturn get(KEYS[1])")
    notebook.run(f"%load {tmp_path}")
    for cell in ("%call first k", "%redis EVALSHA $first 1 k"):
        assert notebook.run(cell).reply["traceback"][1:] == [
            f"line 1 | {cell}",
            "         ^",
            f"{tmp_path / 'get.lua'} line 2 |   return redis.call('GET')",
            " " * len(f"{tmp_path / 'get.lua'} line 2 |   return ") + "^",
        ]
    notebook.run("%%script load mine\n\nreturn nil .. 'x'")
    assert (
        notebook.run("%call mine").reply["traceback"][3] == "script mine line 1 | return nil .. 'x'"
    )


def test_an_error_in_a_function_shows_the_library_too(notebook: Notebook) -> None:
    notebook.run(LIBRARY)
    assert notebook.run("%fcall add k , x").reply["traceback"][1:] == [
        "line 1 | %fcall add k , x",
        "         ^",
        "library line 3 |   return redis.call('INCRBY', keys[1], args[1])",
        "                          ^",
        "Its syntax is INCRBY key increment.",
    ]
    assert "library line 3" in notebook.run("%%redis\nPING\nFCALL add 1 k x").traceback


def test_a_command_that_cannot_be_read_stops_all_of_them(notebook: Notebook) -> None:
    notebook.run("%%redis\nSET k v\nGET 'k")
    assert notebook.run("%redis EXISTS k").result == "(integer) 0"


def test_what_was_shown_before_an_error_stays(notebook: Notebook) -> None:
    outcome = notebook.run("%%redis\nSET k v\nINCR k")
    assert [kind for kind, _ in outcome.messages] == ["display_data", "error"]
    assert notebook.run("%redis GET k").result == '"v"'


# Requests


def test_a_silent_cell_sends_nothing(notebook: Notebook) -> None:
    assert notebook.run("redis.log(redis.LOG_WARNING, 'x') return 1", silent=True).messages == []


def test_user_expressions_are_scripts(notebook: Notebook) -> None:
    reply = notebook.run("", user_expressions={"good": "1+1", "bad": "nope"}).reply
    assert reply["user_expressions"]["good"]["data"]["text/plain"] == "(integer) 2"
    assert reply["user_expressions"]["bad"]["status"] == "error"


def test_the_kernel_has_a_debugger(notebook: Notebook) -> None:
    info = notebook.client.kernel_info(reply=True)["content"]
    assert "debugger" in info["supported_features"]
    assert info["language_info"]["codemirror_mode"] == "lua"


def test_options_are_shown_and_set(notebook: Notebook) -> None:
    assert "rows 100" in notebook.run("%config").displayed[0]
    notebook.run("%config rows 2")
    html = notebook.run("{1, 2, 3}").of("execute_result")[0]["data"]["text/html"]
    assert "… 1 more" in html
    notebook.run("%config rows 100")
    for cell in ("%config nope", "%config rows none", "%config resp 4"):
        assert notebook.run(cell).reply["ename"] == "UsageError"


def test_help_explains_magics_commands_and_lua(notebook: Notebook) -> None:
    listed = notebook.run("%help").displayed[0]
    assert "%%eval" in listed
    assert listed.splitlines()[-1].startswith("%help NAME tells more of each")
    assert "%fcall function" in notebook.run("%help fcall").displayed[0]
    assert "GET key" in notebook.run("%help get").displayed[0]
    assert "redis.call(command, ...)" in notebook.run("%help redis.call").displayed[0]
    assert "TYPE tells which" in notebook.run("%help WRONGTYPE").displayed[0]
    assert notebook.run("%help nope").reply["ename"] == "UsageError"


def test_a_transaction_holds_what_the_cells_queued_and_no_more(notebook: Notebook) -> None:
    notebook.run("%redis MULTI")
    outcome = notebook.run(LIBRARY.replace("points", "queued").replace("'add'", "'queue_it'"))
    assert outcome.result == "QUEUED"
    assert "A transaction is open" in outcome.stream()  # and nothing was loaded
    notebook.reply_to(notebook.client.complete("%fcall "))
    assert notebook.run("%redis EXEC").result == '1) "queued"'
    notebook.run("%function delete queued")


def test_a_command_without_a_reply_shows_nothing(notebook: Notebook) -> None:
    assert notebook.run("%redis CLIENT REPLY OFF").messages == []
    assert notebook.run("%redis CLIENT REPLY ON").result == "OK"


def test_a_notebook_goes_on_in_another_dialect(notebook: Notebook) -> None:
    notebook.run("%redis SET kept yes")
    notebook.run(LIBRARY)
    notebook.run("%config dialect valkey")
    outcome = notebook.run("{server.SERVER_NAME, server.call('GET', 'kept')}")
    assert outcome.result == '1) "valkey"\n2) "yes"'
    assert notebook.run("\nreturn redis.call('INCR')").reply["traceback"][:3] == [
        "ERR Wrong number of args calling command from script script: on @user_script:2.",
        "line 2 | return redis.call('INCR')",
        "                ^",
    ]
    failed = notebook.run("%fcall add k , x").reply["traceback"]
    assert failed[3] == "library line 3 |   return redis.call('INCRBY', keys[1], args[1])"
    assert "server" in notebook.run("%config dialect redis\nreturn server").reply["evalue"]


def test_half_of_an_emoji_gets_an_answer(notebook: Notebook) -> None:
    session = notebook.client.session
    session.pack = packer_of_any_text(session.pack)
    assert notebook.run("return #'\ud83d'").result == "(integer) 3"
    outcome = notebook.run('%keys "\ud83d')
    assert outcome.of("error")[0]["evalue"] == "unbalanced quotes"
