"""Every command with any words: it answers, and what is refused changes nothing."""

from __future__ import annotations

import io
import random

from redislua_kernel import Engine, ResponseError
from redislua_kernel.render.bundle import reply_bundle
from redislua_kernel.reply import NO_REPLY, Reply
from redislua_kernel.server.encoder import encode
from tests.differential.argument_values import FILL
from tests.differential.command_writer import Writer
from tests.differential.documented import documented
from tests.engine.picture import picture
from tests.fuzz.message import check_message
from tests.fuzz.mutation import damaged
from tests.fuzz.target import Failed, Target
from tests.fuzz.vocabulary import VOCABULARY
from tests.resp_client import read_reply

_ODD = ("", *VOCABULARY["odd arguments of commands"])
#: What a refusal may leave behind, since something ran before it.
_PARTIAL = (
    "EVAL", "EVAL_RO", "EVALSHA", "EXEC", "FCALL", "FCALL_RO", "FUNCTION", "SCRIPT", "DEBUG",
)  # fmt: skip
#: The groups of commands that touch nothing but keys.
_OF_KEYS = frozenset({
    "bitmap", "generic", "geo", "hash", "hyperloglog", "list", "set", "sorted-set", "stream",
    "string",
})  # fmt: skip
#: What ends the process, waits on purpose, or takes as much memory as it is told to.
_NOT_HERE = ("SHUTDOWN", "DEBUG SLEEP", "DEBUG POPULATE")


class Commands(Target):
    count = 250

    def begin(self) -> None:
        self._engine = engine = Engine()
        asked = engine.client()
        asked.resp = 3
        told = (asked.execute(*words) for words in (("COMMAND", "DOCS"), ("COMMAND",)))
        docs, commands = (read_reply(io.BytesIO(encode(reply, 3))) for reply in told)
        self._commands = [
            command for name, command in documented(docs, commands).items() if name not in _NOT_HERE
        ]
        self._groups = {command.name: command.group for command in self._commands}

    def write(self, rng: random.Random) -> tuple[tuple[bytes, ...], ...]:
        return tuple(self._command(rng) for _ in range(rng.choice((1, 1, 2, 4))))

    def _command(self, rng: random.Random) -> tuple[bytes, ...]:
        command = rng.choice(self._commands)
        words = [word.encode("latin-1", "replace") for word in Writer(rng).command(command)]
        first = len(command.name.split())
        for _ in range(rng.choice((0, 1, 1, 2))):
            place = rng.randrange(first, len(words) + 1)
            odd = rng.choice(_ODD).encode("latin-1", "replace")
            kind = rng.randrange(4)
            if kind == 0:
                words.insert(place, odd)
            elif kind == 1:
                words[place : place + 1] = [odd]
            elif place < len(words):
                words[place] = (
                    damaged(words[place], rng) if kind == 2 else words[rng.randrange(len(words))]
                )
        return tuple(words)

    def take(self, given: tuple[tuple[bytes, ...], ...]) -> None:
        engine = self._engine
        engine.execute("FLUSHALL")
        for line in FILL:
            engine.execute(*line.split())
        client = engine.client()
        for words in given:
            if words:
                self._run(engine, client, words)
        engine.disconnect(client)
        if not all(self._touches_keys(words) for words in given):
            engine.close()
            self._engine = Engine()

    def _touches_keys(self, words: tuple[bytes, ...]) -> bool:
        """Tell whether a command leaves nothing behind but keys."""
        names = [b" ".join(words[:count]).decode("latin-1").upper() for count in (1, 2)]
        return any(self._groups.get(name) in _OF_KEYS for name in names)

    def _run(self, engine: Engine, client: object, words: tuple[bytes, ...]) -> None:
        before = engine.keyspace.fork()
        reply: Reply
        try:
            reply = engine.call(client, list(words))  # type: ignore[arg-type]
        except ResponseError as error:
            reply = error
            name = words[0].decode("latin-1").upper()
            if name not in _PARTIAL and picture(engine) != picture(engine, before):
                raise Failed(f"{words} was refused, and has changed the data") from None
        picture(engine)  # sees that each value is sound
        if reply is NO_REPLY:
            return
        for resp in (2, 3):
            read_reply(io.BytesIO(encode(reply, resp)))
            bundle = reply_bundle(reply, resp, for_page=True, command=list(words))
            check_message({"data": bundle})
