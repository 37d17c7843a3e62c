"""Runs a program of Jupyter's, the kernels of which get ports that nobody else takes.

`python -m tests.jupyter_program MODULE WORD...` is `python -m MODULE WORD...` otherwise.
"""

import runpy
import sys
from typing import Any

from jupyter_client.connect import LocalPortCache

from tests.ports import free_port

__all__ = ["jupyter", "use_free_ports"]


def jupyter(module: str, *words: str) -> list[str]:
    """Give the command that runs a program so."""
    return [sys.executable, "-m", "tests.jupyter_program", module, *words]


def use_free_ports(patch: Any) -> None:
    """Replace Jupyter's own choice: it is of those that any connection gets, or another kernel."""
    patch(LocalPortCache, "find_available_port", lambda cache, ip: free_port())


if __name__ == "__main__":
    use_free_ports(setattr)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
