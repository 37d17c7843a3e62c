"""What cells are helped with: completion (see `completing`), inspection, is_complete."""

from __future__ import annotations

import re

from redislua_kernel.cells import Kind, UsageError, encode, parse
from redislua_kernel.engine import Engine
from redislua_kernel.kernel.completing import command_on, complete, start_of_body
from redislua_kernel.language.documentation import Documentation, document, name_at
from redislua_kernel.language.lexer import open_blocks
from redislua_kernel.language.local_names import document_local
from redislua_kernel.magics.help import document_magic
from redislua_kernel.render.documentation import documentation_bundle
from redislua_kernel.render.outputs import Bundle
from redislua_kernel.session import Session

__all__ = ["complete", "inspect", "is_complete", "page"]

_QUESTION = re.compile(r"\s*(?:\?{1,2}\s*([^?\n]+?)|([^?\n]+?)\s*\?{1,2})\s*\Z")


# Inspection


def inspect(code: str, cursor: int, session: Session) -> Bundle | None:
    """Explain what stands at the cursor; None if nothing is known about it."""
    start = code.rfind("\n", 0, cursor) + 1
    line = code[start:].partition("\n")[0]
    if line.lstrip().startswith("%"):
        before = line[: cursor - start]
        called = _called(line.split(), before, session)
        return called or _explain(*_names_of_magic(line.split(), before))
    command = command_on(line, code)
    if command is not None:
        words = command.split()
        before = line[: cursor - start].lstrip("> ")
        called = _called(["%redis", *words], f"%redis {before}", session)
        return called or _explain(" ".join(words[:2]), *words[:1])
    body_start = start_of_body(code, cursor)
    body, place = code[body_start:], cursor - body_start
    name = name_at(body, place)
    own = document_local(body, place, name, code.count("\n", 0, body_start))
    return _show(own) if own is not None else _explain(name)


def _called(words: list[str], before: str, session: Session) -> Bundle | None:
    """Explain the function that a line calls, if the cursor is behind its name's beginning."""
    if words[0] == "%redis":
        words = words[1:]
        before = before.partition(" ")[2]
    if len(words) < 2 or words[0].lstrip("%").lower() not in ("fcall", "fcall_ro"):
        return None
    if len(before.split()) < 2 and not before.endswith(" "):
        return None
    lock = session.engine.lock
    if not lock.acquire(blocking=False):  # a script runs
        return None
    try:
        return _show(_document_function(session.engine, encode(words[1])))
    finally:
        lock.release()


def _document_function(engine: Engine, name: bytes) -> Documentation | None:
    """Tell of a library's function."""
    function = engine.scripting.functions.by_name.get(name.lower())
    if function is None:
        return None
    shown = function.name.decode("utf-8", "replace")
    facts = [
        ("library", function.library.decode("utf-8", "replace")),
        ("flags", " ".join(function.sorted_flags)),
        ("calls", str(function.runs.calls)),
    ]
    description = (function.description or b"").decode("utf-8", "replace")
    return Documentation(
        f"FCALL {shown} numkeys [key ...] [arg ...]",
        description or "A function without a description.",
        tuple((fact, value) for fact, value in facts if value),
    )


def _show(found: Documentation | None) -> Bundle | None:
    return None if found is None else documentation_bundle(found.usage, found.text, found.facts)


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
            return _show(found)
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
