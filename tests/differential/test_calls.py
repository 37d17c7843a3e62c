"""Calls in loops, whatever their words and their replies, do what they do on redis-server 8.2.3.

Replies, effects, what INFO counts, and all that can be seen of the keys are compared. The long
form takes a seed: REDISLUA_PROGRAMS (how many) and REDISLUA_SEED choose others than the ones it
has.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import pytest

from redislua_kernel.engine.debugging.profile import Profile
from redislua_kernel.engine.debugging.trace import CallTrace
from redislua_kernel.engine.in_scripts import AS_ELSEWHERE
from tests.differential import test_data_types
from tests.differential.argument_values import FILL, KEYS, OTHERS
from tests.differential.both import Both, Words, both_sides, is_same
from tests.differential.call_writer import LEFT_OUT, CallWriter
from tests.differential.documented import Documented, read_commands
from tests.differential.test_data_types import EQUAL_SCORES, EVERYTHING, LIMITS, TYPES
from tests.differential.test_effects import Replica, Write, _effects, _shown, server
from tests.resp_client import RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

__all__ = ["server"]

#: Who looks on, or what the caller may not do.
CIRCUMSTANCES = ("alone", "traced", "profiled", "restricted", "announced")
_RIGHTS = "reset on nopass +@all -hset -lpush -zadd -get ~a ~b %R~c %W~text ~l ~hash ~zset ~stream"
_LIBRARY = """#!lua name=lib
redis.register_function{function_name = 'f', flags = {FLAGS}, callback = function(keys, args)
"""

#: Two sides run a command within this time of each other, in milliseconds.
_SLACK = 20_000
#: So many times as often a command comes to which calls have short ways.
_MORE_OFTEN = 3
#: Keys that are to expire have done so after so many seconds.
_PAUSE = 0.004


@pytest.fixture(scope="module")
def replica(server: Server) -> Iterator[Replica]:
    with Replica(server) as replica:
        yield replica


@pytest.fixture(scope="module")
def both(server: Server) -> Iterator[Both]:
    with both_sides(server) as both:
        yield both


@pytest.fixture(scope="module")
def commands(server: Server, both: Both) -> list[Documented]:
    with RespClient(server.host, server.port) as client:
        found = [each for each in read_commands(client).values() if each.name not in LEFT_OUT]
    return [*found, *[each for each in found if _has_short_ways(both, each.name)] * _MORE_OFTEN]


def _has_short_ways(both: Both, name: str) -> bool:
    command = both.engine.commands.get(name.encode())
    return command is not None and bool(command.plain or command.in_scripts is not AS_ELSEWHERE)


def program(rng: random.Random, commands: Sequence[Documented]) -> list[Words]:
    """Write a few scripts and what runs them; PEXPIRE stands between some."""
    writer, groups = CallWriter(rng), rng.choice(list(TYPES.values()))
    own = [each for each in commands if each.group in groups]
    others = [each for each in commands if each.group in EVERYTHING]
    run: list[Words] = []
    for _ in range(rng.randint(1, 3)):
        pool = [*rng.sample(own, rng.randint(1, min(3, len(own)))), rng.choice(others)]
        text, arguments = writer.script(pool[: rng.choice((-1, None))])
        words = (text, "0", *arguments)
        match rng.randrange(6):
            case 0:
                run += [("EVAL_RO", *words)]
            case 1:
                run += [("MULTI",), ("EVAL", *words), ("EVAL", *words), ("EXEC",)]
            case 2:
                flags = rng.choice(("", "'no-writes'"))
                body = text.replace("ARGV", "args")
                code = f"{_LIBRARY.replace('FLAGS', flags)}{body}\nend}}"
                run += [("FUNCTION", "LOAD", "REPLACE", code), *[("FCALL", "f", *words[1:])] * 2]
            case _:
                run += [("EVAL", *words)] * rng.randint(1, 3)
        run += [("PEXPIRE", key, "1") for key in rng.sample((*KEYS, *OTHERS), rng.choice((0, 2)))]
    return run


def prepare(both: Both, rng: random.Random, circumstance: str) -> None:
    """Make both sides the same, with settings that chance chooses."""
    limits = [word for name, values in LIMITS.items() for word in (name, rng.choice(values))]
    events = "KEA" if circumstance == "announced" else ""
    both.replies([("RESET",), ("HELLO", rng.choice("23")), ("FLUSHALL",)])
    both.replies([("DEBUG", "SET-ACTIVE-EXPIRE", "0")])
    both.replies([("CONFIG", "SET", *limits, "notify-keyspace-events", events)])
    both.replies([*(words.split() for words in FILL), *EQUAL_SCORES, ("CONFIG", "RESETSTAT")])
    if circumstance == "restricted":
        both.replies([("ACL", "SETUSER", "alice", *_RIGHTS.split()), ("AUTH", "alice", "any")])


def difference(both: Both, replica: Replica, run: Sequence[Words], circumstance: str) -> str:
    """Run commands and tell what differs first."""
    replica.received()
    with _looking_on(both, circumstance):
        for place, words in enumerate(run):
            [(theirs, ours)] = both.replies([words])
            if not is_same(theirs, ours):
                return f"the reply to {place}: {words}\n  theirs {theirs!r}\n  ours   {ours!r}"
            expected, effects = _shown(replica.received()), _shown(_effects(both.engine))
            expected = [each for each in expected if each[1] != ("PING",)]
            if not _are_close(expected, effects):
                return f"effects of {place}: {words}\n  theirs {expected}\n  ours   {effects}"
            if words[0] == "PEXPIRE":
                time.sleep(_PAUSE)
    both.replies([("AUTH", "default", "")])
    [(theirs, ours)] = both.replies([("INFO", "commandstats", "errorstats")])
    if _counts(theirs) != _counts(ours):
        return f"counts\n  theirs {_counts(theirs) - _counts(ours)}\n  ours   {_counts(ours)}"
    return test_data_types.difference(both, [])


def _looking_on(both: Both, circumstance: str) -> AbstractContextManager[object]:
    scripting = both.engine.scripting
    if circumstance == "traced":
        return CallTrace(scripting)
    return Profile(scripting) if circumstance == "profiled" else nullcontext()


def _counts(info: bytes) -> set[str]:
    """Give what INFO counts of the commands and errors, without their times."""
    lines = [line for line in info.decode("latin-1").split("\r\n") if "stat_" in line]
    apart = ("ping", "info", "publish", "auth")  # for the comparison itself
    return {
        ",".join(part for part in line.split(",") if "usec" not in part)
        for line in lines
        if not line.startswith(tuple(f"cmdstat_{name}" for name in apart))
    }


def _are_close(theirs: list[Write], ours: list[Write]) -> bool:
    return len(theirs) == len(ours) and all(
        one[0] == other[0]
        and len(one[1]) == len(other[1])
        and all(map(_is_close, one[1], other[1]))
        for one, other in zip(_alike(theirs), _alike(ours), strict=True)
    )


def _is_close(theirs: str, ours: str) -> bool:
    """Tell whether two words are the same, or two times that lie close to each other."""
    if theirs == ours or len(theirs) < 12 or not (theirs.isdecimal() and ours.isdecimal()):
        return theirs == ours
    return abs(int(theirs) - int(ours)) < _SLACK


def _alike(writes: list[Write]) -> Iterator[Write]:
    """Leave out what says the same otherwise.

    That is the LIMIT of a trim that is exact now (see `Trimming.settled`), and in which order SET
    has its options, and how often.
    """
    for database, words in writes:
        if words[0] in ("XADD", "XTRIM") and "LIMIT" in words[2:8]:
            place = words.index("LIMIT")
            yield database, words[:place] + words[place + 2 :]
        elif words[0] == "SET":
            yield database, (*words[:3], *sorted({word.upper() for word in words[3:]}))
        else:
            yield database, words


def check(
    both: Both, replica: Replica, commands: list[Documented], seed: str, circumstance: str
) -> None:
    rng = random.Random(seed)
    if circumstance == "restricted":  # see `differences`
        commands = [each for each in commands if each.name != "PFMERGE"]
    prepare(both, rng, circumstance)
    run = program(rng, commands)
    found = difference(both, replica, run, circumstance)
    assert not found, f"seed {seed!r}, {circumstance}\n{found}\n{run}"


@pytest.mark.parametrize("circumstance", CIRCUMSTANCES)
def test_calls_in_loops_do_the_same(
    both: Both, replica: Replica, commands: list[Documented], circumstance: str
) -> None:
    for place in range(15):
        check(both, replica, commands, f"{circumstance} {place}", circumstance)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("circumstance", CIRCUMSTANCES)
def test_many_calls_in_loops_do_the_same(
    both: Both, replica: Replica, commands: list[Documented], circumstance: str
) -> None:
    seed = os.environ.get("REDISLUA_SEED", "redislua")
    for place in range(int(os.environ.get("REDISLUA_PROGRAMS", "1000"))):
        check(both, replica, commands, f"{seed} {circumstance} {place}", circumstance)
