"""How much memory scripts, and the whole process, may take, and what is said once they do.

A script that holds too much in Lua ends with an error, like one that is at fault otherwise: see
`scripting.lua_memory`. If the process takes too much, whatever runs is interrupted, and undone:
see `guard`. The data themselves have `maxmemory`, which is none, as on a server.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from redislua_kernel.engine.memory.machine import usable_memory

__all__ = ["LEAST_LUA", "LEAST_PROCESS", "MEGABYTE", "MemoryLimits"]

MEGABYTE = 1 << 20
#: Our own Lua takes some of it, too.
LEAST_LUA = 16 * MEGABYTE
#: Less than that the kernel has before anything runs.
LEAST_PROCESS = 256 * MEGABYTE


def _lua_share() -> int:
    return max(LEAST_LUA, min(1024 * MEGABYTE, usable_memory() // 8))


def _process_share() -> int:
    return usable_memory() // 4 * 3


@dataclass(frozen=True)
class MemoryLimits:
    """What an engine's scripts may take, in bytes: in Lua, and with all else in the process."""

    lua_memory: int = field(default_factory=_lua_share)
    process_memory: int = field(default_factory=_process_share)

    @property
    def lua_text(self) -> bytes:
        """What a script is told that holds too much in Lua."""
        megabytes = self.lua_memory // MEGABYTE
        return b"ERR not enough memory: scripts may hold %d MB in Lua (lua-memory)" % megabytes

    @property
    def process_text(self) -> str:
        """What whoever runs is told when the process takes too much."""
        megabytes = self.process_memory // MEGABYTE
        return f"ERR not enough memory: the process may take {megabytes} MB (process-memory)"
