"""What the arguments of written commands may be, by their names in the documentation.

Times lie far ahead or are over: nothing expires between two looks. Relative ones are drawn from
a wide range, so that no two of a sequence lie within the time that a run takes.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from redislua_kernel.engine.rdb.payload import sign

__all__ = ["FIELDS", "KEYS", "ODD", "value_of"]

#: The keys that commands work on, and those that `FILL` gives a value of each type.
KEYS = ("a", "b", "c")
OTHERS = ("text", "list", "hash", "set", "zset", "stream", "none")
FILL = (
    "SET text x",
    "RPUSH list 3 1 2",
    "HSET hash f 1 g 2",
    "SADD set 1 2 3",
    "ZADD zset 1 f 2 g",
    "XADD stream 1-1 f 1",
)

#: Fields, members and elements are the same words: then they meet.
FIELDS = ("f", "g", "1", "2", "-3", "007", "m" * 9, "w" * 70, "")
_TEXTS = (*FIELDS, "10", "1.5", "-0", "3.0e3", "9223372036854775807", "\xff\x00\x81", "v" * 40)
_SCORES = ("0", "1", "1.5", "-1", "2", "inf", "-inf", "1e300", "-0", "0.1", "3", "17179869184")
_IDS = ("1-1", "2-1", "2-2", "5-0", "3", "7-3")
_FAR = ("33177117420", "33177117421", "33177117500", "1", "0", "-1")
_COUNTS = ("0", "1", "2", "3", "10", "-1", "-2")
_PLACES = ("0", "1", "2", "-1", "-2", "-100", "5", "100")
_PATTERNS = ("*", "?", "[a-f]*", "a", "nosuch*", "*\\**", "[^a]", "w_*", "w_*->f", "#", "*->*")

_VALUES: dict[str, tuple[str, ...]] = {
    "bit": ("0", "1"),
    "by-pattern": _PATTERNS,
    "channel": ("news", "talk", "n"),
    "consumer": ("alice", "bob"),
    "count": _COUNTS,
    "cursor": ("0", "0", "0", "5"),
    "db": ("1", "0", "99"),
    "decrement": ("1", "-5", "9223372036854775807"),
    "destination-db": ("1", "0", "99"),
    "double": _SCORES,
    "encoding": ("u8", "i8", "u1", "i64", "u63", "i5", "u33"),
    "entries-added": ("0", "3", "100"),
    "entriesread": ("0", "1", "5", "-1"),
    "frequency": ("0", "255", "256"),
    "get-pattern": _PATTERNS,
    "group": ("g", "h"),
    "height": ("1", "200", "1000"),
    "id": (*_IDS, "0", "0-0"),
    "increment": ("1", "-5", "2", "9223372036854775807", "100"),
    "integer": _PLACES,
    "last-id": ("9-9", "5-0", "0-0"),
    "lastid": _IDS,
    "latitude": ("38.1", "37.5", "38.2", "-10", "85.05112878", "86", "0"),
    "len": _COUNTS,
    "limit": _COUNTS,
    "longitude": ("13.3", "15.08", "13.5", "-180", "179.9", "181", "0"),
    "max-deleted-id": ("2-1", "0-0", "9-9"),
    "min-idle-time": ("0", "0", "999999999999", "-1"),
    "message": _TEXTS,
    "min-match-len": _COUNTS,
    "ms": ("0", "100000"),
    "num-matches": _COUNTS,
    "offset": ("0", "1", "7", "9", "33", "#1", "-1"),
    "pattern": _PATTERNS,
    "radius": ("1", "200", "10000", "0"),
    "rank": ("1", "-1", "2", "-2", "0"),
    "shardchannel": ("news", "talk", "n"),
    "subcommand": ("encoding", "getreg", "decode", "todense"),
    "threshold": ("0", "1", "3", "10", *_IDS),
    "type": ("string", "list", "hash", "set", "zset", "stream", "STRING", "nosuch"),
    "unix-time-milliseconds": tuple(f"{time}000" if len(time) > 2 else time for time in _FAR),
    "unix-time-seconds": _FAR,
    "weight": ("1", "2", "-1", "0.5", "inf", "0"),
    "width": ("1", "200", "1000"),
}

#: Where the name means one thing in one command, and another elsewhere.
_OF_COMMAND: dict[str, dict[str, tuple[str, ...]]] = {
    "ZRANGE": {"start": (*_PLACES, "(1", "[f", "-", "+inf"), "stop": (*_PLACES, "[m", "+", "inf")},
    "ZRANGESTORE": {"min": (*_PLACES, "(1", "[f", "-"), "max": (*_PLACES, "[m", "+", "inf")},
    "XAUTOCLAIM": {"start": ("0", "-", *_IDS)},
    "XPENDING": {"start": ("-", *_IDS, "(2-1"), "end": ("+", *_IDS, "(5-0")},
    "XRANGE": {"start": ("-", *_IDS, "(2-1"), "end": ("+", *_IDS, "(5-0")},
    "XREAD": {"id": ("0", "$", "+", *_IDS)},
    "XREADGROUP": {"id": (">", ">", ">", "0", *_IDS)},
    "XREVRANGE": {"start": ("-", *_IDS, "(2-1"), "end": ("+", *_IDS, "(5-0")},
    "BITFIELD": {"value": ("0", "1", "-1", "255", "300"), "increment": ("1", "-1", "100", "300")},
    "SETBIT": {"value": ("0", "1")},
    "XADD": {"id": (*_IDS, *_IDS, "5-*", "0-0")},
}
_LEX = {"min": ("-", "[f", "(f", "[1", "+"), "max": ("+", "[m", "(w", "-", "[g")}
_BY_SCORE = {"min": ("-inf", "0", "(1", "1.5", "-1"), "max": ("+inf", "2", "(2", "1", "1e300")}

#: Words that stand where they should not.
ODD = (
    *(
        "",
        "x",
        "0",
        "-1",
        "1.5",
        "+1",
        "00",
        "0x1",
        "-0",
        " 1",
        "1 ",
        "nan",
        "-inf",
        "1e1",
        "1e400",
    ),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615"),
    *("99999999999999999999", "\x00", "\xff", "*", "(", "[", "-", "+", "$", ">", "NX", "XX", "GT"),
    *("WITHSCORES", "COUNT", "LIMIT", "FIELDS", "STORE", "GET", "EX", "KEEPTTL", "MAXLEN", "~"),
)


def _payload(rng: random.Random) -> str:
    kind = rng.choice(("\x00\x01x", "\x00\xc0\x07", "\x01\x01\x01x", "\x00\x09x", "\xff"))
    signed = sign(kind.encode("latin-1")).decode("latin-1")
    return signed if rng.random() < 0.8 else signed[:-1] + "!"


_DRAWN: dict[str, Callable[[random.Random], str]] = {
    "milliseconds": lambda rng: str(rng.randrange(10**9, 10**11)),
    "seconds": lambda rng: str(rng.randrange(10**6, 10**8)),
    "serialized-value": _payload,
    "ttl": lambda rng: rng.choice(("0", "-1", str(rng.randrange(10**9, 10**11)))),
}
_OVER = ("0", "-1")


def value_of(command: str, name: str, kind: str, rng: random.Random) -> str:
    """Choose a word for an argument of that name and type."""
    if kind == "key":
        return rng.choice(KEYS if rng.random() < 0.9 else OTHERS)
    if name in _DRAWN:
        if name != "serialized-value" and rng.random() < 0.1:
            return rng.choice(_OVER)
        return _DRAWN[name](rng)
    own = _OF_COMMAND.get(command, {})
    if name in ("min", "max") and not own:
        own = _LEX if "LEX" in command else _BY_SCORE
    if name in own:
        return rng.choice(own[name])
    return rng.choice(_VALUES.get(name) or _VALUES.get(kind) or _TEXTS)
