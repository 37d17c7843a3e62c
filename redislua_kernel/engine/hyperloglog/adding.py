"""Changing registers in place, in both encodings, so that it can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from redislua_kernel.engine.hyperloglog.layout import (
    DENSE,
    HEADER,
    SPARSE,
    CorruptedError,
    invalidate,
)
from redislua_kernel.engine.hyperloglog.registers import pack, unpack
from redislua_kernel.engine.hyperloglog.runs import OutgrownError, SparseRuns, expand
from redislua_kernel.engine.interrupts import look
from redislua_kernel.engine.types.string import RawString

__all__ = ["SPARSE_LIMIT", "make_dense", "raise_registers", "read_registers", "set_dense"]

#: The default of hll-sparse-max-bytes.
SPARSE_LIMIT = 3000


def read_registers(data: bytes | bytearray) -> bytes:
    """Give the value of every register, one a byte. Raises CorruptedError."""
    look()
    return expand(data) if data[4] == SPARSE else unpack(data[HEADER:])


def set_dense(text: RawString, values: bytes) -> None:
    """Make a value dense, of these registers."""
    text.remember()
    text.data[4] = DENSE
    text.data[HEADER:] = pack(values)


def make_dense(text: RawString) -> None:
    """Make a sparse value dense. Raises CorruptedError."""
    set_dense(text, read_registers(text.data))


def raise_registers(
    text: RawString, wanted: Iterable[tuple[int, int]], limit: int = SPARSE_LIMIT
) -> int:
    """Make registers at least the values wanted; give how many were less. Raises CorruptedError.

    A sparse value becomes dense for good when its runs would take more than `limit` bytes, or a
    register would have a value for which there is no run.
    """
    wanted = iter(wanted)
    if text.data[4] == DENSE:
        return _raise_dense(text, wanted)
    runs = _open(text)
    runs.read(text.data)
    try:
        runs.raise_registers(wanted, limit)
    except CorruptedError:
        _write(text, runs)
        raise
    except OutgrownError as error:
        changed = _write(text, runs)
        make_dense(text)
        return changed + _raise_dense(text, chain([error.wanted], wanted))
    return _write(text, runs)


@lru_cache(maxsize=16)
def _open(text: RawString) -> SparseRuns:
    """Give the runs of a value, which are worked out once while it is among those used last."""
    return SparseRuns()


def _write(text: RawString, runs: SparseRuns) -> int:
    """Write what was changed of the runs; give how many registers that were."""
    changes = runs.changes
    if changes:
        text.remember()
        runs.write(text.data)
        invalidate(text.data)
    return changes


def _raise_dense(text: RawString, wanted: Iterable[tuple[int, int]]) -> int:
    data, changed = text.data, 0
    for index, value in wanted:
        byte, shift = HEADER + index * 6 // 8, index * 6 % 8
        pair = int.from_bytes(data[byte : byte + 2], "little")
        if pair >> shift & 63 < value:
            pair = pair & ~(63 << shift) | value << shift
            end = min(byte + 2, len(data))
            text.remember(byte, end)
            data[byte:end] = pair.to_bytes(2, "little")[: end - byte]
            changed += 1
    return changed
