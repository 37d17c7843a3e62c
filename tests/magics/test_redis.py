"""%redis and %%redis: commands as redis-cli runs them."""

from __future__ import annotations

import pytest

from redislua_kernel.engine import Engine
from redislua_kernel.render.outputs import Result
from redislua_kernel.render.terminal import format_reply
from redislua_kernel.session import Session
from tests.magics.test_registry import outputs


def shown(cell: str, session: Session | None = None) -> list[str]:
    results = [each for each in outputs(cell, session) if isinstance(each, Result)]
    return [format_reply(each.reply, each.resp) for each in results]


@pytest.mark.parametrize(
    ("command", "start"),
    [("INFO errorstats", "# Errorstats\r\n"), ("client list", "id="), ("LOLWUT", "Redis ver.")],
)
def test_a_text_is_shown_as_it_is(command: str, start: str) -> None:
    session = Session(Engine())
    for cell in (f"%redis {command}", f"%%redis\n{command}"):
        assert shown(cell, session)[0].startswith(start)


def test_all_other_strings_are_quoted() -> None:
    script = "return {verbatim_string = {string = 'x', format = 'txt'}}"
    cell = f'%%redis\nSET INFO x\nEVAL "{script}" 0\nMULTI\nINFO'
    assert shown(cell) == ["OK", '"x"', "OK", "QUEUED"]
