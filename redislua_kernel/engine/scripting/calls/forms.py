"""The code of a call's body: takes words apart, runs the command, and notes what it has changed.

Each form is for calls with so many words; all of them set `reply`. `namespace` gets what the lines
refer to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from redislua_kernel.engine.decoding import arity_lines, decoder_lines
from redislua_kernel.engine.long_elements import LONG, adds_elements
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.scripting.calls.inlining import call_lines
from redislua_kernel.engine.signature import Word

__all__ = [
    "any_form",
    "decoded",
    "elements_among",
    "fewer_words",
    "indented",
    "longer_form",
    "look_at",
    "run_lines",
    "several_form",
    "shortest_form",
    "target_of",
]


def shortest_form(
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
    quick = command.in_scripts.quick
    if not command.is_write:
        called = command.plain or command.function
        target = target_of(command)
        run = [*[f"db = {target}"] * (target != "client")]
        run += call_lines(called, "reply", [target.rpartition(".")[2], *values], namespace)
        if quick is not None and not is_told:
            run = _quickly(quick, values, run, namespace)
        return [*lines, "calls += 1", *run]
    write_quickly = None
    if quick is not None:
        write_quickly = call_lines(quick, "reply", ["db", "name", *values], namespace)
    run = [f"reply = plain({', '.join([target_of(command), *values])})"]
    return [*lines, *run_lines(command, run, words, elements_among(command, names), write_quickly)]


def several_form(command: Command, names: Sequence[str], namespace: dict[str, Any]) -> list[str]:
    """Give the lines for a call with so many words of a command that takes several quickly."""
    several = command.in_scripts.several
    assert several is not None
    lines, values, words = _named_words(command, names, namespace)
    run = [f"reply = function({', '.join([target_of(command), *values])})"]
    if not command.is_write:
        return [*lines, "calls += 1", *_quickly(several, values, run, namespace)]
    quickly = call_lines(several, "reply", ["db", "name", *values], namespace)
    return [*lines, *run_lines(command, run, words, elements_among(command, names), quickly)]


def longer_form(command: Command, names: Sequence[str], namespace: dict[str, Any]) -> list[str]:
    """Give the lines for a call with more words than the shortest form has.

    Where all that follow are taken as they are, nothing is put together to be taken apart.
    """
    signature = command.signature
    rest = signature.variadic
    is_plain = rest is not None and rest.word.decode is None and not signature.options
    if not (is_plain and all(parameter.required for parameter in signature.positional)):
        words = f"words = texts(({', '.join(['name', *names])}, *more))"
        return [words, *any_form(command, namespace, "return {}")]
    if command.in_scripts.whole is not None:
        return _whole_form(command, names, namespace)
    lines, values, words = _named_words(command, names, namespace)
    run = [f"reply = function({', '.join([target_of(command), *values])}, *more)"]
    if namespace["scripted"] is not None:
        run = [f"reply = scripted[more]({', '.join([target_of(command), *values])})"]
    if signature.group > 1:
        run.insert(0, f"if len(more) % {signature.group}: raise own_arity_error()")
    elements = [*elements_among(command, names), "*more"]
    return [*lines, "more = texts(more)", *run_lines(command, run, f"{words}, *more", elements)]


def _whole_form(command: Command, names: Sequence[str], namespace: dict[str, Any]) -> list[str]:
    """Give the lines for a call with more words whose command takes them as one tuple."""
    key, *others = names
    namespace["whole"] = command.in_scripts.whole
    lines = [
        *decoded(command, names, namespace)[key][0],
        f"more = texts(({', '.join(others)}, *more))",
    ]
    run = [f"reply = whole({target_of(command)}, {key}, more)"]
    if command.signature.group > 1:
        run.insert(0, f"if len(more) % {command.signature.group}: raise own_arity_error()")
    return [*lines, *run_lines(command, run, f"name, {key}, *more", [])]


def fewer_words(
    command: Command, names: Sequence[str], namespace: dict[str, Any], then: Sequence[str]
) -> list[str]:
    """Give the lines for a call with fewer words than the plain form has, if there can be any."""
    if command.plain_arity == abs(command.arity):
        return []
    *given, last = names
    words = f"words = texts(({', '.join(['name', *given])},))"
    lines = [words, *any_form(command, namespace, "return {}"), *then]
    return [f"elif {last} is MISSING:", *indented(lines)]


def any_form(command: Command, namespace: dict[str, Any], give: str) -> list[str]:
    """Give the lines for a call with any words."""
    lines = decoder_lines(command, target_of(command), namespace)
    count = arity_lines(command.arity, give.format("wrong_count()"))
    return count + run_lines(command, lines, "*words", ["*words"])


def _quickly(
    quick: Callable[..., Any], values: Sequence[str], run: list[str], namespace: dict[str, Any]
) -> list[str]:
    """Give the lines that read in a quick way, or else in another."""
    lines = ["db = client.db", *call_lines(quick, "reply", ["db", *values], namespace)]
    return [*lines, "if reply is None:", *indented(run)]


def _named_words(
    command: Command, names: Sequence[str], namespace: dict[str, Any], pinned: str = ""
) -> tuple[list[str], list[str], str]:
    """Give the lines that make words of the fewest there can be, their values, and the words."""
    lines, values = [], []
    for name, (decoding, value) in decoded(command, names, namespace).items():
        lines += [] if name == pinned else decoding
        values.append("pinned" if name == pinned else value)
    return lines, values, ", ".join(["name", *names])


def decoded(
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
                f"if not ({is_taken}) and {word}.__class__ is not bytes:",
                f"  {word} = text({word})",
            ]
            if kind.decode is not None:
                value = f"({word} if {word}.__class__ is int else quick{place}({word}))"
        found[word] = lines, value
    return found


def _with_kinds(command: Command, names: Sequence[str]) -> Iterator[tuple[str, Word]]:
    """Give the words of the plain form, each with how it is decoded."""
    kinds = [p.word for p in command.signature.positional if p.required]
    if command.signature.variadic is not None:
        kinds += [command.signature.variadic.word] * len(names)
    return zip(names[command.name_words - 1 :], kinds, strict=False)


def elements_among(command: Command, names: Sequence[str]) -> list[str]:
    """Give those of the fewest words there can be that are neither keys nor numbers."""
    named = _with_kinds(command, names)
    return [name for name, kind in named if not kind.is_key and kind.numbers is None]


def run_lines(
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
        *(f"  {line}" for line in look_at(elements) if adds_elements(command)),
        # Journal.record_call, spelled out: every write of every script comes by here.
        "  journal = keyspace.journal",
        "  if journal.rewritten: journal.rewritten = False",
        f"  else: journal.calls.extend([db.index, journal.targets, {words}, None])",
    ]
    if quick is None:
        return begin + recorded
    return [*begin, *quick, "if reply is None:", *(f"  {line}" for line in recorded)]


def look_at(elements: Sequence[str]) -> list[str]:
    """Give the lines that take note of long elements."""
    lengths = [
        f"max(map(len, {name[1:]})) >= {LONG}" if name[0] == "*" else f"len({name}) >= {LONG}"
        for name in elements
    ]
    return [f"if {' or '.join(lengths)}: ELEMENTS.were_long = True"] if lengths else []


def target_of(command: Command) -> str:
    if command.signature.takes_client:
        return "client"
    return "db" if command.is_write else "client.db"


def indented(lines: Sequence[str]) -> list[str]:
    """Give lines as they stand within a statement."""
    return [f"  {line}" for line in lines]
