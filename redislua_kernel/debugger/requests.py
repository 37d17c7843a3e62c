"""The table of requests, and how a request becomes a response.

    @request("setVariable", on_stop=True)
    def set_variable(asked: Asked) -> Body:
        \"""Set a variable of a frame, or an entry of a table.\"""

A handler gives the body of the response, or raises what it is to say of its failure. With
`on_stop` it runs on the thread of the script that has stopped, and fails while none has.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from redislua_kernel.debugger.panel import NotStopped, Panel
from redislua_kernel.debugger.pause import Pause
from redislua_kernel.debugger.variables import NotSettable
from redislua_kernel.engine.debugging.stop import EvaluationError
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.errors import RedisError

__all__ = ["REQUESTS", "Asked", "Body", "RequestError", "request"]

_LOGGER = logging.getLogger(__name__)

Body = dict[str, Any]


class RequestError(Exception):
    """A request that cannot be done, and why."""


#: What a handler may raise to say why it fails.
_FAILURES = (EvaluationError, NotSettable, NotStopped, RedisError, RequestError)


@dataclass(frozen=True)
class Asked:
    """One request, as its handler sees it."""

    panel: Panel
    arguments: dict[str, Any]
    #: Where the script has stopped; None: it has not.
    stopped: Pause | None = None

    @property
    def pause(self) -> Pause:
        """Where the script has stopped. Raises NotStopped."""
        if self.stopped is None:
            raise NotStopped
        return self.stopped

    def __getitem__(self, name: str) -> Any:
        """Give an argument that must be there. Raises RequestError."""
        try:
            return self.arguments[name]
        except KeyError:
            raise RequestError(f"the argument {name} is missing") from None

    def text(self, name: str) -> str:
        """Give an argument that must be a text. Raises RequestError."""
        value = self[name]
        if not isinstance(value, str):
            raise RequestError(f"the argument {name} is no text")
        return value

    def code(self, name: str) -> bytes:
        """Give an argument that must be a text, as Lua gets it. Raises RequestError."""
        return self.text(name).encode("utf-8", "surrogatepass")

    def items(self, name: str) -> list[Any]:
        """Give an argument that is a list; none if it is not there. Raises RequestError."""
        value = self.arguments.get(name) or []
        if not isinstance(value, list):
            raise RequestError(f"the argument {name} is no list")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """Give an argument that must be an integer; `default` if it is not there, nor needed.

        Raises RequestError.
        """
        value = self[name] if default is None else self.arguments.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, int):
            raise RequestError(f"the argument {name} is no integer")
        return value


#: Gives a response's body (None: an empty one), or the future of one.
Handler = Callable[[Asked], Body | Future[Body] | None]


@dataclass(frozen=True)
class Request:
    """One request that is understood."""

    name: str
    handler: Handler
    #: Runs where a script has stopped, and only there.
    on_stop: bool
    #: Runs there if one has, and at once otherwise.
    on_stop_if_any: bool

    def ask(self, panel: Panel, arguments: dict[str, Any]) -> Future[Body] | Body | None:
        """Do what is asked for."""
        if self.on_stop or self.on_stop_if_any:
            try:
                return panel.ask(lambda pause: self.handler(Asked(panel, arguments, pause)))
            except NotStopped:
                if self.on_stop:
                    raise
        return self.handler(Asked(panel, arguments))


#: Every request by its name.
REQUESTS: dict[str, Request] = {}


def request(
    name: str, *, on_stop: bool = False, on_stop_if_any: bool = False
) -> Callable[[Handler], Handler]:
    """Register the decorated function as a request's handler (see the module's docstring)."""

    def register(handler: Handler) -> Handler:
        REQUESTS[name] = Request(name, handler, on_stop, on_stop_if_any)
        return handler

    return register


def reason_of(error: BaseException) -> str:
    """Say why a request has failed."""
    if isinstance(error, _FAILURES):
        return str(error)
    if isinstance(error, Stopped):
        return "interrupted"
    _LOGGER.error("a request of the debugger failed unexpectedly", exc_info=error)
    return f"internal error: {type(error).__name__}: {error}"
