"""The Jupyter kernel: the only importer of ipykernel, and the only sender of messages."""

from __future__ import annotations

from ipykernel.kernelapp import IPKernelApp

from redislua_kernel.kernel.kernel import RedisLuaKernel

__all__ = ["RedisLuaKernel", "main"]


def main(arguments: list[str] | None = None) -> None:
    """Serve one notebook; Jupyter gives the connection file as `-f FILE`."""
    IPKernelApp.launch_instance(argv=arguments, kernel_class=RedisLuaKernel)
