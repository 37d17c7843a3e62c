"""The code of the functions that Lua calls: around a body, what makes a value of Lua of its reply.

See `Compiled` for which functions there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.repeated import TWO_FREE, Free, Repeated
from redislua_kernel.engine.scripting.calls.forms import (
    decoded,
    indented,
    look_at,
    run_lines,
    shortest_form,
    target_of,
)
from redislua_kernel.engine.scripting.calls.replies import WIDE
from redislua_kernel.engine.scripting.calls.shapings import Promise, Shaping

__all__ = ["bind", "function_lines", "pin", "recording", "way_of_two"]


def function_lines(
    name: str,
    parameters: Sequence[str],
    body: Sequence[str],
    shaping: Shaping,
    give: str,
    keep: Sequence[str] = (),
    shape: str = "",
) -> list[str]:
    """Give the lines of a function around a body that sets `reply`.

    `give` is the statement that ends the function with the result, and `keep` are lines that do
    something with the reply, or an error, before. `shape` is what is called in place of the
    shaper's method.
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
    plain = _plain_reply(shaping.promise, give)
    lines += [f"  {line}" for line in plain]
    shaped = f"{shape or f'runtime.shaper.{shaping.method}'}(reply)"
    lines.append(f"  {'else: ' * bool(plain)}{give.format(shaped)}")
    return indented(lines)


def way_of_two(
    name: str, parameters: Sequence[str], body: Sequence[str], shaping: Shaping
) -> list[str]:
    """Give the lines of what makes a function of two words around a body: see `short_way`."""
    two = function_lines("two", parameters, body, shaping, "leave_all({}); return")
    return [f"  def {name}(integers, place):", "    known = None", *indented(two), "    return two"]


def pin(
    command: Command, words: Sequence[str], namespace: dict[str, Any], pinned: str, shaping: Shaping
) -> list[str]:
    """Give the lines of what makes a way of one word less, where one is always the same."""
    decoding, value = decoded(command, words, namespace)[pinned]
    body = shortest_form(command, words, namespace, pinned=pinned)
    way, give = _short_way([word for word in words if word != pinned], body, shaping)
    return [
        f"  def pin_{pinned}({pinned}):",
        *indented(indented([*decoding, f"pinned = {value}"])),
        *indented(way),
        f"    return {give}",
    ]


def bind(command: Command, repeated: Repeated, shaping: Shaping) -> list[str]:
    """Give the lines of what makes a way of calls with some words that are always the same.

    The function `run` knows these words, `others`, and records itself what is to be replicated,
    unless only the last words are among them.
    """
    words = ["word1", "word2"] if repeated.free in TWO_FREE else ["word1"]
    run = f"reply = run({', '.join([target_of(command), *words])})"
    body = [f"if {word}.__class__ is not bytes: {word} = text({word})" for word in words]
    if repeated.free is Free.FIRST_TWO:
        body += run_lines(command, [run], ", ".join(["name", *words, "*others"]), words[1:])
    elif command.is_write:
        body += ["calls += 1", "runtime.wrote = True", "db = client.db", run]
        body += [*look_at(words[1:]), "keyspace.journal.rewritten = False"]
    else:
        body += ["calls += 1", run]
    way, give = _short_way(words, body, shaping)
    return ["  def bind(run, others):", *indented(way), f"    return {give}"]


def recording(word: str, body: Sequence[str], shaping: Shaping) -> list[str]:
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
        *(f"  {line}" for line in _plain_reply(shaping.promise, "return leave({})")),
        f"  else: return leave(runtime.shaper.{shaping.method}(reply))",
    ]
    return ["  def one(line):", *(f"    {line}" for line in made), "    return indexed(recorded)"]


def _short_way(
    words: Sequence[str], body: Sequence[str], shaping: Shaping
) -> tuple[list[str], str]:
    """Give the lines of a function of one word or two around a body, and what makes it a way."""
    if len(words) == 1:
        return function_lines("one", words, body, shaping, "return leave({})"), "indexed(one)"
    return way_of_two("make_two", words, body, shaping), "short_way(make_two)"


def _plain_reply(promise: Promise, give: str) -> list[str]:
    """Give the lines for a reply that crosses as it is; `else` may follow, if there are any."""
    if promise in (Promise.STRINGS, Promise.STRINGS_OR_NULLS):
        is_plain = f"reply.__class__ is list and len(reply) < {WIDE} and not ELEMENTS.were_long"
        if promise is Promise.STRINGS_OR_NULLS:
            is_plain += " and None not in reply"
        return [f"if {is_plain}: {give.format('tuple(reply)')}"]
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
