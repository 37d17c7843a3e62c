"""The crash journal's reader: of a damaged file it takes what stands before the damage.

Bytes inside a record are not damaged under a checksum that is right: Python's marshal, by which
they are read, is not made for that, and nobody but the user can write the file.
"""

from __future__ import annotations

import marshal
import random
import struct
import zlib
from contextlib import suppress
from functools import partial
from pathlib import Path

from redislua_kernel import Engine, ResponseError
from redislua_kernel.engine.recovery import CrashJournal, Damaged, Recorder, recover
from redislua_kernel.session import Session, apply_settings, settings_of
from tests.engine.picture import picture
from tests.fuzz.mutation import damaged
from tests.fuzz.target import Failed, Target

_FRAME = struct.Struct("<IQB")
_LIBRARY = "#!lua name=lib\nredis.register_function('f', function() return 'from f' end)"
_COMMANDS = (
    "SET s v EX 1000", "HSET h f 1 g 2", "RPUSH l a b c", "SADD set 1 2 x", "ZADD z 1 a 2.5 b",
    "XADD y * f v", "XGROUP CREATECONSUMER x g c", "SELECT 3", "SET other db", "SELECT 0",
    "INCR n", "ZREM z a",
)  # fmt: skip
_PLAIN = (
    None, 7, -1, 2**70, 1.5, b"x", "x", [], {}, (), (1,), [1, 2],
    (1, [(0, 0, b"SET", b"a", b"b")]), (1, [(99, 0, b"SET", b"a", b"b")]), (1, [()]),
    ("x", [(0, 0, b"GET")]), [(b"return 1", True)], [(1, 2)], (2**80, []), {"dialect": "nosuch"},
    {"config": 1, "users": 2}, (1, [(0, 0, "SET", "a", "b")]), [None], {"journal": {"recover": 5}},
    {"journal": []}, (1, [(0, 0, b"SHUTDOWN")]), (1, [(0, 0)]), (1, 2), (1, b"", {}, {}),
    (1, b"", {0: [b"N"]}, {0: 7}),
)  # fmt: skip


class Journals(Target):
    count = 40

    def begin(self) -> None:
        self._files: list[bytes] = []

    def write(self, rng: random.Random) -> bytes:
        data = self._file(rng.randrange(6))
        if rng.random() < 0.4:
            return damaged(data, rng)
        records = list(_records(data))
        for _ in range(rng.choice((1, 1, 2))):
            place = rng.randrange(len(records))
            kind, payload = records[place]
            match rng.randrange(3):
                case 0:
                    records[place] = rng.randrange(8), payload
                case 1:
                    records[place] = kind, marshal.dumps(rng.choice(_PLAIN), 2)
                case _:
                    records.insert(place, rng.choice(records))
        return data[: data.index(b"\n") + 1] + b"".join(_framed(*each) for each in records)

    def _file(self, number: int) -> bytes:
        while len(self._files) <= number:
            rng, path, engine = random.Random(len(self._files)), Path("made.redislua"), Engine()
            session = Session(engine)
            recorder = Recorder(engine, path, partial(settings_of, session))
            recorder.start()
            engine.execute("XGROUP", "CREATE", "x", "g", 0, "MKSTREAM")
            for line in rng.choices(_COMMANDS, k=12):
                with suppress(ResponseError):
                    engine.execute(*line.split())
                engine.execute("EVAL", f"return {rng.randrange(5)}", 0)
                recorder.note()
            engine.execute("FUNCTION", "LOAD", "REPLACE", _LIBRARY)
            if rng.random() < 0.5:
                recorder.stop(remove=False)
                recorder.start()
            engine.execute("SET", "last", "x")
            session.keys = [b"k"]
            recorder.note()
            recorder.stop(remove=False)
            self._files.append(path.read_bytes())
            path.unlink()
            engine.close()
        return self._files[number]

    def take(self, given: bytes) -> None:
        path = Path("given.redislua")
        path.write_bytes(given)
        engine = Engine()
        try:
            recover(engine, path)
        except Damaged:
            if picture(engine):
                raise Failed("it is refused, and there are data") from None
        finally:
            engine.close()
        self._begin(path)

    def _begin(self, path: Path) -> None:
        """Let a process begin with it, as the kernel does."""
        engine = Engine()
        session = Session(engine)
        journal = CrashJournal(
            engine, path, partial(settings_of, session), partial(apply_settings, session)
        )
        try:
            journal.begin()
            journal.take_news()
            engine.execute("SET", "k", "v")
            again = Engine()
            recover(again, path)
            if picture(again) != picture(engine):
                raise Failed("what is written behind it does not come back")
            again.close()
        finally:
            journal.recorder.stop(remove=True)
            engine.close()
            for left in Path().glob("given.redislua*"):
                left.unlink()


def _records(data: bytes) -> list[tuple[int, bytes]]:
    place, records = data.index(b"\n") + 1, []
    while place < len(data):
        _, length, kind = _FRAME.unpack_from(data, place)
        start = place + _FRAME.size
        records.append((kind, data[start : start + length]))
        place = start + length
    return records


def _framed(kind: int, payload: bytes) -> bytes:
    rest = _FRAME.pack(0, len(payload), kind)[4:]
    return zlib.crc32(payload, zlib.crc32(rest)).to_bytes(4, "little") + rest + payload
