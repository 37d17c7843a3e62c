"""A command's grammar, read from its function's signature.

Parameters, in the order in which the words of the command come:

- the first parameter is what the command works on: a `Database`, or a `Client` where it
  needs the connection;
- positional parameters are required words; with a default they are optional trailing words;
- `*args` takes any number of further words (at least one, unless marked `Optional`),
  in groups of n with `Group(n)`;
- keyword-only parameters are option tokens, in any order after the positional words: a
  `Flag` is a lone token, an `IntOption` a token followed by an integer. The token is the
  parameter's name in capitals.

Annotations say how a word is decoded: `bytes` (as it is), `Key`, `Int`, `Int32`. Irregular
syntax takes `*args: Words` and parses by hand.
"""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from redislua_kernel.engine.errors import (
    NOT_A_FLOAT,
    NOT_AN_INTEGER,
    SYNTAX_ERROR,
    out_of_range_between,
)

__all__ = [
    "WHOLE",
    "Flag",
    "Group",
    "Int",
    "Int32",
    "IntOption",
    "Key",
    "KeyRange",
    "LateFloat",
    "LateInt",
    "MoreKeys",
    "Optional",
    "Options",
    "Parameter",
    "Signature",
    "Words",
    "parse_float",
    "parse_int",
    "parse_int32",
    "parse_options",
    "read_int",
    "read_signature",
]

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1
INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1
#: Beyond these, the reference prints a script's whole numbers as it prints fractions.
WHOLE = (-(1 << 62), 1 << 62)
#: Fewer digits than this fit 64 bits whatever they are.
SAFE_DIGITS = 19
ZERO = ord("0")


def parse_int(word: bytes) -> int:
    """Read a 64-bit integer the way the reference does: no spaces, no plus, no leading zeros."""
    if word.isdigit() and len(word) < SAFE_DIGITS and (word[0] != ZERO or len(word) == 1):
        return int(word)
    try:
        number = int(word)
    except ValueError:
        raise NOT_AN_INTEGER from None
    # int() is more lenient (spaces, underscores, +5, 007): only the canonical form counts.
    if b"%d" % number != word or not INT64_MIN <= number <= INT64_MAX:
        raise NOT_AN_INTEGER
    return number


def read_int(word: bytes | int) -> int:
    """Give the integer of a `LateInt`."""
    return word if isinstance(word, int) else parse_int(word)


def parse_int32(word: bytes) -> int:
    """Read an integer that must fit 32 bits: a database's index, for one."""
    number = parse_int(word)
    if not INT32_MIN <= number <= INT32_MAX:
        raise out_of_range_between(INT32_MIN, INT32_MAX)
    return number


def parse_float(word: bytes) -> float:
    """Read a double the way strtod does, inf included; NaN, blanks, overflow are refused."""
    if word.isdigit() and len(word) < 300:
        return float(word)
    digits = word[1:] if word[:1] == b"-" else word
    if digits.replace(b".", b"", 1).isdigit() and len(word) < 300:
        return float(word)  # too short to be out of range
    try:
        number = float(word)
    except ValueError:
        number = _parse_hex(word)
    if math.isnan(number) or b"_" in word or word[:1].isspace() or word[-1:].isspace():
        raise NOT_A_FLOAT
    if math.isinf(number) and b"n" not in word.lower():
        raise NOT_A_FLOAT  # 1e999: out of range
    if not number and _has_digits(word):
        raise NOT_A_FLOAT  # 1e-400: out of range too
    return number


def _has_digits(word: bytes) -> bool:
    """Tell whether the mantissa of a number is not zero."""
    lower = word.lower()
    if b"x" in lower:
        mantissa = lower.partition(b"x")[2].partition(b"p")[0]
    else:
        mantissa = lower.partition(b"e")[0]
    return bool(mantissa.strip(b"+-.0"))


def _parse_hex(word: bytes) -> float:
    try:
        if b"x" not in word.lower():
            raise NOT_A_FLOAT
        return float.fromhex(word.decode())
    except (ValueError, OverflowError):
        raise NOT_A_FLOAT from None


class Word(NamedTuple):
    """How one word is decoded: None leaves the bytes as they are.

    Of a script's integers, those from the first to the last of `numbers` are taken as they are:
    they are what `decode` would give for their texts.
    """

    decode: Callable[[Any], Any] | None = None
    is_key: bool = False
    type: str = "string"
    numbers: tuple[int, int] | None = None

    def read(self, word: bytes) -> Any:
        """Decode a word."""
        return word if self.decode is None else self.decode(word)


class Token(NamedTuple):
    """An option's token, followed by a word or by none."""

    word: Word | None = None


#: The parameter and the token of an option, by its name in capitals.
Options = dict[bytes, tuple[str, Token]]


class Group(NamedTuple):
    """Further words come in groups of `size`."""

    size: int


class _Optional:
    """Marks `*args` that may be empty."""


_KEY = Word(is_key=True, type="key")
_INT = Word(parse_int, type="integer", numbers=WHOLE)
_INT32 = Word(parse_int32, type="integer")

Optional = _Optional()
Key = Annotated[bytes, _KEY]
#: For `*args`: any number of further keys, or words as they are; there may be none.
MoreKeys = Annotated[bytes, _KEY, Optional]
Words = Annotated[bytes, Optional]
Int = Annotated[int, _INT]
#: An integer that the command reads itself with `read_int`, once it has looked at other things.
LateInt = Annotated[bytes | int, Word(type="integer", numbers=WHOLE)]
#: A double that the command reads itself; of a script it may be an integer.
LateFloat = Annotated[bytes | int, Word(type="double", numbers=WHOLE)]
Int32 = Annotated[int, _INT32]
Flag = Annotated[bool, Token()]
IntOption = Annotated[int | None, Token(_INT)]


class Parameter(NamedTuple):
    """One parameter of a command, as its users see it."""

    name: str
    word: Word
    required: bool
    default: Any = None


class KeyRange(NamedTuple):
    """Which words are keys: `first` to `last` in steps of `step`, counted from the command's name.

    A negative `last` counts from the end, as COMMAND INFO gives it.
    """

    first: int = 0
    last: int = 0
    step: int = 0


class Signature(NamedTuple):
    """The grammar of one command."""

    takes_client: bool
    positional: tuple[Parameter, ...]
    variadic: Parameter | None
    group: int
    options: Options

    @property
    def arity(self) -> int:
        """Words the command takes, its name included; negative: at least as many."""
        least = 1 + sum(parameter.required for parameter in self.positional)
        if self.variadic is not None and self.variadic.required:
            least += self.group
        fixed = self.variadic is None and not self.options
        return least if fixed and all(p.required for p in self.positional) else -least

    @property
    def keys(self) -> KeyRange:
        """Where the keys are, as far as the signature tells."""
        places = [i for i, p in enumerate(self.positional, 1) if p.word.is_key]
        if self.variadic is not None and self.variadic.word.is_key:
            first = places[0] if places else len(self.positional) + 1
            return KeyRange(first, -1, self.group)
        return KeyRange(places[0], places[-1], 1) if places else KeyRange()


def read_signature(function: Callable[..., Any]) -> Signature:
    """Read a command's grammar from its function."""
    target, *parameters = inspect.signature(function).parameters.values()
    positional, variadic, group = [], None, 1
    options: Options = {}
    for parameter in parameters:
        marks = _marks(_hint(parameter.annotation, function.__module__))
        word = next((mark for mark in marks if isinstance(mark, Word)), Word())
        required = parameter.default is parameter.empty and Optional not in marks
        default = None if parameter.default is parameter.empty else parameter.default
        described = Parameter(parameter.name, word, required, default)
        if parameter.kind is parameter.VAR_POSITIONAL:
            variadic = described
            group = next((mark.size for mark in marks if isinstance(mark, Group)), 1)
        elif parameter.kind is parameter.KEYWORD_ONLY:
            token = next(mark for mark in marks if isinstance(mark, Token))
            options[parameter.name.strip("_").upper().encode()] = (parameter.name, token)
        else:
            positional.append(described)
    takes_client = _hint(target.annotation, function.__module__).__name__ == "Client"
    return Signature(takes_client, tuple(positional), variadic, group, options)


def parse_options(options: Options, words: Sequence[bytes]) -> dict[str, Any]:
    """Read option tokens into keyword arguments. Raises SYNTAX_ERROR on anything else."""
    found: dict[str, Any] = {}
    place, end = 0, len(words)
    while place < end:
        option = options.get(words[place].upper())
        if option is None:
            raise SYNTAX_ERROR
        name, token = option
        place += 1
        if token.word is None:
            found[name] = True
            continue
        if place == end:
            raise SYNTAX_ERROR
        found[name] = token.word.read(words[place])
        place += 1
    return found


@cache
def _hint(annotation: str, module: str) -> Any:
    """Give what an annotation stands for; most commands of a module have the same few."""
    return eval(annotation, vars(sys.modules[module]))


def _marks(hint: Any) -> tuple[Any, ...]:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()
