"""Scripts known by name: their digests, and calls as a client library makes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from redislua_kernel.backend import Argument
from redislua_kernel.engine.errors import LibraryError
from redislua_kernel.errors import ResponseError
from redislua_kernel.projects.includes import shown
from redislua_kernel.projects.source import ProjectError, Source
from redislua_kernel.quantities import count_of
from redislua_kernel.reply import Reply

__all__ = ["NamedScripts"]

Execute = Callable[..., Reply]
Words = tuple[Argument, ...]

#: The commands in which `$name` stands for the digest of a script.
_WITH_DIGESTS = frozenset({b"EVALSHA", b"EVALSHA_RO", b"SCRIPT"})
_LINE = re.compile(r"user_(?:script|function):(\d+):? ?")


class NamedScripts:
    """The scripts that have a name, and what was loaded from files."""

    def __init__(self) -> None:
        #: By name.
        self.scripts: dict[str, Source] = {}
        #: The libraries that were loaded from files, by name.
        self.libraries: dict[bytes, Source] = {}

    def load(self, execute: Execute, source: Source) -> Reply:
        """Load a script or a library, and keep its name; raises ProjectError with its line."""
        with self.loading(source):
            if source.library is not None:
                return execute("FUNCTION", "LOAD", "REPLACE", source.code)
            return execute("SCRIPT", "LOAD", source.code)

    @contextmanager
    def loading(self, source: Source) -> Iterator[None]:
        """Keep the name of what is loaded meanwhile; raises ProjectError with its line."""
        try:
            yield
        except ResponseError as error:
            if source.path is None:
                raise
            raise ProjectError(_explain(source, error)) from None
        if source.library is not None:
            self.libraries[source.library] = source
        else:
            self.scripts[source.name] = source

    def changes(self, source: Source) -> bool:
        """Tell whether what has the name of a script or library so far is another code."""
        known: Source | None = self.scripts.get(source.name)
        if source.library is not None:
            known = self.libraries.get(source.library)
        return known is not None and known.code != source.code

    def find(self, name: str) -> Source:
        """Give the script of a name; raises ProjectError if there is none."""
        source = self.scripts.get(name)
        if source is None:
            known = ", ".join(self.scripts) or "none"
            raise ProjectError(f"no script is called {name}; there are: {known}")
        return source

    def call(
        self, execute: Execute, name: str, keys: Sequence[Argument], args: Sequence[Argument] = ()
    ) -> Reply:
        """Call a script as client libraries do: by its digest, by its code if that is forgotten.

        Raises ProjectError if there is no such script, or it takes another number of keys.
        """
        source = self.find(name)
        if source.key_count is not None and source.key_count != len(keys):
            takes = count_of(source.key_count, "key")
            raise ProjectError(f"{name} takes {takes}, as its name says, and got {len(keys)}")
        try:
            return execute("EVALSHA", source.digest, len(keys), *keys, *args)
        except ResponseError as error:
            # The text may be the script's own: it is run again only if it never ran.
            if error.code != "NOSCRIPT" or execute("SCRIPT", "EXISTS", source.digest)[0]:
                raise
            return execute("EVAL", source.code, len(keys), *keys, *args)

    def expand(self, words: Words) -> Words:
        """Give a command's words with digests in place of `$name`, where it takes digests."""
        first = words[0] if words else b""
        if not isinstance(first, str | bytes) or _bytes(first).upper() not in _WITH_DIGESTS:
            return words
        return tuple(self._digest(word) for word in words)

    def _digest(self, word: Argument) -> Argument:
        name = _bytes(word) if isinstance(word, str | bytes) else b""
        if not name.startswith(b"$"):
            return word
        source = self.scripts.get(name[1:].decode("utf-8", "replace"))
        return word if source is None else source.digest

    def with_digest(self, digest: bytes) -> Source | None:
        """Give the script that has a digest."""
        return next((each for each in self.scripts.values() if each.digest == digest), None)

    def with_code(self, code: bytes) -> Source | None:
        """Give the script or the library that has a code."""
        sources = (*self.scripts.values(), *self.libraries.values())
        return next((each for each in sources if each.code == code), None)


def _bytes(word: str | bytes) -> bytes:
    return word.encode("utf-8", "surrogateescape") if isinstance(word, str) else word


def _explain(source: Source, error: ResponseError) -> str:
    """Give an error of loading a file with the file's name, and the line's."""
    text = str(error)
    line = error.line if isinstance(error, LibraryError) else None
    found = _LINE.search(text)
    if found is not None:
        line, text = int(found[1]), text[found.end() :]
    origin = None if line is None else source.origin(line)
    if origin is None:
        return f"{shown(source.path)}: {error}" if source.path else str(error)
    return f"{shown(origin[0])} line {origin[1]}: {text}"
