"""RDB files: what is refused changes nothing, what is taken can be saved again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.rdb.crc64 import crc64
from redislua_kernel.engine.rdb.snapshot import write_snapshot
from tests.differential.random_values import RandomValues
from tests.engine.picture import picture
from tests.fuzz.mutation import damaged
from tests.fuzz.target import Failed, Target
from tests.resp_client import RespClient

_LIBRARY = "#!lua name={0}\nredis.register_function('{0}', function() return 1 end)"


class Files(Target):
    count = 60

    def begin(self) -> None:
        self._files: dict[int, bytes] = {}
        self._engine = Engine()
        self._engine.execute("SET", "k", "before")
        self._engine.execute("FUNCTION", "LOAD", _LIBRARY.format("before"))

    def write(self, rng: random.Random) -> bytes:
        data = damaged(self._file(rng.randrange(20)), rng, [self._file(rng.randrange(20))])
        kind = rng.randrange(4)
        if kind == 0:
            return data
        return data + (bytes(8) if kind == 1 else crc64(data).to_bytes(8, "little"))

    def _file(self, number: int) -> bytes:
        """Give a file without its checksum; the number gives the same one each time.

        With a reference, every other one is a file that it has saved.
        """
        if number not in self._files:
            rng, client = random.Random(number), self.reference if number % 2 else None
            data = _written(rng) if client is None else _saved_by(client, rng)
            self._files[number] = data[:-8]
        return self._files[number]

    def take(self, given: bytes) -> None:
        engine = self._engine
        path = Path("given.rdb")
        path.write_bytes(given)
        was = picture(engine), engine.persistence.libraries
        try:
            engine.persistence.load(path)
        except ResponseError:
            if (picture(engine), engine.persistence.libraries) != was:
                raise Failed("it was refused, and has changed something") from None
            return
        now = picture(engine), engine.persistence.libraries
        engine.persistence.save(path)
        engine.persistence.load(path)
        if (picture(engine), engine.persistence.libraries) != now:
            raise Failed("saved and loaded again, it is something else")
        engine.execute("FLUSHALL")
        engine.execute("FUNCTION", "FLUSH")
        engine.execute("SET", "k", "before")
        engine.execute("FUNCTION", "LOAD", _LIBRARY.format("before"))


def _commands(rng: random.Random) -> Iterator[tuple[str, ...]]:
    """Give commands that fill a database."""
    for place in range(rng.randint(1, 4)):
        yield from RandomValues(rng.randrange(10**6)).commands()
        yield ("RENAME", "k", f"k{place}")
        if rng.random() < 0.3:
            yield ("PEXPIREAT", f"k{place}", str(1 << rng.choice((42, 45))))
    if rng.random() < 0.3:
        yield ("MOVE", "k0", "3")
    if rng.random() < 0.4:
        yield ("FUNCTION", "LOAD", _LIBRARY.format("x"))


def _written(rng: random.Random) -> bytes:
    """Give the file of an engine of ours."""
    engine = Engine()
    for words in _commands(rng):
        engine.execute(*[word.encode("latin-1") for word in words])
    data = write_snapshot(
        engine.keyspace,
        engine.persistence.libraries,
        server_version=b"8.2.3",
        compresses=rng.random() < 0.5,
    )
    engine.close()
    return data


def _saved_by(client: RespClient, rng: random.Random) -> bytes:
    """Give the file of the reference."""
    for words in (("FLUSHALL",), ("FUNCTION", "FLUSH"), *_commands(rng), ("SAVE",)):
        client.command(*words)
    directory = client.setting("dir")
    return Path(directory, "dump.rdb").read_bytes()
