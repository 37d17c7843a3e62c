"""Commands as bytes, and a connection whose two directions are plain bytes."""

import socket
from typing import Self

from tests.waiting import wait_until


def frame(*words: bytes) -> bytes:
    """Give a command as the bytes that clients send."""
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


class Wire:
    """A socket to a server: what is sent and received are bytes."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def expect(self, data: bytes) -> None:
        """Receive exactly these bytes."""
        got = b""
        while len(got) < len(data) and data.startswith(got):
            chunk = self.socket.recv(len(data) - len(got))
            if not chunk:
                break
            got += chunk
        assert got == data, f"received {got!r}"

    def ask(self, line: bytes, reply: bytes) -> None:
        """Send an inline command and receive exactly this reply."""
        self.send(line + b"\r\n")
        self.expect(reply)

    def until(self, end: bytes) -> bytes:
        """Receive up to and with these bytes."""
        got = bytearray()
        while not got.endswith(end):
            chunk = self.socket.recv(65536)
            assert chunk, f"received {bytes(got)!r}"
            got += chunk
        return bytes(got)

    def wait_until_busy(self) -> None:
        """Wait until another's script is overdue, where only the server's answers tell."""

        def is_busy() -> bool:
            self.send(b"PING\r\n")
            return self.until(b"\r\n").startswith(b"-BUSY")

        wait_until(is_busy)

    def take(self, size: int) -> bytes:
        """Receive so many bytes."""
        got = bytearray()
        while len(got) < size and (chunk := self.socket.recv(size - len(got))):
            got += chunk
        return bytes(got)

    def rest(self) -> bytes:
        """Receive until the server closes the connection."""
        chunks = []
        try:
            while chunk := self.socket.recv(65536):
                chunks.append(chunk)
        except ConnectionResetError:
            pass
        return b"".join(chunks)
