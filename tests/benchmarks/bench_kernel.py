"""How long a cell takes from request to idle: our kernel beside a Python kernel running `1+1`.

Run by `make bench`. The kernels are asked in turn; the ratio is our time divided by theirs.
"""

import statistics
import sys
import time
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

ROUNDS = 5
CELLS = 60  # a round

CELLS_OF_OURS = {
    "return 1": "return 1",
    "SET and GET": "redis.call('SET', 'k', 'v') return redis.call('GET', 'k')",
    "an error": "return redis.call('NOSUCH')",
}


def start(module: str) -> tuple[KernelManager, BlockingKernelClient]:
    """Start a kernel that `python -m` runs, from this directory's package."""
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", module, "-f", "{connection_file}"], display_name=module
    )
    manager.start_kernel(cwd=str(Path(__file__).parents[2]))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return manager, client


def seconds(client: BlockingKernelClient, code: str) -> float:
    """Run a cell some times; give the median time until the kernel is idle again."""
    times = []
    for _ in range(CELLS):
        start = time.perf_counter()
        client.execute_interactive(code, output_hook=lambda message: None, stop_on_error=False)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    kernels = [start("redislua_kernel"), start("ipykernel_launcher")]
    (_, ours), (_, python) = kernels
    try:
        print("a cell's round trip, our kernel / a Python kernel's 1+1: median (best)\n")
        for name, cell in CELLS_OF_OURS.items():
            pairs = [(seconds(ours, cell), seconds(python, "1+1")) for _ in range(ROUNDS)]
            ratios = [own / other for own, other in pairs]
            milliseconds = statistics.median(own for own, _ in pairs) * 1000
            print(
                f"{name:16}{statistics.median(ratios):6.2f} ({min(ratios):.2f})"
                f"{milliseconds:8.2f} ms",
                flush=True,
            )
    finally:
        for manager, client in kernels:
            client.stop_channels()
            manager.shutdown_kernel()


if __name__ == "__main__":
    main()
