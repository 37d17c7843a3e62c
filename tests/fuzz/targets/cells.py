"""Any text as a cell: it ends with outputs, or with an error that can be shown."""

from __future__ import annotations

import random
from concurrent.futures import TimeoutError as TooLate
from typing import Any

from redislua_kernel import cells
from redislua_kernel.engine import Engine
from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import RedisError
from redislua_kernel.kernel import failures
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.kernel.publisher import Publisher
from redislua_kernel.session import Session
from tests.fuzz import texts
from tests.fuzz.message import check_message
from tests.fuzz.target import Failed, Target

_FILL = (
    "SET k v",
    "SET n 10",
    "RPUSH list a b",
    "HSET h f 1",
    "ZADD z 1 a",
    "XADD x 1-1 f v",
    "SADD s a",
)
_SECONDS = 2.0


class _Terminal:
    """A user who answers nothing."""

    answers = False

    def write(self, text: str) -> None:
        check_message({"text": text})

    def ask(self, prompt: str, *, hidden: bool = False) -> str | None:
        return None


class Cells(Target):
    count = 60

    def write(self, rng: random.Random) -> tuple[str, ...]:
        return tuple(texts.cell(rng) for _ in range(rng.choice((1, 1, 2, 3))))

    def take(self, given: tuple[str, ...]) -> None:
        engine = Engine()
        worker = Worker(engine)
        session = Session(engine, worker=worker)
        session.terminal = _Terminal()
        for line in _FILL:
            engine.execute(*line.split())
        try:
            for text in given:
                if not texts.is_outside(text):
                    _run(session, worker, text)
            if worker.submit(lambda: engine.execute("EVAL", "return 2", 0)).result(30) != 2:
                raise Failed("no script runs any more")
        finally:
            worker.submit(session.close)
            worker.submit(engine.close)
            worker.close()


def _run(session: Session, worker: Worker, text: str) -> None:
    """Run a cell as the kernel does."""

    def send(kind: str, content: dict[str, Any]) -> None:
        check_message(content)

    publisher = Publisher(send, session, 1, for_page=True)
    try:
        cell = cells.parse(text)
    except cells.UsageError as error:
        publisher.fail(failures.failure_of_cell(error, text))
        return
    run = CellRun(session, cell)

    def work() -> None:
        with session.engine.lock, session.cell():
            for output in run.outputs():
                publisher.publish(output)

    future = worker.submit(work)
    try:
        future.result(_SECONDS)
        publisher.finish()
    except TooLate:
        worker.interrupt()
        try:
            future.result(30)
        except RedisError as error:
            _fail(worker, publisher, error, run)
    except (RedisError, RecursionError) as error:
        _fail(worker, publisher, error, run)


def _fail(worker: Worker, publisher: Publisher, error: BaseException, run: CellRun) -> None:
    """Show an error, as the kernel does."""
    publisher.fail(worker.submit(lambda: failures.failure_of_run(error, run)).result(30))
