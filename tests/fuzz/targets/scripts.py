"""Scripts and libraries that a grammar writes, damaged: each ends, and the engine goes on."""

from __future__ import annotations

import random
import re
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.worker import Worker
from redislua_kernel.server.encoder import encode
from tests.differential.both import is_same
from tests.differential.lua_writer import Writer
from tests.differential.test_scripts import FILL, SIZE
from tests.fuzz.mutation import damaged_text
from tests.fuzz.target import Failed, Target

_TOKEN = re.compile(r"\s+|\w+|.", re.DOTALL)
_SECONDS = 1.0


class Scripts(Target):
    count = 100

    def begin(self) -> None:
        self._engine = Engine()
        self._worker = Worker(self._engine)

    def write(self, rng: random.Random) -> str:
        writer = Writer(rng)
        script = writer.library() if rng.random() < 0.15 else writer.script()
        if rng.random() < 0.3:
            return script
        if rng.random() < 0.4:
            script = damaged_text(script, rng, [writer.script()])
            return script.encode("utf-8", "surrogatepass").decode("latin-1")
        tokens, others = _TOKEN.findall(script), _TOKEN.findall(writer.script())
        for _ in range(rng.choice((1, 1, 2, 4))):
            place, start = rng.randrange(len(tokens) + 1), rng.randrange(len(others))
            size = rng.choice((1, 1, 2, 6))
            tokens[place : place + rng.choice((0, 1, 1, 3))] = others[start : start + size]
        return "".join(tokens)

    def take(self, given: str) -> None:
        words = ("FUNCTION", "LOAD", "REPLACE", given) if given.startswith("#!lua n") else (
            "EVAL", given, *SIZE
        )  # fmt: skip
        self._run("EVAL", FILL, "0")
        answer = self._run(*words)
        if self._run("EVAL", "return 1 + 1", "0") != b":2\r\n":
            raise Failed("no script runs any more")
        if answer is not None:
            self._compare(words, answer)

    def _run(self, *words: str) -> bytes | None:
        """Run a command; None: it had to be interrupted."""
        encoded = [word.encode("latin-1") for word in words]

        def call() -> bytes:
            try:
                return encode(self._engine.execute(*encoded))
            except Interrupted:
                raise
            except ResponseError as error:
                return encode(error)

        future = self._worker.submit(call)
        try:
            return future.result(_SECONDS)
        except TooLate:
            self._worker.interrupt()
        with suppress(Interrupted):
            future.result(self.patience / 2)
        return None

    def _compare(self, words: tuple[str, ...], answer: bytes) -> None:
        client = self.reference
        if client is None:
            return
        try:
            _, expected = client.exchange([("EVAL", FILL, "0"), words])
        except (EOFError, OSError, ValueError):
            self.reference_died()
            return
        if expected != answer and not is_same(expected, answer):
            raise Failed(f"the reference answers {expected!r}, not {answer!r}")
