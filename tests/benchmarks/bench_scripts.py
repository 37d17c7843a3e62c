"""How fast whole scripts run here, beside redis-py on a unix socket: run by `make bench`.

Each line tells how many times as long the same calls take through redis-py to a real server, in
runs taken in turn: the median of all rounds, and the best in brackets. Time is that of the clock:
who calls a script waits for its reply. An asterisk marks a median below the goal.
"""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import report
from tests.benchmarks.bench_speed import Execute, our_side, over_unix_socket, servers_to_compare

ROUNDS = 11
LOTS, CALLS = 10, 40  # a round

FOUR_CALLS = """
redis.call('SET', KEYS[1], ARGV[1])
redis.call('INCRBY', KEYS[1], 2)
redis.call('EXPIRE', KEYS[1], 100)
return redis.call('GET', KEYS[1])
"""

#: So many calls per window of a second; the counter goes with the window.
FIXED_WINDOW = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return count <= tonumber(ARGV[1])
"""

#: So many calls within the last milliseconds, each a member with its time as the score.
SLIDING_WINDOW = """
local now, span, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - span)
if redis.call('ZCARD', KEYS[1]) >= most then
  return 0
end
redis.call('ZADD', KEYS[1], now, ARGV[4])
redis.call('PEXPIRE', KEYS[1], span)
return 1
"""

#: Take a lock, and give it back if it is still ours.
LOCK = """
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return 0
end
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
"""

#: A job comes in late; what is due is moved to those that wait, from there to those that run.
QUEUE = """
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[4], ARGV[2], ARGV[3])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 10)
for _, id in ipairs(due) do
  redis.call('LPUSH', KEYS[2], id)
  redis.call('ZREM', KEYS[1], id)
end
local id = redis.call('RPOPLPUSH', KEYS[2], KEYS[3])
local job = redis.call('HGET', KEYS[4], id)
redis.call('LREM', KEYS[3], 1, id)
redis.call('HDEL', KEYS[4], id)
return job
"""

LIBRARY = f"""#!lua name=benchmark
redis.register_function('one', function() return 1 end)
redis.register_function('four_calls', function(KEYS, ARGV) {FOUR_CALLS} end)
"""


class Line(NamedTuple):
    """A line of the table: a command, and how many times as long it is to take elsewhere."""

    name: str
    goal: float
    words: Sequence[Any]


LINES = [
    Line("EVAL 'return 1'", 30, ["EVAL", "return 1", 0]),
    Line("FCALL of 'return 1'", 30, ["FCALL", "one", 0]),
    Line("four calls, EVAL", 8, ["EVAL", FOUR_CALLS, 1, "n", 5]),
    Line("four calls, FCALL", 8, ["FCALL", "four_calls", 1, "n", 5]),
    Line("lock", 5, ["EVAL", LOCK, 1, "lock", "token", 30_000]),
    Line("fixed window", 5, ["EVAL", FIXED_WINDOW, 1, "calls", 100, 1000]),
    Line("sliding window", 5, ["EVAL", SLIDING_WINDOW, 1, "window", 1000, 60_000, 100, "id"]),
    Line("queue move", 5, ["EVAL", QUEUE, 4, "late", "waiting", "running", "jobs", 1, "id", "job"]),
]


def main() -> None:
    with ExitStack() as stack:
        ours = our_side().execute
        others = {n: over_unix_socket(s).execute for n, s in servers_to_compare(stack)}
        for execute in (ours, *others.values()):
            execute("FUNCTION", "LOAD", LIBRARY)
        print("times as long through redis-py: median (best) of", ROUNDS, "rounds; *: missed\n")
        print(f"{'whole scripts':24}{'here':>10}{'goal':>8}", *(f"{n:>19}" for n in others))
        for line in LINES:
            compare(line, ours, others)


def compare(line: Line, ours: Execute, others: dict[str, Execute]) -> None:
    """Time a script in turn everywhere and print how we compare."""
    own: list[float] = []
    ratios: dict[str, list[float]] = {name: [] for name in others}
    for _ in range(ROUNDS):
        own.append(seconds(ours, line.words))
        for name, execute in others.items():
            ratios[name].append(seconds(execute, line.words) / own[-1])
    print(f"{line.name:24}{min(own) * 1e6:>7.1f} µs{line.goal:>8}", end=" ")
    for name, each in ratios.items():
        found = report.add(
            "a script beside redis-py: times as fast",
            line.name,
            name,
            each,
            line.goal,
            is_more_better=True,
        )
        print(f"{report.cell(found):>19}", end=" ")
    print(flush=True)


def seconds(execute: Execute, words: Sequence[Any]) -> float:
    """Give the time that one call takes, on average, when nobody else wants the processor.

    That is the least of what some lots of calls take: here, and there.
    """
    times = []
    for _ in range(LOTS):
        started = time.perf_counter()
        for _ in range(CALLS):
            execute(*words)
        times.append((time.perf_counter() - started) / CALLS)
    return min(times)


if __name__ == "__main__":
    main()
