"""Libraries in a file: FUNCTION DUMP's payload, written and read back."""

from __future__ import annotations

from collections.abc import Callable

from redislua_kernel.backend import Argument
from redislua_kernel.engine.files import FileError, path_of, read_file
from redislua_kernel.reply import Reply

__all__ = ["Execute", "dump_to", "restore_from"]

#: What runs a command.
Execute = Callable[..., Reply]


def dump_to(execute: Execute, file: bytes) -> str:
    """Write all libraries to a file, and tell so. Raises FileError."""
    payload: bytes = execute("FUNCTION", "DUMP")
    path = path_of(file)
    try:
        path.write_bytes(payload)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}") from None
    return f"{len(payload)} bytes written to {path}"


def restore_from(execute: Execute, file: bytes, *policy: Argument) -> Reply:
    """Load the libraries of a file; see FUNCTION RESTORE for the policy. Raises FileError."""
    path = path_of(file)
    try:
        payload = read_file(path)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from None
    return execute("FUNCTION", "RESTORE", payload, *policy)
