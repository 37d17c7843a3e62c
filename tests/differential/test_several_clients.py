"""Several clients at once meet here what they meet on redis-server 8.2.3.

Transactions with WATCH, messages, waits and tracking, in generated sequences of commands by
three connections. After each command every connection that does not wait is asked for what
has reached it. The long form takes REDISLUA_SEQUENCES and REDISLUA_SEED.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Sequence
from typing import Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.both import in_order
from tests.resp_client import Reply, RespClient
from tests.servers import Server

pytestmark = pytest.mark.reference

Words = tuple[str, ...]
#: Which connection sends which command.
Step = tuple[int, Words]

CONNECTIONS = 3

#: What WATCH says inside MULTI, where PING would be queued.
NO_WATCH = "ERR WATCH inside MULTI is not allowed"

#: What is in braces is chosen from the line of that name.
CHOICES = {
    "key": ("a", "b", "c"),
    "text": ("x", "7", ""),
    "channel": ("news", "talk", "n"),
    "pattern": ("n*", "ta?k"),
    "side": ("LEFT", "RIGHT"),
    "score": ("1", "2.5", "-inf"),
    "db": ("0", "1"),
}

TRANSACTIONS = """
WATCH {key}
WATCH {key} {key}
UNWATCH
MULTI
MULTI
EXEC
EXEC
DISCARD
SET {key} {text}
SET {key} {text} EX 1000
GET {key}
INCR {key}
DEL {key}
LPUSH {key} {text}
LPOP {key}
SADD {key} {text}
SREM {key} {text}
EXPIRE {key} 1000
EXPIRE {key} -1
PERSIST {key}
RENAME {key} {key}
COPY {key} {key} REPLACE
SELECT {db}
MOVE {key} 1
SWAPDB 0 1
FLUSHDB
FLUSHALL
TOUCH {key}
EVAL redis.call('set',KEYS[1],'e')return{1,redis.pcall('incr',KEYS[1])} 1 {key}
NOSUCH {key}
GET
SET {key} {text} {text}
BLPOP {key} 0
WATCH
EXEC {text}
RESET
HELLO 3
HELLO 2
"""

MESSAGES = """
SUBSCRIBE {channel}
SUBSCRIBE {channel} {channel}
UNSUBSCRIBE {channel}
UNSUBSCRIBE
PSUBSCRIBE {pattern}
PSUBSCRIBE {pattern} {pattern}
PUNSUBSCRIBE {pattern}
PUNSUBSCRIBE
SSUBSCRIBE {channel}
SUNSUBSCRIBE {channel}
SUNSUBSCRIBE
PUBLISH {channel} {text}
PUBLISH {channel} {text}
SPUBLISH {channel} {text}
PUBSUB NUMSUB {channel} {channel}
PUBSUB NUMPAT
PUBSUB SHARDNUMSUB {channel}
PUBSUB CHANNELS {pattern}
PING
PING {text}
MULTI
EXEC
DISCARD
GET {key}
SET {key} {text}
EVAL redis.call('publish',KEYS[1],'e')return{redis.call('spublish',KEYS[1],'f')} 1 {channel}
RESET
HELLO 3
HELLO 2
SUBSCRIBE
PUBLISH {channel}
"""

WAITS = """
BLPOP {key} 0
BRPOP {key} {key} 0
BLMOVE {key} {key} {side} {side} 0
BRPOPLPUSH {key} {key} 0
BLMPOP 0 2 {key} {key} {side} COUNT 2
BZPOPMIN {key} 0
BZPOPMAX {key} {key} 0
BZMPOP 0 2 {key} {key} MIN
XREAD BLOCK 0 STREAMS {key} $
XREADGROUP GROUP g me BLOCK 0 STREAMS {key} >
XGROUP CREATE {key} g $ MKSTREAM
XGROUP DESTROY {key} g
RPUSH {key} {text}
RPUSH {key} {text} {text}
LPUSH {key} {text} {text}
ZADD {key} {score} {text}
ZADD {key} {score} {text} {score} x
XADD {key} 6-* f {text}
SET {key} {text}
DEL {key}
DEL {key} {key}
RENAME {key} {key}
LMOVE {key} {key} {side} {side}
COPY {key} {key}
COPY {key} {key} REPLACE
MULTI
EXEC
EXEC
SWAPDB 0 1
SELECT {db}
FLUSHALL
EVAL redis.call('rpush',KEYS[1],'e')return{redis.call('rpush',KEYS[1],'f')} 1 {key}
EXPIRE {key} -1
HELLO 3
BLPOP {key} -1
BLPOP {key} x
"""

TRACKED = """
CLIENT TRACKING on
CLIENT TRACKING on NOLOOP
CLIENT TRACKING on BCAST
CLIENT TRACKING on BCAST PREFIX a PREFIX b
CLIENT TRACKING on OPTIN
CLIENT TRACKING on OPTOUT
CLIENT TRACKING off
CLIENT CACHING yes
CLIENT CACHING no
CLIENT TRACKINGINFO
CLIENT GETREDIR
GET {key}
MGET {key} {key}
SET {key} {text}
INCR {key}
DEL {key}
LPUSH {key} {text}
LRANGE {key} 0 -1
RENAME {key} {key}
EXPIRE {key} 1000
EXPIRE {key} -1
FLUSHDB
FLUSHALL ASYNC
SELECT {db}
MULTI
EXEC
EXEC
EVAL return{redis.call('get',KEYS[1]),redis.call('set',KEYS[2],'e')} 2 {key} {key}
HELLO 3
HELLO 3
HELLO 2
RESET
"""

KINDS = {"transactions": TRANSACTIONS, "messages": MESSAGES, "waits": WAITS, "tracking": TRACKED}


class Connection:
    """One connection to a server, and what CLIENT LIST says of it."""

    def __init__(self, server: Server, keeper: RespClient) -> None:
        self.client = RespClient(server.host, server.port)
        self.id = str(self.client.command("CLIENT", "ID")["v"])
        self.keeper = keeper
        self.marks = 0
        #: So many commands of its own have an answer like the mark's.
        self.own_refusals = 0

    def _field(self, name: str) -> str:
        line: str = self.keeper.command("CLIENT", "LIST", "ID", self.id)["v"]
        return line.partition(f" {name}=")[2].partition(" ")[0]

    @property
    def waits(self) -> bool:
        return "b" in self._field("flags")

    @property
    def is_in_transaction(self) -> bool:
        return self._field("multi") != "-1"

    def send(self, words: Words) -> None:
        """Send a command, unless the connection waits."""
        if self.waits:
            return
        if words[0] == "WATCH" and len(words) > 1 and self.is_in_transaction:
            self.own_refusals += 1
        self.client.send(*words)
        if words[0].startswith("FLUSH"):
            self._let_flush()

    def _let_flush(self) -> None:
        """Wait as long as the reference lets the client wait for a thread that frees memory."""
        self.keeper.command("PING")
        while self.waits:
            time.sleep(0.001)

    def heard(self) -> list[Reply]:
        """Give all that comes before the answer to a command that changes nothing."""
        if self.waits:
            return []
        self.marks += 1
        mark = f"mark {self.marks}"
        words = ("WATCH", mark) if self.is_in_transaction else ("PING", mark)
        self.client.send(*words)
        heard: list[Reply] = []
        while not _answers(reply := self.client.read(), mark) or self.own_refusals:
            self.own_refusals -= reply.get("v") == NO_WATCH
            heard.append(_without_identity(reply))
        return _without_order(heard)


def _answers(reply: Reply, mark: str) -> bool:
    value = reply.get("v")
    if reply["t"] == "-":
        return value == NO_WATCH
    if reply["t"] == "*" and value:
        value = value[-1].get("v")
    return isinstance(value, str) and value == mark


def _without_identity(reply: Reply) -> Reply:
    """Leave out what HELLO tells of the client and the modules."""
    return {"t": "HELLO"} if "8.2.3" in repr(reply) else in_order(reply)


def _without_order(heard: list[Reply]) -> list[Reply]:
    """Order what tables without order decide about: names that are left all at once, lists."""
    for reply in heard:
        if reply["t"] == "*" and all(item["t"] == "$" for item in reply["v"] or ()):
            (reply["v"] or []).sort(key=repr)
    names = sorted(_name_left(reply) for reply in heard if _name_left(reply))
    for reply in heard:
        if _name_left(reply):
            reply["v"][1]["v"] = names.pop(0)  # the numbers stay: so many are left
    return heard


def _name_left(reply: Reply) -> str:
    """Give the channel or pattern that a message says is left; nothing for other replies."""
    if reply["t"] in "*>" and len(reply["v"] or ()) == 3:
        kind, name, _ = (item.get("v") for item in reply["v"])
        if isinstance(kind, str) and kind.endswith("unsubscribe"):
            return name or ""
    return ""


class Side:
    """One server, with some connections to it."""

    def __init__(self, server: Server) -> None:
        self.keeper = RespClient(server.host, server.port)
        self.keeper.command("FLUSHALL")
        self.connections = [Connection(server, self.keeper) for _ in range(CONNECTIONS)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for connection in self.connections:
            connection.client.__exit__()
        self.keeper.__exit__()

    def step(self, place: int, words: Words) -> list[list[Reply]]:
        """Let a connection send a command; give what has then reached each of them."""
        self.connections[place].send(words)
        return self.heard()

    def end(self) -> list[list[Reply]]:
        """Let all waits end, and give what reaches the connections then."""
        for connection in self.connections:
            self.keeper.command("CLIENT", "UNBLOCK", connection.id)
        return self.heard()

    def heard(self) -> list[list[Reply]]:
        """Give what has reached each of the connections that do not wait."""
        # What was sent before is read together with the first of these, at the latest.
        for _ in range(2):
            self.keeper.command("PING")
        return [connection.heard() for connection in self.connections]


def sequence(rng: random.Random, kind: str) -> list[Step]:
    """Write some commands, each with the connection that sends it."""
    lines = KINDS[kind].strip().splitlines()
    steps: list[Step] = []
    for _ in range(rng.randint(2, 30)):
        template = rng.choice(lines).split(" ")
        if template[0] == "EVAL":  # the script is one word
            template = ["EVAL", *" ".join(template[1:]).rsplit(" ", _keys_and_count(template))]
        words = tuple(
            rng.choice(CHOICES[word[1:-1]]) if word[1:-1] in CHOICES else word for word in template
        )
        steps.append((rng.randrange(CONNECTIONS), words))
    return steps


def _keys_and_count(template: Sequence[str]) -> int:
    return 1 + sum(word[:1] == "{" and word[-1:] == "}" for word in template)


def difference(servers: Sequence[Server], steps: Sequence[Step]) -> str:
    """Run a sequence on both servers and tell of the first step that differs."""
    theirs, ours = map(Side, servers)
    with theirs, ours:
        for number, (place, words) in enumerate(steps):
            expected, answer = theirs.step(place, words), ours.step(place, words)
            if expected != answer:
                return f"{number}: {place} {words}\n  theirs {expected}\n  ours   {answer}"
        expected, answer = theirs.end(), ours.end()
        if expected != answer:
            return f"end\n  theirs {expected}\n  ours   {answer}"
    return ""


def check(servers: Sequence[Server], kind: str, rng: random.Random) -> None:
    """Run one written sequence; fail with the shortest one that shows the difference."""
    steps = sequence(rng, kind)
    if not difference(servers, steps):
        return
    for place in range(len(steps) - 1, -1, -1):
        fewer = steps[:place] + steps[place + 1 :]
        steps = fewer if difference(servers, fewer) else steps
    pytest.fail(f"{steps}\n{difference(servers, steps)}")


@pytest.fixture(scope="module")
def servers(reference_server: Server, serve: Server) -> Sequence[Server]:
    return reference_server, serve


@pytest.mark.parametrize("kind", KINDS)
def test_clients_meet_the_same(servers: Sequence[Server], kind: str) -> None:
    @settings(max_examples=20, derandomize=True, database=None)
    @given(rng=st.randoms(use_true_random=True))
    def test(rng: random.Random) -> None:
        check(servers, kind, rng)

    test()


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_clients_meet_the_same_many_times(servers: Sequence[Server], kind: str) -> None:
    rng = random.Random(os.environ.get("REDISLUA_SEED", "redislua"))
    for _ in range(int(os.environ.get("REDISLUA_SEQUENCES", "1000"))):
        check(servers, kind, rng)
