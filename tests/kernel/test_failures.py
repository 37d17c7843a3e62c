"""What becomes of an exception where explaining it fails."""

import pytest

from redislua_kernel import Engine, ResponseError, cells
from redislua_kernel.kernel import failures
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.session import Session


def test_a_fault_in_an_explanation_does_not_keep_the_cell_from_ending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> list[str]:
        raise ValueError("no hint")

    monkeypatch.setattr(failures, "hints", fail)
    run = CellRun(Session(Engine()), cells.parse("return 1"))
    told = failures.failure_of_run(ResponseError("ERR no"), run)
    assert told["evalue"] == "no hint"
    assert "ValueError: no hint" in "".join(told["traceback"])
