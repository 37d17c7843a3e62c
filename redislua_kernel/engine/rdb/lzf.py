"""LZF, the compression of long strings in the RDB format (Marc Lehmann's LibLZF).

A stream is made of runs of up to 32 literal bytes, and of references to bytes that came up to
8192 bytes earlier. What `compress` gives is what the reference gives: it finds the same matches.
It is written in Lua, and runs in a Lua state of its own: in LuaJIT's where lupa has that, which
takes a twentieth of the time that Python or plain Lua need.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

from redislua_kernel.engine.interrupts import look

__all__ = ["compress", "decompress"]

#: There is one state: one text at a time.
_lock = threading.Lock()


def compress(text: bytes, limit: int) -> bytes | None:
    """Give the LZF stream of a text; None if it does not fit into `limit` bytes."""
    begin, step = _compressor()
    with _lock:
        begin(text, limit)
        while (found := step()) is True:
            look()
    return found  # type: ignore[no-any-return]


@cache
def _compressor() -> tuple[Callable[[bytes, int], None], Callable[[], Any]]:
    """Give what starts on a text, and what goes on with it: see lzf.lua."""
    try:
        from lupa import luajit21 as lua  # noqa: PLC0415  # only once something is compressed
    except ImportError:
        from lupa import lua51 as lua  # noqa: PLC0415
    state = lua.LuaRuntime(
        encoding=None, unpack_returned_tuples=True, register_eval=False, register_builtins=False
    )
    source = resources.files("redislua_kernel.engine") / "lua" / "lzf.lua"
    begin, step = state.execute(source.read_bytes())
    return begin, step


def decompress(packed: bytes, size: int) -> bytes:
    """Give the `size` bytes that an LZF stream stands for. Raises ValueError if it is corrupt."""
    out = bytearray()
    place, end = 0, len(packed)
    try:
        while place < end:
            look()
            control = packed[place]
            place += 1
            if control < 32:  # that many literal bytes and one more
                if place + control >= end:
                    raise ValueError("literals run past the end")
                out += packed[place : place + control + 1]
                place += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += packed[place]
                place += 1
            start = len(out) - ((control & 31) << 8 | packed[place]) - 1
            place += 1
            if start < 0:
                raise ValueError("a reference points before the start")
            length += 2
            copied = out[start : start + length]
            if len(copied) < length:  # the copy overlaps what it writes
                copied = (copied * (length // len(copied) + 1))[:length]
            out += copied
            if len(out) > size:
                raise ValueError("longer than said")
    except IndexError:
        raise ValueError("cut off") from None
    if len(out) != size:
        raise ValueError("shorter than said")
    return bytes(out)
