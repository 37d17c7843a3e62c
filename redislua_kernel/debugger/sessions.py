"""The requests by which a client comes and goes."""

from __future__ import annotations

from typing import Any

from redislua_kernel.debugger.pause import THREAD
from redislua_kernel.debugger.requests import Asked, Body, RequestError, request
from redislua_kernel.debugger.sources import SEED, SUFFIX, prefix
from redislua_kernel.debugger.variables import Contents

_CAPABILITIES: Body = {
    "supportsConfigurationDoneRequest": True,
    "supportsConditionalBreakpoints": True,
    "supportsHitConditionalBreakpoints": True,
    "supportsLogPoints": True,
    "supportsBreakpointLocationsRequest": True,
    "supportsEvaluateForHovers": True,
    "supportsClipboardContext": True,
    "supportsSetVariable": True,
    "supportsSetExpression": True,
    "supportsExceptionInfoRequest": True,
    "supportsModulesRequest": True,
    "supportsTerminateRequest": True,
    "supportsDelayedStackTraceLoading": True,
    "exceptionBreakpointFilters": [
        {
            "filter": "uncaught",
            "label": "Uncaught Errors",
            "description": "Stops where an error is raised that no pcall catches.",
            "default": True,
        }
    ],
}

#: JupyterLab shows a variable's value only if its type has one of these names of Python's, and
#: else the type in its place.
_LAB_TYPES = {"string": "str", "boolean": "bool", "status": "str", "error": "str"}


@request("initialize")
def initialize(asked: Asked) -> Body:
    """Tell what the debugger can do."""
    is_lab = asked.arguments.get("clientID") == "jupyterlab"
    asked.panel.type_name = _lab_type if is_lab else lambda type, value: type
    return _CAPABILITIES


@request("attach")
@request("launch")
def attach(asked: Asked) -> None:
    """Begin to watch what runs."""
    asked.panel.attach()
    asked.panel.send("initialized")


@request("configurationDone")
def configuration_done(asked: Asked) -> None:
    """Take note that the client has set its breakpoints."""


@request("disconnect")
def disconnect(asked: Asked) -> None:
    """Watch no more: what has stopped goes on, or is ended if the client wants that."""
    if asked.arguments.get("terminateDebuggee"):
        asked.panel.host.interrupt()
    asked.panel.detach()


@request("terminate")
def terminate(asked: Asked) -> None:
    """End what runs, and undo its writes."""
    asked.panel.host.interrupt()


@request("debugInfo")
def debug_info(asked: Asked) -> Body:
    """Tell what a client needs that comes, or comes back: names, breakpoints, what has stopped."""
    panel = asked.panel
    return {
        "isStarted": panel.is_attached,
        "hashMethod": "Murmur2",
        "hashSeed": SEED,
        "tmpFilePrefix": prefix(),
        "tmpFileSuffix": SUFFIX,
        "breakpoints": [
            {"source": path, "breakpoints": [each.as_wish() for each in placed]}
            for path, placed in list(panel.breakpoints.by_path.items())
        ],
        "stoppedThreads": [THREAD] if panel.is_stopped else [],
        "richRendering": True,
        "exceptionPaths": [],
        "copyToGlobals": False,
    }


@request("copyToGlobals")
def copy_to_globals(asked: Asked) -> Body:
    """Refuse: scripts may not create globals."""
    raise RequestError("Redis scripts may not create global variables")


def _lab_type(type: str, value: Any) -> str:
    if isinstance(value, Contents):
        return value.text or type
    if type == "number":
        return "int" if isinstance(value, int) else "float"
    return _LAB_TYPES.get(type, type)
