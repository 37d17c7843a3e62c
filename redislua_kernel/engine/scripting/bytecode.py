"""Compiled Lua 5.1 taken apart, for surgery on it: see `rewriting` and `counting`.

`strip_lines` takes the line numbers out of our own library code: an error raised by a stock
function that it calls then names no position in it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass

from redislua_kernel.engine.interrupts import interruptible

__all__ = [
    "HEADER",
    "MAX_STACK",
    "UPVALUES",
    "Function",
    "Words",
    "distance",
    "free_register",
    "instructions",
    "jump",
    "jumps",
    "lines_of",
    "read_dump",
    "start_of_call",
    "strip_lines",
    "text_constant",
]

#: How many bytes stand before the function in a dump.
HEADER = 12
_JMP, _CALL, _TAILCALL, _FORLOOP, _FORPREP = 22, 28, 29, 31, 32
_SETLIST, _CLOSURE, _VARARG = 34, 36, 37
_NO_JUMP = 131071  # what a jump's operand is counted from
_TEXT = 4
#: How much room constants of other kinds have, each with the byte that tells its kind.
_SIZES = {0: 1, 1: 2, 3: 9}
#: Behind a function's name: two lines, and how many upvalues, parameters and registers it has.
_FIXED = 12
#: A list without items.
_NONE = bytes(4)

#: Where the count of upvalues is in a function's head, from its end.
UPVALUES = -3
#: How many registers a function may have.
MAX_STACK = 250


#: Instructions, each with its line.
Words = Sequence[tuple[int, int]]


@dataclass
class Function:
    """One function of a dump: what is looked at taken apart, the rest as its bytes."""

    head: bytes
    stack: int
    code: tuple[int, ...]
    constants: list[bytes]
    inner: list[Function]
    lines: tuple[int, ...]
    locals: list[tuple[bytes, int, int]]
    upvalues: list[bytes]

    def dump(self) -> bytes:
        """Give the function as Lua dumps it."""
        parts = [self.head, bytes([self.stack]), _numbers(self.code)]
        parts += [_count(self.constants), *self.constants]
        parts += [_count(self.inner), *(function.dump() for function in self.inner)]
        parts += [_numbers(self.lines), _count(self.locals)]
        parts += [name + struct.pack("<II", start, end) for name, start, end in self.locals]
        return b"".join([*parts, _count(self.upvalues), *self.upvalues])

    def tree(self) -> Iterator[Function]:
        """Give the function and all those inside it, in the order of the text."""
        yield self
        for function in self.inner:
            yield from function.tree()

    def steps(self) -> Iterator[tuple[int, int, int]]:
        """Give each instruction with its place, and that of the last of its operands behind it."""
        last = -1
        for at, word in enumerate(interruptible(self.code)):
            if at <= last:
                continue
            last = at
            if word & 0x3F == _CLOSURE:
                last += self.inner[word >> 14].head[UPVALUES]
            elif word & 0x3F == _SETLIST and word >> 14 & 0x1FF == 0:
                last += 1
            yield at, word, last

    def local(self, register: int, at: int) -> bytes | None:
        """Give the name of the variable that is in a register at an instruction, as dumped."""
        names = [name for name, start, end in interruptible(self.locals) if start <= at < end]
        return names[register] if register < len(names) else None

    def constant(self, packed: bytes) -> int:
        """Give the place of a constant, which is there from now on."""
        if packed not in self.constants:
            self.constants.append(packed)
        return self.constants.index(packed)

    def insert(
        self, before: Mapping[int, Words], behind: Mapping[int, Words] | None = None
    ) -> None:
        """Put instructions before others, so that jumps to these reach them, too; or behind."""
        code: list[int] = []
        lines: list[int] = []
        places = []  # of each old instruction among the new ones
        behind = behind or {}
        for at, word in enumerate(interruptible(self.code)):
            places.append(len(code))
            for new, line in before.get(at, ()):
                code.append(new)
                lines.append(line)
            code.append(word)
            lines.append(self.lines[at])
            for new, line in behind.get(at, ()):
                code.append(new)
                lines.append(line)
        places.append(len(code))
        for at, word in jumps(self.code):
            source = places[at] + len(before.get(at, ()))
            target = places[at + 1 + distance(word)]
            code[source] = jump(word, target - source - 1)
        self.code, self.lines = tuple(code), tuple(lines)
        self.locals = [(name, places[start], places[end]) for name, start, end in self.locals]


def read_dump(dump: bytes) -> Function:
    """Take a dump apart."""
    return _Reader(dump).function()


def text_constant(text: bytes) -> bytes:
    """Give a text as a constant in a dump."""
    return struct.pack("<BQ", _TEXT, len(text) + 1) + text + b"\0"


def _count(items: Sized) -> bytes:
    return struct.pack("<I", len(items))


def _numbers(numbers: tuple[int, ...]) -> bytes:
    return struct.pack(f"<I{len(numbers)}I", len(numbers), *numbers)


class _Reader:
    """Reads a dump as a little-endian 64-bit Lua 5.1 writes it."""

    def __init__(self, dump: bytes) -> None:
        self.dump = dump
        self.place = HEADER

    def take(self, size: int) -> bytes:
        self.place += size
        return self.dump[self.place - size : self.place]

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def numbers(self) -> tuple[int, ...]:
        size = self.number()
        return struct.unpack(f"<{size}I", self.take(4 * size))

    def string(self) -> bytes:
        size = self.take(8)
        return size + self.take(int.from_bytes(size, "little"))

    def constant(self) -> bytes:
        kind = self.take(1)
        if kind[0] == _TEXT:
            return kind + self.string()
        return kind + self.take({0: 0, 1: 1, 3: 8}[kind[0]])

    def function(self) -> Function:
        return Function(
            head=self.string() + self.take(4 + 4 + 3),  # lines, upvalues, parameters, vararg
            stack=self.take(1)[0],
            code=self.numbers(),
            constants=[self.constant() for _ in interruptible(range(self.number()))],
            inner=[self.function() for _ in range(self.number())],
            lines=self.numbers(),
            locals=[(self.string(), self.number(), self.number()) for _ in range(self.number())],
            upvalues=[self.string() for _ in range(self.number())],
        )


def strip_lines(dump: bytes) -> bytes:
    """Take the line numbers out of a dump."""
    parts, place = [], 0
    for start, end in _spans_of_lines(dump):
        parts += [dump[place:start], _NONE]
        place = end
    return b"".join([*parts, dump[place:]])


def _spans_of_lines(dump: bytes) -> list[tuple[int, int]]:
    """Give where the functions' line numbers stand, with their counts.

    It only walks over the rest, which takes a fraction of what it takes to read that.
    """
    count, size = struct.Struct("<I").unpack_from, struct.Struct("<Q").unpack_from
    found = []

    def skip(place: int) -> int:
        """Walk over the function at a place; give where it ends."""
        place += 8 + size(dump, place)[0] + _FIXED
        place += 4 + 4 * count(dump, place)[0]  # the code
        constants, place = count(dump, place)[0], place + 4
        for _ in range(constants):
            kind = dump[place]
            place += 9 + size(dump, place + 1)[0] if kind == _TEXT else _SIZES[kind]
        inner, place = count(dump, place)[0], place + 4
        for _ in range(inner):
            place = skip(place)
        start, place = place, place + 4 + 4 * count(dump, place)[0]
        found.append((start, place))
        names, place = count(dump, place)[0], place + 4
        for _ in range(names):  # locals, each with the span in which there is one
            place += 16 + size(dump, place)[0]
        names, place = count(dump, place)[0], place + 4
        for _ in range(names):
            place += 8 + size(dump, place)[0]
        return place

    skip(HEADER)
    return found


def lines_of(dump: bytes, *, within_functions: bool = False) -> set[int]:
    """Give the lines that a dump has instructions for; or those that its inner functions have."""
    main = read_dump(dump)
    functions = (each for each in main.tree() if each is not main or not within_functions)
    return {line for function in functions for line in function.lines}


def jumps(code: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Give the instructions that jump, with their places."""
    return (item for item in instructions(code) if item[1] & 0x3F in (_JMP, _FORLOOP, _FORPREP))


def distance(word: int) -> int:
    """Give how far behind the next instruction the target of a jump is."""
    return (word >> 14) - _NO_JUMP


def jump(word: int, distance: int) -> int:
    """Give an instruction that jumps with another distance."""
    return word & 0x3FFF | distance + _NO_JUMP << 14


def instructions(code: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Give the instructions with their places; the operand behind a long SETLIST is none."""
    is_operand = False
    for at, word in enumerate(interruptible(code)):
        if not is_operand:
            yield at, word
        is_operand = not is_operand and word & 0x3F == _SETLIST and word >> 14 & 0x1FF == 0


def start_of_call(code: tuple[int, ...], at: int) -> int:
    """Give the place of the instruction that begins a call.

    That is an earlier one where the number of arguments is open: what opens it must stay next
    to what takes it, and from there on no register is known to be free.
    """
    while code[at] & 0x3F in (_CALL, _TAILCALL) and code[at] >> 23 == 0:
        at -= 1
    return at


def free_register(word: int) -> int:
    """Give the first register that an instruction which begins a call does not read."""
    return (word >> 6 & 0xFF) + (0 if word & 0x3F == _VARARG else word >> 23)
