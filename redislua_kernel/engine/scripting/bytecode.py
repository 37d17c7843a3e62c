"""Compiled Lua 5.1 taken apart, for surgery on it: see `rewriting` and `counting`.

`strip_lines` takes the line numbers out of our own library code: an error raised by a stock
function that it calls then names no position in it.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from functools import cached_property

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.scripting.opcodes import (
    CALL,
    CLOSURE,
    FORLOOP,
    FORPREP,
    GETUPVAL,
    JMP,
    SETLIST,
    SETUPVAL,
    TAILCALL,
    VARARG,
)

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
    "of_kind",
    "read_dump",
    "set_upvalues",
    "start_of_call",
    "strip_lines",
    "text_constant",
]

#: How many bytes stand before the function in a dump.
HEADER = 12
_NO_JUMP = 131071  # what a jump's operand is counted from
_TEXT = 4
#: How much room constants of other kinds have, each with the byte that tells its kind.
_SIZES = {0: 1, 1: 2, 3: 9}
#: Behind a function's name: two lines, and how many upvalues, parameters and registers it has.
_FIXED = 12
#: A list's length, a text's, and where a local begins and ends.
_COUNT, _SIZE = struct.Struct("<I").unpack_from, struct.Struct("<Q").unpack_from
_SPAN = struct.Struct("<II").unpack_from
#: A list without items.
_NONE = bytes(4)

#: Where the count of upvalues is in a function's head, from its end.
UPVALUES = -3
#: How many registers a function may have.
MAX_STACK = 250


#: Instructions, each with its line.
Words = Sequence[tuple[int, int]]


@dataclass
class DebugInfo:
    """What a function has for errors and debuggers."""

    #: Of each instruction.
    lines: tuple[int, ...]
    #: The locals' names, and between which instructions there are some.
    locals: list[tuple[bytes, int, int]]
    #: Their names.
    upvalues: list[bytes]

    def dump(self) -> bytes:
        """Give it as it stands behind a function in a dump."""
        parts = [_numbers(self.lines), _count(self.locals)]
        parts += [name + struct.pack("<II", start, end) for name, start, end in self.locals]
        return b"".join([*parts, _count(self.upvalues), *self.upvalues])


@dataclass
class Function:
    """One function of a dump: what is looked at taken apart, the rest as its bytes."""

    head: bytes
    stack: int
    code: tuple[int, ...]
    constants: list[bytes]
    inner: list[Function]
    #: The code, and what becomes `debug`, as they were read: the former is searched in C.
    packed_code: bytes
    packed_debug: bytes

    @cached_property
    def debug(self) -> DebugInfo:
        """The names and lines of it: few look at them, so they are taken apart late."""
        return _read_debug(self.packed_debug)

    def dump(self) -> bytes:
        """Give the function as Lua dumps it."""
        parts = [self.head, bytes([self.stack]), _numbers(self.code)]
        parts += [_count(self.constants), *self.constants]
        parts += [_count(self.inner), *(function.dump() for function in self.inner)]
        parts.append(self.debug.dump() if "debug" in vars(self) else self.packed_debug)
        return b"".join(parts)

    def first_bytes(self) -> bytes:
        """Give the byte that tells the kind of each instruction, as they were read."""
        return self.packed_code[::4]

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
            if word & 0x3F == CLOSURE:
                last += self.inner[word >> 14].head[UPVALUES]
            elif word & 0x3F == SETLIST and word >> 14 & 0x1FF == 0:
                last += 1
            yield at, word, last

    def local(self, register: int, at: int) -> bytes | None:
        """Give the name of the variable that is in a register at an instruction, as dumped."""
        names = [name for name, start, end in interruptible(self.debug.locals) if start <= at < end]
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
        debug, behind = self.debug, behind or {}
        code: list[int] = []
        lines: list[int] = []
        points = sorted(before.keys() | behind.keys())
        added = [0]  # before each of these, and in all
        done = 0
        for at in interruptible(points):
            code += self.code[done:at]
            lines += debug.lines[done:at]
            here = (*before.get(at, ()), (self.code[at], debug.lines[at]), *behind.get(at, ()))
            code += [word for word, _ in here]
            lines += [line for _, line in here]
            added.append(added[-1] + len(here) - 1)
            done = at + 1
        code += self.code[done:]
        lines += debug.lines[done:]

        def place(at: int) -> int:
            """Give where what stands for an old instruction begins among the new ones."""
            return at + added[bisect_left(points, at)]

        for at, word in jumps(self.code):
            source = place(at) + len(before.get(at, ()))
            code[source] = jump(word, place(at + 1 + distance(word)) - source - 1)
        self.code, debug.lines = tuple(code), tuple(lines)
        debug.locals = [(name, place(start), place(end)) for name, start, end in debug.locals]


def read_dump(dump: bytes) -> Function:
    """Take a dump apart."""
    return _read(dump, HEADER, len(dump))[0]


def text_constant(text: bytes) -> bytes:
    """Give a text as a constant in a dump."""
    return struct.pack("<BQ", _TEXT, len(text) + 1) + text + b"\0"


def _count(items: Sized) -> bytes:
    return struct.pack("<I", len(items))


def _numbers(numbers: tuple[int, ...]) -> bytes:
    return struct.pack(f"<I{len(numbers)}I", len(numbers), *numbers)


def _read(dump: bytes, place: int, end: int | None = None) -> tuple[Function, int]:
    """Read the function at a place, as a little-endian 64-bit Lua 5.1 writes it; give its end.

    All in one piece: every script is read when it is compiled.
    """
    count, size = _COUNT, _SIZE
    start, place = place, place + 8 + size(dump, place)[0] + _FIXED
    head, stack = dump[start : place - 1], dump[place - 1]
    (number,), place = count(dump, place), place + 4
    packed, place = dump[place : place + 4 * number], place + 4 * number
    code = struct.unpack(f"<{number}I", packed)
    (number,), place = count(dump, place), place + 4
    constants = []
    for _ in interruptible(range(number)):
        start, kind = place, dump[place]
        place += 9 + size(dump, place + 1)[0] if kind == _TEXT else _SIZES[kind]
        constants.append(dump[start:place])
    (number,), place = count(dump, place), place + 4
    inner = []
    for _ in range(number):
        function, place = _read(dump, place)
        inner.append(function)
    if end is None:
        end = _behind_debug(dump, place)
    return Function(head, stack, code, constants, inner, packed, dump[place:end]), end


def _behind_debug(dump: bytes, place: int) -> int:
    """Give where the names and lines end that begin at a place."""
    count, size = _COUNT, _SIZE
    place += 4 + 4 * count(dump, place)[0]
    (number,), place = count(dump, place), place + 4
    for _ in range(number):  # locals, each with the span in which there is one
        place += 16 + size(dump, place)[0]
    (number,), place = count(dump, place), place + 4
    for _ in range(number):
        place += 8 + size(dump, place)[0]
    return place


def _read_debug(packed: bytes) -> DebugInfo:
    count, size = _COUNT, _SIZE
    (number,) = count(packed)
    lines, place = struct.unpack_from(f"<{number}I", packed, 4), 4 + 4 * number
    names: list[tuple[bytes, int, int]] = []
    (number,), place = count(packed, place), place + 4
    for _ in range(number):
        end = place + 8 + size(packed, place)[0]
        names.append((packed[place:end], *_SPAN(packed, end)))
        place = end + 8
    upvalues = []
    (number,), place = count(packed, place), place + 4
    for _ in range(number):
        end = place + 8 + size(packed, place)[0]
        upvalues.append(packed[place:end])
        place = end
    return DebugInfo(lines, names, upvalues)


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
    count, size = _COUNT, _SIZE
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
        found.append((place, place + 4 + 4 * count(dump, place)[0]))
        return _behind_debug(dump, place)

    skip(HEADER)
    return found


def lines_of(dump: bytes, *, within_functions: bool = False) -> set[int]:
    """Give the lines that a dump has instructions for; or those that its inner functions have."""
    main = read_dump(dump)
    functions = (each for each in main.tree() if each is not main or not within_functions)
    return {line for function in functions for line in function.debug.lines}


def of_kind(*kinds: int) -> re.Pattern[bytes]:
    """Give a pattern for the first bytes of instructions, each byte of one of some kinds."""
    firsts = [b"\\x%02x" % (kind | low << 6) for kind in kinds for low in range(4)]
    return re.compile(b"[%s]" % b"".join(firsts))


_IS_JUMP, _IS_SETLIST = of_kind(JMP, FORLOOP, FORPREP), of_kind(SETLIST)


def jumps(code: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Give the instructions that jump, with their places."""
    return instructions(code, _IS_JUMP)


def distance(word: int) -> int:
    """Give how far behind the next instruction the target of a jump is."""
    return (word >> 14) - _NO_JUMP


def jump(word: int, distance: int) -> int:
    """Give an instruction that jumps with another distance."""
    return word & 0x3FFF | distance + _NO_JUMP << 14


def instructions(code: tuple[int, ...], kind: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Give the instructions of a kind (see `of_kind`) with their places.

    They are searched in C. The operand behind a long SETLIST is no instruction.
    """
    first_bytes = struct.pack(f"<{len(code)}I", *code)[::4]
    operands = set()
    for each in _IS_SETLIST.finditer(first_bytes):
        at = each.start()
        if at not in operands and code[at] >> 14 & 0x1FF == 0:
            operands.add(at + 1)
    for each in interruptible(list(kind.finditer(first_bytes))):
        at = each.start()
        if at not in operands:
            yield at, code[at]


def start_of_call(code: tuple[int, ...], at: int) -> int:
    """Give the place of the instruction that begins a call.

    That is an earlier one where the number of arguments is open: what opens it must stay next
    to what takes it, and from there on no register is known to be free.
    """
    while code[at] & 0x3F in (CALL, TAILCALL) and code[at] >> 23 == 0:
        at -= 1
    return at


def free_register(word: int) -> int:
    """Give the first register that an instruction which begins a call does not read."""
    return (word >> 6 & 0xFF) + (0 if word & 0x3F == VARARG else word >> 23)


def set_upvalues(function: Function) -> set[int]:
    """Give which upvalues a function sets, itself or by one inside it."""
    found = set()
    for at, word, last in function.steps():
        if word & 0x3F == SETUPVAL:
            found.add(word >> 23)
        elif word & 0x3F == CLOSURE:
            taken = function.code[at + 1 : last + 1]
            inside = set_upvalues(function.inner[word >> 14])
            found |= {taken[slot] >> 23 for slot in inside if taken[slot] & 0x3F == GETUPVAL}
    return found
