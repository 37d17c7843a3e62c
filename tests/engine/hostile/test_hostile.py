"""Whatever a script does, it ends, the process lives, and the data are as they should be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.worker import Worker
from tests.engine.hostile.scripts import ENDING, ENDLESS
from tests.engine.picture import picture
from tests.waiting import wait_until

#: How long a script may go on after it was interrupted, and a short one run.
_SECONDS = 60


@pytest.fixture(scope="module")
def engine() -> Engine:
    engine = Engine()
    engine.execute("SET", "k", "v")
    engine.execute("HSET", "h", "f", "1")
    engine.execute("RPUSH", "l", "a", "b")
    return engine


@pytest.fixture(scope="module")
def worker(engine: Engine) -> Iterator[Worker]:
    worker = Worker(engine, grace=0.3)
    yield worker
    worker.close()


def test_there_are_many() -> None:
    assert len(ENDING) + len(ENDLESS) >= 250


@pytest.mark.parametrize("script", ENDING.values(), ids=ENDING)
def test_it_ends_by_itself(engine: Engine, worker: Worker, script: str) -> None:
    was = picture(engine)

    def run() -> object:
        try:
            return engine.execute("EVAL", script, 0)
        except ResponseError as error:
            return error

    outcome = worker.submit(run).result(_SECONDS)
    assert not isinstance(outcome, Interrupted)
    if isinstance(outcome, ResponseError):
        assert "internal error" not in outcome.message
    assert picture(engine) == was
    assert worker.submit(lambda: engine.execute("EVAL", "return 1 + 1", 0)).result(_SECONDS) == 2


@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS)
def test_it_ends_when_interrupted(engine: Engine, worker: Worker, script: str) -> None:
    was = picture(engine)
    future = worker.submit(
        lambda: engine.execute("EVAL", f"redis.call('SET', 'k', 'x') {script}", 0)
    )
    wait_until(lambda: engine.scripting.running)
    worker.interrupt()
    with pytest.raises(Interrupted):
        future.result(_SECONDS)
    assert picture(engine) == was
    assert worker.submit(lambda: engine.execute("EVAL", "return 1 + 1", 0)).result(_SECONDS) == 2
