"""How much memory a Lua state holds, and may hold.

Lua looks itself, in the hook that is also there for interrupts: past a certain size it collects
its garbage, and if too much is left, the script is stopped (`redis.lua`). A step that needs very
much at once (to double a long string) meets a hard limit in the allocator: Lua's own error "not
enough memory", which scripts cannot catch here. It must never be met while Python hands something
to Lua: there, that error would leave Python's lock behind. So there is room between the two, and
what may not fit into it is weighed before.
"""

from __future__ import annotations

import sys
from typing import Any

from redislua_kernel.reply import Reply

__all__ = ["NOT_ENOUGH", "LuaMemory", "weight"]

#: What Lua says in want of memory.
NOT_ENOUGH = b"not enough memory"

#: So much room there is beside that, for what is short.
_ROOM = 64 << 20
#: What an error may still need once there was not enough.
_RESERVE = 16 << 20

#: What an element needs beside its bytes.
_PER_ELEMENT = 48


class LuaMemory:
    """The memory of one Lua state."""

    def __init__(self, lua: Any) -> None:
        self._lua = lua
        #: How many bytes a script may hold.
        self.limit = sys.maxsize
        #: Whether the script that runs was found to hold too much.
        self.is_full = False

    @property
    def suspicious(self) -> int:
        """From how many bytes on it is to be seen how many are in use: some may be garbage."""
        return self.limit + self.limit // 4

    @property
    def is_suspicious(self) -> bool:
        """Tell whether it is to be seen how much is in use."""
        return self._used() > self.suspicious

    @property
    def is_much(self) -> bool:
        """Tell whether so much is in use that what Lua says of its memory is to be believed."""
        return self._used() > self.limit // 4

    @property
    def room(self) -> int:
        """How many bytes there are left to hand to Lua."""
        return self._most - self._used() - _RESERVE

    def restrict(self, limit: int, longest: int) -> None:
        """Let scripts hold so many bytes.

        Beside them there is room for one value of the keyspace: as long as a command, or a script,
        can make it.
        """
        self.limit = limit
        self._most = self.suspicious + max(longest, limit) + _ROOM
        self._lua.set_max_memory(self._most, True)

    def fill(self) -> None:
        """Take note that a script holds too much; let there be enough to say so."""
        self.is_full = True
        self._lua.set_max_memory(self._most + _RESERVE, True)

    def look(self) -> bool:
        """Tell whether a script holds too much, its garbage not counted."""
        if not self.is_full and self.is_suspicious and self._collect(self.limit) > self.limit:
            self.fill()
        return self.is_full

    def choke(self) -> None:
        """Let a state that is of no use any more have hardly more memory: it ends for want of it.

        Nothing else ends it in the midst of a step.
        """
        self._lua.set_max_memory(self._used() + _RESERVE, True)

    def relieve(self) -> None:
        """Free what a script held that was stopped because of it."""
        self.is_full = False
        self._lua.set_max_memory(self._most, True)
        self._collect()

    @property
    def is_clogged(self) -> bool:
        """Tell whether much is held that belongs to no script: only a new state is rid of it."""
        return self._used() > self.limit // 2

    def _collect(self, enough: int = 0) -> int:
        """Free what is garbage; give what is in use then.

        Each collection halves the buffer that Lua has for long strings.
        """
        before, used = sys.maxsize, self._used()
        while enough < used < before * 0.9:
            before = used
            self._lua.gccollect()
            used = self._used()
        return used

    def _used(self) -> int:
        used: int = self._lua.get_memory_used(True)
        return used


def weight(reply: Reply) -> int:
    """Give about how many bytes a reply takes in Lua."""
    total, todo = 0, [reply]
    while todo:
        item = todo.pop()
        if isinstance(item, bytes):
            total += _PER_ELEMENT + len(item)
        elif isinstance(item, dict):
            todo += item.keys()
            todo += item.values()
        elif isinstance(item, list | tuple):
            total += _PER_ELEMENT
            todo += item
        else:
            total += _PER_ELEMENT
    return total
