"""What Tab offers behind a magic's name: each magic says it where it is registered.

@magic("call", offers=at_first("script", lambda session: session.scripts.scripts))
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from glob import escape, glob
from typing import NamedTuple

from redislua_kernel.errors import RedisError
from redislua_kernel.session import Session

__all__ = ["Offer", "Offers", "anywhere", "at_first", "at_once", "library_names", "paths"]


class Offer(NamedTuple):
    """Words that may stand at the cursor, and what they are."""

    kind: str
    words: Iterable[str]


#: Gives what may stand at the cursor, given the whole words before it and the beginning of the
#: one that it is in; None: nothing that is known.
Offers = Callable[[Session, Sequence[str], str], Offer | None]

#: The words themselves, or who knows them.
Words = Sequence[str] | Callable[[Session], Iterable[str]]


def anywhere(kind: str, words: Words) -> Offers:
    """Offer some words at every place."""

    def offers(session: Session, before: Sequence[str], start: str) -> Offer:
        return Offer(kind, words(session) if callable(words) else words)

    return offers


def at_first(kind: str, words: Words) -> Offers:
    """Offer some words as the first behind the name."""
    always = anywhere(kind, words)

    def offers(session: Session, before: Sequence[str], start: str) -> Offer | None:
        return None if before else always(session, before, start)

    return offers


def at_once(session: Session, names: Callable[[], Iterable[bytes]]) -> list[str]:
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


def library_names(session: Session) -> list[str]:
    """Give the names of the libraries that there are."""
    return at_once(session, session.libraries.names)


def paths(start: str, *endings: str) -> list[str]:
    """Give the files with these endings, and the folders, whose paths begin so.

    None that need quotes.
    """
    found = [f"{path}/" if os.path.isdir(path) else path for path in glob(escape(start) + "*")]
    return sorted(path for path in found if path.endswith((*endings, "/")) and " " not in path)
