"""FUNCTION RESTORE: all of a payload is taken as by the reference, or nothing changes."""

from __future__ import annotations

import io
import random
from typing import Any

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.rdb.payload import sign
from redislua_kernel.server.encoder import encode
from tests.differential.test_library_payloads import RandomLibraries, comparable
from tests.fuzz.mutation import damaged
from tests.fuzz.target import Failed, Target
from tests.resp_client import read_reply

_THERE = (
    "#!lua name=b\nredis.register_function('h', function() return 1 end)\n"
    "redis.register_function{function_name='ro', callback=print, flags={'no-writes'}}"
).replace("print", "function() return 2 end")
_LOOKS = (("FUNCTION", "LIST", "WITHCODE"), ("FUNCTION", "STATS"))

Words = tuple[str, ...]


class Libraries(Target):
    count = 100

    def begin(self) -> None:
        self._engine = Engine()

    def write(self, rng: random.Random) -> Words:
        libraries = RandomLibraries(rng.randrange(1 << 60))
        while True:
            words = libraries.command()
            if words[1] != "FLUSH":
                break
        if words[1] == "RESTORE" and rng.random() < 0.5:
            payload = sign(damaged(words[2].encode("latin-1")[:-10], rng))
            words = (*words[:2], payload.decode("latin-1"), *words[3:])
        return words

    def take(self, given: Words) -> None:
        for words in (("FUNCTION", "FLUSH"), ("FUNCTION", "LOAD", _THERE)):
            self._answer(words)
        before = [self._answer(look) for look in _LOOKS]
        answer = self._answer(given)
        if answer["t"] == "-" and [self._answer(look) for look in _LOOKS] != before:
            raise Failed("it was refused, and has changed the libraries")
        if answer["t"] != "-":
            payload = self._engine.execute("FUNCTION", "DUMP").decode("latin-1")
            again = self._answer(("FUNCTION", "RESTORE", payload, "FLUSH"))
            if again["t"] == "-":
                raise Failed(f"what is dumped of it is refused: {again['v']}")
        self._compare(given, answer)

    def _answer(self, words: Words) -> dict[str, Any]:
        try:
            reply = self._engine.execute(*[word.encode("latin-1") for word in words])
        except ResponseError as error:
            reply = error
        return read_reply(io.BytesIO(encode(reply)))

    def _compare(self, given: Words, answer: dict[str, Any]) -> None:
        client = self.reference
        if client is None:
            return
        try:
            for words in (("FUNCTION", "FLUSH"), ("FUNCTION", "LOAD", _THERE)):
                client.command(*words)
            expected = client.command(*given)
        except (EOFError, OSError):
            self.reference_died()
            return
        if comparable(answer) != comparable(expected):
            raise Failed(f"the reference answers {expected!r}, not {answer!r}")
