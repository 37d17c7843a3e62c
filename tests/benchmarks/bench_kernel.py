"""How fast the kernel starts, runs a cell and completes, beside a Python kernel: by `make bench`.

The kernels are started, and asked, in turn; the ratio is our time divided by theirs, by the clock.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from tests.benchmarks import report

STARTS = 9
ROUNDS = 5
CELLS = 60  # a round
OURS, PYTHON = "redislua_kernel", "ipykernel_launcher"
OTHER = "Python kernel"

GOAL_START, GOAL_CELL = 1.15, 1.0
#: In milliseconds.
GOAL_TAB = 50.0

CELLS_OF_OURS = {
    "return 1": "return 1",
    "SET and GET": "redis.call('SET', 'k', 'v') return redis.call('GET', 'k')",
    "an error": "return redis.call('NOSUCH')",
}
FILL = "for i = 1, 1000000 do redis.call('SET', 'user:' .. i, i) end"
TYPED = "return redis.call('GET', 'user:12"


@contextmanager
def kernel(module: str) -> Iterator[BlockingKernelClient]:
    """Run a kernel that `python -m` runs, from this directory's package, until it is ready."""
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", module, "-f", "{connection_file}"], display_name=module
    )
    # As for whoever has installed the package: it is compiled.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    manager.start_kernel(cwd=str(Path(__file__).parents[2]), env=env)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def start(module: str, code: str) -> tuple[float, float]:
    """Give how long a kernel takes to be ready, and until its first cell has run."""
    began = time.perf_counter()
    with kernel(module) as client:
        ready = time.perf_counter() - began
        _run(client, code)
        return ready, time.perf_counter() - began


def _run(client: BlockingKernelClient, code: str) -> None:
    client.execute_interactive(code, output_hook=lambda message: None, stop_on_error=False)


def seconds(client: BlockingKernelClient, code: str) -> float:
    """Run a cell some times; give the median time until the kernel is idle again."""
    times = []
    for _ in range(CELLS):
        began = time.perf_counter()
        _run(client, code)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def tab(client: BlockingKernelClient) -> list[float]:
    """Give how long completions take among a million keys, in milliseconds, the first included."""
    _run(client, FILL)
    times = []
    for _ in range(20):
        began = time.perf_counter()
        client.complete(TYPED, len(TYPED), reply=True, timeout=60)
        times.append((time.perf_counter() - began) * 1000)
    return times


def main() -> None:
    print("our kernel / a Python kernel, by the clock: median (best); *: goal missed\n")
    start(OURS, "return 1")  # compiles what was not
    started = [(start(OURS, "return 1"), start(PYTHON, "1+1")) for _ in range(STARTS)]
    for place, (name, goal) in enumerate([("is ready", GOAL_START), ("has run a cell", None)]):
        ratios = [ours[place] / theirs[place] for ours, theirs in started]
        _show(report.add("the kernel", f"starts until it {name}", OTHER, ratios, goal))
    with kernel(OURS) as ours, kernel(PYTHON) as python:
        for name, cell in CELLS_OF_OURS.items():
            ratios = [seconds(ours, cell) / seconds(python, "1+1") for _ in range(ROUNDS)]
            _show(
                report.add("the kernel", f"a cell's round trip: {name}", OTHER, ratios, GOAL_CELL)
            )
        name = "Tab among 1,000,000 keys, in ms"
        _show(report.add("the kernel", name, "by itself", tab(ours), GOAL_TAB))


def _show(line: report.Line) -> None:
    print(f"{line.name:40}{report.cell(line):>20}", flush=True)


if __name__ == "__main__":
    main()
