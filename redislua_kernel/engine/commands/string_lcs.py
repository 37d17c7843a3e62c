"""LCS: the longest bytes that two strings have in common, in order but with gaps.

The table of lengths that the textbook algorithm fills is kept as one integer a row, whose
bit j is clear where the length grows from column j to j + 1; a row follows from the one
before by an addition and some logic on all of its columns at once (Hyyrö, 2004).
"""

from __future__ import annotations

from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.interrupts import interruptible, look
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import (
    Flag,
    IntOption,
    Key,
    Words,
    parse_options,
    read_signature,
)
from redislua_kernel.engine.types.string import RawString
from redislua_kernel.reply import Reply

NOT_STRINGS = CommandError("ERR The specified keys must contain string values")
LEN_AND_IDX = CommandError("ERR If you want both the length and indexes, please just use IDX.")
TOO_LARGE = CommandError(
    "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"
)
#: The reference refuses what its own table, of four bytes a cell, would not hold.
MOST_CELLS = 512 * 1024 * 1024 // 4


@command("LCS", flags="readonly", group="string", since="7.0.0", complexity="O(N*M)")
def lcs(db: Database, key1: Key, key2: Key, *options: Words) -> Reply:
    """Find the longest common subsequence of two strings: itself, its length, or where it is."""
    one, two = _string(db, key1), _string(db, key2)
    return _lcs(one, two, **parse_options(_OPTIONS, options))


def _lcs(
    one: bytes,
    two: bytes,
    *,
    len_: Flag = False,
    idx: Flag = False,
    minmatchlen: IntOption = None,
    withmatchlen: Flag = False,
) -> Reply:
    if len_ and idx:
        raise LEN_AND_IDX
    if (len(one) + 1) * (len(two) + 1) > MOST_CELLS:
        raise TOO_LARGE
    rows = _rows(one, two)
    pairs = [] if len_ else _matching_places(one, two, rows)
    length = len(two) - rows[-1].bit_count()
    if len_:
        return length
    if not idx:
        return bytes(one[place] for place, _ in reversed(pairs))
    matches = []
    for start, other, count in _runs(pairs):
        if count >= (minmatchlen or 0):
            match: list[Reply] = [[start, start + count - 1], [other, other + count - 1]]
            matches.append([*match, count] if withmatchlen else match)
    return {b"matches": matches, b"len": length}


_OPTIONS = read_signature(_lcs).options


def _string(db: Database, key: bytes) -> bytes:
    value = db.get(key)
    if value is not None and not isinstance(value, bytes | RawString):
        raise NOT_STRINGS
    return db.string(key) or b""


def _rows(one: bytes, two: bytes) -> list[int]:
    """Give the table: a row before the first byte of `one`, and one after each."""
    full = (1 << len(two)) - 1
    backwards = two[::-1]
    places = {byte: _places(byte, backwards) for byte in set(one)}
    row = full
    rows = [row]
    for byte in one:
        look()
        common = row & places[byte]
        row = ((row + common) | (row - common)) & full
        rows.append(row)
    return rows


def _places(byte: int, backwards: bytes) -> int:
    """Give a number whose bits tell where a byte is, the first place being the lowest bit."""
    look()
    table = bytearray(b"0" * 256)
    table[byte] = ord("1")
    return int(backwards.translate(table) or b"0", 2)


def _matching_places(one: bytes, two: bytes, rows: list[int]) -> list[tuple[int, int]]:
    """Walk the table back from its end; give the places of the common bytes, last first."""
    pairs = []
    size = len(two) // 8 + 1
    j = len(two)
    for i in range(len(one), 0, -1):
        look()
        byte, row = one[i - 1], rows[i].to_bytes(size, "little")
        while j:
            if byte == two[j - 1]:
                j -= 1
                pairs.append((i - 1, j))
                break
            if not row[(j - 1) >> 3] >> ((j - 1) & 7) & 1:
                break
            j -= 1
    return pairs


def _runs(pairs: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Join neighbouring places; give where each run starts in both strings, and its length."""
    runs: list[tuple[int, int, int]] = []
    for i, j in interruptible(pairs):
        if runs and (runs[-1][0], runs[-1][1]) == (i + 1, j + 1):
            runs[-1] = (i, j, runs[-1][2] + 1)
        else:
            runs.append((i, j, 1))
    return runs
