"""How much memory keys take here, beside redis-server and Valkey: run by `make bench`.

What counts is the memory of a fresh process (its resident set) before and after it is filled,
divided by the number of keys. The goal is three times the server's.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import redis

from tests.benchmarks import report
from tests.benchmarks.bench_speed import servers_to_compare

GOAL = 3.0

#: What fills a process: so many keys, by a script that is given the first and the last number.
FILLS = {
    "small strings": (1_000_000, "redis.call('SET', 'key:' .. i, 'value' .. i)"),
    "counters": (500_000, "redis.call('SET', 'key:' .. i, i)"),
    "strings that expire": (200_000, "redis.call('SET', 'key:' .. i, 'v', 'EX', 1000)"),
    "hashes of 5": (100_000, "redis.call('HSET', 'key:' .. i, 'a',1,'b',2,'c',3,'d',4,'e',i)"),
    "lists of 5": (100_000, "redis.call('RPUSH', 'key:' .. i, 'a', 'b', 'c', 'd', i)"),
    "sets of 5": (100_000, "redis.call('SADD', 'key:' .. i, 'a', 'b', 'c', 'd', i)"),
    "streams of 5": (
        20_000,
        "for e = 1, 5 do redis.call('XADD', 'key:' .. i, '*', 'field', e) end",
    ),
    "sorted sets of 5": (50_000, "redis.call('ZADD', 'key:' .. i, 1,'a',2,'b',3,'c',4,'d',5,i)"),
}
#: A script fills so many at once: what it needs itself is to be little.
STEP = 10_000

#: Runs in a process of its own: the same scripts on an engine, and what it took.
OURS = """
import sys
from redislua_kernel import Engine
from tests.benchmarks.bench_memory import fill, resident
engine = Engine()
engine.execute("EVAL", "return 1", 0)
before = resident("self")
fill(sys.argv[1], engine.execute)
print(resident("self") - before)
"""


def main() -> None:
    print("bytes a key: ours, theirs, and how many times theirs we take; *: goal missed\n")
    for place, name in enumerate(FILLS):
        ours, theirs = _ours(name), _theirs(name)
        if not place:
            print(f"{'':24}{'ours':>10}" + "".join(f"{other:>26}" for other in theirs))
        cells = []
        for other, bytes_ in theirs.items():
            found = report.add("memory of a key", name, other, [ours / bytes_], GOAL)
            cells.append(f"{bytes_:.0f} ({found.median:.2f}){' ' if found.is_met else '*'}")
        print(f"{name:24}{ours:>10.0f}" + "".join(f"{cell:>26}" for cell in cells), flush=True)


def _ours(name: str) -> float:
    words = [sys.executable, "-c", OURS, name]
    run = subprocess.run(words, cwd=Path(__file__).parents[2], check=True, stdout=subprocess.PIPE)
    return int(run.stdout) / FILLS[name][0]


def _theirs(name: str) -> dict[str, float]:
    """Fill a fresh process of each server: what one has freed, it keeps and uses again."""
    growth = {}
    with ExitStack() as stack:
        for other, server in servers_to_compare(stack):
            with redis.Redis(unix_socket_path=str(server.socket)) as client:
                client.execute_command("EVAL", "return 1", 0)
                before = resident(str(server.pid))
                fill(name, client.execute_command)
                growth[other] = (resident(str(server.pid)) - before) / FILLS[name][0]
    return growth


def fill(name: str, execute: Callable[..., object]) -> None:
    """Make the keys of a line of the table."""
    count, body = FILLS[name]
    script = f"for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do {body} end"
    for first in range(0, count, STEP):
        execute("EVAL", script, 0, first, first + STEP - 1)


def resident(pid: str) -> int:
    """Give the bytes of memory that a process has."""
    return int(Path("/proc", pid, "statm").read_text().split()[1]) * 4096


if __name__ == "__main__":
    main()
