"""What is changed in scripts, libraries and what they load, when they are compiled."""

from __future__ import annotations

from redislua_kernel.engine.scripting.bytecode import HEADER, read_dump
from redislua_kernel.engine.scripting.tail_calls import guard_tail_calls

__all__ = ["rewrite"]


def rewrite(dump: bytes) -> bytes:
    """Give compiled Lua as it is to run: see `tail_calls`."""
    main = read_dump(dump)
    changed = [function for function in main.tree() if guard_tail_calls(function)]
    return dump[:HEADER] + main.dump() if changed else dump
