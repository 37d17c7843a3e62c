"""The debugger of SCRIPT DEBUG: its sessions are the reference's, to the byte."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.differential.lua_writer import Writer
from tests.differential.test_scripts import FILL
from tests.differential.transcripts import Listener, Session, play, read_sessions, transcript
from tests.servers import Server
from tests.waiting import wait_until

pytestmark = pytest.mark.reference

SESSIONS = {
    **dict(read_sessions(Path(__file__).with_name("debugger_sessions.txt"))),
    "a source with odd lines": Session(
        "\r\nlocal a = 'x'\t\r\n\r\nreturn a\n\n\r\n", ["w", "p", "s", "l", "s"]
    ),
    "an empty script": Session("", ["l", "w", "p", "t", "b 1", "s"]),
    "newlines alone": Session("\n\n\n", ["l", "b 1", "c"]),
    "too many breakpoints": Session(
        "\n".join(f"local a{number}" for number in range(70)) + "\nreturn 1",
        [f"b {' '.join(map(str, range(1, 71)))}", "b", "b 70", "b -1", "b 70 71 72", "b 0", "c"],
    ),
}


@pytest.mark.parametrize("mode", ["yes", "sync"])
@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_a_session_is_heard_as_from_the_reference(
    reference_server: Server, serve: Server, session: Session, mode: str
) -> None:
    assert transcript(serve, session, mode) == transcript(reference_server, session, mode)


@pytest.mark.parametrize("seed", range(12))
def test_a_generated_script_is_stepped_through_as_on_the_reference(
    reference_server: Server, serve: Server, seed: int
) -> None:
    rng = random.Random(seed)
    said = [line for _ in range(40) for line in rng.choice((["s"], ["s", "p"], ["n", "t"]))]
    session = Session(Writer(rng).script(), said, "1 key argument 5")

    def heard(server: Server) -> list[bytes]:
        with Listener(server) as listener:
            listener.ask("EVAL", FILL, "0")
        return play(server, session, "yes")

    assert heard(serve) == heard(reference_server)


#: What comes over the wire, piece by piece, while the script waits.
LAST = b"*1\r\n$1\r\na\r\n"
#: Here something is heard before the next piece is sent, which would else be read with the last.
ANSWER = b"an answer"
PIECES = {
    "no frame": [b"hello\r\n"],
    "an inline command": [b"step\r\n"],
    "a frame behind something else": [b"xx*1\r\n$1\r\ns\r\n", ANSWER, LAST],
    "two commands at once": [b"*1\r\n$1\r\ns\r\n" * 2, ANSWER, LAST],
    "a command in pieces": [b"*", b"1\r", b"\n$", b"1\r\n", b"s", b"\r\n", ANSWER, LAST],
    "no words": [b"*0\r\n"],
    "fewer words than none": [b"*-1\r\n"],
    "too many words": [b"*1025\r\n"],
    "a number that begins with letters": [b"*x\r\n"],
    "a number with something behind": [b"* 1x\r\n$1y\r\ns\r\n", ANSWER, LAST],
    "no bulk string": [b"*1\r\n:1\r\n"],
    "an empty word": [b"*1\r\n$0\r\n\r\n"],
    "a word of the greatest length": [
        b"*2\r\n$1\r\np\r\n$1024\r\n" + b"x" * 1024 + b"\r\n",
        ANSWER,
        LAST,
    ],
    "a word that is too long": [b"*1\r\n$1025\r\n"],
    "a word longer than it says": [b"*1\r\n$1\r\nss\r\n"],
    "zero bytes": [b"*1\r\n$3\r\ns\0x\r\n", ANSWER, LAST],
    "a zero byte in front": [b"\0*1\r\n$1\r\ns\r\n"],
    "a zero byte in a header": [b"*1\0\r\n$1\r\ns\r\n", LAST],
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_frames_are_read_as_by_the_reference(
    reference_server: Server, serve: Server, pieces: list[bytes]
) -> None:
    def heard(server: Server) -> list[bytes]:
        answers = []
        with Listener(server) as listener:
            listener.ask("SCRIPT", "DEBUG", "yes")
            listener.ask("EVAL", "local a = 1\nlocal b = 2\nlocal c = 3\nreturn c", "0")
            for piece in pieces:
                if piece is ANSWER:
                    answers.append(listener.hear())
                else:
                    listener.socket.sendall(piece)
                    time.sleep(0.02)
            listener.socket.shutdown(socket.SHUT_WR)
            return [*answers, listener.rest()]

    assert heard(serve) == heard(reference_server)


LOOPS = {
    "a loop": ("local n = 0\nwhile true do n = n + 1 end", ["c", "l", "c", "t", "a"]),
    "a loop that is stepped out of": ("while true do local n = 1 end", ["c", "s", "s", "c", "a"]),
    "a loop in a function": (
        "local function f()\n  while true do local a = 1 end\nend\nlocal b = f()",
        ["c", "t", "e 1", "abort"],
    ),
    "a loop that catches": (
        "while true do pcall(function() local a = 1 end) end",
        ["c", "s", "b 1"],
    ),
}


@pytest.mark.parametrize(("script", "said"), LOOPS.values(), ids=LOOPS)
def test_an_endless_loop_is_stopped_as_by_the_reference(
    reference_server: Server, serve: Server, script: str, said: list[str]
) -> None:
    def heard(server: Server) -> list[bytes]:
        with Listener(server) as listener:
            listener.say("CONFIG SET busy-reply-threshold 30")
            try:
                return transcript(server, Session(script, said), "yes")
            finally:
                listener.say("CONFIG SET busy-reply-threshold 5000")

    assert heard(serve) == heard(reference_server)


@pytest.mark.parametrize("mode", ["yes", "sync"])
@pytest.mark.parametrize("script", ["redis.call('SET', 'k', 1)\nreturn 1", "while true do end"])
def test_who_goes_away_leaves_what_the_reference_leaves(
    reference_server: Server, serve: Server, mode: str, script: str
) -> None:
    def left(server: Server) -> bytes:
        with Listener(server) as other:
            other.say("FLUSHALL")
            other.say("CONFIG SET busy-reply-threshold 30")
            with Listener(server) as listener:
                listener.ask("SCRIPT", "DEBUG", mode)
                listener.ask("EVAL", script, "0")
                listener.say("s")
            wait_until(lambda: not other.say("GET k").startswith(b"-BUSY"))
            other.say("CONFIG SET busy-reply-threshold 5000")
            return other.say("GET k")

    assert left(serve) == left(reference_server)


SHA1 = "e" * 40
COMMANDS = [
    ("SCRIPT DEBUG", "SCRIPT DEBUG x", "SCRIPT DEBUG yes sync", "SCRIPT DEBUG No"),
    ("SCRIPT DEBUG YES", "SCRIPT DEBUG no", "EVAL return=1 0"),
    ("SCRIPT DEBUG yes", "EVALSHA x 0", f"EVALSHA {SHA1} 0", f"EVALSHA_RO {SHA1} x", "EVAL"),
    ("SCRIPT DEBUG sync", f"EVALSHA {SHA1}", "PING"),
    ("MULTI", "SCRIPT DEBUG yes", "EXEC", "PING"),
    ("SCRIPT DEBUG yes", "MULTI", "EVAL x", "EXEC"),
]  # fmt: skip


@pytest.mark.parametrize("commands", COMMANDS)
def test_what_begins_no_session_is_answered_as_by_the_reference(
    reference_server: Server, serve: Server, commands: tuple[str, ...]
) -> None:
    def heard(server: Server) -> list[bytes]:
        with Listener(server) as listener:
            return [listener.say(line) for line in commands]

    assert heard(serve) == heard(reference_server)


def test_the_debugger_is_asked_for_outside_a_pipeline(
    reference_server: Server, serve: Server
) -> None:
    def heard(server: Server) -> list[bytes]:
        with Listener(server) as listener:
            listener.socket.sendall(b"PING\r\nSCRIPT DEBUG yes\r\n")
            return [listener.hear(), listener.hear()]

    assert heard(serve) == heard(reference_server)


CLI_SCRIPT = """local a = 1
redis.call('set', KEYS[1], ARGV[1])
local t = {a = a}
return redis.call('get', KEYS[1])"""
CLI_INPUT = """help
step
print
step
p t
e t == nil
redis get k
continue
get k
restart
list
b 3
c
maxlen 0
trace
abort
restart
quit
"""


@pytest.mark.parametrize("option", ["--ldb", "--ldb-sync-mode"])
@pytest.mark.parametrize("script", [CLI_SCRIPT, "return }"], ids=["a script", "no Lua"])
def test_redis_cli_debugs_as_on_the_reference(
    reference_server: Server,
    serve: Server,
    redis_cli: Path,
    tmp_path: Path,
    option: str,
    script: str,
) -> None:
    file = tmp_path / "script.lua"
    file.write_text(script)

    def shown(server: Server) -> str:
        with Listener(server) as listener:
            listener.say("FLUSHALL")
        words = [redis_cli, "-p", str(server.port), option, "--eval", file, "k", ",", "v"]
        ended = subprocess.run(
            words, input=CLI_INPUT, capture_output=True, text=True, timeout=60, check=False
        )
        with Listener(server) as listener:
            return f"{ended.stdout}{ended.stderr}{listener.say('GET k')!r}"

    expected = shown(reference_server).replace(str(reference_server.port), "PORT")
    assert shown(serve).replace(str(serve.port), "PORT") == expected
