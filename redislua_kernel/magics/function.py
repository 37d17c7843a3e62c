"""Function libraries: every subcommand of FUNCTION, in redis-cli's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redislua_kernel.browsing.library_files import dump_to, restore_from
from redislua_kernel.cells import UsageError
from redislua_kernel.engine.files import FileError
from redislua_kernel.magics.registry import WrongWords, magic
from redislua_kernel.render.outputs import Output, Outputs, Text
from redislua_kernel.session import LibraryChange, Session


@magic("function", while_busy=True)
def function(session: Session, subcommand: bytes, *argument: bytes) -> Outputs:
    """Look after function libraries: LIST, DELETE, STATS, KILL, FLUSH, DUMP, RESTORE, LOAD, HELP.

    %function list libraryname my* withcode
    %function stats
    """
    return session.result(session.execute("FUNCTION", subcommand, *argument))


@magic("function load", usage="[replace]")
def load(session: Session, *replace: bytes, body: bytes) -> Outputs:
    """Load the cell's body as a library; with REPLACE, in place of the one of its name.

    %%function load replace
    #!lua name=points
    redis.register_function('points', function(keys) return redis.call('GET', keys[1]) end)
    """
    return session.result(session.execute("FUNCTION", "LOAD", *replace, body))


@magic("function dump", usage="[to file]")
def dump(session: Session, *words: bytes) -> Outputs:
    """Give all libraries as one payload, or write it to a file.

    %function dump
    %function dump to libraries.fn
    """
    if not words:
        return session.result(session.execute("FUNCTION", "DUMP"))
    if len(words) != 2 or words[0].lower() != b"to":
        raise WrongWords
    with _told_as_usage():
        return Text(dump_to(session.execute, words[1]) + "\n")


@magic("function restore", usage="payload [policy] | from file [policy]")
def restore(session: Session, *payload: bytes) -> Outputs:
    r"""Load the libraries of a payload, given as it is or read from a file.

    A policy may follow: FLUSH, APPEND (as if none were given) or REPLACE.

        %function restore from libraries.fn replace
        %function restore "\xf5\xc3…" flush
    """
    if len(payload) > 1 and payload[0].lower() == b"from":
        with _told_as_usage():
            reply = restore_from(session.execute, *payload[1:])
    else:
        reply = session.execute("FUNCTION", "RESTORE", *payload)
    return session.result(reply)


def load_cell(session: Session, body: bytes, name: bytes | None) -> Iterator[Output]:
    """Load a library's cell in place of what had its name; say what that changed."""
    reply, change = session.load_library(body, name)
    if change is not None:
        yield Text(_describe(change))
    yield session.result(reply)


def _describe(change: LibraryChange) -> str:
    parts = [
        f"{what} {', '.join(name.decode('utf-8', 'replace') for name in names)}"
        for what, names in (
            ("added", change.added),
            ("removed", change.removed),
            ("kept", change.kept),
        )
        if names
    ]
    verb = "replaced" if change.replaced else "loaded"
    name = change.name.decode("utf-8", "replace")
    return f"library {name} {verb}: {'; '.join(parts) or 'no functions'}\n"


@contextmanager
def _told_as_usage() -> Iterator[None]:
    try:
        yield
    except FileError as error:
        raise UsageError(str(error)) from None
