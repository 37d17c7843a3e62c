"""Random values as the commands that make them, and payloads that were damaged."""

from __future__ import annotations

import random
from collections.abc import Iterator

from redislua_kernel.engine.rdb.payload import sign

Words = list[str]

SCORES = """
0 -0 1.5 inf -inf 1e300 3 -17 1e20 0.1 4611686018427387904 -4611686018427387905
""".split()  # noqa: SIM905
#: Times at which fields expire: far away, some of them equal.
TIMES = [str((1 << 45) + step) for step in (0, 0, 1, 70, 1000)]
BYTES = (0, 1, 0x7F, 0x80, 0x81, 0xC3, 0xF0, 0xF5, 0xFE, 0xFF)


def damage(body: bytes, chance: random.Random) -> bytes:
    """Change, drop or add a few bytes, near the beginning rather than elsewhere."""
    damaged = bytearray(body)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if not damaged:
            break
        place = chance.choice((chance.randrange(len(damaged)), chance.randrange(len(damaged)) % 40))
        match chance.randrange(6):
            case 0 | 1:
                damaged[place] ^= 1 << chance.randrange(8)
            case 2:
                damaged[place] = chance.choice(BYTES)
            case 3:
                del damaged[place : place + chance.randint(1, 4)]
            case 4:
                damaged[place:place] = chance.randbytes(chance.randint(1, 4))
            case _:
                damaged[place] = (damaged[place] + chance.choice((1, -1))) % 256
    return bytes(damaged)


class RandomValues:
    """Makes values; the same seed gives the same ones. Texts are latin-1: a character a byte."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def commands(self) -> list[Words]:
        """Give the commands that make one value at `k`."""
        return list(self.random.choice(self._KINDS)(self))

    def damaged(self, payload: str) -> str:
        """Damage a payload and sign it anew."""
        body = payload.encode("latin-1")[:-10]
        return sign(damage(body, self.random)).decode("latin-1")

    def _word(self) -> str:
        chance = self.random
        match chance.randrange(8):
            case 0 | 1:
                return str(
                    chance.randint(-(1 << chance.randint(3, 63)), 1 << chance.randint(3, 62))
                )
            case 2:
                return chance.choice(("", "-0", "007", "1.5", " 1", "-", "9223372036854775808"))
            case 3:
                return chance.randbytes(chance.randint(0, 90)).decode("latin-1")
            case 4:
                return "ab" * chance.randint(1, 60)
            case _:
                return "".join(chance.choices("abcde", k=chance.randint(1, 12)))

    def _count(self) -> int:
        return self.random.choice((1, 2, 5, 30, 120, 140, 520))

    def _words(self) -> list[str]:
        limit = self.random.choice((60, 60, 180))
        return [self._word()[:limit] for _ in range(self._count())]

    def _string(self) -> Iterator[Words]:
        yield ["SET", "k", "".join(self._words())]

    def _list(self) -> Iterator[Words]:
        for word in self._words():
            yield ["RPUSH", "k", word]

    def _set(self) -> Iterator[Words]:
        words = self._words()
        if self.random.random() < 0.4:
            words = [str(self.random.randint(-(1 << 40), 1 << 40)) for _ in words]
        for word in words:
            yield ["SADD", "k", word]

    def _sorted_set(self) -> Iterator[Words]:
        for word in self._words():
            score = self.random.choice((*SCORES, str(self.random.uniform(-1e6, 1e6))))
            yield ["ZADD", "k", score, word]

    def _hash(self) -> Iterator[Words]:
        for word in self._words():
            yield ["HSET", "k", word, self._word()[:60]]

    def _hash_with_times(self) -> Iterator[Words]:
        words = self._words()
        for word in words:
            yield ["HSET", "k", word, self._word()[:60]]
        for _ in range(self.random.randint(1, 10)):
            field = self.random.choice(words)
            yield ["HPEXPIREAT", "k", self.random.choice(TIMES), "FIELDS", "1", field]

    def _stream(self) -> Iterator[Words]:
        chance = self.random
        names = [self._word()[:20] for _ in range(3)]
        ms, sequence, ids = chance.choice((1, 10**12, (1 << 64) - 10**6)), 0, []
        for _ in range(self._count()):
            ms, sequence = ms + chance.randint(0, 2), sequence + chance.randint(1, 3)
            ids.append(f"{ms}-{sequence}")
            some = names if chance.random() < 0.8 else names[: chance.randint(1, 2)]
            yield ["XADD", "k", ids[-1], *(word for name in some for word in (name, self._word()))]
        if chance.random() < 0.4:
            yield ["XTRIM", "k", "MAXLEN", "~", str(chance.randint(0, 200))]
        for group in chance.sample("abcdef", chance.randint(0, 3)):
            yield ["XGROUP", "CREATE", "k", group, chance.choice(ids), "ENTRIESREAD", "7"]
            for reader in "xy":
                count = str(chance.randint(1, 9))
                yield ["XREADGROUP", "GROUP", group, reader, "COUNT", count, "STREAMS", "k", ">"]

    _KINDS = (_string, _list, _set, _sorted_set, _hash, _hash_with_times, _stream, _stream)
