"""How many commands `serve` answers in a second, by redis-benchmark: run by `make bench`.

Beside redis-server and Valkey, and fakeredis's own TCP server; they are asked in turn, and the
shares are medians. The goals are a tenth of the server's throughput, and ten times fakeredis's.
"""

import shutil
import statistics
import subprocess
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.bench_speed import servers_to_compare
from tests.servers import run_fakeredis, run_serve

ROUNDS = 3
PIPELINE, CLIENTS = 16, 20
GOAL, GOAL_FAKEREDIS = 0.1, 10.0

#: So many requests of a round go to us and to the servers; fakeredis gets a tenth of them.
REQUESTS = 50_000


def main() -> None:
    program = shutil.which("redis-benchmark")
    if program is None:
        print("redis-benchmark is missing: how fast `serve` is was not measured")
        return
    with ExitStack() as stack:
        ports = {"serve": stack.enter_context(run_serve()).port}
        ports |= {name: server.port for name, server in servers_to_compare(stack)}
        if find_spec("fakeredis"):
            ports["fakeredis"] = stack.enter_context(run_fakeredis()).port
        print(f"requests a second, -P {PIPELINE} -c {CLIENTS}, and our share; *: goal missed\n")
        print(f"{'':10}" + "".join(f"{name:>24}" for name in ports))
        for test in ("GET", "SET"):
            _line(program, test, ports)


def _line(program: str, test: str, ports: dict[str, int]) -> None:
    rounds = [
        {name: _throughput(program, test, name, port) for name, port in ports.items()}
        for _ in range(ROUNDS)
    ]
    cells = [f"{statistics.median(each['serve'] for each in rounds):,.0f} "]
    for place, name in enumerate(list(ports)[1:]):
        theirs = statistics.median(each[name] for each in rounds)
        share = statistics.median(each["serve"] / each[name] for each in rounds)
        goal = GOAL_FAKEREDIS if name == "fakeredis" else GOAL if not place else 0
        cells.append(f"{theirs:,.0f} ({share:.2f}){'*' if share < goal else ' '}")
    print(f"{test:10}" + "".join(f"{cell:>24}" for cell in cells), flush=True)


def _throughput(program: str, test: str, name: str, port: int) -> float:
    requests = REQUESTS // 10 if name == "fakeredis" else REQUESTS
    words = [program, "-p", str(port), "-t", test.lower(), "-n", str(requests)]
    words += ["-P", str(PIPELINE), "-c", str(CLIENTS), "--csv"]
    output = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return float(output.splitlines()[-1].split(",")[1].strip('"'))


if __name__ == "__main__":
    main()
