"""The debuggers: whatever a client asks or a user types, each is answered."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from concurrent.futures import TimeoutError as TooLate
from concurrent.futures import wait
from contextlib import suppress
from typing import Any

from redislua_kernel import Engine, RedisError, ResponseError
from redislua_kernel.debugger.adapter import Adapter
from redislua_kernel.debugger.requests import REQUESTS
from redislua_kernel.debugger.terminal import TerminalChannel
from redislua_kernel.engine.debugging.channel import BrokenChannel
from redislua_kernel.engine.debugging.console import Console
from redislua_kernel.engine.debugging.session import run_debugged
from redislua_kernel.engine.worker import Worker
from redislua_kernel.server.debug_channel import read_command
from tests.debugger.client import Client
from tests.fuzz.message import check_message
from tests.fuzz.mutation import damaged, damaged_text
from tests.fuzz.target import Failed, Target
from tests.fuzz.vocabulary import VOCABULARY

_SCRIPT = """local a, t = 1, {x = {1, 2}, [3] = 'y'}
local function f(n)
  local inner = n + a
  return inner
end
a = f(2)
redis.call('SET', 'k', a)
a = redis.call('GET', 'k')
return {a, f(5)}"""

#: The names of arguments that requests have, and values that are or are not what they expect.
_NAMES = VOCABULARY["names in requests of the debugger"]
_VALUES = (
    None, True, False, 0, 1, -1, 2, 3, 10**6, 2**31, 2**63, 10**30, 1.5, float("1e300"), "", "a",
    "t", "t.x", "script", "repl", "hover", "watch", "named", "indexed", "redis", "nosuch(", "1 +",
    "f(1)", "{}", "inner", "\ud800", "\0", [], {}, [1], [None], {"path": "x"}, {"path": None},
    {"line": 2}, {"line": "2"}, _SCRIPT,
    [{"line": 3, "condition": "a ==", "hitCondition": "x", "logMessage": "{"}], [{}], [[]],
    "error", "a = 5", [{"line": 6}], [{"line": 10**20}], [{"line": -1, "condition": "a > 0"}],
    [{"line": 6, "hitCondition": "% 2"}], [{"line": 6, "logMessage": "a is {a} {"}], {"hex": True},
    "while true do end", "error('x')", "return 1",
)  # fmt: skip
_FRAMES = (1, 1, 2, 3)
_EXPRESSIONS = (*VOCABULARY["expressions in the debugger"], "\ud800")
_SOURCE = ({"path": "x"},)
#: Arguments as requests expect them.
_SOUND: dict[str, dict[str, Sequence[Any]]] = {
    "breakpointLocations": {"source": _SOURCE, "line": range(1, 10), "endLine": range(1, 12)},
    "evaluate": {
        "expression": _EXPRESSIONS,
        "frameId": _FRAMES,
        "context": ("repl", "hover", "watch", "clipboard"),
    },
    "richInspectVariables": {"variableName": _EXPRESSIONS, "frameId": _FRAMES},
    "scopes": {"frameId": _FRAMES},
    "setBreakpoints": {
        "source": _SOURCE,
        "breakpoints": [
            [{"line": line, name: text}]
            for line in (3, 6, 8)
            for name in ("condition", "hitCondition", "logMessage")
            for text in ("a > 1", "% 2", ">= 2", "a is {a}, {t.x[1]} {", "error('x')", "{{f(1)}}")
        ],
    },
    "setExceptionBreakpoints": {"filters": (["uncaught"], [])},
    "setExpression": {
        "expression": ("a", "t.x[1]", "t[3]", "t.new", "inner", "redis"),
        "value": _EXPRESSIONS,
        "frameId": _FRAMES,
    },
    "setVariable": {
        "variablesReference": range(1, 12),
        "name": ("a", "t", "n", "inner", "x", "[3]", "1", "f"),
        "value": _EXPRESSIONS,
    },
    "stackTrace": {"threadId": (1,), "startFrame": (0, 1), "levels": (0, 1, 20)},
    "variables": {
        "variablesReference": range(1, 25),
        "filter": ("named", "indexed"),
        "start": (0, 1, 2),
        "count": (0, 1, 50),
    },
}


class DebuggerRequests(Target):
    count = 20

    def write(self, rng: random.Random) -> tuple[Any, ...]:
        first = [{"command": "scopes", "arguments": {"frameId": 1}}] if rng.random() < 0.5 else []
        some = rng.randint(1, 8)
        return (
            *first,
            *(self._sound(rng) if rng.random() < 0.6 else self._any(rng) for _ in range(some)),
        )

    def _sound(self, rng: random.Random) -> dict[str, Any]:
        """Write a request as clients do, but for one argument at most."""
        command = rng.choice([*_SOUND, "next", "stepIn", "stepOut", "continue", "inspectVariables"])
        expected = _SOUND.get(command, {})
        arguments = {name: rng.choice(values) for name, values in expected.items()}
        if arguments and rng.random() < 0.3:
            arguments[rng.choice(sorted(arguments))] = rng.choice(_VALUES)
        if arguments and rng.random() < 0.2:
            del arguments[rng.choice(sorted(arguments))]
        return {"seq": 7, "command": command, "arguments": arguments}

    def _any(self, rng: random.Random) -> dict[str, Any]:
        names = rng.sample(_NAMES, rng.choice((0, 1, 2, 4, len(_NAMES))))
        arguments: Any = {name: rng.choice(_VALUES) for name in names}
        if rng.random() < 0.05:
            arguments = rng.choice(_VALUES)
        command = rng.choice([*REQUESTS, "nosuch", None, 1])
        message = {"seq": rng.choice((7, None, "x")), "command": command, "arguments": arguments}
        if rng.random() < 0.03:
            del message[rng.choice(sorted(message))]
        return message

    def take(self, given: tuple[Any, ...]) -> None:
        client = Client()
        try:
            client.start()
            path = client.ask("dumpCell", code=_SCRIPT)["sourcePath"]
            client.break_at(_SCRIPT, 3)
            running = client.run(_SCRIPT)
            client.event("stopped")
            for message in given:
                self._ask(client.adapter, _with_path(message, path))
            client.adapter.answer({"command": "disconnect"})
            if not wait([running], 2).done:  # an expression without end
                client.home.interrupt()
            with suppress(ResponseError):
                running.result(self.patience / 2)
        finally:
            client.home.worker.interrupt()
            client.home.worker.close()

    def _ask(self, adapter: Adapter, message: dict[str, Any]) -> None:
        future = adapter.answer(message)
        try:
            response = future.result(0.5)
        except TooLate:  # an expression without end; or an answer that the next stop gives
            return
        check_message(response)
        if "internal error" in str(response.get("message")):
            raise Failed(f"{message} is answered: {response['message']}")


def _with_path(message: dict[str, Any], path: str) -> dict[str, Any]:
    """Let a message that names some source name the one there is."""
    arguments = message.get("arguments")
    if not isinstance(arguments, dict) or arguments.get("source") != {"path": "x"}:
        return message
    return {**message, "arguments": {**arguments, "source": {"path": path}}}


_WORDS = VOCABULARY["words of the debugger"]


class DebuggerWords(Target):
    count = 100

    def write(self, rng: random.Random) -> tuple[Any, ...]:
        if rng.random() < 0.3:
            frames = [
                b"*1\r\n$1\r\ns\r\n",
                b"*2\r\n$1\r\np\r\n$1\r\na\r\n",
                b"*3\r\n$1\r\nr\r\n$3\r\nGET\r\n$1\r\nk\r\n",
            ]
            return (damaged(b"".join(rng.choices(frames, k=rng.randint(1, 3))), rng, frames),)
        words = rng.choices(_WORDS, k=rng.randint(1, 12))
        words = [damaged_text(word, rng, _WORDS) if rng.random() < 0.3 else word for word in words]
        return tuple(word.replace("while true", "for i = 1, 9") for word in words)

    def take(self, given: tuple[Any, ...]) -> None:
        if given and isinstance(given[0], bytes):
            with suppress(BrokenChannel):
                read_command(given[0])
            return
        engine = Engine()
        worker = Worker(engine)
        terminal = _Terminal(given)
        console = Console(TerminalChannel(terminal), extended=len(given) % 2 == 0)
        words = [b"EVAL", _SCRIPT.encode(), b"1", b"key"]
        running = worker.submit(lambda: run_debugged(engine.client(), words, console))
        if not wait([running], 2).done:  # an expression without end
            worker.interrupt()
        with suppress(RedisError):
            running.result(self.patience / 2)
        worker.submit(engine.close)
        worker.close()
        check_message({"text": terminal.text})


class _Terminal:
    """A user who types these lines."""

    answers = True

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def ask(self, prompt: str, *, hidden: bool = False) -> str | None:
        return next(self._lines, None)
