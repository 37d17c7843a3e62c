"""How much memory keys and values take on a server, estimated from what they hold."""

from __future__ import annotations

from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.value import Stored, Value, as_value

__all__ = ["NUMBER", "PER_KEY", "STRING", "key_memory", "value_memory"]

#: What holds a key and its value together, beside its name.
PER_KEY = 20
#: A string's header.
STRING = 8
#: A counter, which takes the place of the pointer to its text.
NUMBER = 16

#: What is only measured is nobody's.
_NOBODY = Journal()


def value_memory(value: Stored, samples: int = 5) -> int:
    """Estimate the bytes a value takes; `samples` elements stand for all (0: all)."""
    if isinstance(value, int):
        return NUMBER
    value = as_value(value, _NOBODY)
    return value.memory(samples) if isinstance(value, Value) else len(value) + STRING


def key_memory(key: bytes, value: Stored, samples: int = 5) -> int:
    """Estimate the bytes a key and its value take."""
    return PER_KEY + len(key) + value_memory(value, samples)
