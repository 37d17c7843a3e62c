"""A library on several servers: what they have, and how all of them get another version, or none.

Deploying and rolling back are one thing here, `change`: each node is to have this version of a
library, or none. Who fails, or is stopped, takes back what was done before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.interrupts import Stopped
from redislua_kernel.errors import RedisError
from redislua_kernel.remote.cluster import Cluster
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.remote import Remote
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import as_dict

__all__ = ["Deployment", "Found", "Outcome", "change", "nodes_of", "survey"]

#: A node that is silent for so long counts as lost, in seconds.
_PATIENCE = 10.0
_KEPT = "not changed"

#: A version of a library is its code; None: the library is not there.
Version = bytes | None
Nodes = Mapping[str, Connection]


@dataclass(frozen=True)
class Deployment:
    """What was changed: the way back needs it."""

    library: bytes
    target: Target
    before: Mapping[str, Version]
    after: Mapping[str, Version]


@dataclass(frozen=True)
class Found:
    """What a node has of a library, and why it would refuse another version, if it would."""

    place: str
    version: Version = None
    functions: frozenset[bytes] = frozenset()
    trouble: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a node: `failed` if it does not have what it was to have."""

    place: str
    said: str
    failed: bool = False


@contextmanager
def nodes_of(target: Target) -> Iterator[Nodes]:
    """Give connections to all that a library has to go to, by the names of the nodes.

    These are the primaries if the server is in a cluster, and else the server. Raises RedisError.
    """
    patient = replace(target, reply_seconds=target.reply_seconds or _PATIENCE, resp=2)
    remote = Remote(patient)
    try:
        if not target.is_cluster:
            remote.open()
            if remote.facts().mode != "cluster":
                yield {target.place: remote.connection}
                return
        remote.close()
        remote = cluster = Cluster(replace(patient, is_cluster=True, database=0))
        cluster.open()
        yield {f"{host}:{port}": cluster.node((host, port)) for host, port in cluster.primaries}
    finally:
        remote.close()


def survey(nodes: Nodes, library: bytes, functions: frozenset[bytes]) -> list[Found]:
    """Look at what each node has, and whether these functions could be loaded there."""
    return [_look(place, node, library, functions) for place, node in nodes.items()]


def change(nodes: Nodes, library: bytes, wanted: Mapping[str, Version]) -> list[Outcome]:
    """Give each node its version; if one fails, those that were changed get back what they had."""
    before: dict[str, Version] = {}
    for place, node in nodes.items():
        try:
            before[place] = _version(node, library)
            _set(node, library, before[place], wanted[place])
        except (RedisError, Stopped) as error:
            interrupts.forget()
            outcomes = [_put_back(each, nodes[each], library, before) for each in nodes]
            why = "interrupted" if isinstance(error, Stopped) else str(error)
            return [_failed(each, why) if each.place == place else each for each in outcomes]
    return [Outcome(place, _done(before[place], wanted[place])) for place in nodes]


def _put_back(
    place: str, node: Connection, library: bytes, before: Mapping[str, Version]
) -> Outcome:
    """Give a node what it had, if it was looked at."""
    if place not in before:
        return Outcome(place, _KEPT)
    try:
        now = _version(node, library)
        _set(node, library, now, before[place])
    except RedisError as error:
        return Outcome(place, f"what it has now is not known: {error}", failed=True)
    return Outcome(place, _KEPT if now == before[place] else "changed, and put back")


def _failed(outcome: Outcome, why: str) -> Outcome:
    said = why if outcome.said == _KEPT else f"{why}; {outcome.said}"
    return Outcome(outcome.place, said, failed=True)


def _look(place: str, node: Connection, library: bytes, functions: frozenset[bytes]) -> Found:
    try:
        role = node.call([b"ROLE"])[0]
        taken: dict[bytes, bytes] = {}
        own = frozenset[bytes]()
        for entry in map(as_dict, node.call([b"FUNCTION", b"LIST"])):
            names = frozenset(as_dict(each)[b"name"] for each in entry[b"functions"])
            if entry[b"library_name"] == library:
                own = names
            else:
                taken.update(dict.fromkeys(names & functions, entry[b"library_name"]))
        version = _version(node, library)
    except RedisError as error:
        return Found(place, trouble=str(error))
    trouble = "; ".join(
        f"library {other.decode()} has a function {name.decode()} already"
        for name, other in sorted(taken.items())
    )
    if role != b"master":
        trouble = "it is a replica: deploy to its primary"
    return Found(place, version, own, trouble)


def _version(node: Connection, library: bytes) -> Version:
    # The name is a pattern there, whose case does not count.
    words = [b"FUNCTION", b"LIST", b"LIBRARYNAME", library, b"WITHCODE"]
    for entry in map(as_dict, node.call(words)):
        if entry[b"library_name"] == library:
            return bytes(entry[b"library_code"])
    return None


def _set(node: Connection, library: bytes, before: Version, wanted: Version) -> None:
    if before == wanted:
        return
    if wanted is None:
        node.call([b"FUNCTION", b"DELETE", library])
    else:
        node.call([b"FUNCTION", b"LOAD", b"REPLACE", wanted])


def _done(before: Version, wanted: Version) -> str:
    if before == wanted:
        return "has it already" if wanted is not None else "has none"
    if wanted is None:
        return "deleted"
    return "loaded" if before is None else "replaced"
