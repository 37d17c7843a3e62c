"""Writes commands as the reference's documentation has them, and now and then odd ones."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.differential.argument_values import ODD, value_of
from tests.differential.documented import Documented

__all__ = ["Writer"]

Words = tuple[str, ...]
Arguments = Sequence[Mapping[str, Any]]

_IS_ODD = 0.15
_IS_LEFT_OUT = 0.6
_HOW_MANY = (1, 1, 1, 2, 2, 2, 3, 5)


class Writer:
    """Writes commands; the same random numbers give the same ones."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def command(self, command: Documented) -> Words:
        """Write a call of a command, mostly as it is documented."""
        rng = self.rng
        call = _Call(command.name, rng, rng.choice(_HOW_MANY))
        words = [*command.name.split(), *call.sequence(command.arguments)]
        if rng.random() < _IS_ODD:
            self._change(words, len(command.name.split()))
        return tuple(words)

    def _change(self, words: list[str], first: int) -> None:
        rng = self.rng
        place = rng.randrange(first, len(words) + 1)
        match rng.randrange(6):
            case 0:
                words.insert(place, rng.choice(ODD))
            case 1:
                del words[place : place + 1]
            case 2:
                words[place : place + 1] = map(_swapped, words[place : place + 1])
            case 3:
                words[place : place + 2] = reversed(words[place : place + 2])
            case 4:
                words[place:place] = words[place : place + 1]
            case _:
                words[place : place + 1] = [rng.choice(ODD)]


class _Call:
    """The words of one call; whatever it has several of, it has as many of each."""

    def __init__(self, name: str, rng: random.Random, count: int) -> None:
        self.name = name
        self.rng = rng
        self.count = count

    def sequence(self, arguments: Arguments) -> list[str]:
        """Write arguments that follow each other; options come in any order."""
        parts = [self._argument(argument) for argument in arguments]
        optional = [place for place, part in enumerate(arguments) if _is(part, "optional")]
        if optional and self.rng.random() < 0.3:
            chosen = [parts[place] for place in optional]
            self.rng.shuffle(chosen)
            for place, part in zip(optional, chosen, strict=True):
                parts[place] = part
        return [word for part in parts for word in part]

    def _argument(self, argument: Mapping[str, Any]) -> list[str]:
        if _is(argument, "optional") and self.rng.random() < _IS_LEFT_OUT:
            return []
        times = self.count if _is(argument, "multiple") else 1
        words = []
        for turn in range(times):
            if "token" in argument and (not turn or _is(argument, "multiple_token")):
                words.append(argument["token"])
            words += self._value(argument)
        return words

    def _value(self, argument: Mapping[str, Any]) -> list[str]:
        kind, name = argument["type"], argument["name"]
        if kind == "pure-token":
            return []
        if kind == "oneof":
            return self._argument(self.rng.choice(argument["arguments"]))
        if kind == "block":
            return self.sequence(argument["arguments"])
        if name in ("numkeys", "numfields", "numids"):
            return [str(self.count)]
        return [value_of(self.name, name, kind, self.rng)]


def _swapped(word: str) -> str:
    return word.encode("latin-1").swapcase().decode("latin-1")


def _is(argument: Mapping[str, Any], flag: str) -> bool:
    return flag in argument.get("flags", ())
