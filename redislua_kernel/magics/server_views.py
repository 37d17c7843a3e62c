"""What %keyspace, %functions, %scripts and %%diff show of a real server: lists, within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from redislua_kernel.browsing.contents import read_contents
from redislua_kernel.browsing.text import name_of
from redislua_kernel.browsing.tree import Tree
from redislua_kernel.cells import UsageError
from redislua_kernel.engine.changes import changes
from redislua_kernel.language.pieces import pieces
from redislua_kernel.render.changes import changes_bundle
from redislua_kernel.render.code import code_html
from redislua_kernel.render.contents import contents_html
from redislua_kernel.render.html import page
from redislua_kernel.render.keyspace import keyspace_bundle
from redislua_kernel.render.outputs import Display, Output, Text
from redislua_kernel.render.programs import functions_bundle, scripts_bundle

if TYPE_CHECKING:
    from redislua_kernel.remote.remote import Remote

#: How many names are looked for, and how many keys are compared.
_MOST_NAMES, _MOST_COMPARED = 10_000, 1000


def keyspace(remote: Remote, pattern: bytes, rows: int) -> Iterator[Output]:
    """List keys; many of them by the branches of their names."""
    from redislua_kernel.remote.looking import read_details, scan  # noqa: PLC0415  # redis-py

    names, is_whole = scan(remote, pattern, _MOST_NAMES)
    if not is_whole:
        yield Text(f"SCAN went as far as {len(names):,} keys: there are more\n")
    tree = Tree(names) if len(names) > rows else Tree(names, b"")
    lines = tree.rows(0, rows)
    keys = [row.name for row in lines if not row.keys]
    details = dict(zip(keys, read_details(remote, keys), strict=True))
    shown = [(row, None if row.keys else details[row.name]) for row in lines]
    bundle = keyspace_bundle(shown, len(names), remote.database, pattern)
    if len(names) == 1:
        bundle["text/html"] += _contents(remote, names[0])
    yield Display(bundle)


def _contents(remote: Remote, key: bytes) -> str:
    """Give what is in a key as HTML, as far as it is not too large to be fetched."""
    from redislua_kernel.remote.looking import Mirror  # noqa: PLC0415  # redis-py

    with closing(Mirror(remote, [key])) as mirror:
        found = read_contents(mirror.engine.keyspace[remote.database], key)
    return "" if found is None else page(contents_html(found))


def functions(remote: Remote, pattern: bytes, rows: int) -> Display:
    """List libraries with their functions; of a single one its code."""
    from redislua_kernel.remote.programs import read_libraries, read_running  # noqa: PLC0415

    libraries = read_libraries(remote, pattern)
    code = ""
    if len(libraries) == 1:
        code = code_html(pieces(libraries[0].code), f"code of library {name_of(libraries[0].name)}")
    return Display(functions_bundle(libraries, read_running(remote), code, rows=rows))


def scripts(remote: Remote, bodies: Iterable[bytes], sha: bytes, rows: int) -> Iterator[Output]:
    """List those of some scripts that the server has; of a single one its code."""
    from redislua_kernel.remote.programs import count_scripts, read_scripts  # noqa: PLC0415

    found = read_scripts(remote, bodies, sha)
    if sha and not found:
        start = sha.decode("utf-8", "replace")
        raise UsageError(f"the server has no script of this notebook that begins with {start}")
    count = count_scripts(remote)
    if count is not None:
        yield Text(f"The server has cached {count:,} and lists none; of this notebook it has:\n")
    code = code_html(pieces(found[0].body), "code of the script") if len(found) == 1 else ""
    yield Display(scripts_bundle(found, None, code, rows=rows))


def diff(remote: Remote, cell: Iterable[Output], rows: int) -> Iterator[Output]:
    """Show what differs in the selected database once the rest of a cell has run."""
    from redislua_kernel.remote.looking import Mirror  # noqa: PLC0415  # redis-py

    with closing(Mirror.of_all(remote, _MOST_COMPARED)) as before:
        yield from cell
        with closing(Mirror.of_all(remote, _MOST_COMPARED)) as after:
            if not (before.is_whole and after.is_whole):
                yield Text(f"Of the first {_MOST_COMPARED:,} keys that SCAN found:\n", "stderr")
            if before.left_out or after.left_out:
                yield Text("Large keys, and those no command copies, are left out.\n", "stderr")
            found = list(changes(before.engine.keyspace, after.engine.keyspace))
    yield Display(changes_bundle(found, rows=rows))
