"""The embedded Redis; it knows nothing of Jupyter."""

from __future__ import annotations

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.engine import Engine

__all__ = ["Client", "Engine"]
