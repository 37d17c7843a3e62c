"""Small surgery on compiled Lua 5.1: keep the caller of a library function on the stack.

`return redis.call(…)` compiles to a tail call. The reference's `redis.call` is a C function,
and the frame of a script that tail-calls C stays; ours are Lua closures, which replace it,
and with it goes the line that error texts name. So tail calls of library functions become
plain calls; all others stay, and with them unlimited tail recursion.

`strip_lines` takes the line numbers out of our own library code: an error raised by a stock
function that it calls then names no position in it.
"""

from __future__ import annotations

import struct
from collections.abc import Container
from dataclasses import dataclass, field

__all__ = ["keep_callers", "strip_lines"]

_HEADER = 12
_MOVE, _GETUPVAL, _GETGLOBAL, _GETTABLE, _CALL, _TAILCALL = 0, 4, 5, 6, 28, 29
_CONSTANT = 256  # set in an operand that means a constant
_LOADS = (_MOVE, _GETUPVAL, _GETGLOBAL, _GETTABLE)


@dataclass
class _Function:
    """The parts of one function that matter here, by their offsets in the dump."""

    code: int
    size: int
    lines: tuple[int, int] = (0, 0)
    constants: list[bytes | None] = field(default_factory=list)
    locals: list[tuple[bytes, int, int]] = field(default_factory=list)
    upvalues: list[bytes] = field(default_factory=list)
    inner: list[_Function] = field(default_factory=list)

    def local_name(self, register: int, at: int) -> bytes | None:
        """Give the name of the local variable in a register at an instruction."""
        active = [name for name, start, end in self.locals if start <= at < end]
        return active[register] if register < len(active) else None


class _Reader:
    """Reads a dump as a little-endian 64-bit Lua 5.1 writes it."""

    def __init__(self, dump: bytes | bytearray) -> None:
        self.dump = dump
        self.place = _HEADER

    def byte(self) -> int:
        self.place += 1
        return self.dump[self.place - 1]

    def int(self) -> int:
        self.place += 4
        return int.from_bytes(self.dump[self.place - 4 : self.place], "little")

    def string(self) -> bytes:
        size = int.from_bytes(self.dump[self.place : self.place + 8], "little")
        self.place += 8 + size
        return bytes(self.dump[self.place - size : self.place - 1]) if size else b""

    def constant(self) -> bytes | None:
        kind = self.byte()
        if kind == 4:
            return self.string()
        self.place += {0: 0, 1: 1, 3: 8}[kind]
        return None

    def function(self) -> _Function:
        self.string()  # source
        self.place += 4 + 4 + 4  # lines, upvalues, parameters, vararg, stack
        size = self.int()
        made = _Function(self.place, size)
        self.place += 4 * size
        made.constants = [self.constant() for _ in range(self.int())]
        made.inner = [self.function() for _ in range(self.int())]
        start = self.place
        count = self.int()
        self.place += 4 * count
        made.lines = (start, self.place)
        made.locals = [(self.string(), self.int(), self.int()) for _ in range(self.int())]
        made.upvalues = [self.string() for _ in range(self.int())]
        return made


def keep_callers(dump: bytes, names: Container[bytes]) -> bytes:
    """Turn tail calls of the functions called `names` into plain calls.

    A function is known by the field or global it is read from, or by a local variable that
    was made from such a field (`local rcall = redis.call`).
    """
    main = _Reader(dump).function()
    patched = bytearray(dump)
    aliases = set(_aliases(main, dump, names))
    _patch(main, patched, names, aliases)
    return bytes(patched)


def strip_lines(dump: bytes) -> bytes:
    """Take the line numbers out of a dump."""
    spans = sorted(_line_spans(_Reader(dump).function()))
    kept, place = bytearray(), 0
    for start, end in spans:
        kept += dump[place:start] + bytes(4)
        place = end
    return bytes(kept + dump[place:])


def _line_spans(function: _Function) -> list[tuple[int, int]]:
    return [function.lines, *(span for inner in function.inner for span in _line_spans(inner))]


def _instructions(function: _Function, dump: bytes | bytearray) -> list[int]:
    return list(struct.unpack_from(f"<{function.size}I", dump, function.code))


def _aliases(function: _Function, dump: bytes, names: Container[bytes]) -> list[bytes]:
    starts: dict[int, list[bytes]] = {}
    for name, start, _ in function.locals:
        starts.setdefault(start, []).append(name)
    found = [
        alias
        for at, word in enumerate(_instructions(function, dump))
        if word & 0x3F in (_GETTABLE, _GETGLOBAL) and _loaded(function, word, at) in names
        for alias in starts.get(at + 1, ())
    ]
    for inner in function.inner:
        found += _aliases(inner, dump, names)
    return found


def _patch(
    function: _Function, dump: bytearray, names: Container[bytes], aliases: set[bytes]
) -> None:
    words = _instructions(function, dump)
    for at, word in enumerate(words):
        if word & 0x3F != _TAILCALL:
            continue
        register = word >> 6 & 0xFF
        source = next(
            (
                (before, earlier)
                for before, earlier in zip(range(at - 1, -1, -1), reversed(words[:at]), strict=True)
                if earlier >> 6 & 0xFF == register and earlier & 0x3F in _LOADS
            ),
            None,
        )
        if source is None:
            continue
        name = _loaded(function, source[1], source[0])
        known = aliases if source[1] & 0x3F in (_MOVE, _GETUPVAL) else names
        if name is not None and name in known:
            struct.pack_into("<I", dump, function.code + 4 * at, word & ~0x3F | _CALL)
    for inner in function.inner:
        _patch(inner, dump, names, aliases)


def _loaded(function: _Function, word: int, at: int) -> bytes | None:
    """Give the name of what an instruction loads: a field, a global, an upvalue or a local."""
    opcode, b, c = word & 0x3F, word >> 23, word >> 14 & 0x1FF
    if opcode == _GETTABLE:
        return function.constants[c - _CONSTANT] if c >= _CONSTANT else None
    if opcode == _GETGLOBAL:
        return function.constants[word >> 14]
    if opcode == _GETUPVAL:
        return function.upvalues[b] if b < len(function.upvalues) else None
    return function.local_name(b, at)
