"""What a server replicates, read as a replica would: for servers that are nobody else's.

The stream begins behind a snapshot, which is skipped. Its commands are read up to a mark that the
server is made to replicate.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable
from contextlib import closing

from redislua_kernel.remote.errors import Lost
from redislua_kernel.reply import Reply

__all__ = ["Replication"]

_SECONDS = 10.0
#: What is replicated besides effects.
_BESIDES = (b"ping", b"replconf", b"select", b"multi", b"exec")


class Replication:
    """The stream of one server's commands, from when this was made."""

    def __init__(self, path: str, ask: Callable[..., Reply]) -> None:
        self._ask = ask
        # Without that, the snapshot would wait for further replicas.
        ask("CONFIG", "SET", "repl-diskless-sync", "no")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_SECONDS)
        self._socket.connect(path)
        self._file = self._socket.makefile("rb")
        self._socket.sendall(b"SYNC\r\n")
        header = self._line()
        while not header:
            header = self._line()  # the server is alive, and says no more
        self._read(int(header[1:]))

    def close(self) -> None:
        """Leave the server."""
        with closing(self._socket):
            self._file.close()

    def effects(self) -> list[tuple[bytes, ...]]:
        """Give the commands since the last time, without the frames of transactions."""
        mark = uuid.uuid4().hex.encode()
        self._ask("PUBLISH", mark, b"")
        found: list[tuple[bytes, ...]] = []
        while True:
            words = self._command()
            if words[0].lower() == b"publish" and words[1] == mark:
                return found
            if words[0].lower() not in _BESIDES:
                found.append(words)

    def _command(self) -> tuple[bytes, ...]:
        header = self._line()
        words: list[bytes] = []
        for _ in range(int(header[1:])):
            words.append(self._read(int(self._line()[1:])))
            self._line()
        return tuple(words)

    def _line(self) -> bytes:
        line = self._file.readline()
        if not line:
            raise Lost("the server has ended the replication")
        return line.rstrip(b"\r\n")

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise Lost("the server has ended the replication")
        return data
