"""The requests that set breakpoints."""

from __future__ import annotations

from typing import Any

from redislua_kernel.debugger.requests import Asked, Body, RequestError, request
from redislua_kernel.engine.scripting.lines import NotLua, stops_of_code


@request("dumpCell")
def dump_cell(asked: Asked) -> Body:
    """Take a cell's text; give the path to call it by."""
    return {"sourcePath": asked.panel.sources.add_cell(asked.text("code")).path}


@request("setBreakpoints")
def set_breakpoints(asked: Asked) -> Body:
    """Set the breakpoints of a cell, in place of those it had."""
    path = _path(asked)
    # Clients once wrote lines alone.
    wishes = asked.items("breakpoints") or [{"line": line} for line in asked.items("lines")]
    for wish in wishes:
        _check(wish)
    placed = asked.panel.set_breakpoints(path, wishes)
    return {"breakpoints": [each.as_answer(path) for each in placed]}


@request("breakpointLocations")
def breakpoint_locations(asked: Asked) -> Body:
    """Tell which lines of a range can be stopped on."""
    source = asked.panel.sources.at(_path(asked))
    first = asked.number("line")
    last = asked.number("endLine", first)
    try:
        lines = stops_of_code(source.body) if source is not None and source.body else set()
    except NotLua:
        lines = set()
    offset = source.offset if source is not None else 0
    found = sorted(offset + line for line in lines if first <= offset + line <= last)
    return {"breakpoints": [{"line": line} for line in found]}


@request("setExceptionBreakpoints")
def set_exception_breakpoints(asked: Asked) -> Body:
    """Choose whether to stop at errors."""
    options = [each for each in asked.items("filterOptions") if isinstance(each, dict)]
    filters = asked.items("filters") + [each.get("filterId") for each in options]
    asked.panel.stops_at_errors = "uncaught" in filters
    return {"breakpoints": [{"verified": name == "uncaught"} for name in filters]}


@request("setFunctionBreakpoints")
def set_function_breakpoints(asked: Asked) -> Body:
    """Refuse each: breakpoints stand on lines."""
    wishes = asked.items("breakpoints")
    message = "set a breakpoint in the library's cell"
    return {"breakpoints": [{"verified": False, "message": message} for _ in wishes]}


def _check(wish: Any) -> None:
    """Raise RequestError for a wish that is no breakpoint."""
    if not isinstance(wish, dict) or not isinstance(wish.get("line"), int):
        raise RequestError("a breakpoint must have a line")
    for name in ("condition", "hitCondition", "logMessage"):
        if not isinstance(wish.get(name) or "", str):
            raise RequestError(f"the {name} of a breakpoint must be a text")


def _path(asked: Asked) -> str:
    source = asked["source"]
    path = source.get("path") if isinstance(source, dict) else None
    if not isinstance(path, str):
        raise RequestError("the source has no path")
    return path
