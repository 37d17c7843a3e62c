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

#: Tokens come back with time, and each call takes one.
TOKEN_BUCKET = """
local rate, capacity, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'time')
local tokens, last = tonumber(bucket[1]) or capacity, tonumber(bucket[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - last) * rate)
local allowed = tokens >= 1
if allowed then
  tokens = tokens - 1
end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'time', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / rate))
return {allowed and 1 or 0, math.floor(tokens)}
"""

#: A job with a number, its data and its priority is added, and whoever listens is told.
ADD_JOB = """
local id = redis.call('INCR', KEYS[1]) % 100
local job = KEYS[2] .. id
redis.call(
  'HMSET', job, 'name', ARGV[1], 'data', ARGV[2], 'opts', '{}', 'timestamp', ARGV[3], 'delay', 0
)
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('ZADD', KEYS[4], ARGV[4] * 4294967296 + id, id)
  redis.call('LREM', KEYS[5], 0, id)
  redis.call('LPUSH', KEYS[5], id)
end
redis.call('XADD', KEYS[6], 'MAXLEN', '~', 100, '*', 'event', 'added', 'jobId', id)
return id
"""

JOB_KEYS = ["id", "job:", "paused", "prioritized", "wait", "events"]

#: Who has as many points has the same place; the ten best are shown.
LEADERBOARD = """
redis.call('ZINCRBY', KEYS[1], ARGV[2], ARGV[1])
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
local place = redis.call('ZCOUNT', KEYS[1], '(' .. score, '+inf') + 1
return {place, score, redis.call('ZREVRANGE', KEYS[1], 0, 9, 'WITHSCORES')}
"""

#: So many pieces are put aside if they are there, and given back.
RESERVATION = """
local wanted = tonumber(ARGV[2])
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then
  return redis.error_reply('RESERVED already')
end
local stock = tonumber(redis.call('HGET', KEYS[1], 'stock') or 0)
if stock < wanted then
  return -1
end
local left = redis.call('HINCRBY', KEYS[1], 'stock', -wanted)
redis.call('HINCRBY', KEYS[1], 'reserved', wanted)
redis.call('HSET', KEYS[2], ARGV[1], wanted)
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
redis.call('HINCRBY', KEYS[1], 'stock', redis.call('HGET', KEYS[2], ARGV[1]))
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
return left
"""

#: A session is read, and goes on.
SESSION = """
local fields = redis.call('HGETALL', KEYS[1])
if #fields == 0 then
  return false
end
redis.call('HSET', KEYS[1], 'seen', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return fields
"""

#: A consumer takes an entry, does what there is to do, and says so.
CONSUMER = """
redis.call('XADD', KEYS[1], '*', 'job', ARGV[2])
local read = redis.call('XREADGROUP', 'GROUP', 'g', ARGV[1], 'COUNT', 1, 'STREAMS', KEYS[1], '>')
local id = read[1][2][1][1]
redis.call('INCR', KEYS[2])
redis.call('XACK', KEYS[1], 'g', id)
return redis.call('XDEL', KEYS[1], id)
"""

#: What these scripts find.
FILL = """
for i = 1, 20 do
  redis.call('ZADD', 'board', i % 7, 'player' .. i)
end
redis.call('HSET', 'session', 'user', 'ada', 'cart', '[]', 'roles', 'admin,user')
redis.call('HSET', 'stock', 'stock', 1000, 'reserved', 0)
redis.call('XGROUP', 'CREATE', 'stream', 'g', '$', 'MKSTREAM')
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
    Line("token bucket", 5, ["EVAL", TOKEN_BUCKET, 1, "bucket", 0.1, 100, 1_700_000_000_000]),
    Line("add a job", 5, ["EVAL", ADD_JOB, 6, *JOB_KEYS, "mail", '{"to": "ada"}', 1_700_000, 3]),
    Line("leaderboard", 5, ["EVAL", LEADERBOARD, 1, "board", "player3", 1]),
    Line("reservation", 5, ["EVAL", RESERVATION, 3, "stock", "held", "until", "cart", 2, 1_800]),
    Line("session", 5, ["EVAL", SESSION, 1, "session", 1_700_000_000, 1_800]),
    Line("stream consumer", 5, ["EVAL", CONSUMER, 2, "stream", "done", "me", "job"]),
]


def main() -> None:
    with ExitStack() as stack:
        ours = our_side().execute
        others = {n: over_unix_socket(s).execute for n, s in servers_to_compare(stack)}
        for execute in (ours, *others.values()):
            execute("FUNCTION", "LOAD", LIBRARY)
            execute("EVAL", FILL, 0)
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
