"""One notebook's place of work: what it is connected to, what it has set, what its cells did.

`Session` is what the kernel and the magics work with. Its parts stand beside it: `cell_unit`
(what brackets a cell), `stepping` (which commands go to a debugger), `bodies` (what the cells'
scripts were), `libraries` (what is loaded), `settings` (what outlives a kernel).
"""

from redislua_kernel.session.bodies import Lua
from redislua_kernel.session.libraries import Libraries, LibraryChange
from redislua_kernel.session.options import Options
from redislua_kernel.session.session import Session
from redislua_kernel.session.settings import apply_settings, settings_of

__all__ = [
    "Libraries",
    "LibraryChange",
    "Lua",
    "Options",
    "Session",
    "apply_settings",
    "settings_of",
]
