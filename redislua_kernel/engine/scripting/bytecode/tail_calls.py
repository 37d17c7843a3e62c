"""Tail calls in compiled Lua: they keep the caller of a library function on the stack.

`return redis.call(…)` compiles to a tail call. The reference's `redis.call` is a C function,
and the frame of a script that tail-calls C stays; ours are Lua closures, which replace it,
and with it goes the line that error texts name. So a tail call first looks whether the
function it is about to call is one of ours, and makes a plain call then; all others stay
tail calls, and with them unlimited tail recursion.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    GETGLOBAL,
    GETTABLE,
    JMP,
    TAILCALL,
    TEST,
)

__all__ = ["LIBRARY_FUNCTIONS", "guards_of_tail_calls"]

#: The global that tells the functions whose callers are kept; only patched code reads it.
LIBRARY_FUNCTIONS = b"\0library functions"

_LIBRARY_FUNCTIONS = text_constant(LIBRARY_FUNCTIONS)
_IS_TAILCALL = of_kind(TAILCALL)


def guards_of_tail_calls(function: Function) -> dict[int, Words]:
    """Give what makes each tail call a plain one if it is to call one of `LIBRARY_FUNCTIONS`.

    It is to stand before the instruction that begins the call.
    """
    code = function.code
    starts = {start_of_call(code, at): at for at in function.places(_IS_TAILCALL)}
    if not starts:
        return {}
    name = function.constant(_LIBRARY_FUNCTIONS)
    guards: dict[int, Words] = {}
    for start, call in starts.items():
        free = free_register(code[start])
        if free < MAX_STACK:
            function.stack = max(function.stack, free + 1)
            guarded = _guarded_call(code[start : call + 2], free, name)
            guards[start] = [(word, function.debug.lines[call]) for word in guarded]
    return guards


def _guarded_call(chain: Sequence[int], free: int, name: int) -> list[int]:
    """Give the test for a tail call (the last but one of the chain), and the plain call."""
    *before, call, leave = chain
    callee = call >> 6 & 0xFF
    return [
        GETGLOBAL | free << 6 | name << 14,
        GETTABLE | free << 6 | free << 23 | callee << 14,
        TEST | free << 6,
        jump(JMP, len(chain)),
        *before,
        call & ~0x3F | CALL,
        leave,
    ]
