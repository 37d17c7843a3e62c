"""RESTORE: what is refused changes nothing, what is taken can be dumped again."""

from __future__ import annotations

import random

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.rdb.payload import sign
from tests.differential.random_values import RandomValues
from tests.engine.picture import picture
from tests.fuzz.mutation import damaged
from tests.fuzz.target import Failed, Target
from tests.resp_client import RespClient

_REFUSED = (b"ERR Bad data format", b"ERR DUMP payload version or checksum are wrong")
#: Bodies in the forms of older servers.
_OLD = (
    b"\x01\x03\x01a\xc0\x07\x02bc", b"\x02\x02\x01a\x01b", b"\x03\x02\x01a\x031.5\x01b\xfe",
    b"\x04\x01\x01f\x01v", b"\x05\x01\x01a\x00\x00\x00\x00\x00\x00\xf8?",
    b"\x09\x0b\x02\x01f\x01\x00v\x01g\x01\x00w\xff",
    b"\x0a\x0f\x0f\x00\x00\x00\x0c\x00\x00\x00\x02\x00\x00\xf2\x02\xf3\xff",
    b"\x0b\x0c\x02\x00\x00\x00\x02\x00\x00\x00\x01\x00\x05\x00",
    b"\x0e\x01\x0f\x0f\x00\x00\x00\x0c\x00\x00\x00\x02\x00\x00\xf2\x02\xf3\xff",
)  # fmt: skip


class Payloads(Target):
    count = 120

    def begin(self) -> None:
        self._engine = Engine()
        self._engine.execute("SET", "k", "before", "PX", 10**9)
        self._bodies: list[bytes] = []
        self._maker = Engine()

    def prepare(self, client: RespClient) -> None:
        super().prepare(client)
        client.command("CONFIG", "SET", "sanitize-dump-payload", "yes")

    def write(self, rng: random.Random) -> bytes:
        body = rng.choice(_OLD) if rng.random() < 0.15 else self._body(rng.randrange(60))
        others = [self._body(rng.randrange(60))] if rng.random() < 0.2 else []
        body = damaged(body, rng, others)
        payload = sign(body, rng.choice((12, 12, 12, 12, 6, 11, 13)))
        return damaged(payload, rng) if rng.random() < 0.02 else payload

    def _body(self, number: int) -> bytes:
        """Give the body of a value; the number gives the same one each time."""
        while len(self._bodies) <= number:
            self._maker.execute("DEL", "k")
            for words in RandomValues(len(self._bodies)).commands():
                self._maker.execute(*[word.encode("latin-1") for word in words])
            self._bodies.append(self._maker.execute("DUMP", "k")[:-10])
        return self._bodies[number]

    def take(self, given: bytes) -> None:
        engine = self._engine
        before = picture(engine)
        answer = self._restore("k", given)
        if answer is not None:
            if answer not in _REFUSED:
                raise Failed(f"it is refused with {answer!r}")
            if picture(engine) != before:
                raise Failed("it was refused, and has changed the data")
        else:
            self._check_restored()
        self._compare(given, answer)

    def _restore(self, key: str, payload: bytes) -> bytes | None:
        try:
            self._engine.execute("RESTORE", key, 0, payload, "REPLACE")
        except ResponseError as error:
            return error.payload
        return None

    def _check_restored(self) -> None:
        engine = self._engine
        shown = picture(engine)[0, b"k"] if engine.execute("EXISTS", "k") else None
        dumped = engine.execute("DUMP", "k")
        if dumped is None:
            raise Failed("it is taken, and there is nothing")
        if self._restore("again", dumped) is not None:
            raise Failed("what is dumped of it is refused")
        if picture(engine)[0, b"again"] != shown:
            raise Failed("dumped and restored, it is another value")
        engine.execute("DEL", "again")
        engine.execute("SET", "k", "before", "PX", 10**9)

    def _compare(self, payload: bytes, answer: bytes | None) -> None:
        client = self.reference
        if client is None:
            return
        try:
            reply = client.command("RESTORE", "k", "0", payload.decode("latin-1"), "REPLACE")
        except (EOFError, OSError):
            self.reference_died()
            return
        expected = None if reply["t"] == "+" else reply["v"].encode("latin-1")
        # The reference lets through what contradicts itself in ways that do not crash it.
        if answer != expected and not (answer == _REFUSED[0] and expected is None):
            raise Failed(f"the reference answers {expected!r}, not {answer!r}")
