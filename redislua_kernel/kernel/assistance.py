"""Completion, inspection and is_complete for cells: the language's, and the magics'."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from redislua_kernel.cells import Kind, UsageError, encode, parse
from redislua_kernel.errors import RedisError
from redislua_kernel.language.completion import Match, complete_lua, complete_words
from redislua_kernel.language.documentation import document, name_at
from redislua_kernel.language.lexer import open_blocks
from redislua_kernel.magics import MAGICS
from redislua_kernel.magics.config import OPTIONS
from redislua_kernel.magics.files import loadable_files
from redislua_kernel.magics.help import document_magic
from redislua_kernel.render.documentation import documentation_bundle
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.session import Session

if TYPE_CHECKING:
    from redislua_kernel.remote.remote import Remote

__all__ = ["complete", "inspect", "is_complete", "page"]

_MOST_KEYS = 100
#: How many keys a server looks at for a completion.
_KEYS_LOOKED_AT = 10_000
_QUESTION = re.compile(r"\s*(?:\?{1,2}\s*([^?\n]+?)|([^?\n]+?)\s*\?{1,2})\s*\Z")


# Completion


def complete(code: str, cursor: int, session: Session) -> tuple[int, int, list[Match]]:
    """Give where the text to replace begins and ends, and what may stand there."""
    before = code[:cursor]
    line = before.rpartition("\n")[2]
    stripped = line.lstrip()
    if stripped.startswith("%"):
        prefix, matches = _complete_magic(stripped, session)
        return cursor - len(prefix), cursor, matches
    command = _command_on(line, code)
    if command is not None:
        words, prefix = _split_at_cursor(command)
        return cursor - len(prefix), cursor, _complete_command(words, prefix, session)
    body_start = _start_of_body(code, cursor)
    start, matches = complete_lua(before[body_start:], lambda start: _keys(session, start))
    return body_start + start, cursor, matches


def _complete_magic(line: str, session: Session) -> tuple[str, list[Match]]:
    is_cell = line.startswith("%%")
    mark = "%%" if is_cell else "%"
    words, prefix = _split_at_cursor(line)
    if not words:
        return prefix, _forms(prefix)
    name, rest = words[0].removeprefix(mark), words[1:]

    def keys(start: str) -> Iterable[str]:
        return _keys(session, start)

    if name in ("script", "function"):
        return prefix, _complete_command([name, *rest], prefix, session)
    if name == "redis":
        return prefix, _complete_command(rest, prefix, session)
    if name in ("evalsha", "evalsha_ro", "fcall", "fcall_ro") and not rest:
        return prefix, _complete_command([name], prefix, session)
    if name == "config" and not rest:
        return prefix, _starting(prefix, OPTIONS, "option")
    if name == "config" and len(rest) == 1 and rest[0].lower() in OPTIONS:
        return prefix, _starting(prefix, OPTIONS[rest[0].lower()].values, "value")
    if name == "serve" and not rest:
        return prefix, _starting(prefix, ("--port", "stop"), "option")
    if name == "call" and not rest:
        return prefix, _starting(prefix, session.scripts.scripts, "script")
    if name in ("save", "load", "export") and not rest:
        return prefix, [Match(path, "file") for path in loadable_files(prefix)]
    if name == "help" and not rest:
        magics = _starting(prefix, MAGICS, "magic")
        commands = complete_words([], prefix, keys)
        return prefix, magics + [each for each in commands if each.text not in MAGICS]
    if name in MAGICS and MAGICS[name].takes_keys and "," not in rest:
        return prefix, [Match(key, "key") for key in keys(prefix)]
    return prefix, []


def _complete_command(words: list[str], prefix: str, session: Session) -> list[Match]:
    """Complete the next word of a command: the names that it takes, or what any command takes."""
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
        "FCALL": ("function", session.function_names),
        "FCALL_RO": ("function", session.function_names),
        "FUNCTION DELETE": ("library", session.library_names),
        "SCRIPT EXISTS": ("digest", lambda: scripting.scripts.scripts),
    }
    if session.remote is not None:
        named = _names_there(session.remote)
    found = named.get(" ".join(words).upper())
    if found is not None:
        kind, names = found
        return _starting(prefix, _at_once(session, names), kind)
    return complete_words(words, prefix, lambda start: _keys(session, start))


def _names_there(remote: Remote) -> dict[str, tuple[str, Callable[[], Iterable[bytes]]]]:
    """Give what a server knows that commands take."""

    def libraries() -> list[dict[bytes, Any]]:
        listed = remote.glance("FUNCTION", "LIST") or []
        return [dict(zip(each[::2], each[1::2], strict=True)) for each in listed]

    def functions() -> list[bytes]:
        return [each[1] for library in libraries() for each in library[b"functions"]]

    def options() -> list[bytes]:
        pairs: list[bytes] = remote.glance("CONFIG", "GET", "*") or []
        return pairs[::2]

    return {
        "CONFIG GET": ("option", options),
        "CONFIG SET": ("option", options),
        "FCALL": ("function", functions),
        "FCALL_RO": ("function", functions),
        "FUNCTION DELETE": ("library", lambda: [each[b"library_name"] for each in libraries()]),
    }


def _forms(prefix: str) -> list[Match]:
    return [
        Match(form, "magic", f"{form} {magic.usage}".rstrip())
        for magic in MAGICS.values()
        for form in magic.forms
        if form.startswith(prefix)
    ]


def _starting(prefix: str, names: Iterable[str], kind: str) -> list[Match]:
    return [Match(name, kind) for name in names if name.startswith(prefix)]


def _split_at_cursor(line: str) -> tuple[list[str], str]:
    """Split a line into its whole words and the one that the cursor ends."""
    words = line.split(" ")
    return [word for word in words[:-1] if word], words[-1]


def _keys(session: Session, prefix: str) -> list[str]:
    """Give the first keys that begin with a prefix, without waiting for a script that runs."""
    if session.remote is not None:
        return _keys_there(session.remote, prefix)
    engine = session.engine
    if not engine.lock.acquire(blocking=False):
        return []
    try:
        start = encode(prefix)
        found = []
        for key in engine.keyspace[session.embedded.database].entries:
            if key.startswith(start):
                found.append(key.decode("utf-8", "replace"))
                if len(found) == _MOST_KEYS:
                    break
        return sorted(found)
    finally:
        engine.lock.release()


def _keys_there(remote: Remote, prefix: str) -> list[str]:
    """Give keys of a server that begin with a prefix: what one step of SCAN finds."""
    pattern = re.sub(r"([*?\[\]\\])", r"\\\1", prefix) + "*"
    found = remote.glance("SCAN", 0, "MATCH", pattern, "COUNT", _KEYS_LOOKED_AT)
    names = found[1][:_MOST_KEYS] if found else []
    return sorted(name.decode("utf-8", "replace") for name in names)


def _at_once(session: Session, names: Callable[[], Iterable[bytes]]) -> list[str]:
    """Give names that the engine knows, without waiting for a script that runs."""
    lock = session.engine.lock
    if not lock.acquire(blocking=False):
        return []
    try:
        return sorted(name.decode("utf-8", "replace") for name in names())
    except RedisError:
        return []
    finally:
        lock.release()


def _command_on(line: str, code: str) -> str | None:
    """Give the command on a line of a %%redis or %%test cell; None: the line holds none."""
    head = _head_of(code)
    if head == "test" and line.startswith(">"):
        return line[1:]
    return line if head == "redis" else None


def _head_of(code: str) -> str:
    try:
        head = parse(code).head
    except UsageError:
        return ""
    return head.name if head else ""


def _start_of_body(code: str, cursor: int) -> int:
    """Give where the Lua of a cell begins; the cursor's own line is never above it."""
    try:
        cell = parse(code)
    except UsageError:
        return 0
    start = sum(len(line) + 1 for line in code.split("\n")[: cell.offset])
    return min(start, code.rfind("\n", 0, cursor) + 1)


# Inspection


def inspect(code: str, cursor: int) -> Bundle | None:
    """Explain what stands at the cursor; None if nothing is known about it."""
    start = code.rfind("\n", 0, cursor) + 1
    line = code[start:].partition("\n")[0]
    if line.lstrip().startswith("%"):
        return _explain(*_names_of_magic(line.split(), line[: cursor - start]))
    command = _command_on(line, code)
    if command is not None:
        words = command.split()
        return _explain(" ".join(words[:2]), *words[:1])
    body_start = _start_of_body(code, cursor)
    return _explain(name_at(code[body_start:], cursor - body_start))


def _names_of_magic(words: list[str], before: str) -> list[str]:
    """Give what a magic's line may be about, the most telling first."""
    name = words[0].lstrip("%")
    if name == "redis":
        names = [" ".join(words[1:3]), *words[1:2]]
    elif name in ("script", "function"):
        names = [" ".join([words[0], *words[1:2]]), " ".join([name, *words[1:2]])]
    else:
        names = []
    # On the first word itself the magic is meant.
    return [words[0], *names] if len(before.split()) <= 1 and before == before.rstrip() else [
        *names, words[0]
    ]  # fmt: skip


def _explain(*names: str) -> Bundle | None:
    for name in filter(None, names):
        found = document_magic(name) if name.startswith("%") else document(name)
        if found is not None:
            return documentation_bundle(found.usage, found.text, found.facts)
    return None


def page(code: str) -> Bundle | None:
    """Give what `name?` or `?name` asks for; None if the cell is no such question."""
    asked = _QUESTION.match(code)
    return _explain((asked[1] or asked[2]).strip()) if asked else None


# is_complete


def is_complete(code: str, session: Session) -> dict[str, str]:
    """Tell whether a cell can run as it is, as is_complete_reply wants it. Compiles, runs nothing.

    Call it on the thread that runs scripts.
    """
    try:
        cell = parse(code)
    except UsageError:
        return {"status": "invalid"}
    if cell.kind is Kind.NONE:
        return _complete_if(not cell.wrappers or bool(cell.watched), "")
    if cell.head is not None and (not cell.body.strip() or cell.kind is not Kind.SCRIPT):
        # Only an empty line tells that no more will follow.
        return _complete_if(code.endswith("\n") and bool(cell.body.strip()), "")
    body = cell.body
    if body.startswith(b"#!"):
        body = b"--" + body
    compile_error = session.engine.scripting.compile_error
    error = compile_error(body)
    if error is None or compile_error(b"return " + body) is None:
        return {"status": "complete"}
    if _runs_out(str(error)):
        return _complete_if(False, _indent(code))
    return {"status": "invalid"}


def _runs_out(message: str) -> bool:
    return "near '<eof>'" in message


def _complete_if(is_done: bool, indent: str) -> dict[str, str]:
    return {"status": "complete"} if is_done else {"status": "incomplete", "indent": indent}


def _indent(code: str) -> str:
    """Give the next line's indent: that of the last line, deeper after an opened block."""
    last = code.rstrip("\n").rpartition("\n")[2]
    indent = last[: len(last) - len(last.lstrip())]
    return indent + "  " * (open_blocks(last) > 0)
