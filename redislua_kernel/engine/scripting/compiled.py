"""The code that takes a script's words apart and runs a command, compiled from its signature.

Each call of each script goes through it. Nothing is done there that is known before: which
words are decoded how, whether the command writes, what it may do in this mode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from lupa import lua51

from redislua_kernel.engine.errors import wrong_arity
from redislua_kernel.engine.long_elements import ELEMENTS, LONG, adds_elements
from redislua_kernel.engine.registry import Command, arity_lines, decoder_lines
from redislua_kernel.engine.repeated import TWO_FREE, Free, Repeated
from redislua_kernel.engine.scripting.convert import (
    AGAIN,
    WIDE,
    Promise,
    error_result,
    promise_of,
    shaping_of,
)
from redislua_kernel.engine.scripting.inlining import call_lines
from redislua_kernel.engine.scripting.words import (
    MISSING,
    BadArgument,
    MissingWord,
    given_text,
    texts,
)
from redislua_kernel.engine.signature import Word
from redislua_kernel.reply import OK, ResponseError, format_double

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["Compiled", "ScriptCall", "compile_call"]

#: Runs a command with the words after its name, and answers what crosses to Lua: see `convert`.
ScriptCall = Callable[..., Any]


#: An object to set items of, and the place of its integers: see `_short_way`.
ShortWay = tuple[object, int]


class Compiled(NamedTuple):
    """A command as Lua reaches it: by a call, and by shorter ways for few words.

    For a call, lupa puts the words into a tuple that grows, and makes a dict besides; for an item
    it does nothing of the kind, which saves about half. Where somebody is told of calls, `one` is a
    function that makes one for a line, and it tells of the calls from there.
    """

    call: ScriptCall
    #: Whether `call` and `many` give the elements of an array, if they begin with no True.
    gives_array: bool = False
    #: `one[word]` is `call(word)`. It gives one value, so several are left behind: see `call` in
    #: calls.lua.
    one: Any = None
    #: `two[first] = second` is `call(first, second)`. Nothing comes back: see `_short_way`, which
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


_code = cache(compile)


def compile_call(
    runtime: Runtime, command: Command, name: bytes, wrong_count: ScriptCall, *, is_told: bool
) -> Compiled:
    """Compile a command whose name is written as `name`.

    `wrong_count` answers a call with too few or too many words. If somebody is told of calls,
    one leaves the reply as it was before it became a Lua value.
    """

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

    def short_way(make: Callable[[Any, int], ScriptCall]) -> ShortWay:
        return _short_way(runtime, make)

    def leave_refusal(result: Any, word: Any, line: int, began: int) -> None:
        if runtime.record is not None:
            reply = ResponseError.from_payload(result[2])
            runtime.record((name, word), reply, line, began, perf_counter_ns() - began)
        runtime.left = result

    answer = runtime.answer
    namespace: dict[str, Any] = {
        "answer": answer,
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
        "binding": lambda bind: _binding(command, bind),
        "free": command.repeated and command.repeated.free.value.encode(),
        "pinning": _pinning,
        "short_way": short_way,
        "client": runtime.client,
        "clock": perf_counter_ns,
        "failed": _failing(runtime, command),
        "format_double": format_double,
        "function": command.function,
        "give_words": runtime.give_words,
        "indexed": _indexed,
        "keyspace": runtime.engine.keyspace,
        "leave": leave,
        "leave_all": leave_all,
        "leave_refusal": leave_refusal,
        "name": name,
        "plain": command.plain or command.function,
        # What the arity of the command does not tell, it checks itself when it runs.
        "own_arity_error": lambda: wrong_arity(command.name.lower().replace(" ", "|")),
        "runtime": runtime,
        "scripted": None if is_told else command.scripted,
        "text": given_text,
        "texts": texts,
        "wrong_count": wrong_count,
    }
    promise = promise_of(command.function)
    quick_promise = promise_of(command.plain or command.function)
    shaping = f"runtime.shaper.{shaping_of(command.function)}"
    quick = f"runtime.shaper.{shaping_of(command.plain or command.function)}"
    is_array = quick_promise.is_array
    if is_array and not promise.is_array:
        promise, shaping = Promise.ARRAY, "runtime.shaper.other"
    assert promise.is_array == is_array, command
    differs = shaping != quick
    either = promise
    if promise is not quick_promise:
        either = Promise.ARRAY if is_array else Promise.ANYTHING
    # As many parameters as the plain form has words: no tuple is made to be taken apart.
    words = [f"word{place}" for place in range(1, command.plain_arity)]
    shortest = _shortest_form(command, words, namespace, is_told=is_told)
    any_form = [
        "if more:",
        *(f"  {line}" for line in _longer_form(command, words, namespace)),
        *[f"  shape = {shaping}"] * differs,
        *_fewer_words(command, words, namespace, [f"shape = {shaping}"] * differs),
        "else:",
        *(f"  {line}" for line in shortest),
        *[f"  shape = {quick}"] * differs,
    ]
    shape = "shape" if differs else quick
    # A variable of the function around them: there is no cheaper counter.
    lines = ["def make(calls):"]
    parameters = [*(f"{word}=MISSING" for word in words), "*more"]
    keep = ["runtime.reply = {}"] * is_told
    lines += _function("call", parameters, any_form, shape, either, "return {}", keep)
    made = [f"call, {is_array}"]
    if is_array:  # many values come back by a call with less ado
        pass
    elif len(words) == 1 and is_told:
        lines += _recording(words[0], shortest, quick, quick_promise)
        made.append("one=one")
    elif len(words) == 1:
        lines += _function("one", words, shortest, quick, quick_promise, "return leave({})")
        made.append("one=indexed(one)")
    elif is_told:
        pass
    elif len(words) == 2:
        lines += _way_of_two("make_two", words, shortest, quick, quick_promise)
        lines.append("  two, place = short_way(make_two)")
        made.append("two=two, place=place")
        gives_one = quick_promise is not Promise.ANYTHING
        has_elements = command.is_write and bool(_elements(command, words))
        if gives_one and not has_elements and command.name_words == 1:
            for word in words:
                lines += _pin(command, words, namespace, word, quick, quick_promise)
            made.append(f"half=pinning(pin_{words[1]}, pin_{words[0]})")
    elif len(words) == 3:
        for word in words[1:]:
            lines += _pin(command, words, namespace, word, quick, quick_promise)
        made.append(f"pin=pinning(pin_{words[1]}, pin_{words[2]})")
    if command.repeated is not None and not is_told:
        lines += _bind(command, command.repeated, shaping, promise)
        made.append("bind=binding(bind), free=free")
    if command.arity < 0 and not is_told:
        give = "return {}"
        many_words = [
            "try: words = texts(give_words())",
            "except LuaError: return NOT_GIVEN",
            *_any_form(command, namespace, give),
        ]
        lines += _function("many", [], many_words, shaping, promise, give)
        made.append("many=many")
    lines.append(f"  return Compiled({', '.join(made)})")

    def build(lines: Sequence[str]) -> Any:
        exec(_code("\n".join(lines), f"<script call of {command.name}>", "exec"), namespace)
        built = namespace["make"](0)
        call: Any = built.call
        (counter,) = call.__closure__
        runtime.engine.statistics[command].follow(counter)
        return built

    def several(count: int) -> ScriptCall | None:
        if not command.takes(1 + count) or (1 + count - command.arity) % command.signature.group:
            return None
        words = [f"word{place}" for place in range(1, 1 + count)]
        body = _several_form(command, words, namespace)
        lines = _function("call", words, body, shaping, promise, "return {}")
        built: Compiled = build(["def make(calls):", *lines, "  return Compiled(call)"])
        return built.call

    compiled: Compiled = build(lines)
    is_several = command.several is not None and not is_told
    return compiled._replace(several=several) if is_several else compiled


def _indexed(function: ScriptCall) -> object:
    """Make an object that runs a function when it is indexed.

    Its class is its own, and knows the function: Python finds it no faster otherwise. A class
    without `__getitem__` is none for lupa to set items of.
    """
    method = staticmethod(function)
    return type("ShortWay", (), {"__getitem__": method, "__setitem__": method, "__slots__": ()})()


def _short_way(runtime: Runtime, make: Callable[[Any, int], ScriptCall]) -> ShortWay:
    """Make an object to set an item of with two words, and give where its integers are.

    Nothing comes back from that. At its place in `Runtime.integers` is what the last call gave if
    that was an integer, or else nothing: then it was OK, unless something is in `Runtime.answer`.
    An integer is mostly the same as the time before (1: it was added), and to hand it over twice
    would be a third of the way. The table is one for all: lupa ties a table to the coroutine in
    which it is made.
    """
    place = next(runtime.places)
    return _indexed(make(runtime.integers, place)), place


def _pinning(*pins: Callable[[object], Any]) -> ScriptCall:
    def pin(place: int, word: object) -> Any:
        try:
            return pins[place - 2](word)
        except (BadArgument, ResponseError):  # let the call itself say so
            return None

    return pin


def _binding(command: Command, bind: Callable[..., Any]) -> ScriptCall:
    def bind_others(*words: object) -> Any:
        try:
            others = texts(words)
            assert command.repeated is not None
            run = command.repeated.make(others)
            return None if run is None else bind(run, others)
        except (BadArgument, ResponseError):  # let the call itself say so
            return None

    return bind_others


def _function(
    name: str,
    parameters: Sequence[str],
    body: Sequence[str],
    shape: str,
    promise: Promise,
    give: str,
    keep: Sequence[str] = (),
) -> list[str]:
    """Give the lines of a function around a body that sets `reply`.

    `shape` makes of a reply what crosses to Lua, if it is none that crosses as it is: `promise`
    helps to tell. `give` is the statement that ends the function with the result, and `keep` are
    lines that do something with the reply, or an error, before.
    """
    lines = [
        f"def {name}({', '.join(parameters)}):",
        "  nonlocal calls" if give.startswith("return") else "  nonlocal calls, known",
        "  try:",
        *(f"    {line}" for line in body),
        "  except ResponseError as error:",
        *(f"    {line.format('error')}" for line in keep),
        f"    {give.format('failed(error)')}",
        f"  except BadArgument: {give.format('bad_argument')}",
        f"  except MissingWord: {give.format('wrong_count()')}",
        f"  except Exception as error: {give.format('failed(bug(error))')}",
        *(f"  {line.format('reply')}" for line in keep),
    ]
    plain = _plain_reply(promise, give)
    lines += [f"  {line}" for line in plain]
    lines.append(f"  {'else: ' * bool(plain)}{give.format(f'{shape}(reply)')}")
    return _indented(lines)


def _plain_reply(promise: Promise, give: str) -> list[str]:
    """Give the lines for a reply that crosses as it is; `else` may follow, if there are any."""
    if promise is Promise.STRINGS:
        few = f"len(reply) < {WIDE} and not ELEMENTS.were_long"
        return [f"if reply.__class__ is list and {few}: {give.format('tuple(reply)')}"]
    if promise is Promise.STRINGS_OR_NULLS:
        few = f"len(reply) < {WIDE} and not ELEMENTS.were_long"
        return [f"if reply.__class__ is list and {few} and None not in reply: return tuple(reply)"]
    if promise is Promise.ARRAY:
        return []
    gives_back = give.startswith("return")
    give_plain = "return reply" if gives_back else "answer[1] = reply"
    if promise is Promise.DOUBLE:
        text = give_plain.replace("reply", "format_double(reply)")
        return [f"if reply.__class__ is float and not runtime.shaper.resp3: {text}"]
    if promise is Promise.STRING:
        return [f"if reply is not None and len(reply) < {LONG}: {give_plain}"]
    is_string = f"if reply.__class__ is bytes and len(reply) < {LONG}: {give_plain}"
    is_number = ["if reply.__class__ is int: return reply"]
    if not gives_back:
        number = "  if reply != known: integers[place] = known = reply"
        is_number = ["if reply.__class__ is int:", number]
    if promise is Promise.NUMBER:
        return is_number
    is_number[0] = f"el{is_number[0]}"
    if gives_back:
        return [is_string, *is_number, *["elif reply is OK: return True"] * (give == "return {}")]
    is_ok = ["if reply is OK:", "  if known is not None: integers[place] = known = None"]
    return [*is_ok, f"el{is_string}", *is_number]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _way_of_two(
    name: str, parameters: Sequence[str], body: Sequence[str], shape: str, promise: Promise
) -> list[str]:
    """Give the lines of what makes a function of two words around a body: see `_short_way`."""
    two = _function("two", parameters, body, shape, promise, "leave_all({}); return")
    return [
        f"  def {name}(integers, place):",
        "    known = None",
        *_indented(two),
        "    return two",
    ]


def _pin(
    command: Command,
    words: Sequence[str],
    namespace: dict[str, Any],
    pinned: str,
    shape: str,
    promise: Promise,
) -> list[str]:
    """Give the lines of what makes a way of one word less, where one is always the same."""
    decoded, value = _decoded(command, words, namespace)[pinned]
    body = _shortest_form(command, words, namespace, pinned=pinned)
    others = [word for word in words if word != pinned]
    if len(others) == 1:
        way = _function("one", others, body, shape, promise, "return leave({})")
        give = "indexed(one)"
    else:
        way, give = _way_of_two("make_two", others, body, shape, promise), "short_way(make_two)"
    return [
        f"  def pin_{pinned}({pinned}):",
        *_indented(_indented([*decoded, f"pinned = {value}"])),
        *_indented(way),
        f"    return {give}",
    ]


def _bind(command: Command, repeated: Repeated, shape: str, promise: Promise) -> list[str]:
    """Give the lines of what makes a way of calls with some words that are always the same.

    The function `run` knows these words, `others`, and records itself what is to be replicated,
    unless only the last words are among them.
    """
    words = ["word1", "word2"] if repeated.free in TWO_FREE else ["word1"]
    run = f"reply = run({', '.join([_target(command), *words])})"
    body = [f"if {word}.__class__ is not bytes: {word} = text({word})" for word in words]
    if repeated.free is Free.FIRST_TWO:
        body += _run(command, [run], ", ".join(["name", *words, "*others"]), words[1:])
    elif command.is_write:
        body += ["calls += 1", "runtime.wrote = True", "db = client.db", run]
        body += [*_look_at(words[1:]), "keyspace.journal.rewritten = False"]
    else:
        body += ["calls += 1", run]
    if len(words) == 1:
        way = _function("one", words, body, shape, promise, "return leave({})")
        give = "indexed(one)"
    else:
        way, give = _way_of_two("make_two", words, body, shape, promise), "short_way(make_two)"
    return ["  def bind(run, others):", *_indented(way), f"    return {give}"]


def _recording(word: str, body: Sequence[str], shape: str, promise: Promise) -> list[str]:
    """Give the lines of a function that makes, for a line, the short way with one word."""
    made = [
        "def recorded(given):",
        "  nonlocal calls",
        f"  {word} = given",
        "  began = clock()",
        "  try:",
        *(f"    {line}" for line in body),
        "  except ResponseError as error: return leave_refusal(failed(error), given, line, began)",
        "  except BadArgument: return leave_refusal(bad_argument, given, line, began)",
        "  except MissingWord: return leave_refusal(wrong_count(), given, line, began)",
        "  except Exception as error:",
        "    return leave_refusal(failed(bug(error)), given, line, began)",
        "  runtime.record((name, given), reply, line, began, clock() - began)",
        *(f"  {line}" for line in _plain_reply(promise, "return leave({})")),
        f"  else: return leave({shape}(reply))",
    ]
    return ["  def one(line):", *(f"    {line}" for line in made), "    return indexed(recorded)"]


def _shortest_form(
    command: Command,
    names: Sequence[str],
    namespace: dict[str, Any],
    pinned: str = "",
    *,
    is_told: bool = False,
) -> list[str]:
    """Give the lines for a call with the fewest words there can be.

    Nearly every call in a script is one; it costs no loop, no slice and no counting. A number
    that is to be an integer is taken as it is. Of the word that is `pinned` all is known before.
    """
    lines, values, words = _named_words(command, names, namespace, pinned)
    if not command.is_write:
        called = command.plain or command.function
        target = _target(command)
        run = [*[f"db = {target}"] * (target != "client")]
        run += call_lines(called, "reply", [target.rpartition(".")[2], *values], namespace)
        if command.quick is not None and not is_told:
            run = _quickly(command.quick, values, run, namespace)
        return [*lines, "calls += 1", *run]
    write_quickly = None
    if command.quick is not None:
        write_quickly = call_lines(command.quick, "reply", ["db", "name", *values], namespace)
    run = [f"reply = plain({', '.join([_target(command), *values])})"]
    return [*lines, *_run(command, run, words, _elements(command, names), write_quickly)]


def _several_form(command: Command, names: Sequence[str], namespace: dict[str, Any]) -> list[str]:
    """Give the lines for a call with so many words of a command that takes several quickly."""
    assert command.several is not None
    lines, values, words = _named_words(command, names, namespace)
    run = [f"reply = function({', '.join([_target(command), *values])})"]
    if not command.is_write:
        return [*lines, "calls += 1", *_quickly(command.several, values, run, namespace)]
    quickly = call_lines(command.several, "reply", ["db", "name", *values], namespace)
    return [*lines, *_run(command, run, words, _elements(command, names), quickly)]


def _quickly(
    quick: Callable[..., Any], values: Sequence[str], run: list[str], namespace: dict[str, Any]
) -> list[str]:
    """Give the lines that read in a quick way, or else in another."""
    lines = ["db = client.db", *call_lines(quick, "reply", ["db", *values], namespace)]
    return [*lines, "if reply is None:", *_indented(run)]


def _named_words(
    command: Command, names: Sequence[str], namespace: dict[str, Any], pinned: str = ""
) -> tuple[list[str], list[str], str]:
    """Give the lines that make words of the fewest there can be, their values, and the words."""
    lines, values = [], []
    for name, (decoded, value) in _decoded(command, names, namespace).items():
        lines += [] if name == pinned else decoded
        values.append("pinned" if name == pinned else value)
    return lines, values, ", ".join(["name", *names])


def _decoded(
    command: Command, names: Sequence[str], namespace: dict[str, Any]
) -> dict[str, tuple[list[str], str]]:
    """Give the lines that make a word of each of the fewest there can be, and their values."""
    found = {}
    for place, (word, kind) in enumerate(_with_kinds(command, names)):
        namespace[f"quick{place}"] = kind.decode
        value = word if kind.decode is None else f"quick{place}({word})"
        if kind.numbers is None:
            lines = [f"if {word}.__class__ is not bytes: {word} = text({word})"]
        else:
            least, most = kind.numbers
            is_taken = f"{word}.__class__ is int and {least} <= {word} <= {most}"
            lines = [
                f"if {word}.__class__ is not bytes and not ({is_taken}):",
                f"  {word} = text({word})",
            ]
            if kind.decode is not None:
                value = f"({word} if {word}.__class__ is int else quick{place}({word}))"
        found[word] = lines, value
    return found


def _longer_form(command: Command, names: Sequence[str], namespace: dict[str, Any]) -> list[str]:
    """Give the lines for a call with more words than the shortest form has.

    Where all that follow are taken as they are, nothing is put together to be taken apart.
    """
    signature = command.signature
    rest = signature.variadic
    is_plain = rest is not None and rest.word.decode is None and not signature.options
    if not (is_plain and all(parameter.required for parameter in signature.positional)):
        words = f"words = texts(({', '.join(['name', *names])}, *more))"
        return [words, *_any_form(command, namespace, "return {}")]
    if command.whole is not None:
        return _whole_form(command, names, namespace)
    lines, values, words = _named_words(command, names, namespace)
    run = [f"reply = function({', '.join([_target(command), *values])}, *more)"]
    if namespace["scripted"] is not None:
        run = [f"reply = scripted[more]({', '.join([_target(command), *values])})"]
    if signature.group > 1:
        run.insert(0, f"if len(more) % {signature.group}: raise own_arity_error()")
    elements = [*_elements(command, names), "*more"]
    return [*lines, "more = texts(more)", *_run(command, run, f"{words}, *more", elements)]


def _fewer_words(
    command: Command, names: Sequence[str], namespace: dict[str, Any], then: Sequence[str]
) -> list[str]:
    """Give the lines for a call with fewer words than the plain form has, if there can be any."""
    if command.plain_arity == abs(command.arity):
        return []
    *given, last = names
    words = f"words = texts(({', '.join(['name', *given])},))"
    lines = [words, *_any_form(command, namespace, "return {}"), *then]
    return [f"elif {last} is MISSING:", *_indented(lines)]


def _whole_form(command: Command, names: Sequence[str], namespace: dict[str, Any]) -> list[str]:
    """Give the lines for a call with more words whose command takes them as one tuple."""
    key, *others = names
    namespace["whole"] = command.whole
    lines = [
        *_decoded(command, names, namespace)[key][0],
        f"more = texts(({', '.join(others)}, *more))",
    ]
    run = [f"reply = whole({_target(command)}, {key}, more)"]
    if command.signature.group > 1:
        run.insert(0, f"if len(more) % {command.signature.group}: raise own_arity_error()")
    return [*lines, *_run(command, run, f"name, {key}, *more", [])]


def _any_form(command: Command, namespace: dict[str, Any], give: str) -> list[str]:
    """Give the lines for a call with any words."""
    lines = decoder_lines(
        command.signature,
        command.function,
        _target(command),
        namespace,
        command.plain,
        command.name_words,
        command.forms,
    )
    count = arity_lines(command.arity, give.format("wrong_count()"))
    return count + _run(command, lines, "*words", ["*words"])


def _elements(command: Command, names: Sequence[str]) -> list[str]:
    """Give those of the fewest words there can be that are neither keys nor numbers."""
    named = _with_kinds(command, names)
    return [name for name, kind in named if not kind.is_key and kind.numbers is None]


def _with_kinds(command: Command, names: Sequence[str]) -> Iterator[tuple[str, Word]]:
    """Give the words of the plain form, each with how it is decoded."""
    kinds = [p.word for p in command.signature.positional if p.required]
    if command.signature.variadic is not None:
        kinds += [command.signature.variadic.word] * len(names)
    return zip(names[command.name_words - 1 :], kinds, strict=False)


def _run(
    command: Command,
    lines: list[str],
    words: str,
    elements: Sequence[str],
    quick: list[str] | None = None,
) -> list[str]:
    """Give the lines that count a call, run the command, and record that it has changed data.

    Some of the words may be new elements, which are looked at. The lines of a `quick` way are
    tried before.
    """
    if not command.is_write:
        return ["calls += 1", *lines]
    begin = ["calls += 1", "runtime.wrote = True", "db = client.db"]
    recorded = [
        "dirty = keyspace.dirty",
        *lines,
        "if keyspace.dirty != dirty:",
        *(f"  {line}" for line in _look_at(elements) if adds_elements(command)),
        # Journal.record_call, spelled out: every write of every script comes by here.
        "  journal = keyspace.journal",
        "  if journal.rewritten: journal.rewritten = False",
        f"  else: journal.calls.extend([db.index, journal.targets, {words}, None])",
    ]
    if quick is None:
        return begin + recorded
    return [*begin, *quick, "if reply is None:", *(f"  {line}" for line in recorded)]


def _look_at(elements: Sequence[str]) -> list[str]:
    """Give the lines that take note of long elements."""
    lengths = [
        f"max(map(len, {name[1:]})) >= {LONG}" if name[0] == "*" else f"len({name}) >= {LONG}"
        for name in elements
    ]
    return [f"if {' or '.join(lengths)}: ELEMENTS.were_long = True"] if lengths else []


def _target(command: Command) -> str:
    if command.signature.takes_client:
        return "client"
    return "db" if command.is_write else "client.db"


def _failing(runtime: Runtime, command: Command) -> Callable[[ResponseError], Any]:
    errors, counts = runtime.engine.statistics.errors, runtime.engine.statistics[command]

    def failed(error: ResponseError) -> Any:
        error.__traceback__ = None  # constants are shared: see ResponseError.fresh
        text = error.payload
        if len(text) >= LONG:
            runtime.weigh(len(text))
        errors.add(text)
        counts.failed += 1
        return error_result(text)

    return failed
