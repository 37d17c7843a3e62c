"""Servers for the tests: the real ones to compare with, and our own `serve`.

Each is a context manager that yields a `Server` and ends exactly the process it started. The
fixtures in conftest.py share them; a test that hurts its server starts one of its own here.
"""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import HOST, free_port
from tests.resp_client import RespClient
from tests.waiting import wait_until

_START_SECONDS = 60

_FAKEREDIS = """
import sys
from fakeredis import TcpFakeServer
TcpFakeServer.allow_reuse_address = True
TcpFakeServer((sys.argv[1], int(sys.argv[2]))).serve_forever()
"""


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and its process."""

    host: str
    port: int
    socket: Path | None
    pid: int


@contextmanager
def run_redis(program: Path, *options: str) -> Iterator[Server]:
    """Run a real redis-server that stores nothing, on a free port and a unix socket."""
    with tempfile.TemporaryDirectory(prefix="redis-") as directory:
        path, port = Path(directory, "socket"), free_port()
        words = ["redis-server", "--bind", HOST, "--port", str(port), "--unixsocket", str(path)]
        words += ["--save", "", "--enable-debug-command", "yes", *options]
        # The program may be redis-check-rdb, which is a server when it is called by that name.
        with _running(words, port, Path(directory), program) as pid:
            yield Server(HOST, port, path, pid)


@contextmanager
def run_sentinel(program: Path, name: str, server: Server) -> Iterator[Server]:
    """Run a sentinel that knows a server by a name."""
    with tempfile.TemporaryDirectory(prefix="sentinel-") as directory:
        port, config = free_port(), Path(directory, "sentinel.conf")
        config.write_text(
            f"port {port}\nbind {HOST}\ndir {directory}\n"
            f"sentinel monitor {name} {server.host} {server.port} 1\n"
            f"sentinel down-after-milliseconds {name} 60000\n"
        )
        words = ["redis-sentinel", str(config), "--sentinel"]
        with _running(words, port, Path(directory), program) as pid:
            yield Server(HOST, port, None, pid)


@contextmanager
def run_cluster(program: Path, primaries: int = 3) -> Iterator[list[Server]]:
    """Run a cluster of real servers, with the slots spread evenly over the primaries."""
    with ExitStack() as stack:
        servers = []
        for _ in range(primaries):
            words = ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]
            words += ["--cluster-node-timeout", "2000"]
            servers.append(stack.enter_context(run_redis(program, *words)))
        clients = [stack.enter_context(RespClient(server.host, server.port)) for server in servers]
        for place, client in enumerate(clients):
            first, last = (16384 * each // primaries for each in (place, place + 1))
            client.command("CLUSTER", "SET-CONFIG-EPOCH", str(place + 1))
            client.command("CLUSTER", "ADDSLOTSRANGE", str(first), str(last - 1))
            bus = client.setting("cluster-port")
            for other in clients:
                other.command("CLUSTER", "MEET", HOST, str(servers[place].port), bus)
        wait_until(lambda: all(_is_formed(each, primaries) for each in clients))
        yield servers


def _is_formed(client: RespClient, primaries: int) -> bool:
    info: str = client.command("CLUSTER", "INFO")["v"]
    return "cluster_state:ok" in info and f"cluster_size:{primaries}\r" in info


@contextmanager
def run_serve(*options: str) -> Iterator[Server]:
    """Run `python -m redislua_kernel serve` on a free port."""
    with tempfile.TemporaryDirectory(prefix="serve-") as directory:
        port = free_port()
        words = [sys.executable, "-m", "redislua_kernel", "serve", "--port", str(port), *options]
        with _running(words, port, Path(directory)) as pid:
            yield Server(HOST, port, None, pid)


@contextmanager
def run_fakeredis() -> Iterator[Server]:
    """Run the TCP server of fakeredis on a free port."""
    with tempfile.TemporaryDirectory(prefix="fakeredis-") as directory:
        port = free_port()
        words = [sys.executable, "-c", _FAKEREDIS, HOST, str(port)]
        with _running(words, port, Path(directory)) as pid:
            yield Server(HOST, port, None, pid)


@contextmanager
def _running(
    words: list[str], port: int, directory: Path, program: Path | None = None
) -> Iterator[int]:
    """Start a process, yield its pid once it accepts connections on the port, and end it."""
    log = directory / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            words,
            executable=program,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(process, port, log)
        yield process.pid
    finally:
        # Not a polite end: a server busy with a script answers no other signal.
        process.kill()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')}")
