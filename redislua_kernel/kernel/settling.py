"""What a kernel does once it is ready and has nothing else to do."""

from __future__ import annotations

import gc

__all__ = ["settle"]


def settle() -> None:
    """Import what runs cells and helps with them, and look for garbage from now on.

    What is there by then stays, and is never looked through again.
    """
    try:
        _import_the_rest()
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def _import_the_rest() -> None:
    from redislua_kernel.kernel import assistance, failures, publisher  # noqa: F401, PLC0415
    from redislua_kernel.magics import magics  # noqa: PLC0415

    magics()
