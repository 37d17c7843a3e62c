"""How many commands `serve` answers in a second, by redis-benchmark: run by `make bench`.

Beside redis-server and Valkey, and fakeredis's own TCP server; they are asked in turn, and the
shares are medians. A second is one of the server's own processor time, which is what it has
little of. The goals are a tenth of the server's throughput, and ten times fakeredis's.
"""

import shutil
import statistics
import subprocess
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import report
from tests.benchmarks.bench_speed import FAKEREDIS, servers_to_compare
from tests.processor_time import processor_timer
from tests.servers import Server, run_fakeredis, run_serve

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
        servers = {"serve": stack.enter_context(run_serve())}
        servers |= dict(servers_to_compare(stack))
        if find_spec("fakeredis"):
            servers["fakeredis"] = stack.enter_context(run_fakeredis())
        print(f"requests a second, -P {PIPELINE} -c {CLIENTS}, and our share; *: goal missed\n")
        print(f"{'':10}" + "".join(f"{name:>24}" for name in servers))
        for test in ("GET", "SET"):
            _line(program, test, servers)


def _line(program: str, test: str, servers: dict[str, Server]) -> None:
    rounds = [
        {name: _throughput(program, test, name, server) for name, server in servers.items()}
        for _ in range(ROUNDS)
    ]
    cells = [f"{statistics.median(each['serve'] for each in rounds):,.0f} "]
    for name in list(servers)[1:]:
        theirs = statistics.median(each[name] for each in rounds)
        shares = [each["serve"] / each[name] for each in rounds]
        goal = GOAL_FAKEREDIS if name == FAKEREDIS else GOAL
        found = report.add(
            "`serve`: share of their requests a second",
            test,
            name,
            shares,
            goal,
            is_more_better=True,
        )
        cells.append(f"{theirs:,.0f} ({found.median:.2f}){' ' if found.is_met else '*'}")
    print(f"{test:10}" + "".join(f"{cell:>24}" for cell in cells), flush=True)


def _throughput(program: str, test: str, name: str, server: Server) -> float:
    requests = REQUESTS // 10 if name == "fakeredis" else REQUESTS
    words = [program, "-p", str(server.port), "-t", test.lower(), "-n", str(requests)]
    words += ["-P", str(PIPELINE), "-c", str(CLIENTS), "-q"]
    timer = processor_timer(server.pid)
    start = timer()
    subprocess.run(words, check=True, capture_output=True)
    return requests / (timer() - start)


if __name__ == "__main__":
    main()
