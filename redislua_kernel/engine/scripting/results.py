"""What a script has returned into a reply; the other way is `calls.replies`.

It comes as results.lua gives it: a plain value, or the tokens of a table (see `tokens`). What most
scripts return, and so what is looked for first, are elements behind their number.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from lupa import lua51

from redislua_kernel.engine.scripting.lua_failure import LuaFailure
from redislua_kernel.engine.scripting.tokens import MARKS, PLAIN, SIMPLE, read_plain, read_tokens
from redislua_kernel.reply import Reply, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["Results"]

_SAW_ERROR = MARKS["saw_error"]


class Results:
    """The results of what runs in one Lua state.

    `flatten` gives the tokens of what stands within an array, or, if told so, within an array
    within another one.
    """

    def __init__(self, runtime: Runtime, table_class: type, flatten: Callable[..., Any]) -> None:
        self._runtime = runtime
        self._table_class = table_class
        self._flatten = flatten

    def read(self, result: Any) -> Reply:
        """Give the reply for what has run, from what its entry gave. Raises LuaFailure."""
        runtime = self._runtime
        kind = result.__class__
        if kind is LuaFailure:
            raise result
        if runtime.memory.is_full:  # it has ended before it could be stopped
            raise LuaFailure(runtime.engine.limits.lua_text)
        if result is None:
            return None
        if kind is tuple:
            first = result[0].__class__
            if first is bool:  # no error is within
                return read_tokens(result, runtime.client.resp == 3)
            if first is int:
                elements = [*result]  # to part the first of them at once takes three times as long
                count = elements.pop(0)
                if count == 0:
                    return []
                if PLAIN.issuperset(map(type, elements)):
                    return elements if count >= 0 else [*elements[:-count], elements[-count:]]
                return self._read_array(elements, -count)
            return self._read_tokens(result)
        if kind is self._table_class:
            return self._read_tokens(tuple(result.values()))
        return read_plain(result, runtime.client.resp == 3)

    def _read_array(self, elements: list[Any], before: int) -> Reply:
        """Give the reply for the elements of an array, of which not all are plain.

        If `before` is positive, those after so many are the elements of another one.
        """
        if SIMPLE.issuperset(map(type, elements)):
            resp3 = self._runtime.client.resp == 3
            plain = [read_plain(element, resp3) for element in elements]
            return plain if before <= 0 else [*plain[:before], plain[before:]]
        outer, inner = (elements[:before], elements[before:]) if before > 0 else (elements, [])
        tokens = self._array_tokens(outer)
        if before > 0 and None not in outer:
            tokens[-1:] = [*self._array_tokens(inner, True), MARKS["close"]]
        saw_error = [_SAW_ERROR] * (_SAW_ERROR in tokens)
        return self._read_tokens((*(each for each in tokens if each is not _SAW_ERROR), *saw_error))

    def _array_tokens(self, elements: list[Any], *is_inner: bool) -> list[Any]:
        """Give the tokens of an array from its elements; it ends where the first nil is."""
        tokens: list[Any] = [MARKS["array"]]
        for element in takewhile(lambda element: element is not None, elements):
            if element.__class__ in SIMPLE:
                tokens.append(element)
            else:
                tokens += self._tokens_within(element, *is_inner)
        return [*tokens, MARKS["close"]]

    def _tokens_within(self, element: Any, *is_inner: bool) -> list[Any]:
        try:
            return list(self._flatten(element, *is_inner).values())
        except (lua51.LuaError, MemoryError) as error:
            raise self._runtime.failure(error) from None

    def _read_tokens(self, tokens: tuple[Any, ...]) -> Reply:
        """Give the reply for the tokens of a table, and count the errors within it."""
        engine = self._runtime.engine
        saw_error = tokens[-1] is _SAW_ERROR
        if saw_error:
            tokens = tokens[:-1]
        reply = read_tokens(tokens, self._runtime.client.resp == 3)
        if saw_error and not isinstance(reply, ResponseError):
            running = engine.scripting.running
            assert running is not None
            engine.statistics.count_errors_inside(running.client.words, reply)
        return reply
