"""Generated sequences of commands do to each type of data here what they do on redis-server 8.2.3.

`command_writer` writes them from the reference's own documentation of its commands. Every
reply is compared, and then all that can be seen of the keys. The long form takes a seed:
REDISLUA_SEQUENCES (how many) and REDISLUA_SEED choose others than the ones it has.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence

import pytest

from tests.differential.argument_values import FIELDS, FILL, KEYS, OTHERS
from tests.differential.both import Both, Words, both_sides
from tests.differential.command_writer import Writer
from tests.differential.documented import Documented, read_commands
from tests.differential.likeness import are_alike
from tests.resp_client import RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

#: Commands that belong together: one, or a transaction.
Step = list[Words]

#: So many steps come before the commands in question.
HEAD = 3

#: The commands of a test, by the groups of the documentation; each also meets some of the others.
TYPES = {
    "strings": ("string",),
    "bitmaps": ("bitmap", "string"),
    "hashes": ("hash",),
    "lists": ("list",),
    "sets": ("set",),
    "sorted sets": ("sorted-set",),
    "streams": ("stream",),
    "hyperloglogs": ("hyperloglog",),
    "places": ("geo",),
    "keys": ("generic",),
}
EVERYTHING = tuple(group for groups in TYPES.values() for group in groups)

#: These wait for other servers, take seconds, or are no commands for data.
LEFT_OUT = {"MIGRATE", "PFSELFTEST", "RESTORE-ASKING", "WAIT", "WAITAOF"}

#: Where collections change their encodings: as it is by default, or so that a few words do it.
LIMITS = {
    "hash-max-listpack-entries": ("512", "3"),
    "hash-max-listpack-value": ("64", "8"),
    "hll-sparse-max-bytes": ("3000", "40"),
    "list-max-listpack-size": ("-2", "3"),
    "set-max-intset-entries": ("512", "2"),
    "set-max-listpack-entries": ("128", "3"),
    "set-max-listpack-value": ("64", "8"),
    "stream-node-max-entries": ("100", "2"),
    "zset-max-listpack-entries": ("128", "3"),
    "zset-max-listpack-value": ("64", "8"),
}

#: Where scores differ, a range of members is what chance has made of a skip list.
EQUAL_SCORES = (("DEL", "l"), ("ZADD", "l", *(word for field in FIELDS for word in ("0", field))))

#: What is looked at in the end, of every key.
LOOKS = """
TYPE {key}
OBJECT ENCODING {key}
PEXPIRETIME {key}
GET {key}
LRANGE {key} 0 -1
SMEMBERS {key}
ZRANGE {key} 0 -1 WITHSCORES
HGETALL {key}
HPEXPIRETIME {key} FIELDS {fields}
XINFO STREAM {key} FULL COUNT 0
""".strip().splitlines()

#: TYPE and OBJECT ENCODING where payloads are the same whatever way the value was made.
ORDERED = {
    b"+%b\r\n$%d\r\n%b\r\n" % (kind, len(encoding), encoding)
    for kind, encoding in (
        *((b"string", b"int"), (b"string", b"embstr"), (b"string", b"raw"), (b"list", b"listpack")),
        *((b"set", b"intset"), (b"zset", b"listpack"), (b"zset", b"skiplist")),
        (b"hash", b"listpack"),
    )
}


@pytest.fixture(scope="module")
def both(reference_server: Server) -> Iterator[Both]:
    with both_sides(reference_server) as both:
        yield both
        both.run([("CONFIG", "SET", *_settings({name: 0 for name in LIMITS}))])


@pytest.fixture(scope="module")
def commands(reference_server: Server) -> dict[str, Documented]:
    with RespClient(reference_server.host, reference_server.port) as client:
        found = read_commands(client)
    return {name: command for name, command in found.items() if name not in LEFT_OUT}


def sequence(
    rng: random.Random, commands: dict[str, Documented], groups: Sequence[str]
) -> list[Step]:
    """Write a sequence that begins with its settings and the keys of other types."""
    writer = Writer(rng)
    pools = [
        [command for command in commands.values() if command.group in chosen]
        for chosen in (groups, ("generic",), EVERYTHING)
    ]
    limits = _settings({name: rng.randrange(2) for name in LIMITS})
    steps: list[Step] = [[("HELLO", rng.choice("23"))], [("CONFIG", "SET", *limits)]]
    steps += [[("FLUSHALL",), *(tuple(words.split()) for words in FILL)]]
    for _ in range(rng.randint(1, 40)):
        command = rng.choice(rng.choices(pools, (85, 10, 5))[0])
        words = _settled(writer.command(command))
        # In a transaction nothing waits.
        if any("LEX" in word.upper() for word in words):
            steps.append([*EQUAL_SCORES, ["l" if word in KEYS else word for word in words]])
        elif "blocking" in command.flags:
            steps.append([("MULTI",), words, ("EXEC",)])
        else:
            steps.append([words])
    return steps


def _settings(chosen: dict[str, int]) -> list[str]:
    return [word for name, place in chosen.items() for word in (name, LIMITS[name][place])]


def _settled(words: Words) -> Words:
    """Take away what chance or the time would decide about."""
    if words[0] == "SPOP":
        return (*words[:2], "100")
    if words[0] in ("SORT", "SORT_RO") and "BY" in words:
        return [word for word in words if word.upper() != "ALPHA"]
    if words[0] == "XADD":
        return [word if word != "*" else "6-*" for word in words]
    return words


def looks() -> list[Words]:
    """Give the commands that show all there is of the keys."""
    fields = [str(len(FIELDS)), *FIELDS]
    return [
        [
            part
            for word in look.split()
            for part in (fields if word == "{fields}" else [word.format(key=key)])
        ]
        for key in (*KEYS, *OTHERS)
        for look in LOOKS
    ]


def difference(both: Both, steps: Sequence[Step]) -> str:
    """Run commands and tell of the first reply that is another one, or of what differs after."""
    whole = [*(words for step in steps for words in step), *looks()]
    for place, (words, (expected, answer)) in enumerate(
        zip(whole, both.replies(whole), strict=True)
    ):
        if not are_alike(words, expected, answer):
            return f"{place}: {words}\n  theirs {expected!r}\n  ours   {answer!r}"
    for key in (*KEYS, *OTHERS):
        asked = [("TYPE", key), ("OBJECT", "ENCODING", key), ("DUMP", key)]
        (kind, _), (encoding, _), (theirs, ours) = both.replies(asked)
        if theirs != ours and kind + encoding in ORDERED:
            return f"DUMP {key}\n  theirs {theirs!r}\n  ours   {ours!r}"
    return ""


def shortest(both: Both, steps: list[Step]) -> list[Step]:
    """Leave out of a sequence what does not matter to its difference."""
    for place in range(len(steps) - 1, -1, -1):
        if place >= HEAD:
            fewer = steps[:place] + steps[place + 1 :]
            steps = fewer if difference(both, fewer) else steps
    return steps


def check(both: Both, commands: dict[str, Documented], groups: Sequence[str], seed: str) -> None:
    """Run the sequence of a seed; fail with the shortest one that shows the difference.

    What is not seen a second time was a matter of time or chance: then all that ran is told.
    """
    written = sequence(random.Random(seed), commands, groups)
    seen = difference(both, written)
    if seen:
        found = shortest(both, written)
        again = difference(both, found)
        told = f"{found}\n{again}" if again else f"not seen again: {written}"
        pytest.fail(f"seed {seed!r}, {groups}\n{seen}\n{told}")


@pytest.mark.parametrize("groups", TYPES.values(), ids=TYPES)
def test_commands_do_the_same(
    both: Both, commands: dict[str, Documented], groups: Sequence[str]
) -> None:
    for place in range(25):
        check(both, commands, groups, f"short {place}")


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("groups", TYPES.values(), ids=TYPES)
def test_many_commands_do_the_same(
    both: Both, commands: dict[str, Documented], groups: Sequence[str]
) -> None:
    seed = os.environ.get("REDISLUA_SEED", "redislua")
    for place in range(int(os.environ.get("REDISLUA_SEQUENCES", "3000"))):
        check(both, commands, groups, f"{seed} {place}")
