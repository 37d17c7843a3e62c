"""Calls in compiled Lua that reach Lua's own functions where that can do no harm.

What could do harm is a Lua closure around a stock function: see sandbox.lua and patterns.lua. Where
a script calls one by its name, its code now asks whether this call is harmless, and calls the stock
function then. That is quicker, and an error is as if nothing stood in between.

A call is harmless with a short pattern that stands in the text, or none; with any other pattern if
a table says so, which has an item for each. Calls of `error` and `unpack` are with one argument;
those of `pairs` and its like unless a protected table comes first. What is called is compared with
our function of that name: Lua finds an item by a text sooner than by a function. Both functions are
hidden globals, which no script comes by (see sandbox.lua): who has a stock function can end the
process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.scripting.bytecode.dump import (
    MAX_STACK,
    Function,
    Words,
    free_register,
    jump,
    of_kind,
    start_of_call,
    text_constant,
)
from redislua_kernel.engine.scripting.bytecode.opcodes import (
    CALL,
    EQ,
    GETGLOBAL,
    GETTABLE,
    GETUPVAL,
    JMP,
    LE,
    LOADK,
    MOVE,
    SELF,
    TAILCALL,
    TEST,
)

__all__ = ["BY_PATTERN", "OURS", "PROTECTED", "STOCK", "questions_of_calls"]

#: What the names of the hidden globals begin with, before the name of a function: where ours is,
#: the stock one, and a table from patterns to what may be called with each. And the name of that
#: which has the tables that need our functions.
OURS, STOCK, BY_PATTERN, PROTECTED = (
    b"\0" + kind for kind in (b"ours ", b"stock ", b"by pattern ", b"protected")
)
#: A pattern of so many bytes is harmless, whatever is in it.
_SHORT = 2**14

#: So many instructions a call may have for its arguments.
_FARTHEST = 100
#: What has in the place of a register something else.
_WITHOUT_REGISTER = frozenset([JMP, *range(EQ, LE + 1)])
#: Operands from here on are constants.
_CONSTANT = 256


def _dumped(*names: bytes) -> dict[bytes, bytes]:
    """Give names by what those of variables are dumped as: constants without their kind."""
    return {text_constant(name)[1:]: name for name in names}


_ALONE_NAMES = _dumped(b"error", b"unpack")
_TABLE_NAMES = _dumped(b"insert", b"next", b"pairs", b"rawget", b"rawset")
_PATTERN_NAMES = _dumped(b"find", b"gfind", b"gmatch", b"gsub", b"match")
_NAMES = _ALONE_NAMES | _TABLE_NAMES | _PATTERN_NAMES
_PROTECTED = text_constant(PROTECTED)
_HIDDEN = {
    (kind, dumped): text_constant(kind + name)
    for kind in (OURS, STOCK, BY_PATTERN)
    for dumped, name in _NAMES.items()
}
_CONSTANTS = frozenset(text_constant(b"")[:1] + name for name in _NAMES)
#: Finds one among the names of variables.
_ANY_NAME = re.compile(b"|".join(map(re.escape, _NAMES)))

#: What reads a function from a table by a constant, and what from a variable; and what calls it.
_BY_CONSTANT, _IS_FROM_VARIABLE = frozenset([GETTABLE, SELF]), of_kind(MOVE, GETUPVAL)
_CALLS = frozenset([CALL, TAILCALL])


def questions_of_calls(function: Function) -> dict[int, Words]:
    """Give what is to stand before the instruction that begins a call that may be harmless."""
    names = _CONSTANTS.intersection(function.constants)
    are_variables = _ANY_NAME.search(function.packed_names) is not None
    if not (names or are_variables):
        return {}
    calls = _Calls(function)
    found = list(calls.by_constant(names)) if names else []
    if are_variables:
        found += calls.from_variable()
    questions: dict[int, Words] = {}
    for at, read, name in sorted(found):
        start = start_of_call(function.code, at)
        asked = calls.question(start, at, read, name)
        if asked:
            line = function.debug.lines[at]
            questions[start] = [*questions.get(start, ()), *[(each, line) for each in asked]]
    return questions


#: Where a function is called, where it is read for that, and its name.
Call = tuple[int, int, bytes]


class _Calls:
    """The calls of our functions in a function."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self._origins: dict[int, int] | None = None

    def by_constant(self, names: Iterable[bytes]) -> Iterator[Call]:
        """Give the calls of what is read from globals or tables."""
        function = self.function
        constants = {function.constants.index(name): name[1:] for name in names}
        ends = {place & 0xFF for place in constants}
        for read, word in enumerate(interruptible(function.code)):
            if word >> 14 & 0xFF in ends:  # few are left
                kind, name = word & 0x3F, None
                if kind == GETGLOBAL:
                    name = constants.get(word >> 14)
                elif kind in _BY_CONSTANT:
                    name = constants.get((word >> 14 & 0x1FF) - _CONSTANT)
                call = None if name is None else self._call_of(read)
                if name is not None and call and read not in function.operands:
                    yield call, read, name

    def from_variable(self) -> Iterator[Call]:
        """Give the calls of what is read from variables."""
        function = self.function
        for read in interruptible(function.places(_IS_FROM_VARIABLE)):
            call = self._call_of(read)
            if call:
                word = function.code[read]
                if word & 0x3F == MOVE:
                    name = function.local(word >> 23, read)
                else:
                    name = function.debug.upvalues[word >> 23]
                if name is not None and name in _NAMES:
                    yield call, read, name

    def _call_of(self, read: int) -> int | None:
        """Give the call of what is read into a register; none is at the very beginning."""
        code = self.function.code
        places = range(read + 1, min(read + _FARTHEST, len(code)))
        at = self._used(code[read] >> 6 & 0xFF, places)
        return at if at >= 0 and code[at] & 0x3F in _CALLS else None

    def _used(self, register: int, places: range) -> int:
        """Give the first place at which a register is the first operand; -1: none of them."""
        code = self.function.code
        for at in places:
            word = code[at]
            if (
                word >> 6 & 0xFF == register
                and word & 0x3F not in _WITHOUT_REGISTER
                and at not in self.function.operands
            ):
                return at
        return -1

    def question(self, start: int, call: int, read: int, name: bytes) -> list[int]:
        """Give what is to stand before the instruction that begins a call."""
        word, callee = self.function.code[start], self.function.code[call] >> 6 & 0xFF
        free, opened = free_register(word), word >> 6 & 0xFF
        if free >= MAX_STACK:
            return []
        is_open = opened != callee  # there may be more arguments, from the register `opened` on
        count = opened - callee - 1 if is_open else free - callee - 1
        may_be_alone = not is_open and count < 2
        stock = partial(_global, self.function, callee, _HIDDEN[STOCK, name])
        if name in _TABLE_NAMES:
            if count == 0:
                return []
            words = _unless_protected(self.function, callee + 1, free, stock())
        elif name in _ALONE_NAMES:
            if not may_be_alone:
                return []
            words = [stock()]
        elif may_be_alone or self._has_short_pattern(start, call, read):
            words = [stock()]
        elif count < 2:
            return []
        else:
            words = [
                _global(self.function, free, _HIDDEN[BY_PATTERN, name]),
                GETTABLE | free << 6 | free << 23 | callee + 2 << 14,
                MOVE | callee << 6 | free << 23,
            ]
        self.function.stack = max(self.function.stack, free + 1)
        return [
            _global(self.function, free, _HIDDEN[OURS, name]),
            EQ | callee << 23 | free << 14,
            jump(JMP, len(words)),  # Lua names in an error what it finds by following it
            *words,
        ]

    def _has_short_pattern(self, start: int, call: int, read: int) -> bool:
        """Tell whether a call's pattern is a text of the code, and always the same."""
        pattern = (self.function.code[call] >> 6 & 0xFF) + 2
        place = self._used(pattern, range(call - 1, read, -1))
        word = self.function.code[place]
        return (
            place >= 0
            and word & 0x3F == LOADK
            and len(self.function.constants[word >> 14]) <= _SHORT
            and all(self.origins.get(at, start) > place for at in range(place + 1, start + 1))
        )

    @property
    def origins(self) -> dict[int, int]:
        """From where the first jump to an instruction comes; -1: from behind it."""
        if self._origins is None:
            origins: dict[int, int] = {}
            self._origins = origins
            for at, target in self.function.jumps:
                origins[target] = min(origins.get(target, at), at if at < target else -1)
        return self._origins


def _global(function: Function, register: int, name: bytes) -> int:
    """Give what reads a hidden global into a register."""
    return GETGLOBAL | register << 6 | function.constant(name) << 14


def _unless_protected(function: Function, table: int, free: int, word: int) -> list[int]:
    """Give what passes an instruction by if a table is protected, and that."""
    return [
        _global(function, free, _PROTECTED),
        GETTABLE | free << 6 | free << 23 | table << 14,
        TEST | free << 6 | 1 << 14,
        jump(JMP, 1),
        word,
    ]
