"""`serve` answers the recorded commands as redis-server 8.2.3 did.

corpus/public.jsonl holds one case a line: `setup`, `call` and `teardown` are commands, `reply` the
typed replies to `call`, `proto` the RESP version, `differs` the replies of other servers where they
differ. corpus/floor.json holds how many cases of each
topic must pass: raise a number when more do; never lower one.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.resp_client import Reply, RespClient
from tests.servers import Server

Case = dict[str, Any]

_CORPUS = Path(__file__).parent / "corpus"
_CLEAN = (["FLUSHALL"], ["FUNCTION", "FLUSH"], ["SCRIPT", "FLUSH"])


def _by_topic() -> dict[str, list[Case]]:
    topics = defaultdict(list)
    for line in (_CORPUS / "public.jsonl").read_text("ascii").splitlines():
        case = json.loads(line)
        topics[case["topic"]].append(case)
    return topics


TOPICS = _by_topic()
FLOOR: dict[str, int] = json.loads((_CORPUS / "floor.json").read_text("ascii"))


def test_every_topic_has_a_floor_within_its_cases() -> None:
    assert FLOOR.keys() == TOPICS.keys()
    assert all(FLOOR[topic] <= len(cases) for topic, cases in TOPICS.items())


@pytest.mark.parametrize("topic", TOPICS)
def test_topic_passes_no_fewer_cases_than_before(serve: Server, topic: str) -> None:
    cases = TOPICS[topic]
    passed = 0
    for case in cases:
        replies = _play(serve, case)
        if replies == case["reply"]:
            passed += 1
        else:
            print(case["id"], case["call"], "\n  want", case["reply"], "\n  got ", replies)
            # Waiting for a hung server at every further case would take minutes.
            assert _answers(serve), f"no answer after {case['id']}"
    print(f"{topic}: {passed} of {len(cases)} cases pass, the floor is {FLOOR[topic]}")
    assert passed >= FLOOR[topic]


def test_the_dialect_of_valkey_answers_as_valkey_where_it_differs(serve_valkey: Server) -> None:
    cases = [case for cases in TOPICS.values() for case in cases if "9.1.2" in case["differs"]]
    for case in cases:
        replies = case["differs"]["9.1.2"]
        if replies != [{"t": "crash"}]:
            assert _play(serve_valkey, case) == replies, case["id"]


def _play(server: Server, case: Case) -> list[Reply] | str:
    """The replies to a case on clean data, or why there are none."""
    try:
        with RespClient(server.host, server.port) as client:
            for command in _CLEAN:
                client.command(*command)
            if case["proto"] == 3:
                client.command("HELLO", "3")
            for command in case["setup"]:
                client.command(*command)
            try:
                return [client.command(*command) for command in case["call"]]
            finally:
                for command in case["teardown"]:
                    client.command(*command)
    except (EOFError, OSError, ValueError) as error:
        return repr(error)


def _answers(server: Server) -> bool:
    try:
        with RespClient(server.host, server.port) as client:
            return bool(client.command("PING"))
    except (EOFError, OSError):
        return False
