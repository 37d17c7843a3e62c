"""%export: what a project can keep of a notebook: its libraries, its scripts, its tests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.files import path_of
from redislua_kernel.errors import RedisError
from redislua_kernel.magics.files import offer_saved, save_code, write
from redislua_kernel.magics.offers import Offer
from redislua_kernel.magics.registry import magic
from redislua_kernel.projects import Source
from redislua_kernel.quantities import count_of
from redislua_kernel.render.outputs import Outputs, Text
from redislua_kernel.session import Session
from redislua_kernel.testing import Bench, NamedTest
from redislua_kernel.testing.export import MARK, pytest_file


def _offers(session: Session, before: Sequence[str], start: str) -> Offer | None:
    found = offer_saved(session, before, start)
    return found if before or found is None else Offer("file", ["tests", *found.words])


@magic("export", offers=_offers)
def export(session: Session, file: bytes, name: bytes | None = None) -> Outputs:
    """Write a library or script to a Lua file for a project, as %save does.

    The one that is called as the file is, or by the name after it.

        %export points.lua
        %export scripts/release-1.lua release
    """
    path = path_of(file)
    if path.suffix != ".lua":
        raise UsageError(f"{path} is no Lua file; tests are written by: %export tests file.py")
    return save_code(session, path, name)


@magic("export tests")
def export_tests(session: Session, file: bytes) -> Outputs:
    """Write the tests to a file for pytest, and beside it the libraries and scripts they need.

    A library or script that was loaded from a file is used from there. A test that passes only
    with the notebook's data is left out.

        %export tests test_points.py
    """
    path = path_of(file)
    if path.suffix != ".py":
        raise UsageError("usage: %export tests file.py")
    if path.exists() and not path.read_text("utf-8", "replace").startswith(MARK):
        raise UsageError(f"{path} is there already, and %export has not written it")
    if not session.tests:
        raise UsageError("there are no tests yet: head a cell with %%test")
    sources = session.sources()
    dialect = session.engine.dialect.name
    tests = [*session.tests.values()]
    alone = [test for test in tests if _passes_alone(test, sources, dialect)]
    files = _place(sources, path.parent)
    write(path, pytest_file(alone, files, dialect).encode())
    left_out = [test.name for test in tests if test not in alone]
    lines = [f"{path}: {count_of(len(alone), 'test')}, of {', '.join(files) or 'commands alone'}"]
    if left_out:
        lines.append(f"left out, as they fail without the notebook's data: {', '.join(left_out)}")
    return Text("\n".join([*lines, ""]))


def _passes_alone(test: NamedTest, sources: Iterable[Source], dialect: str) -> bool:
    bench = Bench()
    try:
        bench.engine.change_dialect(dialect)
        for source in sources:
            bench.scripts.load(bench.execute, source)
        bench.check(test.transcript)
    except RedisError:
        return False
    finally:
        bench.close()
    return True


def _place(sources: Iterable[Source], folder: Path) -> list[str]:
    """Write what comes from no file beside the tests; give all paths, from their folder."""
    files: dict[str, None] = {}
    for source in sources:
        path = source.loaded
        if path is None:
            path = folder / source.file_name
            if path.exists() and path.read_bytes() != source.code:
                raise UsageError(f"{path} is there already, and differs: %load it, or move it away")
            write(path, source.code)
        files[Path(os.path.relpath(path, folder)).as_posix()] = None
    return [*files]
