"""What is changed in scripts, libraries and what they load, when they are compiled."""

from __future__ import annotations

from redislua_kernel.engine.scripting.bytecode import HEADER, read_dump
from redislua_kernel.engine.scripting.stock_calls import use_stock_functions
from redislua_kernel.engine.scripting.tail_calls import guard_tail_calls

__all__ = ["rewrite"]

#: What changes a function, and tells whether it did; in this order.
_CHANGES = (use_stock_functions, guard_tail_calls)


def rewrite(dump: bytes) -> bytes:
    """Give compiled Lua as it is to run: see the files that the changes are from."""
    main = read_dump(dump)
    changes = [change(each) for each in main.tree() for change in _CHANGES]
    return dump[:HEADER] + main.dump() if any(changes) else dump
