"""The Jupyter kernel: the only importer of ipykernel, and the only sender of messages."""

from __future__ import annotations

from ipykernel.kernelapp import IPKernelApp

from redislua_kernel.kernel.kernel import RedisLuaKernel

__all__ = ["RedisLuaKernel", "main"]


class KernelApp(IPKernelApp):
    """Launches the kernel as ipykernel does, without what only Python's cells need."""

    def init_pdb(self) -> None:
        """Leave Python's debugger where it is: it takes 10 ms to import."""


def main(arguments: list[str] | None = None) -> None:
    """Serve one notebook; Jupyter gives the connection file as `-f FILE`."""
    KernelApp.launch_instance(argv=arguments, kernel_class=RedisLuaKernel)
