"""%deploy: a library to real servers, on all of them or on none; %rollback: the way back."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from redislua_kernel.browsing.programs import read_libraries
from redislua_kernel.cells import UsageError
from redislua_kernel.errors import RedisError
from redislua_kernel.magics.connect import read_where
from redislua_kernel.magics.offers import Offer, library_names
from redislua_kernel.magics.registry import WrongWords, magic
from redislua_kernel.remote.target import OPTIONS, Target
from redislua_kernel.render.deployment import NodeRow, outcomes_bundle, plan_bundle
from redislua_kernel.render.outputs import Display, Output, Outputs, Text
from redislua_kernel.session import Session

if TYPE_CHECKING:
    from redislua_kernel.remote.deploying import Found, Nodes, Version

_DRY_RUN, _YES = b"--dry-run", b"--yes"
_UNCHANGED = "nothing was changed"


class NotDeployed(RedisError):
    """Not all nodes have what they were to have."""


def _offers(session: Session, before: Sequence[str], start: str) -> Offer:
    if not before:
        return Offer("library", library_names(session))
    return Offer("option", ("--dry-run", "--yes", *OPTIONS))


@magic("deploy", usage="library [URL | -h host -p port ...] [--dry-run | --yes]", offers=_offers)
def deploy(session: Session, library: bytes, *where: bytes) -> Outputs:
    """Load a library of the embedded engine into a real server, or into all primaries of a cluster.

    First it shows what the nodes have and how that differs, and asks. Then all get the library, or
    none: if one fails, the others get back what they had. Where to: as in %connect; without words
    to the server that cells go to. %rollback brings back what was there.

        %deploy points redis://db.example:6379 --dry-run
        %deploy points -h 10.0.0.5 -c
        %deploy points --yes
    """
    found = [each for each in read_libraries(session.engine) if each.name == library]
    if not found:
        raise UsageError(f"the embedded engine has no library {library.decode('utf-8', 'replace')}")
    target, words = _target(session, where)
    functions = frozenset(each.name for each in found[0].functions)
    return _deploy(session, library, found[0].code, functions, target, words)


@magic("rollback", usage="library [--dry-run | --yes]")
def rollback(session: Session, library: bytes, *words: bytes) -> Outputs:
    """Take back the last %deploy of a library: each node gets what it had before.

    A node whose library was changed by somebody else since is not touched, nor are the others.

        %rollback points
        %rollback points --dry-run
    """
    if set(words) - {_DRY_RUN, _YES}:
        raise WrongWords
    done = [each for each in session.deployments if each.library == library]
    if not done:
        raise UsageError("this notebook has deployed no such library, or has taken it back")
    return _rollback(session, library, set(words))


def _deploy(
    session: Session,
    library: bytes,
    code: bytes,
    functions: frozenset[bytes],
    target: Target,
    words: set[bytes],
) -> Iterator[Output]:
    # redis-py is imported where it is wanted, and not as each kernel starts.
    from redislua_kernel.remote.deploying import Deployment, nodes_of, survey  # noqa: PLC0415

    with nodes_of(target) as nodes:
        found = survey(nodes, library, functions)
        wanted = dict.fromkeys(nodes, code)
        title = f"{library.decode()} to {_count(nodes)}"
        if not (yield from _agree(session, title, found, wanted, words)):
            return
        before = {each.place: each.version for each in found}
        yield from _carry_out(title, nodes, library, wanted)
        session.deployments.append(Deployment(library, target, before, wanted))


def _rollback(session: Session, library: bytes, words: set[bytes]) -> Iterator[Output]:
    from redislua_kernel.remote.deploying import nodes_of, survey  # noqa: PLC0415

    last = [each for each in session.deployments if each.library == library][-1]
    with nodes_of(last.target) as nodes:
        found = [
            each
            if each.trouble or last.after.get(each.place) == each.version
            else replace(each, trouble="it has another version than the one deployed from here")
            for each in survey(nodes, library, frozenset())
        ]
        wanted = {place: last.before.get(place) for place in nodes}
        title = f"{library.decode()} back on {_count(nodes)}"
        if not (yield from _agree(session, title, found, wanted, words)):
            return
        yield from _carry_out(title, nodes, library, wanted)
        session.deployments.remove(last)


def _target(session: Session, where: Sequence[bytes]) -> tuple[Target, set[bytes]]:
    """Give where to deploy to, and which of our own words were among those."""
    own = {_DRY_RUN, _YES}.intersection(where)
    others = tuple(word for word in where if word not in own)
    if others:
        return read_where(session, others), own
    if session.remote is None:
        raise UsageError("where to? A URL, or -h HOST -p PORT, or %connect first")
    return session.remote.target, own


def _agree(
    session: Session,
    title: str,
    found: Sequence[Found],
    wanted: Mapping[str, Version],
    words: set[bytes],
) -> Generator[Output, None, bool]:
    """Show what would be done, and tell whether to do it."""
    nodes = {each.place: (each.version, each.trouble) for each in found}
    yield Display(plan_bundle(title, nodes, wanted))
    if any(each.trouble for each in found):
        raise NotDeployed(_UNCHANGED)
    if all(each.version == wanted[each.place] for each in found):
        yield Text("all have it already\n")
        return False
    if _DRY_RUN in words:
        yield Text(f"a dry run: {_UNCHANGED}\n")
        return False
    if _YES in words:
        return True
    terminal = session.terminal
    if terminal is None or not terminal.answers:
        yield Text(f"{_UNCHANGED}: --yes does it without asking\n")
        return False
    answer = terminal.ask("Do it? [y/N] ") or ""
    if answer.strip().lower() not in ("y", "yes"):
        yield Text(f"{_UNCHANGED}\n")
        return False
    return True


def _carry_out(
    title: str, nodes: Nodes, library: bytes, wanted: Mapping[str, Version]
) -> Iterator[Output]:
    from redislua_kernel.remote.deploying import change  # noqa: PLC0415

    outcomes = change(nodes, library, wanted)
    rows = [NodeRow(each.place, each.said, each.failed) for each in outcomes]
    yield Display(outcomes_bundle(title, rows))
    failed = [each.place for each in outcomes if each.failed]
    if failed:
        raise NotDeployed(f"{library.decode()} did not get to {', '.join(failed)}")


def _count(nodes: Nodes) -> str:
    first = next(iter(nodes))
    return first if len(nodes) == 1 else f"{len(nodes)} primaries"
