"""What compiled Lua does with its keys and arguments: who only reads them may share the tables.

To make two tables for each run, and to take them away again, costs as much as a tenth of a short
script. Where items of them are read, or how many there are, and nothing else is done, no run can
leave anything in them, and none can keep them: so the same tables serve all (see redis.lua).
"""

from __future__ import annotations

from enum import IntEnum

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.scripting.bytecode.dump import (
    PARAMETERS,
    VARIADIC,
    Function,
    of_kind,
    text_constant,
)
from redislua_kernel.engine.scripting.bytecode.opcodes import (
    ADD,
    CALL,
    CONCAT,
    EQ,
    FORLOOP,
    FORPREP,
    GETGLOBAL,
    GETTABLE,
    LE,
    LEN,
    LT,
    MOVE,
    RETURN,
    SELF,
    SETGLOBAL,
    SETLIST,
    SETTABLE,
    SETUPVAL,
    TAILCALL,
    TESTSET,
    TFORLOOP,
    UNM,
)

__all__ = ["Use", "use_of_globals", "use_of_parameters"]


class Use(IntEnum):
    """What is done with the tables of keys and of arguments."""

    NOTHING = 0
    READING = 1
    ANYTHING = 2


_TABLES = [text_constant(name) for name in (b"KEYS", b"ARGV")]
#: What leads to the globals otherwise than by their names.
_WAYS_ROUND = frozenset(map(text_constant, (b"_G", b"load", b"loadstring")))
_IS_GETGLOBAL = of_kind(GETGLOBAL)
#: The last operand of an instruction.
_C = 0x1FF << 14

#: What may give a table away that is its first operand, its second, or its third.
_TAKES_FIRST = frozenset([
    SETGLOBAL, SETUPVAL, SETTABLE, CALL, TAILCALL, RETURN, FORLOOP, FORPREP, TFORLOOP, SETLIST,
])  # fmt: skip
_TAKES_SECOND = frozenset([
    MOVE, SETTABLE, SELF, *range(ADD, UNM + 1), CONCAT, EQ, LT, LE, TESTSET,
])  # fmt: skip
_TAKES_THIRD = frozenset([GETTABLE, SETTABLE, SELF, *range(ADD, UNM), CONCAT, EQ, LT, LE])
#: A RETURN of nothing, but for its first operand.
_NO_RESULT = RETURN | 1 << 23


def use_of_globals(script: Function) -> Use:
    """Tell what a script, with all functions in it, does with KEYS and ARGV."""
    use = Use.NOTHING
    for function in interruptible(script.tree()):
        constants, code = function.constants, function.code
        if not _WAYS_ROUND.isdisjoint(constants):
            return Use.ANYTHING
        tables = {constants.index(name) for name in _TABLES if name in constants}
        for at in function.places(_IS_GETGLOBAL) if tables else ():
            if code[at] >> 14 in tables:
                use = Use.READING
                if not _reads_in_place(code[at + 1], code[at] >> 6 & 0xFF):
                    return Use.ANYTHING
    return use


def _reads_in_place(word: int, register: int) -> bool:
    """Tell whether an instruction puts an item, or the number of them, in the table's place."""
    in_place = register << 6 | register << 23
    return word & ~_C == GETTABLE | in_place or word == LEN | in_place


def use_of_parameters(function: Function) -> Use:
    """Tell what a function of a library does with its first two parameters."""
    if function.head[VARIADIC]:
        return Use.ANYTHING
    tables = range(min(function.head[PARAMETERS], 2))
    if not tables:
        return Use.NOTHING
    for word in function.code:  # what a closure takes stands there, too: as if it were moved
        kind = word & 0x3F
        if (
            (kind in _TAKES_FIRST and word >> 6 & 0xFF in tables and word & ~0x3FC0 != _NO_RESULT)
            or (kind in _TAKES_SECOND and word >> 23 in tables)
            or (kind in _TAKES_THIRD and word >> 14 & 0x1FF in tables)
        ):
            return Use.ANYTHING
    return Use.READING
