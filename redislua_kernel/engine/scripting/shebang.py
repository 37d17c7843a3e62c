"""The first line of scripts and libraries: `#!lua flags=…` and `#!lua name=…`."""

from __future__ import annotations

import re
from typing import NamedTuple

from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.errors import CommandError, VerbatimError, shown
from redislua_kernel.engine.words import split_words

__all__ = ["FLAGS", "LibraryHead", "ScriptHead", "is_name", "read_library_head", "read_script_head"]

#: The flags that scripts and functions may carry.
FLAGS = ("no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys")

_NAME = re.compile(rb"[A-Za-z0-9_]+\Z")


class ScriptHead(NamedTuple):
    """What a script's shebang says; `flags` is None for a script without one."""

    flags: frozenset[str] | None
    code: bytes


class LibraryHead(NamedTuple):
    """What a library's shebang says, and the code from its line end on."""

    name: bytes
    engine: bytes
    code: bytes


def is_name(name: bytes) -> bool:
    """Tell whether a library or a function may be called that."""
    return _NAME.match(name) is not None


def read_script_head(body: bytes, dialect: Dialect) -> ScriptHead:
    """Read a script's shebang, if any. The line end stays: lines keep their numbers."""
    if not body.startswith(b"#!"):
        return ScriptHead(None, body)
    line, newline, rest = body.partition(b"\n")
    if not newline or b"\0" in line:
        raise CommandError("ERR Invalid script shebang")
    words = split_words(line, joins_quoted=dialect.joins_quoted)
    if not words:
        raise CommandError("ERR Invalid engine in script shebang")
    engine = words[0][2:]
    if not dialect.looks_up_engine and engine != b"lua":
        raise _unknown_engine(engine, dialect)
    flags = _read_flags(words[1:])
    if engine.lower() != b"lua":
        raise _unknown_engine(engine, dialect)
    return ScriptHead(flags, newline + rest)


def _read_flags(words: list[bytes]) -> frozenset[str]:
    flags: set[str] = set()
    for word in words:
        if not word.startswith(b"flags="):
            raise _error("Unknown lua shebang option: ", word)
        for flag in word[6:].split(b",") if word[6:] else ():
            if flag.decode("latin-1") not in FLAGS:
                raise _error("Unexpected flag in script shebang: ", flag)
            flags.add(flag.decode())
    return frozenset(flags)


def _unknown_engine(engine: bytes, dialect: Dialect) -> CommandError:
    kind = VerbatimError if dialect.sends_newlines else CommandError
    return kind(f"ERR {dialect.unknown_engine.format(shown(engine))}")


def read_library_head(body: bytes, dialect: Dialect) -> LibraryHead:
    """Read a library's shebang. Raises the reference's errors."""
    if not body.startswith(b"#!"):
        raise CommandError("ERR Missing library metadata")
    line, newline, rest = body.partition(b"\n")
    words = split_words(line, joins_quoted=dialect.joins_quoted)
    if not newline or b"\0" in line or not words:
        raise CommandError("ERR Invalid library metadata")
    name: bytes | None = None
    for word in words[1:]:
        if word[:5].lower() != b"name=":
            raise _error("Invalid metadata value given: ", word)
        if name is not None:
            raise CommandError("ERR Invalid metadata value, name argument was given multiple times")
        name = word[5:]
    if name is None:
        raise CommandError("ERR Library name was not given")
    return LibraryHead(name, words[0][2:], newline + rest)


def _error(text: str, word: bytes) -> CommandError:
    return VerbatimError(f"ERR {text}{shown(word)}")
