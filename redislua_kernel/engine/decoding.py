"""The code that takes a command's words apart and runs it, made from its signature.

What a client calls comes by `compile_runner`; scripts have shorter ways for most calls, and these
lines for the others (see `scripting.calls.forms`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from redislua_kernel.engine.errors import wrong_arity
from redislua_kernel.engine.signature import Signature, parse_options
from redislua_kernel.reply import Reply

if TYPE_CHECKING:
    from redislua_kernel.engine.registry import Command

__all__ = ["Runner", "arity_lines", "compile_runner", "decoder_lines"]

#: Decodes the words, the name first, and runs the command: (client, words).
Runner = Callable[[Any, Sequence[bytes]], Reply]


def compile_runner(command: Command) -> Runner:
    """Compile a command's signature to a function that decodes the words and runs it."""

    def arity_error() -> Exception:
        return wrong_arity(command.full_name)

    namespace: dict[str, Any] = {"arity_error": arity_error, "own_arity_error": arity_error}
    target = "target" if command.signature.takes_client else "target.db"
    body = [*arity_lines(command.arity), *decoder_lines(command, target, namespace), "return reply"]
    text = "\n    ".join(["def run(target, words):", *body])
    exec(compile(text, f"<decoder of {command.name}>", "exec"), namespace)
    runner: Runner = namespace["run"]
    return runner


def arity_lines(arity: int, refuse: str = "raise arity_error()") -> list[str]:
    """Give the lines that count `words`, the name among them, and refuse a wrong count."""
    wrong = f"count != {arity}" if arity > 0 else f"count < {-arity}"
    return ["count = len(words)", f"if {wrong}: {refuse}"]


def decoder_lines(command: Command, target: str, namespace: dict[str, Any]) -> list[str]:
    """Give the lines that decode `words`, `count` in number, and set `reply`.

    `target` is what the function takes first. The least number of words is checked already.
    `namespace` receives what the lines refer to; it must hold `own_arity_error`.
    """
    signature, first = command.signature, command.name_words
    namespace |= {
        "forms": command.forms,
        "function": command.function,
        "plain": command.plain or command.function,
        "parse_options": parse_options,
        "OPTIONS": signature.options,
    }
    values = [target]
    for place, parameter in enumerate(signature.positional, first):
        value = f"words[{place}]"
        if parameter.word.decode is not None:
            namespace[f"decode{place}"] = parameter.word.decode
            value = f"decode{place}({value})"
        if not parameter.required:
            namespace[f"default{place}"] = parameter.default
            value = f"({value} if count > {place} else default{place})"
        values.append(value)
    most = first + len(signature.positional)
    return [*_count_lines(signature, most), *_call_lines(command, values, most, namespace)]


def _count_lines(signature: Signature, most: int) -> list[str]:
    """Give the lines that refuse counts which the arity does not tell are wrong."""
    lines = []
    may_lack = any(not parameter.required for parameter in signature.positional)
    if may_lack and not (signature.variadic or signature.options):
        lines.append(f"if count > {most}: raise own_arity_error()")
    if signature.group > 1:
        lines.append(f"if (count - {most}) % {signature.group}: raise own_arity_error()")
    return lines


def _call_lines(
    command: Command, values: Sequence[str], most: int, namespace: dict[str, Any]
) -> list[str]:
    """Give the lines that call the function with some values, and the words from `most` on."""
    signature, given, rest = command.signature, ", ".join(values), f"words[{most}:]"
    if signature.options:
        with_options = f"function({given}, **parse_options(OPTIONS, {rest}))"
        if command.forms is not None:
            with_options = f"forms[tuple({rest})]({given})"
        return [f"if count == {most}: reply = plain({given})", f"else: reply = {with_options}"]
    alone = f"reply = function({given})"
    if signature.variadic is None:
        return [alone]
    if signature.variadic.word.decode is not None:
        namespace["decode_rest"] = signature.variadic.word.decode
        rest = f"map(decode_rest, {rest})"
    with_rest = f"reply = function({given}, *{rest})"
    if signature.variadic.required:
        return [with_rest]
    return [f"if count == {most}: {alone}", f"else: {with_rest}"]
