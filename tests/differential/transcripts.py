"""Sessions of the debugger over sockets: what a client says, and all that it then hears."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from tests.resp_client import read_bytes
from tests.servers import Server

__all__ = ["Listener", "Session", "play", "read_sessions", "transcript"]

END = b"+<endsession>\r\n"
GONE = b"(gone)"
_ADDRESS = re.compile(rb"(?:(?<=@)|(?<=: ))0x[0-9a-f]+")


class Session(NamedTuple):
    """A script or a function, and what is said to the debugger, line by line."""

    script: str
    said: Sequence[str]
    words: str = "0"
    command: str = "EVAL"
    #: Commands that run before.
    before: Sequence[str] = ()


def read_sessions(path: Path) -> Iterator[tuple[str, Session]]:
    """Read a file of sessions; its first lines tell how they are written."""
    for section in path.read_text().split("\n=== ")[1:]:
        head, _, rest = section.partition("\n")
        script, _, said = rest.partition("\n---\n")
        name, *commands = head.split(" | ")
        call, *before = commands or ["EVAL 0"]
        command, words = call.split(" ", 1)
        lines = [line for each in said.strip().split("\n") for line in _repeated(each)]
        yield name, Session(script, lines, words, command, before)


def _repeated(line: str) -> list[str]:
    count, _, rest = line.partition(" ")
    return rest.split(";") * int(count) if count.isdigit() else [line]


class Listener:
    """A client that hears bytes, addresses masked."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection((server.host, server.port), timeout=60)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self.socket.close()

    def ask(self, *words: str) -> bytes:
        """Send a command; give the next thing heard."""
        parts = [f"*{len(words)}\r\n", *(f"${len(word)}\r\n{word}\r\n" for word in words)]
        self.socket.sendall("".join(parts).encode("latin-1"))
        return self.hear()

    def say(self, line: str) -> bytes:
        """Send a line as redis-cli does in a session: code is one word."""
        word, _, rest = line.partition(" ")
        is_code = word in ("e", "eval") and rest
        return self.ask(word, rest) if is_code else self.ask(*line.split(" "))

    def hear(self) -> bytes:
        """Give the next thing heard."""
        try:
            return _ADDRESS.sub(b"0x", read_bytes(self._file))
        except (EOFError, IndexError):
            return GONE

    def rest(self) -> bytes:
        """Give what is heard until the server hangs up."""
        return self._file.read()


def transcript(server: Server, session: Session, mode: str) -> list[bytes]:
    """Play a session on an empty server; give what was heard, and then the data."""
    with Listener(server) as listener:
        for line in ("FLUSHALL", "SCRIPT FLUSH", *session.before):
            listener.say(line)
        heard = play(server, session, mode)
        return [*heard, *(listener.ask("GET", key) for key in ("k", "l", "m"))]


def play(server: Server, session: Session, mode: str) -> list[bytes]:
    """Play a session, and give each thing that the client hears."""
    with Listener(server) as listener:
        heard = [listener.ask("SCRIPT", "DEBUG", mode)]
        heard.append(listener.ask(session.command, session.script, *session.words.split(" ")))
        for line in session.said:
            if heard[-1].endswith(END):
                break
            heard.append(listener.say(line))
        if heard[-1].endswith(END):
            heard.append(listener.rest())
        return heard
