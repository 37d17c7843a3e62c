"""While a script runs too long: BUSY, the two KILLs, and SHUTDOWN NOSAVE as the way out."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from redislua_kernel.server import Server
from tests.server.wire import Wire
from tests.servers import run_serve
from tests.waiting import wait_until

Connect = Callable[[], Wire]

_BUSY = (
    b"-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n"
)
_BUSY_FUNCTION = _BUSY.replace(b"SCRIPT KILL", b"FUNCTION KILL")
_UNKILLABLE = b"-UNKILLABLE Sorry the script already executed write commands against the dataset."


def wait_until_overdue(server: Server) -> None:
    wait_until(server.gate.overdue)


def test_an_overdue_script_can_be_killed(impatient: Server, connect: Connect) -> None:
    runner, other = connect(), connect()
    runner.send(b"EVAL 'while true do end' 0\r\nPING\r\n")
    wait_until_overdue(impatient)
    other.ask(b"GET k", _BUSY)
    other.ask(b"NOSUCH", b"-ERR unknown command 'NOSUCH', with args beginning with: \r\n")
    other.ask(b"GET", b"-ERR wrong number of arguments for 'get' command\r\n")
    other.ask(b"FUNCTION KILL", _BUSY)
    other.ask(b"FUNCTION STATS", _BUSY)
    other.ask(b"SHUTDOWN", _BUSY)
    other.ask(b"SCRIPT KILL", b"+OK\r\n")
    other.ask(b"GET k", b"$-1\r\n")
    runner.expect(b"-ERR Script killed by user with SCRIPT KILL... script: ")
    other.ask(b"SCRIPT KILL", b"-NOTBUSY No scripts in execution right now.\r\n")
    runner.until(b"+PONG\r\n")


def test_an_overdue_function_is_killed_by_function_kill(
    impatient: Server, connect: Connect
) -> None:
    runner, other = connect(), connect()
    library = b"#!lua name=l\\nredis.register_function('f',function() while true do end end)"
    runner.ask(b'FUNCTION LOAD "' + library + b'"', b"$1\r\nl\r\n")
    runner.send(b"FCALL f 0\r\n")
    wait_until_overdue(impatient)
    other.ask(b"GET k", _BUSY_FUNCTION)
    other.ask(b"SCRIPT KILL", _BUSY_FUNCTION)
    other.send(b"FUNCTION STATS\r\n")
    other.expect(b"*4\r\n$14\r\nrunning_script\r\n*6\r\n$4\r\nname\r\n$1\r\nf\r\n")
    other.socket.recv(65536)
    other.ask(b"FUNCTION KILL", b"+OK\r\n")
    runner.expect(b"-ERR Script killed by user with SCRIPT KILL... script: f")


def test_a_killed_script_that_is_stuck_in_one_call_is_abandoned(
    impatient: Server, connect: Connect
) -> None:
    runner, other = connect(), connect()
    runner.send(b'EVAL \'return ("a"):rep(40):find(("a?"):rep(40)..("a"):rep(40))\' 0\r\nPING\r\n')
    wait_until_overdue(impatient)
    other.ask(b"SCRIPT KILL", b"+OK\r\n")
    other.ask(b"SET k 1", b"+OK\r\n")
    runner.expect(b"-ERR Interrupted\r\n+PONG\r\n")
    runner.ask(b'EVAL \'return redis.call("GET","k")\' 0', b"$1\r\n1\r\n")


def test_a_script_that_wrote_is_unkillable(impatient: Server, connect: Connect) -> None:
    runner, other = connect(), connect()
    runner.send(b'EVAL \'redis.call("SET","k",1) while true do end\' 0\r\n')
    wait_until_overdue(impatient)
    other.ask(b"SCRIPT KILL", _UNKILLABLE)


def test_a_transaction_begun_while_busy_is_refused(impatient: Server, connect: Connect) -> None:
    runner, other = connect(), connect()
    runner.send(b"EVAL 'while true do end' 0\r\n")
    wait_until_overdue(impatient)
    other.ask(b"MULTI", b"+OK\r\n")
    other.ask(b"SET k 1", _BUSY)
    connect().ask(b"SCRIPT KILL", b"+OK\r\n")
    runner.expect(b"-ERR Script killed")
    other.ask(b"EXEC", b"-EXECABORT Transaction discarded because of previous errors.\r\n")


def test_commands_wait_for_a_script_that_is_not_overdue(server: Server, connect: Connect) -> None:
    runner, other = connect(), connect()
    until_go = b'while redis.call("EXISTS","go") == 0 do end return redis.call("INCR","k")'
    runner.send(b"EVAL '%s' 0\r\n" % until_go)
    wait_until(lambda: server.engine.scripting.running)
    other.send(b"GET k\r\n")
    wait_until(lambda: server.gate.waiting)
    server.engine.keyspace[0].entries[b"go"] = b"1"
    other.expect(b"$1\r\n1\r\n")
    runner.expect(b":1\r\n")


def test_a_client_that_leaves_during_its_script_hurts_nobody(
    impatient: Server, connect: Connect
) -> None:
    runner, other = connect(), connect()
    runner.send(b"EVAL 'while true do end' 0\r\n")
    wait_until_overdue(impatient)
    runner.socket.close()
    other.ask(b"SCRIPT KILL", b"+OK\r\n")
    other.ask(b"PING", b"+PONG\r\n")


def test_shutdown_nosave_ends_the_process_even_while_busy() -> None:
    with run_serve() as serve, Wire(serve.port) as runner, Wire(serve.port) as other:
        other.ask(b"CONFIG SET busy-reply-threshold 50", b"+OK\r\n")
        runner.send(b'EVAL \'redis.call("SET","k",1) while true do end\' 0\r\n')
        other.wait_until_busy()
        other.ask(b"SCRIPT KILL", _UNKILLABLE)
        other.send(b"SHUTDOWN NOSAVE\r\n")
        other.rest()
        assert runner.rest() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_serve_in_an_orderly_way(number: int) -> None:
    serve = subprocess.Popen(
        [sys.executable, "-m", "redislua_kernel", "serve", "--port", "0"], stdout=subprocess.PIPE
    )
    assert serve.stdout is not None
    line = serve.stdout.readline()
    assert line.startswith(b"Ready to accept connections on 127.0.0.1:")
    with Wire(int(line.rpartition(b":")[2])) as wire:
        wire.ask(b"PING", b"+PONG\r\n")
        serve.send_signal(number)
        assert wire.rest() == b""
    assert serve.wait(timeout=60) == 0
    serve.stdout.close()


def test_a_slow_command_makes_no_one_busy(impatient: Server, connect: Connect) -> None:
    other, worker = connect(), impatient.worker
    slow = worker.submit(lambda: impatient.engine.execute("DEBUG", "POPULATE", 10**9))
    wait_until(lambda: impatient.engine.keyspace[0].entries)
    other.send(b"SCRIPT KILL\r\nGET key:1\r\n")
    wait_until(lambda: impatient.gate.waiting)
    time.sleep(0.1)  # longer than a script may take
    assert not slow.done()
    worker.interrupt()
    other.expect(b"-NOTBUSY No scripts in execution right now.\r\n$-1\r\n")
