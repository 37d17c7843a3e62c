"""%save and %load: data, libraries and scripts as files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.files import path_of
from redislua_kernel.magics.function import load_cell
from redislua_kernel.magics.offers import Offer, library_names, paths
from redislua_kernel.magics.registry import magic
from redislua_kernel.projects import ProjectError, read_path
from redislua_kernel.projects.source import split_name
from redislua_kernel.quantities import count_of
from redislua_kernel.render.outputs import Display, Output, Outputs, Text
from redislua_kernel.render.projects import sources_bundle
from redislua_kernel.session import Session


def offer_saved(session: Session, before: Sequence[str], start: str) -> Offer | None:
    """Offer a file, and behind one of Lua what can be written to it."""
    if not before:
        return Offer("file", paths(start, ".lua", ".rdb"))
    if len(before) > 1 or not before[0].endswith(".lua"):
        return None
    return Offer("name", [*library_names(session), *session.scripts.scripts])


def _offer_loadable(session: Session, before: Sequence[str], start: str) -> Offer | None:
    return None if before else Offer("file", paths(start, ".lua", ".rdb"))


@magic("save", offers=offer_saved)
def save(session: Session, file: bytes, name: bytes | None = None) -> Outputs:
    """Save all data and libraries to an RDB file, or one library or script to a Lua file.

    By the file's ending. A redis-server can load the one; the other is the library, or else the
    script, of the name that is given, or that the file has.

        %save dump.rdb
        %save points.lua
        %save lib/first.lua points
    """
    path = path_of(file)
    if path.suffix == ".lua":
        return save_code(session, path, name)
    if name is not None:
        raise UsageError("usage: %save file.rdb, or %save file.lua [name]")
    _check_is_rdb(path)
    session.require_embedded("an RDB file")
    try:
        session.engine.persistence.save(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return Text(f"{path}: {path.stat().st_size} bytes\n")


@magic("load", offers=_offer_loadable)
def load(session: Session, file: bytes) -> Outputs:
    """Load a library or script from a Lua file, all those of a folder, or an RDB file.

    Scripts get the names of their files, for %call; a number at the end (release-1.lua) says how
    many keys it takes. Files may include others: `--- @include "x"` or `-- $include(x.lua)`.
    An RDB file's data and libraries take the place of all there are.

        %load points.lua
        %load scripts/
        %load dump.rdb
    """
    path = path_of(file)
    if path.suffix == ".lua" or path.is_dir():
        return _load_sources(session, path)
    _check_is_rdb(path)
    session.require_embedded("an RDB file")
    try:
        count = session.engine.persistence.load(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    return Text(f"{path}: {count_of(count, 'key')}\n")


def save_code(session: Session, path: Path, name: bytes | None) -> Text:
    """Write a library, or else a script, to a Lua file."""
    wanted = os.fsdecode(name) if name else split_name(path.stem)[0]
    source = next((each for each in session.sources() if each.title == wanted), None)
    if source is None:
        raise UsageError(f"no library and no script is called {wanted}: name one after the file")
    write(path, source.code)
    kind = "script" if source.library is None else "library"
    return Text(f"{path}: {kind} {wanted}, {len(source.code)} bytes\n")


def write(path: Path, content: bytes) -> None:
    """Write a file; raises UsageError."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _load_sources(session: Session, path: Path) -> Iterator[Output]:
    """Load what there is; what cannot be loaded is told together, at the end."""
    try:
        sources = read_path(path)
    except ProjectError as error:
        raise UsageError(str(error)) from None
    loaded, failures = [], []
    changed = {source for source in sources if session.scripts.changes(source)}
    for source in sources:
        try:
            with session.scripts.loading(source):
                if path.is_file() and source.library is not None:
                    yield from load_cell(session, source.code, source.library)
                else:
                    session.scripts.load(session.execute, source)
                    loaded.append(source)
        except ProjectError as error:
            failures.append(str(error))
    if loaded:
        yield Display(sources_bundle(loaded, changed))
    if failures:
        raise UsageError("\n".join(failures))


def _check_is_rdb(path: Path) -> None:
    if path.suffix != ".rdb":
        raise UsageError(f"{path} is no Lua file and no RDB file: end it with .lua or .rdb")
