"""A debugging client for the tests: an engine whose cells run on a thread, and the panel on top."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

from redislua_kernel import cells
from redislua_kernel.debugger.adapter import Adapter
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.engine import Engine
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.journal import Effect
from redislua_kernel.engine.worker import Worker
from redislua_kernel.reply import Reply
from redislua_kernel.session import Session

#: How long to wait for what must come.
SECONDS = 60


class Home:
    """What the panel is at home in, in place of a kernel."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.worker = Worker(self.engine)
        self.session = Session(self.engine)
        self.events: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.written = ""

    def read_cell(self, text: str) -> tuple[bytes, int] | None:
        cell = cells.parse(text)
        return None if cell.kind is cells.Kind.NONE else (cell.body, cell.offset)

    def send_event(self, event: dict[str, Any]) -> None:
        self.events.put(event)

    def write(self, text: str) -> None:
        self.written += text

    def run(self, function: Callable[[], Any]) -> Future[Any]:
        return self.worker.submit(function)

    def evaluate(self, code: bytes) -> Reply:
        return self.session.run_script(code, (), (), show_call=True)

    def interrupt(self) -> None:
        self.worker.interrupt()

    @property
    def database(self) -> Database:
        return self.engine.keyspace[0]

    @property
    def effects(self) -> Sequence[Effect]:
        return self.session.effects

    @property
    def parameters(self) -> tuple[Sequence[bytes], Sequence[bytes]]:
        return self.session.keys, self.session.args


class Client:
    """Sends requests, waits for events, and runs cells beside them."""

    def __init__(self) -> None:
        self.home = Home()
        self.engine = self.home.engine
        self.adapter = Adapter(Panel(self.home))
        self.panel = self.home.session.panel = self.adapter.panel

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and give the body of its response, which must be one of success."""
        response = self.response(command, **arguments)
        assert response["success"], response
        body: dict[str, Any] = response["body"]
        return body

    def refusal(self, command: str, **arguments: Any) -> str:
        """Send a request that fails, and give the reason."""
        response = self.response(command, **arguments)
        assert not response["success"], response
        message: str = response["message"]
        return message

    def response(self, command: str, **arguments: Any) -> dict[str, Any]:
        message = {"type": "request", "seq": 7, "command": command, "arguments": arguments}
        return self.adapter.answer(message).result(SECONDS)

    def start(self) -> None:
        self.ask("initialize", clientID="test")
        self.ask("attach")
        self.event("initialized")

    def event(self, name: str) -> dict[str, Any]:
        """Wait for an event of a name; others are dropped."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            try:
                event = self.home.events.get(timeout=SECONDS)
            except Empty:
                break
            if event["event"] == name:
                body: dict[str, Any] = event["body"]
                return body
        raise AssertionError(f"no {name} event")

    def run(self, text: str) -> Future[Reply]:
        """Run a cell without waiting for it."""
        cell = cells.parse(text)

        def work() -> Reply:
            session = self.home.session
            with self.engine.lock, self.panel.cell(text), session.cell():
                if cell.kind is cells.Kind.LIBRARY:
                    return session.load_library(cell.body, None)[0]
                words = list(cell.head.words[1:]) if cell.head is not None else []
                keys, args = cells.keys_and_args(words)
                if cell.head is not None and cell.head.name == "fcall":
                    return session.execute("FCALL", words[0], len(keys) - 1, *keys[1:], *args)
                return session.run_script(cell.body, keys, args, show_call=True)

        return self.home.worker.submit(work)

    def break_at(self, text: str, *lines: int | dict[str, Any]) -> list[dict[str, Any]]:
        """Set the breakpoints of a cell as Lab does."""
        path = self.ask("dumpCell", code=text)["sourcePath"]
        wishes = [{"line": each} if isinstance(each, int) else each for each in lines]
        found: list[dict[str, Any]] = self.ask(
            "setBreakpoints", source={"path": path}, breakpoints=wishes
        )["breakpoints"]
        return found

    def frames(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("stackTrace", threadId=1)["stackFrames"]
        return found

    @property
    def line(self) -> int:
        """The line of the innermost frame."""
        line: int = self.frames()[0]["line"]
        return line

    def stopped(self) -> int:
        """Wait for a stop, and give its line."""
        self.event("stopped")
        return self.line

    def step(self, command: str) -> int:
        """Step, and give the line of the next stop."""
        self.ask(command, threadId=1)
        return self.stopped()

    def scope(self, name: str, frame: int = 1) -> dict[str, str]:
        """Give the variables of a scope as text."""
        return {each["name"]: each["value"] for each in self.variables(name, frame)}

    def variables(self, name: str, frame: int = 1) -> list[dict[str, Any]]:
        return self.open(self.reference(name, frame))

    def reference(self, name: str, frame: int = 1) -> int:
        scopes = self.ask("scopes", frameId=frame)["scopes"]
        found: int = next(each["variablesReference"] for each in scopes if each["name"] == name)
        return found

    def open(self, reference: int, **page: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("variables", variablesReference=reference, **page)[
            "variables"
        ]
        return found

    def evaluate(self, expression: str, frame: int | None = 1, **more: Any) -> str:
        found: str = self.ask("evaluate", expression=expression, frameId=frame, **more)["result"]
        return found

    def close(self) -> None:
        self.ask("disconnect")
        self.home.worker.close()
