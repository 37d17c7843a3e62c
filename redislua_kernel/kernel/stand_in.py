"""Until engine.worker lands."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from redislua_kernel.engine import Engine
from redislua_kernel.errors import ResponseError


class Interrupted(ResponseError):
    undone = 0


class Worker:
    def __init__(self, engine: Engine) -> None:
        self.pool = ThreadPoolExecutor(1)

    def submit(self, function: Callable[[], Any]) -> Future[Any]:
        return self.pool.submit(function)

    def interrupt(self) -> None:
        pass
