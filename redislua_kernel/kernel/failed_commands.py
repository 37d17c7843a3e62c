"""What helps after a command that failed: how it is written, and what its key holds instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from redislua_kernel.cells import UsageError, encode, split_words
from redislua_kernel.engine.debugging.stop import EvaluationError, Stop
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.types.value import type_of
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.language.command_words import types_of_key
from redislua_kernel.language.documentation import command_usage, find_command
from redislua_kernel.language.quoting import word_of
from redislua_kernel.session import Session

if TYPE_CHECKING:
    from redislua_kernel.language.tree import Node

__all__ = ["help_with_command"]

_WRONG_TYPE = re.compile(r"^WRONGTYPE ")
_MISWRITTEN = re.compile(
    r"^ERR (?:syntax error|wrong number of arguments for|Number of keys can't be|numkeys should be"
    r"|(?:value|min or max|weight value|timeout) is not )"
)
_NO_NUMBER = re.compile(r"^ERR value is not (an integer|a valid float)")
#: A type as people call it, and the command that shows all of a key.
_TYPES = {
    "string": ("a string", "GET {}"),
    "list": ("a list", "LRANGE {} 0 -1"),
    "hash": ("a hash", "HGETALL {}"),
    "set": ("a set", "SMEMBERS {}"),
    "zset": ("a sorted set", "ZRANGE {} 0 -1 WITHSCORES"),
    "stream": ("a stream", "XRANGE {} - +"),
}
#: Expressions that can be evaluated once more and do nothing.
_PLAIN = ("string", "number", "identifier")
_QUOTES_ADVICE = "What has spaces in it stands in quotes."


def help_with_command(message: str, run: CellRun) -> list[str]:
    """Tell how the command is written that failed, or of which type its key is."""
    is_wrong_type = _WRONG_TYPE.match(message) is not None
    if not is_wrong_type and _MISWRITTEN.match(message) is None:
        return []
    session = run.session
    calls = [_typed(run)] if not _is_of_lua(message) else list(_called(session, message))
    for words in calls:
        command = _command(words)
        if command is None:
            continue
        held = _held(session, command, words, message)
        if held:
            return [held]
        if is_wrong_type:
            continue
        if not command.is_runnable:
            names = sorted(each.decode() for each in command.subcommands)
            return [f"{command.name} is followed by one of {', '.join(names)}."]
        return [f"Its syntax is {command_usage(command)}.", *_unquoted(command, words)]
    return []


def _is_of_lua(message: str) -> bool:
    """Tell whether a script or a function has raised it."""
    return "script: " in message


def _command(words: Sequence[bytes]) -> Command | None:
    names = [word.decode("utf-8", "replace") for word in words[:2]]
    return (find_command(" ".join(names)) or find_command(names[0])) if names else None


def _typed(run: CellRun) -> list[bytes]:
    """Give the words of the command on the cell's line that ran last."""
    try:
        words = split_words(run.cell.line(run.line) or "")
    except UsageError:
        return []
    if words[:1] == [b"%redis"]:
        words = words[1:]
    return words[1:] if len(words) > 1 and words[0].isdigit() else words


def _called(session: Session, message: str) -> Iterator[list[bytes]]:
    """Give the words of the calls on the line of Lua that failed, as far as they are plain."""
    from redislua_kernel.language.lint.script import Script, Setting  # noqa: PLC0415  # tree-sitter

    stop = session.post_mortem.stop
    if stop is None or stop.text not in message:
        return
    for call in Script(stop.source.code.decode("utf-8", "replace"), Setting()).commands:
        if call.node.start_point.row + 1 != stop.line:
            continue
        words = [_word(stop, _plain(each)) for each in call.arguments]
        if all(words):
            yield words


def _plain(node: Node) -> bytes:
    """Give the code of an expression that runs nothing: no calls, and no metatables."""
    table, field = node.child_by_field_name("table"), node.child_by_field_name("field")
    if table is None or field is None:
        return (node.text or b"") if node.type in _PLAIN else b""
    if table.type != "identifier" or field.type not in _PLAIN:
        return b""
    name = field.text or b""
    quote = b'"' if node.type == "dot_index_expression" else b""
    return b"rawget(%s, %s)" % (table.text or b"", quote + name + quote)


def _word(stop: Stop, code: bytes) -> bytes:
    """Give what an expression is where a script has failed, as a command would read it."""
    if not code:
        return b""
    frame = next((each for each in stop.frames if each.chunk == stop.source.chunk), None)
    try:
        value = stop.evaluate(code, frame)
    except EvaluationError:
        return b""
    if isinstance(value, int | float):
        return b"%d" % value
    return value if isinstance(value, bytes) else b""


def _held(session: Session, command: Command, words: Sequence[bytes], message: str) -> str:
    """Tell what a key of the command holds, if that is why it failed."""
    if session.remote is not None:
        return ""
    entries = session.engine.keyspace[session.embedded.database].entries
    for place, key in enumerate(command.keys_among(words)):
        stored = entries.get(key)
        wanted = types_of_key(command, is_first=place == 0)
        if stored is None or wanted is None:
            continue
        kind, name = type_of(stored).decode(), _shown(key)
        what, show = _TYPES[kind]
        if kind not in wanted:
            others = " or ".join(_TYPES[each][0] for each in sorted(wanted))
            shown = f"%redis {show.format(word_of(key))} shows it"
            return f"{name} is {what}, and {command.name} works on {others}: {shown}."
        needed = _NO_NUMBER.match(message)
        counts = command.name.startswith(("INCR", "DECR"))
        if needed and counts and isinstance(stored, bytes) and not _is_number(stored):
            return f"{name} holds {_shown(stored)}: {command.name} needs {needed[1]} there."
    return ""


def _is_number(text: bytes) -> bool:
    return text.lstrip(b"-").isdigit()


def _unquoted(command: Command, words: Sequence[bytes]) -> list[str]:
    """Tell who has given a text with spaces without quotes."""
    too_many = command.arity > 0 and len(words) > command.arity
    if command.name == "SET" and len(words) > 3:
        too_many = words[3].upper() not in encode(command_usage(command))
    return [_QUOTES_ADVICE] * too_many


def _shown(value: bytes) -> str:
    text = word_of(value)
    return text if len(text) < 40 else f"{text[:38]} …"
