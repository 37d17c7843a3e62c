"""Who answers the requests of a debugging client."""

from __future__ import annotations

from concurrent.futures import Future
from itertools import count
from typing import Any

from redislua_kernel.debugger import breaking, inspecting, sessions, stepping
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.requests import REQUESTS, Body, reason_of

__all__ = ["Adapter"]

#: The modules that register requests.
FAMILIES = (breaking, inspecting, sessions, stepping)


class Adapter:
    """Answers requests from any thread; events go to the host."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self._numbers = count(1)

    def answer(self, message: dict[str, Any]) -> Future[dict[str, Any]]:
        """Give the response to a request: at once, or when a script that has stopped gives it."""
        response: Future[dict[str, Any]] = Future()

        def conclude(given: Any) -> None:
            """Take a body, or wait for one."""
            if isinstance(given, Future):
                given.add_done_callback(take)
            else:
                response.set_result(self._response(message, given or {}))

        def fail(error: BaseException) -> None:
            response.set_result(self._failure(message, reason_of(error)))

        def take(future: Future[Any]) -> None:
            error = future.exception()
            if error is None:
                conclude(future.result())
            else:
                fail(error)

        request = REQUESTS.get(str(message.get("command")))
        if request is None:
            text = f"the request {message.get('command')} is not known here"
            response.set_result(self._failure(message, text))
            return response
        arguments = message.get("arguments")
        try:
            conclude(request.ask(self.panel, arguments if isinstance(arguments, dict) else {}))
        except Exception as error:
            fail(error)
        return response

    def _response(self, message: dict[str, Any], body: Body) -> dict[str, Any]:
        return {
            "seq": next(self._numbers),
            "type": "response",
            "request_seq": message.get("seq", 0),
            "command": message.get("command", ""),
            "success": True,
            "body": body,
        }

    def _failure(self, message: dict[str, Any], text: str) -> dict[str, Any]:
        error = {"id": 1, "format": text, "showUser": True}
        return self._response(message, {"error": error}) | {"success": False, "message": text}
