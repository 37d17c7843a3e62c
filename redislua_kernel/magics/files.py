"""%save and %load: the embedded engine's data as files."""

from __future__ import annotations

import os
from glob import escape, glob
from pathlib import Path

from redislua_kernel.cells import UsageError
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Outputs, Text
from redislua_kernel.session import Session


@magic("save")
def save(session: Session, file: bytes) -> Outputs:
    """Save all data and libraries to an RDB file, which a redis-server can load.

    %save dump.rdb
    """
    path = _rdb_path(file)
    try:
        session.engine.persistence.save(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return Text(f"{path}: {path.stat().st_size} bytes\n")


@magic("load")
def load(session: Session, file: bytes) -> Outputs:
    """Take over the data and libraries of an RDB file in place of all there are.

    %load dump.rdb
    """
    path = _rdb_path(file)
    try:
        count = session.engine.persistence.load(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    return Text(f"{path}: {count} {'key' if count == 1 else 'keys'}\n")


def rdb_files(start: str) -> list[str]:
    """Give the RDB files, and the folders, whose paths begin so; none that need quotes."""
    paths = [f"{path}/" if os.path.isdir(path) else path for path in glob(escape(start) + "*")]
    return sorted(path for path in paths if path.endswith((".rdb", "/")) and " " not in path)


def _rdb_path(file: bytes) -> Path:
    path = Path(os.fsdecode(file)).expanduser()
    if path.suffix != ".rdb":
        raise UsageError(f"{path} is no RDB file: its name does not end with .rdb")
    return path
