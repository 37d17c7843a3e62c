"""What is changed in scripts, libraries and what they load, when they are compiled."""

from __future__ import annotations

from typing import NamedTuple

from redislua_kernel.engine.interrupts import look
from redislua_kernel.engine.scripting.bytecode.call_sites import bind_calls
from redislua_kernel.engine.scripting.bytecode.dump import HEADER, DoesNotFit, Function, read_dump
from redislua_kernel.engine.scripting.bytecode.stock_calls import questions_of_calls
from redislua_kernel.engine.scripting.bytecode.tail_calls import guards_of_tail_calls
from redislua_kernel.engine.scripting.bytecode.uses import Use, use_of_globals

__all__ = ["Rewritten", "rewrite"]


class Rewritten(NamedTuple):
    """Compiled Lua as it is to run."""

    #: The same object as before if nothing was changed.
    dump: bytes
    #: What it does with KEYS and ARGV, if it is a script.
    use: Use


def rewrite(dump: bytes, *, binds_calls: bool = True) -> Rewritten:
    """Give compiled Lua as it is to run: see the files that the changes are from.

    Calls are not bound where `redis` may be a variable that does not show in the code.
    """
    main = read_dump(dump)
    use = use_of_globals(main)
    is_bound = binds_calls and bind_calls(main)
    are_asked = [_insert(each) for each in main.tree()]
    if is_bound or any(are_asked):
        dump = dump[:HEADER] + main.dump()
    return Rewritten(dump, use)


def _insert(function: Function) -> bool:
    """Put in what stands before calls; False: nothing does."""
    look()
    before = questions_of_calls(function)
    for at, guard in guards_of_tail_calls(function).items():
        before[at] = [*before.get(at, ()), *guard]
    try:
        if before:
            function.insert(before)
    except DoesNotFit:  # it runs as it is: what it calls sees to itself
        return False
    return bool(before)
