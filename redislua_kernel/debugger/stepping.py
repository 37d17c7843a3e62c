"""The requests by which a script goes on, and stops again."""

from __future__ import annotations

from redislua_kernel.debugger.pause import THREAD
from redislua_kernel.debugger.requests import Asked, Body, request
from redislua_kernel.engine.debugging.stop import Step


@request("threads")
def threads(asked: Asked) -> Body:
    """Give the only thread."""
    return {"threads": [{"id": THREAD, "name": "scripts"}]}


@request("continue", on_stop=True)
def go_on(asked: Asked) -> Body:
    """Run to the next breakpoint."""
    asked.pause.go_on(Step.RUN)
    return {"allThreadsContinued": True}


@request("next", on_stop=True)
def step_over(asked: Asked) -> None:
    """Run to the next line of this function, or of its caller."""
    asked.pause.go_on(Step.OVER)


@request("stepIn", on_stop=True)
def step_in(asked: Asked) -> None:
    """Run to the next line, also in a function that is called."""
    asked.pause.go_on(Step.INTO)


@request("stepOut", on_stop=True)
def step_out(asked: Asked) -> None:
    """Run until this function has returned."""
    asked.pause.go_on(Step.OUT)


@request("pause")
def pause(asked: Asked) -> None:
    """Stop at the next line that runs."""
    asked.panel.pause_soon()
