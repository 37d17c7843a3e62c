"""The plugin for pytest: its fixture `redis_lua` is a fresh engine for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from redislua_kernel.testing.bench import Bench

__all__ = ["redis_lua"]


@pytest.fixture
def redis_lua() -> Iterator[Bench]:
    """Give an empty Redis in this process: `load` Lua files, `execute`, `call`, `check`.

    Its clock stands still until `advance`.
    """
    bench = Bench()
    yield bench
    bench.close()
