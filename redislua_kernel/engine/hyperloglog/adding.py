"""Looking at registers, and changing them in place, in both encodings, so that it can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from redislua_kernel.engine.hyperloglog.layout import (
    DENSE,
    HEADER,
    CorruptedError,
    invalidate,
    is_invalidated,
)
from redislua_kernel.engine.hyperloglog.murmur import locate
from redislua_kernel.engine.hyperloglog.opened import Opened, Text, data_of, open_up
from redislua_kernel.engine.hyperloglog.registers import estimate, pack
from redislua_kernel.engine.hyperloglog.runs import OutgrownError, SparseRuns
from redislua_kernel.engine.types.string import RawString

__all__ = [
    "SPARSE_LIMIT",
    "drop_estimate",
    "estimate_of",
    "is_contained",
    "make_dense",
    "raise_registers",
    "read_registers",
    "set_dense",
]

#: The default of hll-sparse-max-bytes.
SPARSE_LIMIT = 3000

#: Up to so many registers are changed one by one where they lie.
_FEW = 16


def read_registers(text: Text) -> bytearray:
    """Give the value of every register, one a byte, not to be changed. Raises CorruptedError."""
    return _read(text).values


def estimate_of(text: Text) -> int:
    """Estimate how many elements were added. Raises CorruptedError."""
    return estimate(_read(text).counts)


def _read(text: Text) -> Opened:
    opened = open_up(text)
    opened.read(data_of(text))
    return opened


def is_contained(text: RawString, element: bytes) -> bool:
    """Tell whether adding an element would surely change nothing: it costs little to know."""
    opened = open_up(text)
    if not opened.is_of(text.data):
        return False
    index, value = locate(element)
    return opened.values[index] >= value


def drop_estimate(text: RawString) -> None:
    """Say that the cached estimate no longer holds."""
    if not is_invalidated(text.data):
        text.remember(HEADER - 1, HEADER)
        invalidate(text.data)


def set_dense(text: RawString, values: bytearray) -> None:
    """Make a value dense, of these registers."""
    opened = open_up(text)
    if text.data[4] == DENSE and opened.is_of(text.data) and opened.values == values:
        return  # what is merged again and again is mostly there
    text.remember()
    text.data[4] = DENSE
    text.data[HEADER:] = pack(values)
    opened.take(values)
    opened.keep(text.data)


def make_dense(text: RawString) -> None:
    """Make a sparse value dense. Raises CorruptedError."""
    set_dense(text, read_registers(text))


def raise_registers(
    text: RawString, wanted: Iterable[tuple[int, int]], limit: int = SPARSE_LIMIT
) -> int:
    """Make registers at least the values wanted; give how many were less. Raises CorruptedError.

    A sparse value becomes dense for good when its runs would take more than `limit` bytes, or a
    register would have a value for which there is no run. A corrupted one is changed up to the
    first register that it has no run for.
    """
    wanted = iter(wanted)
    opened = open_up(text)
    try:
        if text.data[4] == DENSE:
            return _raise_dense(opened, text, wanted)
        return _raise_sparse(opened, text, wanted, limit)
    except BaseException:  # an interrupt too: the registers are no longer those of the value
        opened.forget()
        raise


def _raise_sparse(
    opened: Opened, text: RawString, wanted: Iterator[tuple[int, int]], limit: int
) -> int:
    runs = opened.runs(text.data)
    try:
        runs.raise_registers(wanted, limit, opened.tally)
    except OutgrownError as error:
        if not runs.is_whole:
            _write_sparse(text, runs)
            raise CorruptedError from None
        changes = runs.changes + len(_raise(opened, chain([error.wanted], wanted)))
        set_dense(text, opened.values)
        drop_estimate(text)
        return changes
    except CorruptedError:
        _write_sparse(text, runs)
        raise
    changes = runs.changes
    if changes:
        _write_sparse(text, runs)
        opened.keep(text.data)
    if not runs.is_whole:
        opened.forget()
    return changes


def _write_sparse(text: RawString, runs: SparseRuns) -> None:
    """Write what was changed of the runs."""
    if runs.changes:
        text.remember()
        runs.write(text.data)
        drop_estimate(text)


def _raise_dense(opened: Opened, text: RawString, wanted: Iterable[tuple[int, int]]) -> int:
    opened.read(text.data)
    raised = _raise(opened, wanted)
    if raised:
        _write_dense(text, opened.values, raised)
        drop_estimate(text)
        opened.keep(text.data)
    return len(raised)


def _raise(opened: Opened, wanted: Iterable[tuple[int, int]]) -> list[int]:
    """Make registers at least the values wanted; give those that were less, in turn."""
    values, tally, raised = opened.values, opened.tally, []
    for index, value in wanted:
        old = values[index]
        if old < value:
            values[index] = value
            tally[old] -= 1
            tally[value] += 1
            raised.append(index)
    return raised


def _write_dense(text: RawString, values: bytearray, raised: list[int]) -> None:
    """Write the registers that were raised."""
    data = text.data
    if len(raised) > _FEW:
        text.remember()
        data[HEADER:] = pack(values)
        return
    for index in raised:
        byte, shift = HEADER + index * 6 // 8, index * 6 % 8
        pair = int.from_bytes(data[byte : byte + 2], "little")
        pair = pair & ~(63 << shift) | values[index] << shift
        end = min(byte + 2, len(data))
        text.remember(byte, end)
        data[byte:end] = pair.to_bytes(2, "little")[: end - byte]
