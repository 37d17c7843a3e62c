"""%connect: a real server for the cells to go to; %status: where they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from redislua_kernel.cells import UsageError
from redislua_kernel.magics.offers import Offer
from redislua_kernel.magics.registry import magic
from redislua_kernel.magics.serve import address_of
from redislua_kernel.remote.spawning import KINDS, Spawned
from redislua_kernel.remote.target import OPTIONS, Target, TargetError, read_target, states_secret
from redislua_kernel.render.outputs import Outputs, Text
from redislua_kernel.session import Session

if TYPE_CHECKING:
    from redislua_kernel.remote.spawned_cluster import SpawnedCluster

#: What can be started.
_SPAWNED = (*KINDS, "cluster")

_PROMPT = "Please input password: "
_WARNING = (
    "Warning: the password stands in the cell. ${NAME} takes it from the environment, "
    "--askpass asks for it.\n"
)


def _offers(session: Session, before: Sequence[str], start: str) -> Offer:
    if not before:
        return Offer("option", ("embedded", "redis://", "--spawn", *OPTIONS))
    return Offer("value", _SPAWNED) if before[-1] == "--spawn" else Offer("option", OPTIONS)


@magic(
    "connect",
    usage="[URL | -h host -p port ... | --spawn redis|valkey|cluster | embedded]",
    offers=_offers,
)
def connect(session: Session, *where: bytes) -> Outputs:
    """Let the cells go to a real server from now on, or to the embedded engine again.

    With redis-cli's options: -h -p -s (unix socket) -a --user -n -u -2 -3 -c (cluster) -t, for TLS
    --tls --cacert --cacertdir --cert --key --sni --insecure; or a URL (redis, rediss, unix,
    redis+sentinel, redis+cluster). Without words: REDIS_URL, or 127.0.0.1:6379. ${NAME} is taken
    from the environment, --askpass asks for the password, REDISCLI_AUTH is one. --sentinel NAME
    asks the sentinels at -h and -p. --spawn starts a server that ends with the kernel: redis,
    valkey, or a cluster of three redis.

        %connect redis://app:${PASSWORD}@db.example:6379/2
        %connect -h 10.0.0.5 -c --askpass
        %connect --spawn valkey
        %connect embedded
    """
    if where == (b"embedded",):
        session.connect(None)
        return Text("cells go to the embedded engine\n")
    outputs = [Text(_open(session, read_where(session, where)))]
    if states_secret(where):
        outputs.append(Text(_WARNING, "stderr"))
    return outputs


@magic("status")
def status(session: Session) -> Outputs:
    """Tell where the cells go: the server, its version, the database, the user.

    %status
    """
    return Text(_describe(session))


def read_where(session: Session, where: tuple[bytes, ...]) -> Target:
    """Give the target that words name, or that of a server which this notebook starts now."""
    if where[:1] == (b"--spawn",):
        return _spawn(session, [word.decode("utf-8", "surrogateescape") for word in where[1:]])
    try:
        target, asks = read_target(where)
    except TargetError as error:
        raise UsageError(str(error)) from None
    if not asks:
        return target
    terminal = session.terminal
    if terminal is None or not terminal.answers:
        raise UsageError("nobody to ask for the password here: -a ${NAME} takes it elsewhere")
    answer = terminal.ask(_PROMPT, hidden=True)
    if answer is None:
        raise UsageError("no password was given")
    return replace(target, password=answer)


def _spawn(session: Session, words: list[str]) -> Target:
    """Give the target of a server that this notebook has started, or starts now."""
    kind = (words or ["redis"])[0].lower()
    if kind not in _SPAWNED or len(words) > 1:
        raise UsageError(f"usage: %connect --spawn [{' | '.join(_SPAWNED)}]")
    return spawn(session, kind)


def spawn(session: Session, kind: str, *, scratch: bool = False) -> Target:
    """Give the target of a server of this notebook's own; a scratch one is not that of cells."""
    name = f"scratch {kind}" if scratch else kind
    spawned = session.spawned.get(name)
    if spawned is None or not spawned.is_running:
        if spawned is not None:
            spawned.stop()
        session.spawned[name] = spawned = _start(kind)
    return spawned.target


def _start(kind: str) -> Spawned | SpawnedCluster:
    if kind != "cluster":
        return Spawned.start(kind)
    from redislua_kernel.remote.spawned_cluster import SpawnedCluster  # noqa: PLC0415  # redis-py

    return SpawnedCluster.start()


def _open(session: Session, target: Target) -> str:
    """Connect a session, and give what there is to say of it."""
    # redis-py is imported where it is wanted, and not as each kernel starts.
    from redislua_kernel.remote.cluster import Cluster  # noqa: PLC0415
    from redislua_kernel.remote.remote import Remote  # noqa: PLC0415

    def tell(text: str) -> None:
        if session.terminal is not None:
            session.terminal.write(text)

    remote = (Cluster if target.is_cluster else Remote)(target, tell)
    try:
        remote.open()
        facts = remote.facts()
        session.connect(remote)
    except BaseException:
        remote.close()
        raise
    return f"connected to {remote.label}: {facts.name}\n"


def _describe(session: Session) -> str:
    remote, engine = session.remote, session.engine
    if remote is None:
        name = engine.dialect.name
        lines = [f"cells go to the embedded engine, which answers as {name}"]
    else:
        facts = remote.facts()
        lines = [f"cells go to {remote.label}: {facts.name}"]
        lines += [f"{name}: {value}" for name, value in remote.details(facts)]
    lines.append(f"database {session.backend.database}, RESP{session.backend.resp}")
    if session.server is not None:
        lines.append(address_of(session.server.port).splitlines()[0])
    lines += [
        f"started here: {kind} on {each.place}"
        for kind, each in session.spawned.items()
        if each.is_running
    ]
    return "".join(f"{line}\n" for line in lines)
