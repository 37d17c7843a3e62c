"""The Jupyter kernel: the only importer of ipykernel, and the only sender of messages.

kernel       Jupyter's requests, and what answers them
settling     what waits until the kernel is ready
cell_runner  how a cell gets to the worker thread, and what it gives back
cell_run     one cell there: its magics, then its body; many_replies: if it gives thousands
outbox, publisher, packing
             its outputs on their way: to the loop, as messages, as bytes
terminal, progress
             telling and asking the user meanwhile; how far long work is
failures     an exception as an error message; hints, slips, failed_commands, meant: what helps
             then
assistance   what helps with writing; completing: what Tab offers; names_there: at a server
debugging    where the visual debugger is at home
history      the cells that ran
"""

from __future__ import annotations

from ipykernel.kernelapp import IPKernelApp

from redislua_kernel.kernel.kernel import RedisLuaKernel

__all__ = ["RedisLuaKernel", "main"]


class KernelApp(IPKernelApp):
    """Launches the kernel as ipykernel does, without what only Python's cells need."""

    def init_pdb(self) -> None:
        """Leave Python's debugger where it is: it takes 10 ms to import."""

    def start(self) -> None:
        """Serve until a shutdown, and until whoever asked for that has the answer.

        Python's end stops the channel for outputs first. The thread for control, which still says
        there that it is idle, would wait for it for ten seconds.
        """
        super().start()  # type: ignore[no-untyped-call]
        if self.control_thread is not None and self.control_thread.is_alive():
            self.control_thread.stop()
            self.control_thread.join()


def main(arguments: list[str] | None = None) -> None:
    """Serve one notebook; Jupyter gives the connection file as `-f FILE`."""
    KernelApp.launch_instance(argv=arguments, kernel_class=RedisLuaKernel)
