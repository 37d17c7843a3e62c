"""What Tab offers in a cell: in its Lua, its commands, and its magics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from redislua_kernel.cells import UsageError, encode, keys_and_args, parse, split_words
from redislua_kernel.kernel.names_there import keys_there, names_there
from redislua_kernel.language.command_words import complete_words
from redislua_kernel.language.completion import Inputs, complete_lua
from redislua_kernel.language.documentation import find_command
from redislua_kernel.language.error_codes import ERROR_CODES
from redislua_kernel.language.lint import RULES
from redislua_kernel.language.lint.losses import LOSSES
from redislua_kernel.language.matches import Key, Match, starting
from redislua_kernel.language.quoting import word_of
from redislua_kernel.magics import magics
from redislua_kernel.magics.families import families
from redislua_kernel.magics.offers import at_once
from redislua_kernel.session import Session

__all__ = ["command_on", "complete", "start_of_body"]

_MOST_KEYS = 100
#: So long keys are looked for.
_SECONDS = 0.02

#: Up to the end of the string in which the cursor is.
_TAIL = re.compile(r"""[^\s,(){}'"\\]*(?=['"])""")


def complete(code: str, cursor: int, session: Session) -> tuple[int, int, list[Match]]:
    """Give where the text to replace begins and ends, and what may stand there."""
    before = code[:cursor]
    line = before.rpartition("\n")[2]
    stripped = line.lstrip()
    if stripped.startswith("%"):
        prefix, matches = _complete_magic(stripped, session)
        return cursor - len(prefix), cursor, matches
    command = command_on(line, code)
    if command is not None:
        words, prefix = _split_at_cursor(command)
        return cursor - len(prefix), cursor, _complete_command(words, prefix, session)
    body_start = start_of_body(code, cursor)
    start, matches = complete_lua(
        before[body_start:], partial(_complete_in_lua, session), _inputs(code, session)
    )
    start += body_start
    # What stands between the cursor and the string's end is a part of the word, too.
    tail = _TAIL.match(code, cursor) if code[start - 1 : start] in ("'", '"') else None
    return start, tail.end() if tail and matches else cursor, matches


# Magics


def _complete_magic(line: str, session: Session) -> tuple[str, list[Match]]:
    is_cell = line.startswith("%%")
    mark = "%%" if is_cell else "%"
    words, prefix = _split_at_cursor(line)
    if not words:
        return prefix, _forms(prefix)
    name, rest = words[0].removeprefix(mark), words[1:]
    if name in ("script", "function"):
        return prefix, _complete_command([name, *rest], prefix, session)
    if name == "redis":
        return prefix, _complete_command(rest, prefix, session)
    if name in ("evalsha", "evalsha_ro", "fcall", "fcall_ro") and not rest:
        return prefix, _complete_command([name], prefix, session)
    if name == "help" and not rest:
        named = starting(prefix, magics(), "magic")
        commands = complete_words([], encode(prefix), lambda *_: [], word_of)
        rules = starting(prefix, sorted({**RULES, **LOSSES}), "rule") if prefix else []
        codes = starting(prefix, ERROR_CODES, "error") if prefix else []
        others = [each for each in commands if each.text not in magics()]
        return prefix, named + others + rules + codes
    magic = magics().get(name)
    if magic is None:
        return prefix, []
    offered = magic.offers(session, rest, prefix)
    if offered is not None:
        return prefix, starting(prefix, offered.words, offered.kind)
    if magic.takes_keys and "," not in rest:
        keys = _keys(session, _bytes_of(prefix), None)
        return prefix, [Match(_quoted(key.name, prefix), "key", key.type) for key in keys]
    return prefix, []


def _forms(prefix: str) -> list[Match]:
    return [
        Match(form, "magic", f"{form} {magic.usage}".rstrip())
        for family in families().values()
        for magic in family
        for form in magic.forms
        if form.startswith(prefix)
    ]


# Commands


def _complete_command(words: Sequence[str], prefix: str, session: Session) -> list[Match]:
    """Complete a word of a command that stands on a line of its own."""
    return _complete_word(session, words, _bytes_of(prefix), lambda value: _quoted(value, prefix))


def _complete_in_lua(
    session: Session, words: Sequence[str], prefix: bytes, quote: Callable[[bytes], str]
) -> list[Match]:
    matches = _complete_word(session, words, prefix, quote)
    # What scripts may not call is no help there.
    return matches if words else [each for each in matches if _may_be_called(each.text)]


def _may_be_called(name: str) -> bool:
    command = find_command(name)
    return command is None or "noscript" not in command.flags


def _complete_word(
    session: Session, words: Sequence[str], prefix: bytes, quote: Callable[[bytes], str]
) -> list[Match]:
    """Complete a word of a command: the names that it takes, or what any command takes."""
    scripting, config = session.engine.scripting, session.engine.config
    users = session.engine.users
    named: dict[str, tuple[str, Callable[[], Iterable[bytes]]]] = {
        "ACL DELUSER": ("user", lambda: users.by_name),
        "ACL DRYRUN": ("user", lambda: users.by_name),
        "ACL GETUSER": ("user", lambda: users.by_name),
        "ACL SETUSER": ("user", lambda: users.by_name),
        "AUTH": ("user", lambda: users.by_name),
        "CONFIG GET": ("option", lambda: config.values),
        "CONFIG SET": ("option", lambda: config.values),
        "EVALSHA": ("digest", lambda: scripting.scripts.scripts),
        "EVALSHA_RO": ("digest", lambda: scripting.scripts.scripts),
        "FCALL": ("function", session.libraries.function_names),
        "FCALL_RO": ("function", session.libraries.function_names),
        "FUNCTION DELETE": ("library", session.libraries.names),
        "SCRIPT EXISTS": ("digest", lambda: scripting.scripts.scripts),
    }
    if session.remote is not None:
        named = names_there(session.remote)
    found = named.get(" ".join(words).upper())
    if found is not None:
        kind, names = found
        return starting(prefix.decode("utf-8", "replace"), at_once(session, names), kind)
    return complete_words(words, prefix, partial(_keys, session), quote)


def _split_at_cursor(line: str) -> tuple[list[str], str]:
    """Split a line into its whole words and the one that the cursor ends, as it is written."""
    quote, start, place = "", 0, 0
    words: list[str] = []
    while place < len(line):
        character = line[place]
        if quote:
            if character == "\\":
                place += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character == " ":
            words.append(line[start:place])
            start = place + 1
        place += 1
    return [_bytes_of(word).decode("utf-8", "replace") for word in words if word], line[start:]


def _bytes_of(written: str) -> bytes:
    """Give the bytes that a word stands for, whose quotes may be open."""
    quote = written[:1]
    if quote not in ("'", '"'):
        return encode(written)
    for closed in (written, f"{written}{quote}", f"{written[:-1]}{quote}"):
        try:
            (word,) = split_words(closed)
        except (UsageError, ValueError):
            continue
        return word
    return encode(written)


def _quoted(value: bytes, prefix: str) -> str:
    """Give bytes as a word; in quotes, too, where what is there already begins with one."""
    word = word_of(value)
    if prefix[:1] != '"' or word[:1] == '"':
        return word
    return f'"{word}"'


# What the session knows


def _keys(session: Session, prefix: bytes, types: frozenset[str] | None) -> list[Key]:
    """Give keys that begin with a prefix, as far as a moment's look finds them.

    It waits for no script that runs.
    """
    if session.remote is not None:
        return keys_there(session.remote, prefix, types, _MOST_KEYS)
    engine = session.engine
    if not engine.lock.acquire(blocking=False):
        return []
    try:
        entries = engine.keyspace[session.embedded.database].entries
        search = session.key_search.find
        found = search(entries, prefix, types, most=_MOST_KEYS, seconds=_SECONDS)
        return [Key(name, kind) for name, kind in sorted(found.items())]
    finally:
        engine.lock.release()


# The cell


def _inputs(code: str, session: Session) -> Inputs:
    """Give the KEYS and ARGV that the cell states, or else those that are set."""
    try:
        cell = parse(code)
    except UsageError:
        return Inputs()
    if cell.head is not None:
        return Inputs(*keys_and_args(cell.head.words[1:]))
    stated = {line.name: line.words[1:] for line in cell.magics}
    return Inputs(stated.get("keys", session.keys), stated.get("args", session.args))


def command_on(line: str, code: str) -> str | None:
    """Give the command on a line of a %%redis or %%test cell; None: the line holds none."""
    head = _head_of(code)
    if head == "test" and line.startswith(">"):
        return line[1:].lstrip()
    return line if head == "redis" else None


def _head_of(code: str) -> str:
    """Give the name of the magic that heads a cell."""
    try:
        head = parse(code).head
    except UsageError:
        return ""
    return head.name if head else ""


def start_of_body(code: str, cursor: int) -> int:
    """Give where the Lua of a cell begins; the cursor's own line is never above it."""
    try:
        cell = parse(code)
    except UsageError:
        return 0
    start = sum(len(line) + 1 for line in code.split("\n")[: cell.offset])
    return min(start, code.rfind("\n", 0, cursor) + 1)
