"""FUNCTION DUMP's payload: the codes of libraries, each behind an opcode."""

from __future__ import annotations

from collections.abc import Container, Iterator

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.progress import note
from redislua_kernel.engine.rdb.payload import RDB_VERSION, RDB_VERSIONS, sign, verify
from redislua_kernel.engine.rdb.reader import Corrupt, Reader
from redislua_kernel.engine.rdb.writer import Writer

__all__ = ["read_libraries", "write_libraries"]

_FUNCTION, _FUNCTION_PRE_GA = 245, 246


def write_libraries(codes: list[bytes], version: int = RDB_VERSION) -> bytes:
    """Give the payload that restores libraries of these codes."""
    writer = Writer()
    for code in codes:
        writer.byte(_FUNCTION)
        writer.string(code)
    return sign(writer.data, version)


def read_libraries(payload: bytes, versions: Container[int] = RDB_VERSIONS) -> Iterator[bytes]:
    """Give the libraries' codes in a payload that has one of these RDB versions, one by one.

    Raises the reference's errors, what is wrong behind a code only when its turn comes: the
    reference loads each library before it reads the next one, so an error in its code comes first.
    """
    end = verify(payload, versions)
    reader = Reader(payload)
    while reader.place < end:
        note("loading libraries", reader.place, end)
        opcode = reader.byte()
        if opcode == _FUNCTION_PRE_GA:
            raise CommandError("ERR Pre-GA function format not supported")
        if opcode != _FUNCTION:
            raise CommandError("ERR given type is not a function")
        try:
            code = reader.string()
        except Corrupt:
            raise CommandError("ERR Failed loading library payload") from None
        yield code
