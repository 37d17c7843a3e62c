"""SCRIPT DEBUG over sockets: whom a session keeps from what, and how sessions end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import pytest

from redislua_kernel.engine.debugging.console import Console
from redislua_kernel.engine.debugging.debugger import Debugger
from redislua_kernel.server import Server
from tests.server.wire import Wire, frame
from tests.waiting import wait_until

Connect = Callable[[], Wire]

SCRIPT = b"redis.call('INCR', 'k')\nredis.call('INCR', 'k')\nreturn redis.call('GET', 'k')"
LIBRARY = b"""#!lua name=lib
local function double(n)
  return n * 2
end
redis.register_function('f', function(keys, args)
  local n = double(tonumber(args[1]))
  return redis.call('INCRBY', keys[1], n)
end)"""
BUSY = (
    b"-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"
)
END = b"*1\r\n+<endsession>\r\n"


def stop(line: int, code: bytes, *before: bytes, reason: bytes = b"step over") -> bytes:
    lines = [*before, b"* Stopped at %d, stop reason = %b" % (line, reason)]
    lines.append(b"-> %-3d %b" % (line, code))
    return b"*%d\r\n" % len(lines) + b"".join(b"+%b\r\n" % each for each in lines)


def begin(wire: Wire, mode: bytes, script: bytes = SCRIPT, *words: bytes) -> None:
    """Let a script begin to be debugged, and stop at its first line."""
    wire.send(frame(b"SCRIPT", b"DEBUG", mode))
    wire.expect(b"+OK\r\n")
    wire.send(frame(b"EVAL", script, *(words or (b"0",))))
    wire.expect(stop(1, script.split(b"\n")[0]))


def step(wire: Wire, command: bytes, reply: bytes) -> None:
    wire.send(frame(*command.split(b" ")))
    wire.expect(reply)


# On a view


def test_two_debug_at_the_same_time_while_a_third_works(server: Server, connect: Connect) -> None:
    first, second, other = connect(), connect(), connect()
    other.ask(b"SET k 10", b"+OK\r\n")
    begin(first, b"yes")
    begin(second, b"yes")
    line = SCRIPT.split(b"\n")[1]
    step(first, b"s", stop(2, line, b"<redis> INCR k", b"<reply> 11"))
    other.ask(b"GET k", b"$2\r\n10\r\n")
    other.ask(b"SET k 20", b"+OK\r\n")
    other.ask(b"EVAL \"return redis.call('INCR', 'k')\" 0", b":21\r\n")
    step(second, b"s", stop(2, line, b"<redis> INCR k", b"<reply> 11"))
    step(first, b"r SET k 70", b'*2\r\n+<redis> SET k 70\r\n+<reply> "+OK"\r\n')
    step(first, b"c", END + b"$2\r\n71\r\n")
    step(second, b"c", END + b"$2\r\n12\r\n")
    assert first.rest() == second.rest() == b""
    other.ask(b"GET k", b"$2\r\n21\r\n")


def test_the_scripts_of_a_session_are_dropped_too(server: Server, connect: Connect) -> None:
    wire = connect()
    begin(wire, b"yes", b"return 12345")
    step(wire, b"c", END + b":12345\r\n")
    assert server.engine.scripting.scripts.scripts == {}


def test_a_session_has_the_database_the_protocol_and_the_user_of_its_client(
    server: Server, connect: Connect
) -> None:
    server.engine.execute("ACL", "SETUSER", "ann", "on", ">x", "~k", "+@all", "-get")
    wire = connect()
    wire.send(b"HELLO 3 AUTH ann x\r\n")
    wire.until(b"modules\r\n*0\r\n")
    wire.ask(b"SELECT 3", b"+OK\r\n")
    wire.ask(b"SET k 5", b"+OK\r\n")
    script = b"redis.setresp(3)\nreturn redis.call('INCR', 'k') > 5"
    begin(wire, b"yes", script)
    step(wire, b"s", stop(2, script.split(b"\n")[1]))
    step(wire, b"r PING", b'*2\r\n+<redis> PING\r\n+<reply> "+PONG"\r\n')
    denied = b"ACL failure in script: User ann has no permissions to run the 'get' command"
    step(wire, b"r GET k", b"*2\r\n+<redis> GET k\r\n+<error> %b\r\n" % denied)
    step(wire, b"c", END + b"#t\r\n")


def test_who_goes_leaves_no_loop_behind(impatient: Server, connect: Connect) -> None:
    before = script_threads()
    wire = connect()
    begin(wire, b"yes", b"local a = 1\nwhile true do end")
    wire.socket.close()
    wait_until(lambda: script_threads() <= before)
    assert impatient.engine.execute("PING") == b"PONG"


def script_threads() -> int:
    return [each.name for each in threading.enumerate()].count("redislua-scripts")


def test_who_hangs_up_in_one_direction_gets_the_reply(server: Server, connect: Connect) -> None:
    wire = connect()
    begin(wire, b"yes")
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.rest() == END + b"$1\r\n2\r\n"


def test_a_client_is_killed_in_the_middle(server: Server, connect: Connect) -> None:
    before = script_threads()
    wire, other = connect(), connect()
    begin(wire, b"yes", b"local a = 1\nwhile true do end")
    other.ask(b"CLIENT KILL SKIPME yes", b":1\r\n")
    assert wire.rest() == b""
    wait_until(lambda: script_threads() <= before)


def test_the_end_of_the_server_ends_sessions(server: Server, connect: Connect) -> None:
    isolated, in_place = connect(), connect()
    begin(isolated, b"yes")
    begin(in_place, b"sync")
    server.stop()
    assert isolated.rest() == in_place.rest() == b""
    assert server.engine.execute("GET", "k") == b"2"  # it ran on


# On the engine itself


def test_a_session_in_sync_mode_keeps_others_waiting(server: Server, connect: Connect) -> None:
    wire, other = connect(), connect()
    begin(wire, b"sync")
    other.send(b"GET k\r\n")
    step(wire, b"s", stop(2, SCRIPT.split(b"\n")[1], b"<redis> INCR k", b"<reply> 1"))
    step(wire, b"c", END + b"$1\r\n2\r\n")
    other.expect(b"$1\r\n2\r\n")


def test_others_are_told_that_it_is_busy_and_can_kill_it(
    impatient: Server, connect: Connect
) -> None:
    wire, other = connect(), connect()
    begin(wire, b"sync", b"local a = 1\nreturn a")
    wait_until(impatient.gate.overdue)
    other.ask(b"GET k", BUSY)
    other.ask(b"SCRIPT KILL", b"+OK\r\n")
    other.ask(b"GET k", b"$-1\r\n")
    wire.expect(END + b"-ERR Script killed by user with SCRIPT KILL... script: ")
    assert wire.rest().endswith(b"on @user_script:2.\r\n")


def test_an_interrupt_ends_the_pause_and_takes_back_what_was_written(
    server: Server, connect: Connect
) -> None:
    wire = connect()
    begin(wire, b"sync")
    step(wire, b"s", stop(2, SCRIPT.split(b"\n")[1], b"<redis> INCR k", b"<reply> 1"))
    server.worker.interrupt()
    wire.expect(END + b"-ERR Interrupted\r\n")
    assert server.engine.execute("EXISTS", "k") == 0


def test_who_goes_in_sync_mode_lets_the_script_run_on(server: Server, connect: Connect) -> None:
    wire = connect()
    begin(wire, b"sync")
    step(wire, b"b 3", b"*2\r\n+   2   %b\r\n+  #3   %b\r\n" % tuple(SCRIPT.split(b"\n")[1:]))
    wire.socket.close()
    wait_until(lambda: server.engine.execute("GET", "k") == b"2")


def test_who_goes_in_sync_mode_does_not_leave_a_loop_behind(
    impatient: Server, connect: Connect
) -> None:
    wire, other = connect(), connect()
    begin(wire, b"sync", b"local a = 1\nwhile true do end")
    wire.socket.close()
    wait_until(lambda: impatient.engine.scripting.running is None)
    other.ask(b"GET k", b"$-1\r\n")


def test_a_loop_is_stopped_time_and_again(impatient: Server, connect: Connect) -> None:
    wire = connect()
    loop = b"while true do end"
    begin(wire, b"sync", b"local a = 1\n" + loop)
    overdue = stop(2, loop, reason=b"timeout reached, infinite loop?")
    step(wire, b"c", overdue)
    time.sleep(0.1)  # the clock begins anew behind the stop
    step(wire, b"c", overdue)
    step(wire, b"a", END + b"-ERR script aborted for user request script: ")


def test_who_debugs_in_the_notebook_goes_on_after_a_session(
    server: Server, connect: Connect
) -> None:
    class Silent:
        def send(self, lines: object) -> None: ...

        def read(self) -> None: ...

    debugger = Debugger(server.engine.scripting, Console(Silent()))
    debugger.attach()
    wire = connect()
    begin(wire, b"sync")
    step(wire, b"c", END + b"$1\r\n2\r\n")
    assert server.engine.scripting.watchers.debugger is debugger


def test_a_session_that_is_stuck_in_one_call_is_abandoned(
    impatient: Server, connect: Connect
) -> None:
    wire, other = connect(), connect()
    stuck = b"return ('a'):rep(40):find(('a?'):rep(40) .. ('a'):rep(40))"
    begin(wire, b"sync", b"local a = 1\n" + stuck)
    step(wire, b"s", b"")
    wait_until(impatient.gate.overdue)
    other.ask(b"SCRIPT KILL", b"+OK\r\n")
    other.ask(b"EVAL 'return 1' 0", b":1\r\n")
    assert impatient.engine.scripting.watchers.debugger is None
    assert not impatient.engine.conditions.is_traced


# Functions


@pytest.mark.parametrize("mode", [b"yes", b"sync"])
def test_a_function_is_debugged_as_well(server: Server, connect: Connect, mode: bytes) -> None:
    server.engine.execute("FUNCTION", "LOAD", LIBRARY)
    lines = LIBRARY.split(b"\n")
    wire, other = connect(), connect()
    wire.send(frame(b"SCRIPT", b"DEBUG", mode))
    wire.expect(b"+OK\r\n")
    wire.send(frame(b"FCALL", b"f", b"1", b"k", b"4"))
    wire.expect(stop(6, lines[5]))
    step(wire, b"s", stop(3, lines[2]))
    step(wire, b"p n", b"*1\r\n+<value> 4\r\n")
    trace = b"*4\r\n+In double:\r\n+-> 3   %b\r\n+From top level:\r\n+   6   %b\r\n"
    step(wire, b"t", trace % (lines[2], lines[5]))
    step(wire, b"b 7", b"*3\r\n+   6   %b\r\n+  #7   %b\r\n+   8   %b\r\n" % tuple(lines[5:8]))
    wire.send(frame(b"c"))
    wire.expect(stop(7, lines[6], reason=b"break point").replace(b"-> 7", b"->#7"))
    step(wire, b"p KEYS", b"*1\r\n+No such variable.\r\n")
    step(wire, b"p keys", b'*1\r\n+<value> {"k"}\r\n')
    step(wire, b"s", b"*3\r\n+<redis> INCRBY k 8\r\n+<reply> 8\r\n+<endsession>\r\n:8\r\n")
    assert wire.rest() == b""
    other.ask(b"GET k", b"$-1\r\n" if mode == b"yes" else b"$1\r\n8\r\n")


# What begins no session


def test_what_cannot_begin_ends_no_connection(server: Server, connect: Connect) -> None:
    wire = connect()
    wire.ask(b"SCRIPT DEBUG yes", b"+OK\r\n")
    wire.ask(b"EVAL x", b"-ERR wrong number of arguments for 'eval' command\r\n")
    server.engine.execute("SET", "k", "v")
    server.engine.execute("CONFIG", "SET", "maxmemory", 1)
    wire.ask(
        b'EVAL "#!lua\\nreturn 1" 0',
        b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    )
    server.engine.execute("CONFIG", "SET", "maxmemory", 0)
    wire.send(b"EVAL x\r\nPING\r\n")
    wire.expect(b"-ERR wrong number of arguments for 'eval' command\r\n+PONG\r\n")
    wire.ask(b"SCRIPT DEBUG no", b"+OK\r\n")
    wire.ask(b"EVAL 'return 1' 0", b":1\r\n")


def test_what_stands_in_exec_is_not_debugged(server: Server, connect: Connect) -> None:
    wire = connect()
    wire.ask(b"SCRIPT DEBUG yes", b"+OK\r\n")
    wire.ask(b"MULTI", b"+OK\r\n")
    wire.ask(b"EVAL 'return 1' 0", b"+QUEUED\r\n")
    wire.ask(b"EXEC", b"*1\r\n:1\r\n")


def test_the_engine_s_own_client_runs_scripts_as_ever(server: Server) -> None:
    server.engine.execute("SCRIPT", "DEBUG", "YES")
    assert server.engine.execute("EVAL", SCRIPT, 0) == b"2"
