"""A cell stuck inside one C call: it ends all the same, and everything is as it was before it."""

import time
from collections.abc import Iterator

import pytest

from tests.kernel.notebook import Notebook, Outcome

READY = "redis.log(redis.LOG_NOTICE, 'ready')"
PATTERN = "string.find(('a'):rep(40), ('a-'):rep(40) .. 'b')"
LIBRARY = """#!lua name=counter
local count = 0
redis.register_function('count', function() count = count + 1 return count end)"""

#: How long an interrupt may take at most, and how often one may try on a busy machine.
SECONDS, TRIES = 3, 5

STUCK = {
    "a pattern": PATTERN,
    "a replacement": f"string.gsub{PATTERN.removeprefix('string.find')[:-1]}, '')",
    "an insertion": "table.insert({}, -2^31, 1)",
    "joining": "local t, s = {}, ('x'):rep(1e5) for i = 1, 5e3 do t[i] = s end "
    "for _ = 1, 1e4 do table.concat(t) end",
    "loaded code": f"loadstring([[{PATTERN}]])()",
    "a protected call": f"while true do pcall(function() {PATTERN} end) end",
    "a coroutine": f"coroutine.wrap(function() {PATTERN} end)()",
    "a command's midst": f"redis.call('DEL', 'k') {PATTERN} redis.call('FLUSHALL')",
}


@pytest.fixture(scope="module")
def stuck_notebook(kernelspec: str) -> Iterator[Notebook]:
    """A kernel of its own: stuck threads stay until it ends."""
    with Notebook.start(kernelspec) as notebook:
        notebook.run("%redis SET k v\n%redis HSET h f 1\n%redis EXPIREAT h 9999999999")
        notebook.run(LIBRARY)
        notebook.run("%%script load\nreturn 'cached'")
        yield notebook


EMPTY = "(empty array)"
CACHED = "952f49ffc8f7b098d8ab5da45d3164ca36ed18b1"


def interrupt(notebook: Notebook, code: str) -> Outcome:
    """Interrupt a cell that is stuck, as often as it takes to be quick once."""
    for _ in range(TRIES):
        request = notebook.begin(code)
        notebook.wait_for_stream(request, "ready\n")
        time.sleep(0.05)
        began = time.monotonic()
        notebook.manager.interrupt_kernel()
        outcome = notebook.finish(request)
        took = time.monotonic() - began
        assert outcome.reply["ename"] == "Interrupted", outcome
        assert "Lua has begun anew" in outcome.traceback
        if took < SECONDS:
            return outcome
    pytest.fail(f"it took longer than {SECONDS} s, {TRIES} times")


def assert_unharmed(notebook: Notebook) -> None:
    run = notebook.run
    assert run("%redis GET k").result == '"v"'
    assert run("%redis EXPIRETIME h").result == "(integer) 9999999999"
    assert run("%redis DBSIZE").result == "(integer) 2"
    assert run("%fcall count").result == "(integer) 1"
    assert run(f"%redis EVALSHA {CACHED} 0").result == '"cached"'
    assert run("return redis.call('GET', 'k')").result == '"v"'


@pytest.mark.parametrize("stuck", STUCK.values(), ids=STUCK)
def test_a_stuck_script_ends_and_leaves_all_as_it_was(stuck_notebook: Notebook, stuck: str) -> None:
    outcome = interrupt(stuck_notebook, f"redis.call('SET', 'k', 'x')\n{READY}\n{stuck}")
    assert "The cell's writes were undone: " in outcome.traceback
    assert_unharmed(stuck_notebook)


@pytest.mark.parametrize("head", ["%%trace\n", "%%profile\n", "%%diff\n", "%%eval a b , c\n"])
def test_a_stuck_script_ends_whatever_looks_on(stuck_notebook: Notebook, head: str) -> None:
    interrupt(stuck_notebook, f"{head}redis.call('SET', 'k', 'x')\n{READY}\n{PATTERN}")
    assert_unharmed(stuck_notebook)
    assert stuck_notebook.run("return redis.call('PING')").displayed == []


def test_a_library_that_is_stuck_while_it_loads_is_not_loaded(stuck_notebook: Notebook) -> None:
    pattern = "local _ = (('a'):rep(40)):find(('a-'):rep(40) .. 'b')"  # there is no `string` here
    body = f"#!lua name=stuck\n{READY}\n{pattern}\nredis.register_function('f', function() end)"
    interrupt(stuck_notebook, body)
    assert_unharmed(stuck_notebook)
    assert stuck_notebook.run("%redis FUNCTION LIST LIBRARYNAME stuck").result == EMPTY


def test_what_a_stuck_cell_has_set_is_taken_back(stuck_notebook: Notebook) -> None:
    run = stuck_notebook.run
    settings = """%keys one
%args two
%config resp 3
%config rows 5
%config strict yes
%snapshot made
%redis CONFIG SET maxmemory 123456789 notify-keyspace-events KEA
%redis ACL SETUSER someone on nopass
%redis CLIENT SETNAME me
%redis SELECT 3
%redis SET k x
%redis SCRIPT LOAD "return 'another'"
%redis FUNCTION DELETE counter
"""
    interrupt(stuck_notebook, f"{settings}{READY}\n{PATTERN}")
    assert_unharmed(stuck_notebook)
    assert run("return #KEYS + #ARGV").result == "(integer) 0"
    assert run("%config resp").stream() == "resp 2\n"
    assert run("%config rows").stream() == "rows 100\n"
    assert run("%config strict").stream() == "strict no\n"
    assert run("%snapshots").stream() == "no snapshots\n"
    assert run("%redis CONFIG GET maxmemory").result == '1) "maxmemory"\n2) "0"'
    assert run("%redis ACL USERS").result == '1) "default"'
    assert run("%redis CLIENT GETNAME").result == "(nil)"
    sha = "8ccba07cb67abc17451cc61a747019a4e5fb22fb"
    assert run(f"%redis SCRIPT EXISTS {sha}").result == "1) (integer) 0"


def test_an_expression_that_is_stuck_in_the_console_ends_the_cell(stuck_notebook: Notebook) -> None:
    for head in ("%%debug", "%%debug isolated"):
        expression = f"{READY} return {PATTERN}"
        request = stuck_notebook.begin(
            f"{head}\nredis.call('SET', 'k', 'x')\nlocal a = 1\nreturn a", allow_stdin=True
        )
        for answer in ("next", f"eval {expression}"):
            stuck_notebook.client.get_stdin_msg(timeout=60)
            stuck_notebook.client.input(answer)
        stuck_notebook.wait_for_stream(request, "ready\n")
        stuck_notebook.manager.interrupt_kernel()
        assert stuck_notebook.finish(request).reply["ename"] == "Interrupted"
        if head == "%%debug":
            assert_unharmed(stuck_notebook)
        else:  # on a copy, that is with another Lua: what this one holds has not changed
            assert stuck_notebook.run("%fcall count").result == "(integer) 2"
