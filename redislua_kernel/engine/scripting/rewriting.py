"""What is changed in scripts, libraries and what they load, when they are compiled."""

from __future__ import annotations

from redislua_kernel.engine.scripting.bytecode import HEADER, read_dump
from redislua_kernel.engine.scripting.call_sites import bind_calls
from redislua_kernel.engine.scripting.stock_calls import use_stock_functions
from redislua_kernel.engine.scripting.tail_calls import guard_tail_calls

__all__ = ["rewrite"]

#: What else changes a function, and tells whether it did; in this order.
_CHANGES = (use_stock_functions, guard_tail_calls)


def rewrite(dump: bytes, *, binds_calls: bool = True) -> bytes:
    """Give compiled Lua as it is to run: see the files that the changes are from.

    Calls are not bound where `redis` may be a variable that does not show in the code.
    """
    main = read_dump(dump)
    is_bound = binds_calls and bind_calls(main)
    changes = [change(each) for each in main.tree() for change in _CHANGES]
    return dump[:HEADER] + main.dump() if is_bound or any(changes) else dump
