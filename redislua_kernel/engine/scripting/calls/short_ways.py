"""Short ways from Lua to a command: objects of which lupa gets or sets an item.

For a call, lupa puts the words into a tuple that grows, and makes a dict besides; for an item it
does nothing of the kind, which saves about half. But an item is one value, or none: results of
several are left behind, for `left` in calls.lua to fetch.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.repeated import TWO_FREE
from redislua_kernel.engine.scripting.calls.words import BadArgument, texts
from redislua_kernel.reply import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["ScriptCall", "binding", "indexed", "leaving", "pinning", "short_way"]

#: Runs a command with the words after its name, and answers what crosses to Lua: see `replies`.
ScriptCall = Callable[..., Any]


def indexed(function: ScriptCall) -> object:
    """Make an object that runs a function when it is indexed.

    Its class is its own, and knows the function: Python finds it no faster otherwise. A class
    without `__getitem__` is none for lupa to set items of.
    """
    method = staticmethod(function)
    return type("ShortWay", (), {"__getitem__": method, "__setitem__": method, "__slots__": ()})()


def short_way(runtime: Runtime, make: Callable[[Any, int], ScriptCall]) -> tuple[object, int]:
    """Make an object to set an item of with two words, and give where its integers are.

    Nothing comes back from that. At its place in `Runtime.integers` is what the last call gave if
    that was an integer, or else nothing: then it was OK, unless something is in `Runtime.answer`.
    An integer is mostly the same as the time before (1: it was added), and to hand it over twice
    would be a third of the way. The table is one for all: lupa ties a table to the coroutine in
    which it is made.
    """
    place = next(runtime.places)
    return indexed(make(runtime.integers, place)), place


def leaving(runtime: Runtime, name: bytes) -> dict[str, Callable[..., Any]]:
    """Give what the ways to a command do with a result, by the names that their code knows."""
    answer = runtime.answer

    def leave(result: Any) -> Any:
        if result.__class__ is not tuple and result is not None:
            return result
        runtime.left = result or (None,)
        return None

    def leave_all(result: Any) -> None:
        if result.__class__ is not tuple and result is not None:
            answer[1] = result
        else:
            runtime.left = result or (None,)
            answer[1] = True

    def leave_refusal(result: Any, word: Any, line: int, began: int) -> None:
        if runtime.record is not None:
            reply = ResponseError.from_payload(result[2])
            runtime.record((name, word), reply, line, began, perf_counter_ns() - began)
        runtime.left = result

    return {"leave": leave, "leave_all": leave_all, "leave_refusal": leave_refusal}


def pinning(*pins: Callable[[object], Any]) -> ScriptCall:
    """Give what makes a way of one word less by the place of a word, 2 or 3, and the word."""

    def pin(place: int, word: object) -> Any:
        try:
            return pins[place - 2](word)
        except (BadArgument, ResponseError):  # let the call itself say so
            return None

    return pin


def binding(command: Command, bind: Callable[..., Any]) -> ScriptCall:
    """Give what makes a way by the words that are always the same: see `Repeated`."""
    assert command.repeated is not None
    free, make = command.repeated
    known_otherwise = 3 if free in TWO_FREE else 2  # the name, and what is free

    def bind_others(*words: object) -> Any:
        if not command.takes(known_otherwise + len(words)):
            return None
        try:
            others = texts(words)
            run = make(others)
            return None if run is None else bind(run, others)
        except (BadArgument, ResponseError):  # let the call itself say so
            return None

    return bind_others
