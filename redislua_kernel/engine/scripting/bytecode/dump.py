"""Compiled Lua 5.1 taken apart, for surgery on it: see `rewriting` and `counting`.

`strip_lines` takes the line numbers out of our own library code: an error raised by a stock
function that it calls then names no position in it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass

from redislua_kernel.engine.interrupts import interruptible, look
from redislua_kernel.engine.scripting.bytecode.opcodes import (
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
    "PARAMETERS",
    "UPVALUES",
    "VARIADIC",
    "DoesNotFit",
    "Function",
    "Words",
    "free_register",
    "jump",
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
#: A constant's kind and, of a text, its length: more bytes than this follow any constant.
_HEAD_OF_CONSTANT = struct.Struct("<BQ").unpack_from
#: A list without items.
_NONE = bytes(4)

#: Where the counts of upvalues and parameters are in a function's head, and whether it takes any
#: number of arguments, from its end.
UPVALUES, PARAMETERS, VARIADIC = -3, -2, -1
#: How many registers a function may have.
MAX_STACK = 250


#: Instructions, each with its line.
Words = Sequence[tuple[int, int]]


class DoesNotFit(Exception):
    """What no instruction can express: a jump over too many, or one of too many constants."""


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


class Function:
    """One function of a dump: what is looked at taken apart, the rest as its bytes.

    What few look at is found out when it is asked for.
    """

    __slots__ = (
        *("_debug", "_jumps", "_operands", "_packed_debug", "_places"),
        *("code", "constants", "head", "inner", "packed_code", "stack"),
    )

    def __init__(
        self,
        head: bytes,
        stack: int,
        packed_code: bytes,
        constants: list[bytes],
        inner: list[Function],
        packed_debug: bytes,
    ) -> None:
        self.head, self.stack = head, stack
        #: The instructions, and as they are dumped, which is searched in C.
        self.code: Sequence[int] = struct.unpack(f"<{len(packed_code) // 4}I", packed_code)
        self.packed_code = packed_code
        self.constants, self.inner = constants, inner
        self._packed_debug = packed_debug
        self._debug: DebugInfo | None = None
        self._jumps: list[tuple[int, int]] | None = None
        self._operands: set[int] | None = None
        #: Where the constants are, once somebody has asked.
        self._places: dict[bytes, int] = {}

    @property
    def debug(self) -> DebugInfo:
        """The names and lines of it."""
        if self._debug is None:
            self._debug = _read_debug(self._packed_debug)
        return self._debug

    @property
    def packed_names(self) -> bytes:
        """The names of its variables, among other things."""
        return self._packed_debug[len(self.packed_code) :]  # there are as many lines

    @property
    def operands(self) -> set[int]:
        """The places of what is no instruction, but belongs to the one before: most have none."""
        if self._operands is None:
            found: set[int] = set()
            self._operands = found
            for at in self._all_places(_MAY_HAVE_OPERANDS):
                if at not in found:
                    found.update(range(at + 1, self._last_operand(at) + 1))
        return self._operands

    def _last_operand(self, at: int) -> int:
        """Give the place of the last operand behind an instruction; its own if there is none."""
        word = self.code[at]
        if word & 0x3F == CLOSURE:
            return at + self.inner[word >> 14].head[UPVALUES]
        return at + 1 if word & 0x3F == SETLIST and word >> 14 & 0x1FF == 0 else at

    def places(self, kinds: bytes) -> list[int]:
        """Give where the instructions of some kinds are: see `of_kind`."""
        found, operands = self._all_places(kinds), self.operands
        return [at for at in found if at not in operands] if operands else found

    def _all_places(self, kinds: bytes) -> list[int]:
        """Give where instructions of some kinds seem to be, operands among them."""
        found, at = [], -1
        for others in self.packed_code[::4].translate(kinds).split(_MARK)[:-1]:
            at += len(others) + 1
            found.append(at)
        return found

    @property
    def jumps(self) -> list[tuple[int, int]]:
        """The places of what jumps, each with that where it leads."""
        if self._jumps is None:
            code, to_next = self.code, 1 - _NO_JUMP
            self._jumps = [(at, at + to_next + (code[at] >> 14)) for at in self.places(_IS_JUMP)]
        return self._jumps

    def dump(self) -> bytes:
        """Give the function as Lua dumps it."""
        look()
        parts = [self.head, bytes([self.stack]), _count(self.code), self.packed_code]
        parts += [_count(self.constants), *self.constants]
        parts += [_count(self.inner), *(function.dump() for function in self.inner)]
        parts.append(self._packed_debug if self._debug is None else self._debug.dump())
        return b"".join(parts)

    def replace(self, words: Mapping[int, int]) -> None:
        """Put other instructions in the place of some, but none that jump or have operands.

        Raises DoesNotFit, and has changed nothing.
        """
        code = list(self.code)
        for at, word in words.items():
            code[at] = word
        self._set_code(code)

    def _set_code(self, code: list[int]) -> None:
        try:
            packed = struct.pack(f"<{len(code)}I", *code)
        except struct.error:
            raise DoesNotFit from None
        self.code, self.packed_code = code, packed

    def tree(self) -> Iterator[Function]:
        """Give the function and all those inside it, in the order of the text."""
        yield self
        for function in self.inner:
            yield from function.tree()

    def steps(self) -> Iterator[tuple[int, int, int]]:
        """Give each instruction with its place, and that of the last of its operands behind it."""
        operands = self.operands
        for at, word in enumerate(interruptible(self.code)):
            if at not in operands:
                yield at, word, self._last_operand(at)

    def local(self, register: int, at: int) -> bytes | None:
        """Give the name of the variable that is in a register at an instruction, as dumped."""
        names = [name for name, start, end in interruptible(self.debug.locals) if start <= at < end]
        return names[register] if register < len(names) else None

    def constant(self, packed: bytes) -> int:
        """Give the place of a constant, which is there from now on."""
        constants = self.constants
        if len(self._places) < len(constants):
            self._places = {each: place for place, each in enumerate(constants)}
        place = self._places.setdefault(packed, len(constants))
        if place == len(constants):
            constants.append(packed)
        return place

    def insert(
        self, before: Mapping[int, Words], behind: Mapping[int, Words] | None = None
    ) -> None:
        """Put instructions before others, so that jumps to these reach them, too; or behind.

        Raises DoesNotFit, and has changed nothing.
        """
        old, debug, behind = self.code, self.debug, behind or {}
        code: list[int] = []
        lines: list[int] = []
        #: Where what stands for an old instruction, or for the end, begins among the new ones.
        places: list[int] = []
        done = 0
        for at in interruptible(sorted(before.keys() | behind.keys())):
            code += old[done:at]
            lines += debug.lines[done:at]
            places += range(len(code) - at + done, len(code) + 1)
            here = (*before.get(at, ()), (old[at], debug.lines[at]), *behind.get(at, ()))
            code += [word for word, _ in here]
            lines += [line for _, line in here]
            done = at + 1
        places += range(len(code), len(code) + len(old) - done + 1)
        code += old[done:]
        lines += debug.lines[done:]
        for at, target in self.jumps:
            source = places[at] + len(before.get(at, ()))
            code[source] = jump(old[at], places[target] - source - 1)
        self._set_code(code)
        self._jumps = self._operands = None
        debug.lines = tuple(lines)
        debug.locals = [(name, places[start], places[end]) for name, start, end in debug.locals]


def read_dump(dump: bytes) -> Function:
    """Take a dump apart."""
    return _read(dump, HEADER, len(dump))[0]


def text_constant(text: bytes) -> bytes:
    """Give a text as a constant in a dump."""
    return struct.pack("<BQ", _TEXT, len(text) + 1) + text + b"\0"


def _count(items: Sized) -> bytes:
    return struct.pack("<I", len(items))


def _numbers(numbers: Sequence[int]) -> bytes:
    return struct.pack(f"<I{len(numbers)}I", len(numbers), *numbers)


def _read(dump: bytes, place: int, end: int | None = None) -> tuple[Function, int]:
    """Read the function at a place, as a little-endian 64-bit Lua 5.1 writes it; give its end.

    All in one piece: every script is read when it is compiled.
    """
    look()
    count, size, constant = _COUNT, _SIZE, _HEAD_OF_CONSTANT
    start, place = place, place + 8 + size(dump, place)[0] + _FIXED
    head, stack = dump[start : place - 1], dump[place - 1]
    (number,), place = count(dump, place), place + 4
    packed, place = dump[place : place + 4 * number], place + 4 * number
    (number,), place = count(dump, place), place + 4
    constants = []
    for _ in interruptible(range(number)):
        start, (kind, length) = place, constant(dump, place)
        place += 9 + length if kind == _TEXT else _SIZES[kind]
        constants.append(dump[start:place])
    (number,), place = count(dump, place), place + 4
    inner = []
    for _ in range(number):
        function, place = _read(dump, place)
        inner.append(function)
    if end is None:
        end = _behind_debug(dump, place)
    return Function(head, stack, packed, constants, inner, dump[place:end]), end


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
    count, size, span = _COUNT, _SIZE, _SPAN
    (number,) = count(packed)
    lines, place = struct.unpack_from(f"<{number}I", packed, 4), 4 + 4 * number
    names: list[tuple[bytes, int, int]] = []
    (number,), place = count(packed, place), place + 4
    for _ in range(number):
        start, place = place, place + 8 + size(packed, place)[0]
        names.append((packed[start:place], *span(packed, place)))
        place += 8
    upvalues = []
    (number,), place = count(packed, place), place + 4
    for _ in range(number):
        start, place = place, place + 8 + size(packed, place)[0]
        upvalues.append(packed[start:place])
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


def of_kind(*kinds: int) -> bytes:
    """Give the table that makes marks of the first bytes of instructions of some kinds."""
    return bytes([byte & 0x3F in kinds for byte in range(256)])


_MARK = b"\1"

_IS_JUMP, _MAY_HAVE_OPERANDS = of_kind(JMP, FORLOOP, FORPREP), of_kind(SETLIST, CLOSURE)
_IS_SETUPVAL, _IS_CLOSURE = of_kind(SETUPVAL), of_kind(CLOSURE)


def jump(word: int, distance: int) -> int:
    """Give an instruction that jumps with another distance."""
    return word & 0x3FFF | distance + _NO_JUMP << 14


def start_of_call(code: Sequence[int], at: int) -> int:
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
    code = function.code
    found = {code[at] >> 23 for at in function.places(_IS_SETUPVAL)}
    for at in function.places(_IS_CLOSURE):
        for slot in set_upvalues(function.inner[code[at] >> 14]):
            taken = code[at + 1 + slot]
            if taken & 0x3F == GETUPVAL:
                found.add(taken >> 23)
    return found
