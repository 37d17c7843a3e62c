"""The same commands on the embedded engine and on a server, from the same data, side by side.

The keys are copied to the server before the first command, or, if they are many, those of each
command before it. What a key has on both is read by the commands of its type, and compared as
far as its order means anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from redislua_kernel.backend import Argument
from redislua_kernel.engine.introspection.tips import tips_of
from redislua_kernel.engine.registry import CommandTable
from redislua_kernel.engine.words import quote_word
from redislua_kernel.remote.copying import copy_key
from redislua_kernel.remote.remote import Remote
from redislua_kernel.remote.replication import Replication
from redislua_kernel.reply import Reply, ResponseError, Status, down_to_resp2

__all__ = ["MOST_KEYS", "Compared", "Comparison"]

#: With more keys than that, only those are copied and compared that commands name.
MOST_KEYS = 2000
#: By so many milliseconds times of expiry may differ: the two do not run at the same moment.
_TOLERANCE = 1000
_DIGITS_OF_TIME = 13

Execute = Callable[..., Reply]


@dataclass(frozen=True)
class Compared:
    """A command or a key: what the two have given, errors as values, and if that is the same."""

    words: Sequence[bytes]
    embedded: Reply
    server: Reply
    is_equal: bool


@dataclass
class Comparison:
    """One cell's commands, run on both."""

    #: Another client of the embedded engine, which looks at the same database in RESP2.
    look: Execute
    server: Remote
    commands_known: CommandTable
    #: What the server replicates, from its beginning.
    replication: Replication
    commands: list[Compared] = field(default_factory=list)
    _keys: set[bytes] = field(default_factory=set)
    _effects: list[tuple[bytes, ...]] = field(default_factory=list)

    def begin(self) -> None:
        """Copy the keys that there are, if they are not too many."""
        if self.look("DBSIZE") <= MOST_KEYS:
            self._copy(self.look("KEYS", "*"))

    def run(self, words: Sequence[bytes], here: Callable[[], Reply]) -> Reply:
        """Run a command here and there; give, or raise, what came of it here."""
        try:
            command = self.commands_known.find(words)
            self._copy(command.keys_among(words))
            is_ordered = "nondeterministic_output_order" not in tips_of(command)
        except ResponseError:  # not known, or with too few words: that is compared as well
            is_ordered = True
        embedded = _outcome(here)
        server = _outcome(lambda: self.server.execute(*words))
        is_equal = _same(embedded, server) if is_ordered else _same(_bag(embedded), _bag(server))
        self.commands.append(Compared(words, embedded, server, is_equal))
        if isinstance(embedded, ResponseError):
            raise embedded
        return embedded

    def keys(self) -> list[Compared]:
        """Compare what is in the keys now; those that neither has are left out."""
        if self.look("DBSIZE") <= MOST_KEYS:
            self._keys.update(self.look("KEYS", "*"), self.server.ask("KEYS", "*"))
        found = []
        for key in sorted(self._keys):
            (embedded, expiry), (server, its_expiry) = (
                _value(execute, key) for execute in (self.look, self.server.ask)
            )
            if embedded is None and server is None:
                continue
            is_equal = embedded == server and abs(expiry - its_expiry) < _TOLERANCE
            found.append(Compared([key], embedded, server, is_equal))
        return found

    def effects(self, embedded: Iterable[Sequence[bytes]]) -> Compared | None:
        """Compare what both replicate of the commands so far; None: nothing."""
        ours = [tuple(words) for words in embedded if words[0].upper() not in (b"MULTI", b"EXEC")]
        self._effects += self.replication.effects()
        if not ours and not self._effects:
            return None
        is_equal = len(ours) == len(self._effects) and all(
            _are_alike(one, other) for one, other in zip(ours, self._effects, strict=True)
        )
        return Compared([b"effects"], _lines(ours), _lines(self._effects), is_equal)

    def _copy(self, keys: Sequence[bytes]) -> None:
        new = set(map(bytes, keys)) - self._keys
        if not new:
            return
        self._effects += self.replication.effects()
        for key in new:
            copy_key(self.look, self.server.ask, key)
        self._keys |= new
        self.replication.effects()  # of the copying


def _outcome(run: Callable[[], Reply]) -> Reply:
    try:
        return run()
    except ResponseError as error:
        return error


def _same(one: Reply, other: Reply) -> bool:
    if isinstance(one, ResponseError) or isinstance(other, ResponseError):
        return (
            isinstance(one, ResponseError)
            and isinstance(other, ResponseError)
            and (one.message == other.message)
        )
    return type(one) is type(other) and bool(one == other)


def _lines(effects: Iterable[Sequence[bytes]]) -> list[Status]:
    return [Status(b" ".join(map(quote_word, words))) for words in effects]


def _are_alike(one: Sequence[bytes], other: Sequence[bytes]) -> bool:
    """Tell whether two effects are the same, however the command's name is spelled."""
    (name, *words), (other_name, *others) = one, other
    is_same = name.upper() == other_name.upper() and len(words) == len(others)
    return is_same and all(map(_alike, words, others))


def _alike(one: bytes, other: bytes) -> bool:
    """Tell whether two words of effects are the same, as times in milliseconds may be."""
    if len(one) == len(other) == _DIGITS_OF_TIME and one.isdigit() and other.isdigit():
        return abs(int(one) - int(other)) < _TOLERANCE
    return one == other


def _bag(reply: Reply) -> Reply:
    """Give a reply in whose order there is no meaning."""
    return sorted(reply, key=repr) if isinstance(reply, list) else reply


def _value(execute: Execute, key: bytes) -> tuple[Reply, int]:
    """Give what is in a key, the same for the same data, and when it expires; None: nothing."""
    kind = bytes(execute("TYPE", key)).decode()
    if kind == "none":
        return None, 0
    words: list[Argument] = [*_READ.get(kind, ("DUMP",))]
    words.insert(1, key)
    value = down_to_resp2(execute(*words))
    if kind == "set":
        value = sorted(value)
    elif kind == "hash":
        value = [
            word for pair in sorted(zip(value[::2], value[1::2], strict=True)) for word in pair
        ]
    return value, execute("PEXPIRETIME", key)


_READ: dict[str, tuple[str, ...]] = {
    "string": ("GET",),
    "list": ("LRANGE", "0", "-1"),
    "set": ("SMEMBERS",),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    "hash": ("HGETALL",),
    "stream": ("XRANGE", "-", "+"),
}
