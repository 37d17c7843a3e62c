"""Holding the same sessions with the reference and with an engine, in a condition."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from redislua_kernel import Engine
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import NO_REPLY, Push
from redislua_kernel.server.encoder import encode
from tests.differential.condition_sessions import (
    ENTER,
    FEW_FLAG_SETS,
    FLAG_SETS,
    LEAVE,
    PREPARATION,
    Flags,
    Session,
    Words,
    library,
    sessions,
)
from tests.resp_client import Reply, RespClient, read_reply
from tests.servers import Server
from tests.waiting import wait_until

#: Why the reference cannot write its append-only file here, and why ours never can.
OTHER_REASON, REASON = "File too large", "No space left on device"

#: So many differences a failed test shows.
SHOWN = 10


@dataclass(frozen=True)
class Condition:
    """How a server gets into a condition and out of it, by commands."""

    enter: tuple[Words, ...] = ()
    leave: tuple[Words, ...] = ()
    flag_sets: Sequence[Flags] = FLAG_SETS


def setting(name: str, inside: str, outside: str) -> Condition:
    return Condition((("CONFIG", "SET", name, inside),), (("CONFIG", "SET", name, outside),))


def both(*conditions: Condition) -> Condition:
    return Condition(
        tuple(words for each in conditions for words in each.enter),
        tuple(words for each in reversed(conditions) for words in each.leave),
        FEW_FLAG_SETS,
    )


NOTHING = Condition()
FULL = setting("maxmemory", "1", "0")
TOO_FEW_REPLICAS = setting("min-replicas-to-write", "1", "0")


class Embedded:
    """A client of an engine, with the face of a RespClient."""

    def __init__(self, engine: Engine) -> None:
        self._client = engine.client()
        self._pushed: list[Push] = []
        self._client.deliver = self._pushed.append

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def command(self, *words: str) -> Reply:
        try:
            reply = self._client.call([word.encode("latin-1") for word in words])
        except ResponseError as error:
            reply = error
        if reply is NO_REPLY:
            reply = self._pushed.pop()
        return read_reply(io.BytesIO(encode(reply, self._client.resp)))


AnyClient = Embedded | RespClient


def hold(
    session: Session, condition: Condition, control: AnyClient, client: AnyClient
) -> list[Reply]:
    """Hold one session, from the same start, and give its replies."""
    for words in (("FLUSHALL",), ("SCRIPT", "FLUSH"), *PREPARATION):
        control.command(*words)
    replies = []
    for words in session:
        if words in (ENTER, LEAVE):
            change(control, condition.enter if words is ENTER else condition.leave)
        else:
            replies.append(client.command(*words))
    change(control, condition.leave)
    return replies


def change(control: AnyClient, commands: Sequence[Words]) -> None:
    for words in commands:
        assert control.command(*words)["t"] == "+", words


def differences(server: Server, engine: Engine, condition: Condition) -> list[str]:
    """Hold all sessions on both sides and tell where they differ."""
    found = []
    ours_control = Embedded(engine)
    with RespClient(server.host, server.port) as theirs_control:
        for control in (ours_control, theirs_control):
            change(control, condition.leave)
            control.command("FUNCTION", "LOAD", "REPLACE", library())
        for session in sessions(condition.flag_sets):
            with RespClient(server.host, server.port) as client:
                theirs = hold(session, condition, theirs_control, client)
            with Embedded(engine) as client:
                ours = hold(session, condition, ours_control, client)
            asked = [words for words in session if words not in (ENTER, LEAVE)]
            found += [
                f"{words}\n  expected {expected}\n  answered {answer}"
                for words, expected, answer in zip(asked, theirs, ours, strict=True)
                if repr(answer) != repr(expected).replace(OTHER_REASON, REASON)
            ]
    return found


def wait_for(client: RespClient, section: str, line: str) -> None:
    """Wait until INFO, or CLUSTER INFO, has a line."""
    words = ("CLUSTER", "INFO") if section == "cluster" else ("INFO", section)
    wait_until(lambda: line in client.command(*words)["v"])


def check(found: list[str]) -> None:
    assert not found, f"{len(found)} replies differ:\n" + "\n".join(found[:SHOWN])
