"""Calls in compiled Lua that reach Lua's own functions where that can do no harm.

What could do harm is a Lua closure around a stock function: see sandbox.lua and patterns.lua. Where
a script calls one by its name, its code now asks whether this call is harmless, and calls the stock
function then. That is quicker, and an error is as if nothing stood in between.

A call is harmless with a short pattern that stands in the text, or none; with any other pattern if
a table says so, which has an item for each. Calls of `error` and `unpack` are with one argument;
those of `pairs` and its like unless a protected table comes first. The tables are hidden globals,
whose names no script can guess: who has a stock function can end the process.
"""

from __future__ import annotations

import re
import secrets

from redislua_kernel.engine.scripting.bytecode import (
    MAX_STACK,
    Function,
    Words,
    distance,
    free_register,
    jump,
    jumps,
    start_of_call,
    text_constant,
)
from redislua_kernel.engine.scripting.opcodes import (
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

__all__ = [
    "ALONE",
    "BY_PATTERN",
    "PROTECTED",
    "SECRET",
    "SHORT_PATTERN",
    "TABLE_FIRST",
    "use_stock_functions",
]

SECRET = secrets.token_hex(8).encode()
#: The hidden globals: from our functions to the stock ones; BY_PATTERN: to tables of them;
#: PROTECTED: the tables that need our functions.
ALONE, BY_PATTERN, PROTECTED, SHORT_PATTERN, TABLE_FIRST = (
    b"\0" + SECRET + kind
    for kind in (b" alone", b" by pattern", b" protected", b" short pattern", b" table first")
)
#: A pattern of so many bytes is harmless, whatever is in it.
_SHORT = 2**14

#: What has in the place of a register something else.
_WITHOUT_REGISTER = frozenset([JMP, *range(EQ, LE + 1)])
#: Operands from here on are constants.
_CONSTANT = 256


def _dumped(*names: bytes) -> frozenset[bytes]:
    """Give names as those of variables are dumped: constants without their kind."""
    return frozenset(text_constant(name)[1:] for name in names)


_ALONE_NAMES = _dumped(b"error", b"unpack")
_TABLE_NAMES = _dumped(b"insert", b"next", b"pairs", b"rawget", b"rawset")
_PATTERN_NAMES = _dumped(b"find", b"gfind", b"gmatch", b"gsub", b"match")
_NAMES = _ALONE_NAMES | _TABLE_NAMES | _PATTERN_NAMES
_CONSTANTS = frozenset(text_constant(b"")[:1] + name for name in _NAMES)
#: Finds one among the names of variables.
_ANY_NAME = re.compile(b"|".join(map(re.escape, _NAMES)))


def use_stock_functions(function: Function) -> bool:
    """Put a question before each call that may be harmless; False: the function has none."""
    if _CONSTANTS.isdisjoint(function.constants) and not _ANY_NAME.search(function.packed_debug):
        return False
    calls = _Calls(function)
    questions: dict[int, Words] = {}
    for at, word, _ in function.steps():
        kind, register = word & 0x3F, word >> 6 & 0xFF
        if kind in (CALL, TAILCALL) and register in calls.last:
            start = start_of_call(function.code, at)
            asked = calls.question(start, register)
            if asked:
                line = function.debug.lines[at]
                questions[start] = [*questions.get(start, ()), *((each, line) for each in asked)]
        if kind not in _WITHOUT_REGISTER:
            calls.last[register] = at
    if not questions:
        return False
    function.insert(questions)
    return True


class _Calls:
    """A function, looked at up to one of its calls."""

    def __init__(self, function: Function) -> None:
        self.function = function
        #: Where each register was set.
        self.last: dict[int, int] = {}
        #: From where the first jump to an instruction comes; -1: from behind it.
        self.origins: dict[int, int] = {}
        for at, word in jumps(function.code):
            target = at + 1 + distance(word)
            self.origins[target] = min(self.origins.get(target, at), at if at < target else -1)

    def question(self, start: int, callee: int) -> list[int]:
        """Give what is to stand before the instruction that begins a call."""
        word = self.function.code[start]
        free, opened = free_register(word), word >> 6 & 0xFF
        name = self._name(self.last[callee])
        if name not in _NAMES or free >= MAX_STACK:
            return []
        is_open = opened != callee  # there may be more arguments, from the register `opened` on
        count = opened - callee - 1 if is_open else free - callee - 1
        may_be_alone = not is_open and count < 2
        if name in _TABLE_NAMES:
            if count == 0:
                return []
            words = _stock_call(self.function, TABLE_FIRST, callee, free)
            words = _unless_protected(self.function, callee + 1, free, words)
        elif name in _ALONE_NAMES:
            if not may_be_alone:
                return []
            words = _stock_call(self.function, ALONE, callee, free)
        elif may_be_alone or self._has_short_pattern(start, callee):
            words = _stock_call(self.function, SHORT_PATTERN, callee, free)
        elif count < 2:
            return []
        else:
            words = _stock_call(self.function, BY_PATTERN, callee, free, callee + 2)
        self.function.stack = max(self.function.stack, free + 1)
        return words

    def _name(self, place: int) -> bytes | None:
        """Give the name that a function was got by, as variables' names are dumped."""
        word = self.function.code[place]
        kind, operand = word & 0x3F, word >> 14 & 0x1FF
        if kind == MOVE:
            return self.function.local(word >> 23, place)
        if kind == GETUPVAL:
            return self.function.debug.upvalues[word >> 23]
        if kind == GETGLOBAL:
            return self.function.constants[word >> 14][1:]
        if kind in (GETTABLE, SELF) and operand >= _CONSTANT:
            return self.function.constants[operand - _CONSTANT][1:]
        return None

    def _has_short_pattern(self, start: int, callee: int) -> bool:
        """Tell whether a call's pattern is a text of the code, and always the same."""
        place = self.last.get(callee + 2, -1)
        word = self.function.code[place]
        return (
            place > self.last[callee]
            and word & 0x3F == LOADK
            and len(self.function.constants[word >> 14]) <= _SHORT
            and all(self.origins.get(at, start) > place for at in range(place + 1, start + 1))
        )


def _stock_call(
    function: Function, name: bytes, callee: int, free: int, pattern: int | None = None
) -> list[int]:
    """Give what puts the stock function in the place of ours.

    Lua names in an error what it finds by following the jump.
    """
    words = [MOVE | callee << 6 | free << 23]
    if pattern is not None:
        words.insert(0, GETTABLE | free << 6 | free << 23 | pattern << 14)
    return [
        GETGLOBAL | free << 6 | function.constant(text_constant(name)) << 14,
        GETTABLE | free << 6 | free << 23 | callee << 14,
        TEST | free << 6,
        jump(JMP, len(words)),
        *words,
    ]


def _unless_protected(function: Function, table: int, free: int, words: list[int]) -> list[int]:
    """Give what passes instructions by if a table is protected, and these."""
    return [
        GETGLOBAL | free << 6 | function.constant(text_constant(PROTECTED)) << 14,
        GETTABLE | free << 6 | free << 23 | table << 14,
        TEST | free << 6 | 1 << 14,
        jump(JMP, len(words)),
        *words,
    ]
