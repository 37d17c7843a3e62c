"""The registry of commands: a decorator makes a function a command.

    @command("GETRANGE", since="2.4.0", group="string", complexity="O(N)", flags="readonly")
    def getrange(db: Database, key: Key, start: Int, end: Int) -> bytes:
        \"""Read the bytes of a string from start to end.\"""

The docstring's first line is the summary that COMMAND DOCS, completion and help show. The
signature is the grammar (see `signature`): it is read when it is first asked for, and compiles
to a decoder before the first call (see `decoding`), so that nothing is inspected per call, and
nothing at start.
A subcommand registers as "CONFIG GET"; its container exists as soon as one subcommand does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, TypeVar

from redislua_kernel.engine.decoding import Runner, compile_runner
from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.errors import (
    MODULES_OFF,
    unknown_command,
    unknown_subcommand,
    wrong_arity,
)
from redislua_kernel.engine.in_scripts import AS_ELSEWHERE, InScripts
from redislua_kernel.engine.repeated import Forms, Free, Repeated
from redislua_kernel.engine.signature import KeyRange, Signature, parse_options, read_signature
from redislua_kernel.errors import ResponseError
from redislua_kernel.reply import Reply

__all__ = [
    "COMMANDS",
    "Command",
    "CommandTable",
    "check_arity",
    "check_call",
    "command",
    "command_table",
    "takes",
]

#: Gives the keys among the words after the name, for commands whose signature does not tell.
KeyFinder = Callable[[Sequence[bytes]], list[bytes]]

#: A command's function for a call with the fewest words, or one more of those that may follow.
Plain = Callable[..., Reply] | None

#: Gives a command's function for some options, which it takes as keywords.
WithOptions = Callable[..., Callable[..., Reply]] | None

#: A command's function.
Function = TypeVar("Function", bound=Callable[..., Reply])


@dataclass(frozen=True, eq=False)
class Command:
    """One command or subcommand: its function and all that is known about it."""

    name: str
    function: Callable[..., Reply]
    flags: frozenset[str]
    group: str
    since: str
    complexity: str
    summary: str
    categories: frozenset[str]
    #: Which words are keys, where the signature does not show that.
    declared_keys: KeyRange | None = None
    find_keys: KeyFinder | None = None
    plain: Plain = None
    with_options: WithOptions = None
    in_scripts: InScripts = AS_ELSEWHERE
    subcommands: dict[bytes, Command] = field(default_factory=dict)

    @cached_property
    def signature(self) -> Signature:
        """Its grammar."""
        return read_signature(self.function)

    @cached_property
    def keys(self) -> KeyRange:
        """Which words are keys, as far as places can tell."""
        if self.declared_keys is not None:
            return self.declared_keys
        keys = self.signature.keys
        further = self.name_words - 1
        if not keys.first or not further:
            return keys
        return KeyRange(keys.first + further, _shift(keys.last, further), keys.step)

    @cached_property
    def run(self) -> Runner:
        """Decodes the words and runs the command; compiled when it is first asked for."""
        return compile_runner(self)

    @cached_property
    def forms(self) -> Forms | None:
        """What it does with options, for a command that has functions for them."""
        make, options = self.with_options, self.signature.options
        return make and Forms(lambda words: make(**parse_options(options, words)))

    @cached_property
    def repeated(self) -> Repeated | None:
        """What it does with words that are the same in call after call."""
        if self.forms is None:
            return self.in_scripts.repeats
        return Repeated(Free.FIRST_TWO, self.forms.__getitem__)

    @cached_property
    def plain_arity(self) -> int:
        """How many words `plain` is for, the name included."""
        if self.plain is None or self.signature.variadic is None:
            return abs(self.arity)
        defaults = self.plain.__defaults__ or ()
        return self.name_words - 1 + self.plain.__code__.co_argcount - len(defaults)

    @property
    def full_name(self) -> str:
        """The lower-case name as errors show it: `config|get`."""
        return self.name.lower().replace(" ", "|")

    @property
    def arity(self) -> int:
        """Words the command takes, its name included; negative: at least as many."""
        if not self.is_runnable:
            return -2
        return _shift(self.signature.arity, self.name_words - 1)

    def takes(self, count: int) -> bool:
        """Tell whether it can be called with that many words, its name included."""
        return takes(self.arity, count)

    @property
    def is_runnable(self) -> bool:
        """Tell whether the name alone is a command, and not only a container of subcommands."""
        return self.function is not _container

    @property
    def is_write(self) -> bool:
        """Tell whether the command may change the keyspace."""
        return "write" in self.flags

    @property
    def name_words(self) -> int:
        """How many words the name has: one, or two for a subcommand."""
        return 1 + self.name.count(" ")

    def keys_of(self, words: Sequence[bytes]) -> list[bytes]:
        """Give the keys among the words after the command's name."""
        if self.find_keys is not None:
            return self.find_keys(words)
        if not self.keys.first:
            return []
        offset = self.name_words
        first = self.keys.first - offset
        last = len(words) + self.keys.last if self.keys.last < 0 else self.keys.last - offset
        return [
            words[place] for place in range(first, min(last, len(words) - 1) + 1, self.keys.step)
        ]

    def keys_among(self, words: Sequence[bytes]) -> list[bytes]:
        """Give the keys of a call, its name included; none if its words make no sense."""
        try:
            return self.keys_of(words[self.name_words :])
        except (IndexError, ResponseError):  # too few, or wrong ones
            return []


class CommandTable(dict[bytes, Command]):
    """Commands by their upper-case names; subcommands are in their containers."""

    def find(self, words: Sequence[bytes]) -> Command:
        """Give the command or subcommand that `words` call.

        Raises the reference's errors for an unknown command or subcommand.
        """
        found = self.get(words[0]) or self.get(words[0].upper())
        if found is None:
            raise unknown_command(words[0], list(words[1:]))
        if not found.subcommands:
            return found
        if len(words) > 1:
            inner = found.subcommands.get(words[1].upper())
            if inner is None:
                raise unknown_subcommand(words[1], found.name)
            return inner
        if not found.is_runnable:
            raise wrong_arity(found.full_name)
        return found

    def add(self, made: Command) -> None:
        """Put a command in its place, a subcommand into its container."""
        container, _, subcommand = made.name.encode().partition(b" ")
        if subcommand:
            self._container_of(container, made).subcommands[subcommand] = made
            return
        earlier = self.get(container)
        if earlier is not None:
            made.subcommands.update(earlier.subcommands)
        self[container] = made

    def _container_of(self, name: bytes, first: Command) -> Command:
        container = self.get(name)
        if container is None:
            container = Command(
                name=name.decode(),
                function=_container,
                flags=frozenset(),
                group=first.group,
                since=first.since,
                complexity="Depends on subcommand.",
                summary=f"A container for {name.decode().lower()} commands.",
                categories=frozenset({"slow"}),
            )
            self[name] = container
        return container


#: Every command that all dialects have, unless one says that it lacks it.
COMMANDS = CommandTable()

#: What one dialect alone has, or has otherwise than the others; by the dialect's name.
_OF_DIALECT: dict[str, list[Command]] = {}


@cache
def command_table(dialect: Dialect) -> CommandTable:
    """Give the commands of a dialect; once all commands are loaded."""
    own = _OF_DIALECT.get(dialect.name, ())
    if not own and not dialect.absent_commands:
        return COMMANDS
    table = CommandTable(
        (name, replace(found, subcommands=dict(found.subcommands)))
        for name, found in COMMANDS.items()
        if name not in dialect.absent_commands
    )
    for found in own:
        table.add(found)
    return table


def command(
    name: str,
    *,
    flags: str,
    group: str,
    since: str,
    complexity: str,
    categories: str = "",
    keys: KeyRange | None = None,
    find_keys: KeyFinder | None = None,
    plain: Plain = None,
    with_options: WithOptions = None,
    in_scripts: InScripts = AS_ELSEWHERE,
    dialect: str = "",
) -> Callable[[Function], Function]:
    """Register the decorated function as a command (see the module's docstring).

    `flags` are COMMAND INFO's: write, readonly, denyoom, fast, noscript, loading, stale, …
    `keys` and `find_keys` are for commands whose signature does not show their keys.
    `dialect` names the only dialect that has the command, or has it in this form.

    The function does all that the command does. Hot commands have others beside it, each for calls
    of one kind:

    - `plain`: with the fewest words there can be, or with one of those that may follow if it has a
      parameter for that;
    - `with_options`: gives the function for some options, which each call would have to look at
      otherwise;
    - `in_scripts`: those that scripts alone call.
    """

    def register(function: Function) -> Function:
        made = Command(
            name=name,
            function=function,
            plain=plain,
            with_options=with_options,
            in_scripts=in_scripts,
            flags=frozenset(flags.split()),
            group=group,
            since=since,
            complexity=complexity,
            summary=(function.__doc__ or "").partition("\n")[0],
            categories=frozenset(categories.split()),
            declared_keys=keys,
            find_keys=find_keys,
        )
        if dialect:
            _OF_DIALECT.setdefault(dialect, []).append(made)
        else:
            COMMANDS.add(made)
        return function

    return register


def takes(arity: int, count: int) -> bool:
    """Tell whether an arity allows that many words, the name included."""
    return count == arity if arity > 0 else count >= -arity


def check_arity(command: Command, words: Sequence[bytes]) -> None:
    """Raise the error for a call with too few or too many words, the name included."""
    if not command.takes(len(words)):
        raise wrong_arity(command.full_name)


def check_call(command: Command, words: Sequence[bytes]) -> None:
    """Raise the error for a call that never begins: nobody asks then who calls, and when."""
    check_arity(command, words)
    if "protected" in command.flags:
        raise MODULES_OFF


def _container(client: Any) -> Reply:
    raise AssertionError("a container is never run")


def _shift(count: int, by: int) -> int:
    return count - by if count < 0 else count + by
