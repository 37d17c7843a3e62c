"""A client of the kernel's debugger: requests on the control channel, events on iopub."""

from __future__ import annotations

import time
from itertools import count
from queue import Empty
from typing import Any

from tests.kernel.notebook import Notebook

#: How long to wait for what must come.
_SECONDS = 60
_NUMBERS = count(1)


class DebugClient:
    """Asks as JupyterLab does, one request after another."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.client = notebook.client

    def response(self, command: str, **arguments: Any) -> dict[str, Any]:
        return self.answer_to(self.send(command, **arguments))

    def send(self, command: str, **arguments: Any) -> str:
        """Send a request without waiting for its response."""
        content = {
            "type": "request",
            "seq": next(_NUMBERS),
            "command": command,
            "arguments": arguments,
        }
        message = self.client.session.msg("debug_request", content)
        self.client.control_channel.send(message)
        request: str = message["header"]["msg_id"]
        return request

    def answer_to(self, request: str) -> dict[str, Any]:
        while True:
            reply = self.client.get_control_msg(timeout=_SECONDS)
            if reply["parent_header"].get("msg_id") == request:
                content: dict[str, Any] = reply["content"]
                return content

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Give the body of a response of success."""
        response = self.response(command, **arguments)
        assert response["success"], response
        body: dict[str, Any] = response["body"]
        return body

    def event(self, name: str) -> dict[str, Any]:
        """Wait for an event; other messages are dropped."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            try:
                message = self.client.get_iopub_msg(timeout=_SECONDS)
            except Empty:
                break
            if message["msg_type"] == "debug_event" and message["content"]["event"] == name:
                body: dict[str, Any] = message["content"]["body"]
                return body
        raise AssertionError(f"no {name} event")

    def start(self) -> None:
        """Switch the debugger on, with the requests that Lab sends then."""
        self.ask("debugInfo")
        self.ask(
            "initialize",
            clientID="jupyterlab",
            clientName="JupyterLab",
            adapterID="redislua",
            pathFormat="path",
            linesStartAt1=True,
            columnsStartAt1=True,
            supportsVariableType=True,
            supportsVariablePaging=True,
            supportsRunInTerminalRequest=True,
            locale="en",
        )
        self.ask("attach")
        self.ask("setExceptionBreakpoints", filters=[])
        self.ask("inspectVariables")

    def stop(self) -> None:
        self.ask("disconnect", restart=False, terminateDebuggee=False)

    def break_at(self, code: str, *lines: int) -> str:
        """Set the breakpoints of a cell; give its path."""
        path: str = self.ask("dumpCell", code=code)["sourcePath"]
        self.ask("debugInfo")
        breakpoints = [{"line": line} for line in lines]
        self.ask(
            "setBreakpoints", breakpoints=breakpoints, source={"path": path}, sourceModified=False
        )
        return path

    def look(self) -> tuple[list[tuple[str, str, int]], dict[str, dict[str, str]]]:
        """Wait for a stop; give the frames and the scopes, as Lab asks for them."""
        self.event("stopped")
        self.ask("inspectVariables")
        frames = self.ask("stackTrace", threadId=1)["stackFrames"]
        scopes = self.ask("scopes", frameId=frames[0]["id"])["scopes"]
        requests = [
            self.send("variables", variablesReference=each["variablesReference"]) for each in scopes
        ]
        shown = {
            scope["name"]: {
                each["name"]: each["value"] for each in self.answer_to(request)["body"]["variables"]
            }
            for scope, request in zip(scopes, requests, strict=True)
        }
        places = [(each["name"], each["source"]["path"], each["line"]) for each in frames]
        return places, shown

    def create_subshell(self) -> str:
        """Open a further shell, as Lab does for widgets; give its name."""
        message = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(message)
        name: str = self.answer_to(message["header"]["msg_id"])["subshell_id"]
        return name

    def ask_subshell(self, name: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        message = self.client.session.msg(kind, content)
        message["header"]["subshell_id"] = name
        self.client.shell_channel.send(message)
        return self.notebook.reply_to(message["header"]["msg_id"])
