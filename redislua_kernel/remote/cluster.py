"""A cluster as a backend: each command goes to the node that has its keys.

Commands for all shards (FUNCTION LOAD, SCRIPT FLUSH, DBSIZE, …) go to every primary, and their
replies become one, as COMMAND INFO's tips say. A node that sends a command on (MOVED, ASK) has not
run it: only then is it sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from redislua_kernel.backend import Argument
from redislua_kernel.engine.argument_words import encode_arguments
from redislua_kernel.engine.commands import load_commands
from redislua_kernel.engine.dialect import DIALECTS
from redislua_kernel.engine.introspection.tips import tips_of
from redislua_kernel.engine.registry import Command, command_table
from redislua_kernel.engine.slots import key_slot
from redislua_kernel.engine.words import quote
from redislua_kernel.errors import RedisError
from redislua_kernel.remote.connection import Connection
from redislua_kernel.remote.errors import CannotConnect, Explained, Interrupted, Lost
from redislua_kernel.remote.remote import Facts, Remote, alike
from redislua_kernel.remote.target import Target
from redislua_kernel.reply import OK, Reply, ResponseError

__all__ = ["Cluster"]

#: How often a command may be sent on.
_MOST_REDIRECTIONS = 5

Place = tuple[str, int]


class Cluster(Remote):
    """One notebook's connections to a cluster's primaries."""

    def __init__(self, target: Target, tell: Callable[[str], None] = lambda text: None) -> None:
        super().__init__(target, tell)
        load_commands()
        self._commands = command_table(DIALECTS["redis"])
        #: Which node has which slots: (first, last, node).
        self._slots: list[tuple[int, int, Place]] = []
        self._nodes: dict[Place, Connection] = {}
        #: The second connections to nodes.
        self._probes: dict[Place, Connection] = {}
        #: MULTI was said, and was sent to nobody yet.
        self._holds_multi = False
        #: The node of the commands without keys.
        self._current: Place | None = None

    @property
    def label(self) -> str:
        """Where cells go, in few words, as a prompt has it."""
        return f"cluster {self.target.place}"

    @property
    def primaries(self) -> list[Place]:
        """The nodes that have slots, in the order of these."""
        if not self._slots:
            self.find_nodes()
        return list(dict.fromkeys(place for _, _, place in self._slots))

    @property
    def slots(self) -> list[tuple[int, int, Place]]:
        """Which node has which slots, from the first to the last."""
        return list(self._slots)

    def details(self, facts: Facts) -> list[tuple[str, str]]:
        """Give what else there is to tell: the nodes."""
        nodes = [
            (f"slots {first} to {last}", f"{place[0]}:{place[1]}")
            for first, last, place in self._slots
        ]
        return [*super().details(facts), *nodes]

    def open(self) -> None:
        """Connect, and learn which node has which slots."""
        self.find_nodes()
        super().open()

    def close(self) -> None:
        """End the connections."""
        super().close()
        for node in [*self._nodes.values(), *self._probes.values()]:
            node.close()

    def ask(self, *args: Argument) -> Reply:
        """Run a command beside the notebook's own, where its key is."""
        words = encode_arguments(args)
        keys = self._keys_here(words)
        return self._probe_at(self.node_of(keys[0]) if keys else self._any).call(words)

    def ask_each(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Run commands beside the notebook's own, each where its key is."""
        places: dict[Place, list[int]] = {}
        for number, words in enumerate(commands):
            keys = self._keys_here(words)
            place = self.node_of(keys[0]) if keys else self._any
            places.setdefault(place, []).append(number)
        replies: list[Reply] = [None] * len(commands)
        for place, numbers in places.items():
            told = self._probe_at(place).call_each([commands[number] for number in numbers])
            for number, reply in zip(numbers, told, strict=True):
                replies[number] = reply
        return replies

    def probes(self) -> list[Connection]:
        """Give further connections to all primaries."""
        return [self._probe_at(place) for place in self.primaries]

    def _probe_at(self, place: Place) -> Connection:
        if place not in self._probes:
            self._probes[place] = Connection(self.target.at(*place))
        return alike(self._probes[place], self.node(place))

    @property
    def _any(self) -> Place:
        """Give a node for what has no keys."""
        return self._current or self.primaries[0]

    def _keys_here(self, words: Sequence[bytes]) -> list[bytes]:
        command = self._find(words)
        return [] if command is None else command.keys_among(words)

    def find_nodes(self) -> None:
        """Ask the nodes, the first that answers, who has which slots."""
        reasons = []
        for place in dict.fromkeys([*self._nodes, *self.target.hosts]):
            try:
                self._slots = self._ask_for_slots(place)
                break
            except RedisError as error:
                reasons.append(str(error))
        else:
            raise CannotConnect("; ".join(reasons) or "no node is known")
        places = [place for _, _, place in self._slots]
        if self._current not in places:
            self._current = place if place in places else places[0]
        self.connection = self.node(self._current)

    def node(self, place: Place) -> Connection:
        """Give the connection to a node."""
        node = self._nodes.get(place)
        if node is None:
            node = self._nodes[place] = Connection(self.target.at(*place))
        state = self.connection.state
        wanted = replace(node.state, resp=state.resp, user=state.user, password=state.password)
        if node.state != wanted:  # HELLO or AUTH has gone to another node
            node.close()
            node.state = wanted
        return node

    def _send(self, words: list[bytes]) -> Reply:
        """Run a command where its keys are, or on every primary if it is for all."""
        if words[0].upper() == b"MULTI" and not self._is_bound:
            self._holds_multi = True  # until a key tells where it goes
            return OK
        command = self._find(words)
        policy = None if command is None else _policy(command)
        if policy is not None and not self.in_transaction:
            return self._run_everywhere(words, policy)
        return self._run_where_keys_are(words, self._keys(command, words))

    @property
    def in_transaction(self) -> bool:
        """Tell whether commands are queued until EXEC."""
        return self._holds_multi or self.connection.in_transaction

    def node_of(self, key: bytes) -> Place:
        """Give the node that has a key, as far as is known."""
        if not self._slots:
            self.find_nodes()
        slot = key_slot(key)
        for first, last, place in self._slots:
            if first <= slot <= last:
                return place
        raise CannotConnect(f"no node has slot {slot}")

    def _connection_for(self, keys: Sequence[bytes]) -> Connection:
        return self.node(self.node_of(keys[0]) if keys else self._any)

    def _target_for(self, words: Sequence[bytes]) -> Target:
        keys = self._keys(self._find(words), words)
        place = self.node_of(keys[0]) if keys else self._any
        return self.node(place).state

    def _run_where_keys_are(self, words: Sequence[bytes], keys: Sequence[bytes]) -> Reply:
        place = self.node_of(keys[0]) if keys and not self._is_bound else self._any
        is_asking = False
        for _ in range(_MOST_REDIRECTIONS + 1):
            node = self.node(place)
            try:
                if self._holds_multi:
                    self._holds_multi = False
                    self._current, self.connection = place, node
                    self._run(node, [b"MULTI"])
                if is_asking:
                    self._run(node, [b"ASKING"])
                reply = self._run(node, words)
            except ResponseError as error:
                if "non local key" in error.message or error.code == "CROSSSLOT":
                    raise self._explained(error, keys) from None
                if error.code not in ("MOVED", "ASK") or node.in_transaction:
                    raise
                is_asking = error.code == "ASK"
                place = _redirection(error, place)
                if not is_asking:
                    self._note_moved(error, place)
                continue
            except (Lost, CannotConnect):
                self._forget_nodes()
                raise
            self._current, self.connection = place, node
            return reply
        raise Lost(f"sent on from node to node more than {_MOST_REDIRECTIONS} times: not run")

    def _explained(self, error: ResponseError, keys: Sequence[bytes]) -> ResponseError:
        told = []
        for key in keys:
            host, port = self.node_of(key)
            shown = quote(key).decode("utf-8", "replace")
            told.append(f"{shown} is in slot {key_slot(key)}, on {host}:{port}")
        advice = f"{'; '.join(told) or 'no keys are declared'}. A common part in braces, as in "
        return Explained(error.message, advice + "{user}:a and {user}:b, puts keys into one slot.")

    def _forget_nodes(self) -> None:
        """Ask anew, the next time, who has what."""
        self._slots, self._current = [], None

    @property
    def _is_bound(self) -> bool:
        """Tell whether commands stay on the node of the ones before: WATCH, MULTI."""
        return self.connection.in_transaction or self.connection.is_watching

    def _run_everywhere(self, words: Sequence[bytes], policy: str) -> Reply:
        replies: dict[Place, Reply] = {}
        for place in self.primaries:
            try:
                replies[place] = self._run(self.node(place), words)
            except Interrupted:
                raise
            except RedisError as error:
                replies[place] = error
                if not isinstance(error, ResponseError):
                    self._forget_nodes()
        return _COMBINE[policy](replies)

    def _find(self, words: Sequence[bytes]) -> Command | None:
        try:
            return self._commands.find(words)
        except (ResponseError, IndexError):
            return None

    def _keys(self, command: Command | None, words: Sequence[bytes]) -> list[bytes]:
        """Give a command's keys; a node is asked about commands that are not known here."""
        if command is not None:
            return command.keys_among(words)
        try:
            return [bytes(key) for key in self.ask("COMMAND", "GETKEYS", *words)]
        except ResponseError:  # it has none, or is not known there either
            return []

    def _ask_for_slots(self, place: Place) -> list[tuple[int, int, Place]]:
        connection = self.node(place)
        if connection.in_transaction:
            connection = Connection(self.target.at(*place))
        listed = self._run(connection, [b"CLUSTER", b"SLOTS"])
        found = []
        for first, last, primary, *_ in listed:
            host = bytes(primary[0] or b"").decode() or place[0]
            found.append((first, last, (host, primary[1])))
        if not found:
            raise CannotConnect(f"{place[0]}:{place[1]} is in a cluster without slots")
        return sorted(found)

    def _note_moved(self, error: ResponseError, place: Place) -> None:
        slot = int(error.message.split(" ")[1])
        kept = []
        for first, last, owner in self._slots:
            if first <= slot <= last:
                kept += [(first, slot - 1, owner)] if first < slot else []
                kept += [(slot + 1, last, owner)] if slot < last else []
            else:
                kept.append((first, last, owner))
        self._slots = sorted([*kept, (slot, slot, place)])


def _policy(command: Command) -> str | None:
    """Give how the replies of all shards become one; None: the command is not for all."""
    tips = tips_of(command)
    if not {"request_policy:all_shards", "request_policy:all_nodes"}.intersection(tips):
        return None
    policies = [tip.partition(":")[2] for tip in tips if tip.startswith("response_policy:")]
    policy = policies[0] if policies else "all"
    return policy if policy in _COMBINE else None


def _redirection(error: ResponseError, place: Place) -> Place:
    host, _, port = error.message.split(" ")[2].rpartition(":")
    return host or place[0], int(port)


# How replies become one.


def _first_error(replies: dict[Place, Reply]) -> None:
    """Raise the error that a node gave, and tell which others it has run on."""
    failed = [place for place, reply in replies.items() if isinstance(reply, RedisError)]
    if not failed:
        return
    error: RedisError = replies[failed[0]]
    done = [place for place in replies if place not in failed]
    if not done:
        raise error
    raise Explained(str(error), f"It failed on {_names(failed)}, and has run on {_names(done)}.")


def _names(places: Sequence[Place]) -> str:
    return ", ".join(f"{host}:{port}" for host, port in places)


def _all_succeeded(replies: dict[Place, Reply]) -> Reply:
    _first_error(replies)
    return next(iter(replies.values()))


def _one_succeeded(replies: dict[Place, Reply]) -> Reply:
    for reply in replies.values():
        if not isinstance(reply, RedisError):
            return reply
    # Who has nothing to stop says less than who would not.
    raise min(replies.values(), key=lambda error: str(error).startswith("NOTBUSY"))


def _sum(replies: dict[Place, Reply]) -> Reply:
    _first_error(replies)
    return sum(replies.values())


def _least(replies: dict[Place, Reply]) -> Reply:
    _first_error(replies)
    return min(replies.values())


def _logical_and(replies: dict[Place, Reply]) -> Reply:
    _first_error(replies)
    return [min(each) for each in zip(*replies.values(), strict=True)]


def _together(replies: dict[Place, Reply]) -> Reply:
    _first_error(replies)
    values = list(replies.values())
    return [item for each in values for item in each] if isinstance(values[0], list) else values[0]


_COMBINE: dict[str, Callable[[dict[Place, Reply]], Reply]] = {
    "all": _together,
    "all_succeeded": _all_succeeded,
    "one_succeeded": _one_succeeded,
    "agg_sum": _sum,
    "agg_min": _least,
    "agg_logical_and": _logical_and,
}
