"""An engine, and a short way to run a script on it."""

from collections.abc import Callable

import pytest

from redislua_kernel import Engine
from redislua_kernel.reply import Reply

Evaluate = Callable[..., Reply]


@pytest.fixture
def evaluate(engine: Engine) -> Evaluate:
    """Run a script with these arguments as ARGV."""
    return lambda script, *arguments: engine.execute("EVAL", script, 0, *arguments)
