"""What the widgets show: an engine, and the thread that runs its scripts."""

from collections.abc import Iterator

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.worker import Worker


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


@pytest.fixture
def worker(engine: Engine) -> Iterator[Worker]:
    worker = Worker(engine)
    yield worker
    worker.close()
