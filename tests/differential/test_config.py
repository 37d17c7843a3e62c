"""CONFIG has the settings of redis-server 8.2.3, its defaults, and refuses the same values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.both import Both, both_sides, normal
from tests.resp_client import Reply
from tests.servers import Server

pytestmark = pytest.mark.reference

#: Where a server listens and keeps files, and a setting of a module.
_OWN = {
    *("bind", "dir", "enable-debug-command", "port", "unixsocket"),
    "vset-force-single-threaded-execution",
}
#: What lets nobody in any more, or ends a server that was built without TLS.
_HARMFUL = {"requirepass", "tls-cluster", "tls-port", "tls-replication"}
_VALUES = ("abc", "-1", "9" * 19, "", "a b", "yes", "1kb")


@pytest.fixture(scope="module")
def both(reference_server: Server) -> Iterator[Both]:
    with both_sides(reference_server) as both:
        yield both


def test_all_settings_are_there_with_their_defaults(both: Both) -> None:
    theirs, ours = map(_settings, _get(both, "*"))
    assert theirs.keys() - ours.keys() <= _OWN
    assert ours.keys() <= theirs.keys()
    assert {name for name, value in ours.items() if theirs[name] != value} <= _OWN


def test_values_are_refused_the_same(both: Both) -> None:
    theirs, _ = map(_settings, _get(both, "*"))
    wrong = []
    for name, default in theirs.items():
        for value in _VALUES if name not in _OWN | _HARMFUL else ():
            setting = [("CONFIG", "SET", name, value), ("CONFIG", "GET", name)]
            wrong += [(name, value, each) for each in both.run(setting)]
            both.run([("CONFIG", "SET", name, default)])
    assert wrong == []


def _get(both: Both, pattern: str) -> tuple[Reply, Reply]:
    both.run([("HELLO", "2")])
    (pair,) = both.replies([("CONFIG", "GET", pattern)])
    theirs, ours = map(normal, pair)
    return theirs, ours


def _settings(reply: Reply) -> dict[str, str]:
    words = [item["v"] for item in reply["v"]]
    return dict(zip(words[::2], words[1::2], strict=True))
