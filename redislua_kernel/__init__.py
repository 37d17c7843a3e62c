"""A Jupyter kernel for Redis Lua with a whole Redis scripting engine inside."""

from __future__ import annotations

from redislua_kernel.engine import Engine
from redislua_kernel.errors import RedisError, ResponseError

__all__ = ["Engine", "RedisError", "ResponseError"]
__version__ = "0.1.0"
