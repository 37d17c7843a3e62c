"""The code that takes a script's words apart and runs a command, compiled from its signature.

Each call of each script goes through it. Nothing is done there that is known before: which
words are decoded how, whether the command writes, what it may do in this mode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, NamedTuple

from redislua_kernel.engine.errors import wrong_arity
from redislua_kernel.engine.registry import Command, arity_lines, decoder_lines
from redislua_kernel.engine.scripting.convert import AGAIN, error_result, shaping_of
from redislua_kernel.engine.scripting.words import (
    BETWEEN_WORDS,
    MISSING,
    BadArgument,
    MissingWord,
    given_text,
    texts,
)
from redislua_kernel.reply import OK, ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["Compiled", "ScriptCall", "compile_call"]

#: Runs a command with the words after its name, and answers what crosses to Lua: see `convert`.
ScriptCall = Callable[..., Any]


class Compiled(NamedTuple):
    """A command as Lua reaches it: by a call, and by shorter ways for few words.

    For a call, lupa puts the words into a tuple that grows, and makes a dict besides; for an item
    it does nothing of the kind, which saves about half. Where somebody is told of calls, `one` is a
    function that makes one for a line, and it tells of the calls from there.
    """

    call: ScriptCall
    #: `one[word]` is `call(word)`. It gives one value, so several are left behind: see `call` in
    #: redis.lua.
    one: Any = None
    #: `two[first] = second` is `call(first, second)`: whatever it gives but OK is left behind.
    two: Any = None
    #: `many[text]` is `call` with many words: see `join` in redis.lua.
    many: Any = None
    #: `bind(*options)` gives such a `two` for a command that has options; None if they are wrong.
    bind: Any = None


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
        "BETWEEN": BETWEEN_WORDS,
        "NOT_APART": (True, AGAIN),
        "OK": OK,
        "ResponseError": ResponseError,
        "arity_error": lambda: wrong_arity(command.full_name),
        "bad_argument": error_result(runtime.dialect.bad_argument, False),
        "bug": runtime.engine.report_bug,
        "binding": lambda bind: _binding(command, bind),
        "client": runtime.client,
        "clock": perf_counter_ns,
        "failed": _failing(runtime, command),
        "function": command.function,
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
        "text": given_text,
        "texts": texts,
        "wrong_count": wrong_count,
    }
    shaping = f"runtime.shaper.{shaping_of(command.function)}"
    quick = f"runtime.shaper.{shaping_of(command.plain or command.function)}"
    differs = shaping != quick
    # As many parameters as the shortest form has words: no tuple is made to be taken apart.
    words = [f"word{place}" for place in range(1, abs(command.arity))]
    shortest = _shortest_form(command, words, namespace)
    any_form = [
        "if more:",
        *(f"  {line}" for line in _longer_form(command, words, namespace)),
        *[f"  shape = {shaping}"] * differs,
        "else:",
        *(f"  {line}" for line in shortest),
        *[f"  shape = {quick}"] * differs,
    ]
    shape = "shape" if differs else quick
    # A variable of the function around them: there is no cheaper counter.
    lines = ["def make(calls):"]
    parameters = [*(f"{word}=MISSING" for word in words), "*more"]
    keep = ["runtime.reply = {}"] * is_told
    lines += _function("call", parameters, any_form, shape, "return {}", keep)
    made = ["call"]
    if len(words) == 1 and is_told:
        lines += _recording(words[0], shortest, quick)
        made.append("one=one")
    elif len(words) == 1:
        lines += _function("one", words, shortest, quick, "return leave({})")
        made.append("one=indexed(one)")
    elif len(words) == 2 and not is_told:
        lines += _function("two", words, shortest, quick, "leave_all({}); return")
        made.append("two=indexed(two)")
        if command.forms is not None:
            with_options = _shortest_form(command, words, namespace, "run", ", *options")
            two = _function("two", words, with_options, quick, "leave_all({}); return")
            lines += ["  def bind(run, options):", *(f"  {line}" for line in two)]
            lines.append("    return indexed(two)")
            made.append("bind=binding(bind)")
    if command.arity < 0 and not is_told:
        give = "return leave({})"
        many_words = [
            "words = text.split(BETWEEN)",
            "if len(words) != int(words[0]): return leave(NOT_APART)",
            "words[0] = name",
            "words = tuple(words)",
            *_any_form(command, namespace, give),
        ]
        lines += _function("many", ["text"], many_words, shaping, give)
        made.append("many=indexed(many)")
    lines.append(f"  return Compiled({', '.join(made)})")
    exec(_code("\n".join(lines), f"<script call of {command.name}>", "exec"), namespace)
    compiled: Compiled = namespace["make"](0)
    call: Any = compiled.call
    (counter,) = call.__closure__
    runtime.engine.statistics[command].follow(counter)
    return compiled


def _indexed(function: ScriptCall) -> object:
    """Make an object that runs a function when it is indexed.

    Its class is its own, and knows the function: Python finds it no faster otherwise. A class
    without `__getitem__` is none for lupa to set items of.
    """
    method = staticmethod(function)
    return type("ShortWay", (), {"__getitem__": method, "__setitem__": method, "__slots__": ()})()


def _binding(command: Command, bind: Callable[..., object]) -> ScriptCall:
    def bind_options(*words: object) -> object:
        try:
            options = texts(words)
            assert command.forms is not None
            return bind(command.forms[options], options)
        except (BadArgument, ResponseError):  # let the call itself say so
            return None

    return bind_options


def _function(
    name: str,
    parameters: Sequence[str],
    body: Sequence[str],
    shape: str,
    give: str,
    keep: Sequence[str] = (),
) -> list[str]:
    """Give the lines of a function around a body that sets `reply`.

    `shape` makes of a reply what crosses to Lua, and `give` is the statement that ends the function
    with it. `keep` are lines that do something with the reply, or an error, before.
    """
    lines = [
        f"def {name}({', '.join(parameters)}):",
        "  nonlocal calls",
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
    if give.startswith("return"):
        lines += [
            "  if reply.__class__ is bytes or reply.__class__ is int: return reply",
            "  if reply is OK: return True",
            f"  {give.format(f'{shape}(reply)')}",
        ]
    else:
        lines += [
            "  if reply is OK: return",
            "  if reply.__class__ is bytes or reply.__class__ is int: answer[1] = reply",
            f"  else: {give.format(f'{shape}(reply)')}",
        ]
    return [f"  {line}" for line in lines]


def _recording(word: str, body: Sequence[str], shape: str) -> list[str]:
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
        "  if reply.__class__ is bytes or reply.__class__ is int: return reply",
        "  if reply is OK: return True",
        f"  return leave({shape}(reply))",
    ]
    return ["  def one(line):", *(f"    {line}" for line in made), "    return indexed(recorded)"]


def _shortest_form(
    command: Command,
    names: Sequence[str],
    namespace: dict[str, Any],
    function: str = "plain",
    options: str = "",
) -> list[str]:
    """Give the lines for a call with the fewest words there can be, or with `options` behind them.

    Nearly every call in a script is one; it costs no loop, no slice and no counting. A number
    that is to be an integer is taken as it is. The `function` knows the options by itself.
    """
    lines, values, words = _named_words(command, names, namespace)
    return [*lines, *_run(command, [f"reply = {function}({values})"], words + options)]


def _named_words(
    command: Command, names: Sequence[str], namespace: dict[str, Any]
) -> tuple[list[str], str, str]:
    """Give the lines that make words of the fewest there can be, their values, and the words."""
    signature = command.signature
    kinds = [p.word for p in signature.positional if p.required]
    if signature.variadic is not None and signature.variadic.required:
        kinds += [signature.variadic.word] * signature.group
    lines, values, words = [], [_target(command)], ["name", *names]
    for place, kind in enumerate(kinds, command.name_words):
        word = words[place]
        namespace[f"quick{place}"] = kind.decode
        values.append(word if kind.decode is None else f"quick{place}({word})")
        if kind.numbers is None:
            lines.append(f"if {word}.__class__ is not bytes: {word} = text({word})")
        else:
            least, most = kind.numbers
            is_taken = f"{word}.__class__ is int and {least} <= {word} <= {most}"
            lines.append(f"if {word}.__class__ is not bytes and not ({is_taken}):")
            lines.append(f"  {word} = text({word})")
            if kind.decode is not None:
                values[-1] = f"({word} if {word}.__class__ is int else quick{place}({word}))"
    return lines, ", ".join(values), ", ".join(words)


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
    lines, values, words = _named_words(command, names, namespace)
    run = [f"reply = function({values}, *more)"]
    if signature.group > 1:
        run.insert(0, f"if len(more) % {signature.group}: raise own_arity_error()")
    return [*lines, "more = texts(more)", *_run(command, run, f"{words}, *more")]


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
    return count + _run(command, lines, "*words")


def _run(command: Command, lines: list[str], words: str) -> list[str]:
    """Give the lines that count a call, run the command, and record that it has changed data."""
    if not command.is_write:
        return ["calls += 1", *lines]
    return [
        "calls += 1",
        "runtime.wrote = True",
        "dirty = keyspace.dirty",
        *lines,
        "if keyspace.dirty != dirty:",
        # Journal.record_call, spelled out: every write of every script comes by here.
        "  journal = keyspace.journal",
        "  if journal.rewritten: journal.rewritten = False",
        "  elif journal.targets:",
        f"    journal.calls.append((client.db.index, journal.targets, {words}))",
    ]


def _target(command: Command) -> str:
    return "client" if command.signature.takes_client else "client.db"


def _failing(runtime: Runtime, command: Command) -> Callable[[ResponseError], Any]:
    errors, counts = runtime.engine.statistics.errors, runtime.engine.statistics[command]

    def failed(error: ResponseError) -> Any:
        error.__traceback__ = None  # constants are shared: see ResponseError.fresh
        text = error.payload
        errors.add(text)
        counts.failed += 1
        return error_result(text)

    return failed
