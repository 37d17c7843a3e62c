"""HyperLogLog: estimates how many different elements were added, in 12 KB or less.

The value is a string in the reference's format: a header (`HYLL`, the encoding, the cached
estimate) and 16384 registers of 6 bits. Dense, the registers lie one after the other
(`registers`); sparse, they are runs (`runs`). `murmur` tells where an element belongs, `opened`
has the values that were used last taken apart, `adding` changes them. Nothing here knows of keys.
"""

from redislua_kernel.engine.hyperloglog.adding import (
    drop_estimate,
    estimate_of,
    is_contained,
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
    is_valid,
    new,
    store_estimate,
)
from redislua_kernel.engine.hyperloglog.murmur import locate_all
from redislua_kernel.engine.hyperloglog.opened import Text, data_of
from redislua_kernel.engine.hyperloglog.registers import count, estimate, merge, registers_set
from redislua_kernel.engine.hyperloglog.runs import decode

__all__ = [
    "DENSE",
    "SPARSE",
    "CorruptedError",
    "Text",
    "cached_estimate",
    "count",
    "data_of",
    "decode",
    "drop_estimate",
    "estimate",
    "estimate_of",
    "is_contained",
    "is_valid",
    "locate_all",
    "make_dense",
    "merge",
    "new",
    "raise_registers",
    "read_registers",
    "registers_set",
    "set_dense",
    "store_estimate",
]
