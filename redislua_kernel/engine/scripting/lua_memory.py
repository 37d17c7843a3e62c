"""How much memory a Lua state holds, and may hold.

Lua looks itself, whenever it has collected its garbage: if too much is left, the script is
stopped at its next instruction (`interrupts.lua`). A step that needs very much at once (to double
a long string) meets a hard limit in the allocator: Lua's own error "not enough memory", which
scripts cannot catch here. It must never be met while Python hands something to Lua: there, that
error would leave Python's lock behind, or end the process. So there is room between the two, of
which what is short takes nothing worth counting; and what is long is weighed before it is handed
over.
"""

from __future__ import annotations

import sys
from collections.abc import KeysView, Sequence, ValuesView
from typing import Any

from redislua_kernel.reply import Reply

__all__ = ["NOT_ENOUGH", "PER_ELEMENT", "LuaMemory", "weight"]

#: What Lua says in want of memory.
NOT_ENOUGH = b"not enough memory"

#: So much room there is beside that, for what is short.
_ROOM = 64 << 20
#: What an error may still need once there was not enough.
_RESERVE = 16 << 20

#: What an element needs beside its bytes.
PER_ELEMENT = 48
_STRINGS = {bytes}
_SHORT = {bool, float, int, type(None)}
_COLLECTIONS = (list, tuple, KeysView, ValuesView)


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
    def is_much(self) -> bool:
        """Tell whether so much is in use that what Lua says of its memory is to be believed."""
        return self._used() > self.limit // 4

    def has_room(self, weight: int) -> bool:
        """Tell whether so many bytes can be handed to Lua, if need be without its garbage."""
        room = self._most - _RESERVE - weight
        return self._used() <= room or self._collect(room) <= room

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

    @property
    def used(self) -> int:
        """The bytes in use, as the allocator counts them: any thread may ask."""
        return self._used()

    def _used(self) -> int:
        used: int = self._lua.get_memory_used(True)
        return used


def weight(reply: Reply | Sequence[bytes]) -> int:
    """Give about how many bytes a reply takes in Lua."""
    total, todo = 0, [reply]
    while todo:
        item = todo.pop()
        total += PER_ELEMENT
        if isinstance(item, bytes):
            total += len(item)
        elif isinstance(item, dict):
            todo += item.keys(), item.values()
        elif isinstance(item, _COLLECTIONS):
            kinds = {*map(type, item)}
            if kinds <= _SHORT:
                total += PER_ELEMENT * len(item)
            elif kinds <= _STRINGS:
                total += sum(map(len, item)) + PER_ELEMENT * len(item)
            else:
                todo += item
    return total
