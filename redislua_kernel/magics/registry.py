"""The registry of magics: a decorator makes a function a magic.

    @magic("script load")
    def load(session: Session, *, body: bytes) -> Outputs:
        \"""Keep the cell's body in the script cache and give its digest.

            %%script load
        \"""

The signature is the grammar: positional parameters are the words after the name, `*words`
takes any number of further ones, and `body` (keyword-only) makes it a cell magic: of both
kinds if it has a default. With `cell` in its place it is a wrapper, which is given the outputs
of the rest of the cell: that runs as they are taken. What the signature cannot tell stands beside
the name: `usage`, and what Tab `offers`. The docstring's first line is the summary that completion
and `%help` show; its indented lines are examples.

Most cells have no magic: the files are imported once one is looked for.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from redislua_kernel import magics as _package
from redislua_kernel.cells import MagicLine, UsageError
from redislua_kernel.magics.offers import Offers
from redislua_kernel.render.outputs import Output, Outputs
from redislua_kernel.session import Session

__all__ = ["Magic", "WrongWords", "call", "find", "magic", "magics"]

Function = Callable[..., Outputs]

_KEYS_AND_ARGS = "[key ...] [, arg ...]"


class WrongWords(UsageError):
    """A magic got words that its usage does not have: the user is shown that."""

    def __init__(self) -> None:
        super().__init__("these words are not those of the magic's usage")


@dataclass(frozen=True)
class Magic:
    """One magic: its function, and all that is known about it."""

    name: str
    function: Function
    positional: tuple[inspect.Parameter, ...]
    variadic: inspect.Parameter | None
    body: inspect.Parameter | None
    #: Whether it is a wrapper: see `cells`.
    wraps: bool
    #: Whether it runs while a client's script has held the engine for too long.
    while_busy: bool
    #: Whether it needs the embedded engine, whatever is connected.
    embedded: bool
    #: The arguments as they are written, if the signature does not tell.
    stated_usage: str | None
    #: What may stand at the cursor behind its name.
    offers: Offers

    @property
    def is_cell(self) -> bool:
        """Tell whether it can head a cell (`%%name`)."""
        return self.body is not None

    @property
    def is_line(self) -> bool:
        """Tell whether it can stand on a line (`%name`)."""
        return self.body is None or self.body.default is not inspect.Parameter.empty

    @property
    def forms(self) -> list[str]:
        """The name as it is written: `%name`, `%%name`, or both."""
        return [f"%{self.name}"] * self.is_line + [f"%%{self.name}"] * self.is_cell

    @property
    def usage(self) -> str:
        """The arguments, as the reference writes them: `key [key ...]`."""
        if self.stated_usage is not None:
            return self.stated_usage
        words = [p.name if _is_required(p) else f"[{p.name}]" for p in self.positional]
        if self.variadic is not None:
            name = self.variadic.name
            words.append(_KEYS_AND_ARGS if name == "keys_and_args" else f"[{name} ...]")
        return " ".join(words)

    def usage_error(self, *, is_cell: bool, line: int) -> UsageError:
        """Give the error for words that it cannot take."""
        mark = "%%" if is_cell else "%"
        return UsageError(f"usage: {mark}{self.name} {self.usage}".rstrip(), line)

    @property
    def takes_keys(self) -> bool:
        """Tell whether its last words are keys."""
        return self.variadic is not None and self.variadic.name in ("keys", "keys_and_args")

    @property
    def file(self) -> str:
        """The file of this folder that has it, without its ending."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def help(self) -> str:
        """The whole docstring."""
        return inspect.getdoc(self.function) or ""

    @property
    def summary(self) -> str:
        """The docstring's first line."""
        return self.help.partition("\n")[0]

    def takes(self, count: int) -> bool:
        """Tell whether it takes that many words."""
        least = sum(map(_is_required, self.positional))
        return least <= count and (self.variadic is not None or count <= len(self.positional))


#: The magics of the files that are imported already.
_REGISTERED: dict[str, Magic] = {}

#: What users of IPython may try.
_OF_IPYTHON = {
    "lsmagic": "help",
    "lua": "eval",
    "magic": "help",
    "pdb": "debug",
    "prun": "profile",
    "run": "load",
    "time": "profile",
    "timeit": "profile",
    "who": "keyspace",
    "whos": "keyspace",
    "writefile": "save",
}


def _no_offers(session: Session, before: Sequence[str], start: str) -> None:
    return None


def magic(
    name: str,
    *,
    usage: str | None = None,
    offers: Offers = _no_offers,
    while_busy: bool = False,
    embedded: bool = False,
) -> Callable[[Function], Function]:
    """Register the decorated function as a magic (see the module's docstring).

    `usage` says how its words are written where their names and number do not tell; a function
    that raises WrongWords has the user shown it. `offers` gives what Tab offers (see `offers`).
    One that may run `while_busy` touches the engine through `Session.execute` alone. One that is
    for the `embedded` engine alone says so where a server is connected.
    """

    def register(function: Function) -> Function:
        _, *parameters = inspect.signature(function).parameters.values()
        _REGISTERED[name] = Magic(
            name=name,
            function=function,
            positional=tuple(p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD),
            variadic=next((p for p in parameters if p.kind is p.VAR_POSITIONAL), None),
            body=next((p for p in parameters if p.name in ("body", "cell")), None),
            wraps=any(p.name == "cell" for p in parameters),
            while_busy=while_busy,
            embedded=embedded,
            stated_usage=usage,
            offers=offers,
        )
        return function

    return register


@cache
def magics() -> dict[str, Magic]:
    """Give every magic by its name, without `%`."""
    for module in iter_modules(_package.__path__):
        import_module(f"{_package.__name__}.{module.name}")
    return _REGISTERED


def find(words: Sequence[bytes], *, is_cell: bool) -> tuple[Magic, Sequence[bytes]] | None:
    """Give the magic that the words call, and the words after its name.

    A magic of two words goes before one of the first word alone.
    """
    names = [word.decode("utf-8", "replace") for word in words[:2]]
    longest = magics().get(" ".join(names[:1] + [name.lower() for name in names[1:]]))
    if (
        len(names) == 2
        and longest is not None
        and (longest.is_cell if is_cell else longest.is_line)
    ):
        return longest, words[2:]
    shorter = magics().get(names[0])
    return None if shorter is None else (shorter, words[1:])


def call(
    session: Session, line: MagicLine, body: bytes | Iterable[Output] | None = None
) -> Iterator[Output]:
    """Run a magic and give its outputs as they come; with a body, as a cell magic.

    A wrapper gets the outputs of the rest of the cell for a body.

    Raises UsageError for an unknown magic, the wrong kind, or wrong arguments.
    """
    is_cell = body is not None
    found = find(line.words, is_cell=is_cell)
    if found is None:
        alike = "".join(f"did you mean %{name}? " for name in _alike(line.name))
        raise UsageError(f"unknown magic %{line.name}; {alike}%help lists all", line.line)
    called, words = found
    if not (called.is_cell if is_cell else called.is_line):
        raise UsageError(
            f"%{called.name} heads no cell: it stands on a line of its own"
            if is_cell
            else f"%{called.name} needs a body: head the cell with %%{called.name}",
            line.line,
        )
    if not called.takes(len(words)):
        raise called.usage_error(is_cell=is_cell, line=line.line)
    if not called.while_busy:
        session.refuse_while_busy()
    if called.embedded:
        session.require_embedded(f"%{called.name}")
    rest = {"cell" if called.wraps else "body": body} if is_cell else {}
    try:
        outputs = called.function(session, *words, **rest)
        if isinstance(outputs, Iterable):
            yield from outputs
        else:
            yield outputs
    except WrongWords:
        raise called.usage_error(is_cell=is_cell, line=line.line) from None


def _alike(name: str) -> list[str]:
    """Give the magic that is written nearly so, or does here what IPython's of that name does."""
    if name in _OF_IPYTHON:
        return [_OF_IPYTHON[name]]
    return get_close_matches(name.lower(), magics(), 1, 0.7)


def _is_required(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty
