"""HyperLogLog: estimates how many different elements were added, in 12 KB or less.

The value is a string in the reference's format: a header (`HYLL`, the encoding, the cached
estimate) and 16384 registers of 6 bits. Dense, the registers lie one after the other
(`registers`); sparse, they are runs (`runs`). `murmur` tells where an element belongs, `adding`
changes a value. Nothing here knows of keys.
"""

from redislua_kernel.engine.hyperloglog.adding import (
    make_dense,
    raise_registers,
    read_registers,
    set_dense,
)
from redislua_kernel.engine.hyperloglog.layout import (
    DENSE,
    SPARSE,
    CorruptedError,
    cached_estimate,
    invalidate,
    is_valid,
    new,
    store_estimate,
)
from redislua_kernel.engine.hyperloglog.murmur import locate_all
from redislua_kernel.engine.hyperloglog.registers import estimate, merge
from redislua_kernel.engine.hyperloglog.runs import decode

__all__ = [
    "DENSE",
    "SPARSE",
    "CorruptedError",
    "cached_estimate",
    "decode",
    "estimate",
    "invalidate",
    "is_valid",
    "locate_all",
    "make_dense",
    "merge",
    "new",
    "raise_registers",
    "read_registers",
    "set_dense",
    "store_estimate",
]
