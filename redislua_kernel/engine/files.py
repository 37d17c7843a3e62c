"""Files that people name: paths, and what is in them, however odd or endless that may be."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from redislua_kernel.engine.interrupts import look
from redislua_kernel.errors import RedisError

__all__ = ["FileError", "path_of", "read_file"]

#: So many bytes are read between two looks for an interrupt.
_PIECE = 1 << 22


class FileError(RedisError):
    """A file that cannot be read or written."""


def path_of(name: bytes) -> Path:
    """Give the path that a word means. Raises FileError for one that there cannot be."""
    path = Path(os.fsdecode(name))
    try:
        path = path.expanduser()
        path.lstat()
    except (ValueError, RuntimeError) as error:  # a zero byte; no such user
        raise FileError(f"{os.fsdecode(name)!r} is no path: {error}") from None
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            raise FileError(f"{path} is no path: {error.strerror}") from None
    return path


def read_file(path: Path) -> bytes:
    """Read a file, which may be a device without an end. Raises OSError."""
    pieces = []
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            look()
            pieces.append(piece)
    return b"".join(pieces)
