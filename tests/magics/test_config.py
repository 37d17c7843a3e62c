"""%config: the engine's switches."""

import pytest

from redislua_kernel import ResponseError
from redislua_kernel.cells import UsageError
from redislua_kernel.engine import Engine
from redislua_kernel.render.outputs import Text
from redislua_kernel.session import Session
from tests.magics.test_registry import outputs


@pytest.mark.parametrize(
    ("option", "value", "command", "error"),
    [
        ("cluster", "yes", ("MSET", "a", "1", "b", "2"), "CROSSSLOT"),
        ("disk-error", "yes", ("SET", "k", "v"), "MISCONF Redis is configured to save"),
        ("disk-error", "aof", ("SET", "k", "v"), "MISCONF Errors writing to the AOF file"),
        ("strict", "yes", ("EVAL", "return redis.call('GET', 'k')", "0"), "ERR strict mode"),
    ],
)
def test_a_switch_puts_the_engine_into_a_condition(
    option: str, value: str, command: tuple[str, ...], error: str
) -> None:
    session = Session(Engine())
    session.execute(*command)
    outputs(f"%config {option} {value}", session)
    with pytest.raises(ResponseError, match=f"^{error}"):
        session.execute(*command)
    outputs(f"%config {option} no", session)
    assert outputs(f"%config {option}", session) == [Text(f"{option} no\n")]
    session.execute(*command)


def test_names_and_values_are_taken_in_any_case() -> None:
    session = Session(Engine())
    outputs("%config STRICT Yes", session)
    assert outputs("%config strict", session) == [Text("strict yes\n")]


def test_only_its_values_are_taken() -> None:
    for words in ("cluster on", "strict 1", "disk-error full"):
        with pytest.raises(UsageError, match=words.split()[0]):
            outputs(f"%config {words}")
