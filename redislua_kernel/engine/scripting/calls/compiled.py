"""The code that takes a script's words apart and runs a command, compiled from its signature.

Each call of each script goes through it. Nothing is done there that is known before: which
words are decoded how, whether the command writes, what it may do in this mode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from lupa import lua51

from redislua_kernel.engine.errors import wrong_arity
from redislua_kernel.engine.long_elements import ELEMENTS, LONG
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.scripting.calls.forms import (
    any_form,
    elements_among,
    fewer_words,
    indented,
    longer_form,
    several_form,
    shortest_form,
)
from redislua_kernel.engine.scripting.calls.functions import (
    bind,
    function_lines,
    pin,
    recording,
    way_of_two,
)
from redislua_kernel.engine.scripting.calls.replies import AGAIN, error_result
from redislua_kernel.engine.scripting.calls.shapings import Promise, Shaping, shaping_of
from redislua_kernel.engine.scripting.calls.short_ways import (
    ScriptCall,
    binding,
    indexed,
    leaving,
    pinning,
    short_way,
)
from redislua_kernel.engine.scripting.calls.words import (
    MISSING,
    BadArgument,
    MissingWord,
    given_text,
    texts,
)
from redislua_kernel.reply import OK, ResponseError, format_double

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["Compiled", "compile_call"]


class Compiled(NamedTuple):
    """A command as Lua reaches it: by a call, and by shorter ways for few words.

    Where somebody is told of calls, `one` is a function that makes one for a line, and it tells of
    the calls from there.
    """

    call: ScriptCall
    #: Whether `call` and `many` give the elements of an array, if they begin with no True.
    gives_array: bool = False
    #: `one[word]` is `call(word)`. It gives one value, so several are left behind: see
    #: `short_ways`.
    one: Any = None
    #: `two[first] = second` is `call(first, second)`. Nothing comes back: see `short_way`, which
    #: made it, and has told `place`.
    two: Any = None
    place: int | None = None
    #: `many()` is `call` with many words, which it asks Lua for: see `give_words` in calls.lua.
    many: Any = None
    #: `bind(*words)` gives such a way for calls with these words, where `free` tells which others
    #: they have (see `Repeated`); None if they are wrong.
    bind: Any = None
    #: `pin(place, word)` gives such a way for a command of three words, of which the second or
    #: the third is always this one; None if it is wrong.
    pin: Any = None
    #: `half(place, word)` gives such a way as `one` for a command of two words that stores neither,
    #: of which the second (2) or the first (3) is always this one; None if it is wrong.
    half: Any = None
    free: bytes | None = None
    #: `several(count)` gives a callable like `call` for so many words; None: there is none.
    several: Any = None

    def by_name(self) -> dict[bytes, Any]:
        """Give what there is, as dispatch.lua reads it."""
        return {name.encode(): each for name, each in self._asdict().items() if each is not None}


_code = cache(compile)

#: The statement that ends a function with its result.
_RETURN = "return {}"


def compile_call(
    runtime: Runtime, command: Command, name: bytes, wrong_count: ScriptCall, *, is_told: bool
) -> Compiled:
    """Compile a command whose name is written as `name`.

    `wrong_count` answers a call with too few or too many words. If somebody is told of calls,
    one leaves the reply as it was before it became a Lua value.
    """
    namespace = _namespace(runtime, command, name)
    namespace |= {
        "wrong_count": wrong_count,
        "scripted": None if is_told else command.in_scripts.forms,
    }

    def build(lines: Sequence[str]) -> Compiled:
        # A variable of the function around them counts the calls: there is no cheaper counter.
        text = "\n".join(["def make(calls):", *lines])
        exec(_code(text, f"<script call of {command.name}>", "exec"), namespace)
        built: Compiled = namespace["make"](0)
        call: Any = built.call
        (counter,) = call.__closure__
        runtime.engine.statistics[command].follow(counter)
        return built

    def several(count: int) -> ScriptCall | None:
        if not command.takes(1 + count) or (1 + count - command.arity) % command.signature.group:
            return None
        words = [f"word{place}" for place in range(1, 1 + count)]
        body = several_form(command, words, namespace)
        lines = function_lines("call", words, body, _shapings(command)[0], _RETURN)
        return build([*lines, "  return Compiled(call)"]).call

    compiled = build(_lines(command, namespace, is_told=is_told))
    is_several = command.in_scripts.several is not None and not is_told
    return compiled._replace(several=several) if is_several else compiled


def _shapings(command: Command) -> tuple[Shaping, Shaping]:
    """Tell how replies become Lua values: any, and those to the fewest words there can be."""
    any_reply, quick = shaping_of(command.function), shaping_of(command.plain or command.function)
    if quick.promise.is_array and not any_reply.promise.is_array:
        any_reply = Shaping("other", Promise.ARRAY)
    assert any_reply.promise.is_array == quick.promise.is_array, command
    return any_reply, quick


def _lines(command: Command, namespace: dict[str, Any], *, is_told: bool) -> list[str]:
    """Give the lines of all functions of a command, and of what they are given as."""
    # As many parameters as the plain form has words: no tuple is made to be taken apart.
    words = [f"word{place}" for place in range(1, command.plain_arity)]
    any_reply, quick = _shapings(command)
    shortest = shortest_form(command, words, namespace, is_told=is_told)
    lines = _call(command, words, shortest, namespace, is_told=is_told)
    made = [f"call, {quick.promise.is_array}"]
    if quick.promise.is_array:  # many values come back by a call with less ado
        pass
    elif len(words) == 1 and is_told:
        lines += recording(words[0], shortest, quick)
        made.append("one=one")
    elif len(words) == 1:
        lines += function_lines("one", words, shortest, quick, "return leave({})")
        made.append("one=indexed(one)")
    elif is_told:
        pass
    elif len(words) == 2:
        lines += way_of_two("make_two", words, shortest, quick)
        lines.append("  two, place = short_way(make_two)")
        made.append("two=two, place=place")
        gives_one = quick.promise is not Promise.ANYTHING
        has_elements = command.is_write and bool(elements_among(command, words))
        if gives_one and not has_elements and command.name_words == 1:
            for word in words:
                lines += pin(command, words, namespace, word, quick)
            made.append(f"half=pinning(pin_{words[1]}, pin_{words[0]})")
    elif len(words) == 3:
        for word in words[1:]:
            lines += pin(command, words, namespace, word, quick)
        made.append(f"pin=pinning(pin_{words[1]}, pin_{words[2]})")
    if command.repeated is not None and not is_told:
        lines += bind(command, command.repeated, any_reply)
        made.append("bind=binding(bind), free=free")
    if command.arity < 0 and not is_told:
        many_words = [
            "try: words = texts(give_words())",
            "except LuaError: return NOT_GIVEN",
            *any_form(command, namespace, _RETURN),
        ]
        lines += function_lines("many", [], many_words, any_reply, _RETURN)
        made.append("many=many")
    return [*lines, f"  return Compiled({', '.join(made)})"]


def _call(
    command: Command,
    words: Sequence[str],
    shortest: Sequence[str],
    namespace: dict[str, Any],
    *,
    is_told: bool,
) -> list[str]:
    """Give the lines of the function that takes any number of words."""
    any_reply, quick = _shapings(command)
    either, shape = quick, ""
    if any_reply.promise is not quick.promise:
        either_promise = Promise.ARRAY if quick.promise.is_array else Promise.ANYTHING
        either = Shaping(quick.method, either_promise)
    chosen, chosen_quickly = [], []
    if any_reply.method != quick.method:
        shape = "shape"
        chosen = [f"shape = runtime.shaper.{any_reply.method}"]
        chosen_quickly = [f"shape = runtime.shaper.{quick.method}"]
    body = [
        "if more:",
        *indented([*longer_form(command, words, namespace), *chosen]),
        *fewer_words(command, words, namespace, chosen),
        "else:",
        *indented([*shortest, *chosen_quickly]),
    ]
    parameters = [*(f"{word}=MISSING" for word in words), "*more"]
    keep = ["runtime.reply = {}"] * is_told
    return function_lines("call", parameters, body, either, _RETURN, keep, shape)


def _namespace(runtime: Runtime, command: Command, name: bytes) -> dict[str, Any]:
    """Give what the lines refer to."""
    return leaving(runtime, name) | {
        "answer": runtime.answer,
        "BadArgument": BadArgument,
        "Compiled": Compiled,
        "MISSING": MISSING,
        "MissingWord": MissingWord,
        "ELEMENTS": ELEMENTS,
        "LuaError": lua51.LuaError,
        "NOT_GIVEN": (True, AGAIN),
        "OK": OK,
        "ResponseError": ResponseError,
        "arity_error": lambda: wrong_arity(command.full_name),
        "bad_argument": error_result(runtime.dialect.bad_argument, False),
        "bug": runtime.engine.report_bug,
        "binding": partial(binding, command),
        "free": command.repeated and command.repeated.free.value.encode(),
        "pinning": pinning,
        "short_way": partial(short_way, runtime),
        "client": runtime.client,
        "clock": perf_counter_ns,
        "failed": _failing(runtime, command),
        "format_double": format_double,
        "function": command.function,
        "give_words": runtime.give_words,
        "indexed": indexed,
        "keyspace": runtime.engine.keyspace,
        "name": name,
        "plain": command.plain or command.function,
        # What the arity of the command does not tell, it checks itself when it runs.
        "own_arity_error": lambda: wrong_arity(command.name.lower().replace(" ", "|")),
        "runtime": runtime,
        "text": given_text,
        "texts": texts,
    }


def _failing(runtime: Runtime, command: Command) -> Callable[[ResponseError], Any]:
    errors, counts = runtime.engine.statistics.errors, runtime.engine.statistics[command]

    def failed(error: ResponseError) -> Any:
        error.__traceback__ = None  # constants are shared: see ResponseError.fresh
        text = error.payload
        if len(text) >= LONG:
            runtime.room.weigh(len(text))
        errors.add(text)
        counts.failed += 1
        return error_result(text)

    return failed
