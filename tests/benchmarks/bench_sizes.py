"""How cost grows with size, here and on redis-server 8.2.3: run by `make bench`.

Each line is a call on a keyspace, or a value, of a hundred, ten thousand and a million elements
(strings: up to 64 MB): what one costs here, in microseconds of processor time, and how many times
as much it costs with the most as with the next fewer, here and there. What is a search there must
not be a walk here: the goal is a growth of no more than three times the server's.
"""

import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks import report
from tests.benchmarks.bench_speed import Side, others_to_compare, our_side

ROUNDS = 3
GOAL = 3.0

ELEMENTS = (100, 10_000, 1_000_000)
BYTES = (100, 10_000, 1_000_000, 64 << 20)
#: A script fills so many at once: what is needed to undo it is to be little.
STEP = 20_000


class Group(NamedTuple):
    """Calls on one kind of container."""

    name: str
    #: Makes element `i`; with `by_size`, makes all `n`.
    fill: str
    #: The calls by their names, and how many run in one script: `i` counts, `at` is somewhere.
    calls: dict[str, tuple[str, int]]
    sizes: Sequence[int] = ELEMENTS
    by_size: bool = False
    #: Runs before each call's loop, which may use `t`, `json` and `packed`.
    setup: str = ""


#: Each loop is timed within the script: `at` is scattered over the elements.
TIMED = """
local n, mid, cursor, t, json, packed = tonumber(ARGV[1]), math.floor(ARGV[1] / 2)
{setup}
local start = os.clock()
for i = 1, {count} do
  local at = i * 7919 % n + 1
  {body}
end
return tostring(os.clock() - start)
"""
FILL = "local n = tonumber(ARGV[3]) for i = ARGV[1], ARGV[2] do {fill} end"

GROUPS = [
    Group(
        "the keyspace",
        "redis.call('SET', 'key:' .. i, i)",
        {
            "GET": ("redis.call('GET', 'key:' .. at)", 1000),
            "SET": ("redis.call('SET', 'key:' .. at, 'v')", 1000),
            "SET, DEL": ("redis.call('SET', 'new', 1) redis.call('DEL', 'new')", 1000),
            "EXPIRE, PERSIST": (
                "redis.call('EXPIRE', 'key:' .. at, 100) redis.call('PERSIST', 'key:' .. at)",
                1000,
            ),
            "SET, RENAME": (
                "redis.call('SET', 'new', 1) redis.call('RENAME', 'new', 'newer')",
                500,
            ),
            "DBSIZE": ("redis.call('DBSIZE')", 1000),
            "RANDOMKEY": ("redis.call('RANDOMKEY')", 1000),
            "RANDOMKEY, DEL, SET": (
                "redis.call('DEL', redis.call('RANDOMKEY')) redis.call('SET', 'new' .. i, 1)",
                200,
            ),
            "SCAN": ("cursor = redis.call('SCAN', cursor or 0)[1]", 200),
            "SCAN, SET": (
                "redis.call('SET', 'more' .. i, 1) cursor = redis.call('SCAN', cursor or 0)[1]",
                200,
            ),
            "KEYS of none": ("redis.call('KEYS', 'none*')", 1),
        },
    ),
    Group(
        "a hash",
        "redis.call('HSET', 'h', 'field:' .. i, i)",
        {
            "HGET": ("redis.call('HGET', 'h', 'field:' .. at)", 1000),
            "HSET": ("redis.call('HSET', 'h', 'field:' .. at, 'v')", 1000),
            "HSET, HDEL": ("redis.call('HSET', 'h', 'new', 1) redis.call('HDEL', 'h', 'new')", 500),
            "HINCRBY": ("redis.call('HINCRBY', 'h', 'n', 1)", 500),
            "HRANDFIELD": ("redis.call('HRANDFIELD', 'h')", 200),
            "HRANDFIELD, HDEL, HSET": (
                "redis.call('HDEL', 'h', redis.call('HRANDFIELD', 'h'))"
                " redis.call('HSET', 'h', 'new' .. i, 1)",
                200,
            ),
            "HSCAN": ("cursor = redis.call('HSCAN', 'h', cursor or 0)[1]", 100),
            "HEXPIRE": ("redis.call('HEXPIRE', 'h', 100, 'FIELDS', 1, 'field:' .. at)", 200),
            "HPERSIST": ("redis.call('HPERSIST', 'h', 'FIELDS', 1, 'field:' .. at)", 200),
            "HKEYS": ("redis.call('HKEYS', 'h')", 1),
            "DUMP": ("redis.call('DUMP', 'h')", 1),
            "COPY, DEL": ("redis.call('COPY', 'h', 'twin') redis.call('DEL', 'twin')", 1),
        },
    ),
    Group(
        "a list",
        "redis.call('RPUSH', 'l', 'element:' .. i)",
        {
            "LINDEX of the middle": ("redis.call('LINDEX', 'l', mid)", 100),
            "LSET in the middle": ("redis.call('LSET', 'l', mid, 'v')", 100),
            "LINDEX of an end": ("redis.call('LINDEX', 'l', -2)", 1000),
            "LPUSH, LPOP": ("redis.call('LPUSH', 'l', 'x') redis.call('LPOP', 'l')", 1000),
            "RPUSH, RPOP": ("redis.call('RPUSH', 'l', 'x') redis.call('RPOP', 'l')", 1000),
            "RPOPLPUSH": ("redis.call('RPOPLPUSH', 'l', 'l')", 1000),
            "LRANGE of the first": ("redis.call('LRANGE', 'l', 0, 9)", 500),
            "LRANGE of the last": ("redis.call('LRANGE', 'l', -10, -1)", 500),
            "LRANGE in the middle": ("redis.call('LRANGE', 'l', mid, mid + 9)", 100),
            "LINSERT at the head": ("redis.call('LINSERT', 'l', 'BEFORE', 'element:5', 'y')", 200),
            "LREM at the head": ("redis.call('LREM', 'l', 1, 'y')", 200),
            "LREM at the tail": (
                "redis.call('RPUSH', 'l', 'z') redis.call('LREM', 'l', -1, 'z')",
                200,
            ),
            "LINSERT in the middle": (
                "redis.call('LINSERT', 'l', 'BEFORE', 'element:' .. mid + 7, 'y')",
                5,
            ),
            "LTRIM of one": ("redis.call('LPUSH', 'l', 'y') redis.call('LTRIM', 'l', 1, -1)", 200),
            "LPOS of none": ("redis.call('LPOS', 'l', 'none')", 1),
            "LRANGE of all": ("redis.call('LRANGE', 'l', 0, -1)", 1),
            "SORT": ("redis.call('SORT', 'l', 'ALPHA', 'LIMIT', 0, 1)", 1),
            "DUMP": ("redis.call('DUMP', 'l')", 1),
        },
    ),
    Group(
        "a set",
        "redis.call('SADD', 's', 'member:' .. i)",
        {
            "SISMEMBER": ("redis.call('SISMEMBER', 's', 'member:' .. at)", 1000),
            "SADD, SREM": ("redis.call('SADD', 's', 'new') redis.call('SREM', 's', 'new')", 1000),
            "SRANDMEMBER": ("redis.call('SRANDMEMBER', 's')", 500),
            "SRANDMEMBER of 10": ("redis.call('SRANDMEMBER', 's', 10)", 200),
            "SPOP, SADD": ("redis.call('SADD', 's', redis.call('SPOP', 's'))", 500),
            "SSCAN": ("cursor = redis.call('SSCAN', 's', cursor or 0)[1]", 100),
            "SINTERCARD with one": (
                "redis.call('SADD', 'one', 'member:7') redis.call('SINTERCARD', 2, 's', 'one')",
                200,
            ),
            "SMEMBERS": ("redis.call('SMEMBERS', 's')", 1),
            "SUNIONSTORE": ("redis.call('SUNIONSTORE', 'u', 's', 'one')", 1),
            "DUMP": ("redis.call('DUMP', 's')", 1),
        },
    ),
    Group(
        "a sorted set",
        "redis.call('ZADD', 'z', i, 'member:' .. i)",
        {
            "ZSCORE": ("redis.call('ZSCORE', 'z', 'member:' .. at)", 1000),
            "ZADD": ("redis.call('ZADD', 'z', i * 7919 % n, 'member:' .. at)", 500),
            "ZADD, ZREM": (
                "redis.call('ZADD', 'z', at, 'new') redis.call('ZREM', 'z', 'new')",
                500,
            ),
            "ZINCRBY": ("redis.call('ZINCRBY', 'z', 1, 'member:' .. at)", 500),
            "ZRANK": ("redis.call('ZRANK', 'z', 'member:' .. at)", 500),
            "ZRANGE in the middle": ("redis.call('ZRANGE', 'z', mid, mid + 9)", 200),
            "ZREVRANGE of the first": ("redis.call('ZREVRANGE', 'z', 0, 9)", 200),
            "ZRANGEBYSCORE": ("redis.call('ZRANGEBYSCORE', 'z', at, '+inf', 'LIMIT', 0, 10)", 200),
            "ZCOUNT": ("redis.call('ZCOUNT', 'z', mid, n)", 500),
            "ZPOPMIN, ZADD": (
                "local it = redis.call('ZPOPMIN', 'z') redis.call('ZADD', 'z', it[2], it[1])",
                300,
            ),
            "ZREMRANGEBYRANK": (
                "redis.call('ZADD', 'z', -1, 'new') redis.call('ZREMRANGEBYRANK', 'z', 0, 0)",
                300,
            ),
            "ZRANDMEMBER": ("redis.call('ZRANDMEMBER', 'z')", 300),
            "ZSCAN": ("cursor = redis.call('ZSCAN', 'z', cursor or 0)[1]", 100),
            "ZRANGE of all": ("redis.call('ZRANGE', 'z', 0, -1)", 1),
            "ZUNIONSTORE": ("redis.call('ZUNIONSTORE', 'u', 1, 'z')", 1),
            "DUMP": ("redis.call('DUMP', 'z')", 1),
        },
    ),
    Group(
        "a sorted set of one score",
        "redis.call('ZADD', 'z', 0, 'member:' .. i)",
        {
            "ZRANGEBYLEX": (
                "redis.call('ZRANGEBYLEX', 'z', '[member:' .. at, '+', 'LIMIT', 0, 10)",
                200,
            ),
            "ZLEXCOUNT": ("redis.call('ZLEXCOUNT', 'z', '[member:2', '[member:3')", 500),
        },
    ),
    Group(
        "a stream",
        "redis.call('XADD', 'x', i .. '-0', 'field', i)",
        {
            "XADD": ("redis.call('XADD', 'x', '*', 'field', i)", 300),
            "XADD, XDEL": ("redis.call('XDEL', 'x', redis.call('XADD', 'x', '*', 'f', i))", 300),
            "XLEN": ("redis.call('XLEN', 'x')", 500),
            "XRANGE in the middle": ("redis.call('XRANGE', 'x', at, '+', 'COUNT', 10)", 200),
            "XREVRANGE of the last": ("redis.call('XREVRANGE', 'x', '+', '-', 'COUNT', 10)", 200),
            "XREAD of the last": ("redis.call('XREAD', 'STREAMS', 'x', n - 1)", 100),
            "XADD that trims one": ("redis.call('XADD', 'x', 'MAXLEN', n, '*', 'field', i)", 200),
            "XDEL in the middle": ("redis.call('XDEL', 'x', at .. '-0')", 50),
            "XINFO STREAM": ("redis.call('XINFO', 'STREAM', 'x')", 100),
            "XRANGE of all": ("redis.call('XRANGE', 'x', '-', '+')", 1),
            "DUMP": ("redis.call('DUMP', 'x')", 1),
        },
    ),
    Group(
        "a group of a stream",
        "redis.call('XADD', 'x', i .. '-0', 'field', i)"
        " if i == n then redis.call('XGROUP', 'CREATE', 'x', 'g', 0)"
        " redis.call('XREADGROUP', 'GROUP', 'g', 'a', 'COUNT', n - 50, 'STREAMS', 'x', '>') end",
        {
            "XREADGROUP": (
                "redis.call('XREADGROUP', 'GROUP', 'g', 'a', 'COUNT', 1, 'STREAMS', 'x', '>')",
                50,
            ),
            "XACK": ("redis.call('XACK', 'x', 'g', n - 1)", 200),
            "XPENDING": ("redis.call('XPENDING', 'x', 'g')", 200),
            "XPENDING of 10": ("redis.call('XPENDING', 'x', 'g', '-', '+', 10)", 100),
            "XCLAIM": ("redis.call('XCLAIM', 'x', 'g', 'b', 0, n - 30)", 100),
            "XAUTOCLAIM of 1": (
                "redis.call('XAUTOCLAIM', 'x', 'g', 'c', 0, n - 20, 'COUNT', 1)",
                100,
            ),
        },
    ),
    Group(
        "a string",
        "redis.call('SET', 's', ('x'):rep(n))",
        {
            "STRLEN": ("redis.call('STRLEN', 's')", 1000),
            "GETRANGE": ("redis.call('GETRANGE', 's', mid, mid + 9)", 500),
            "SETRANGE": ("redis.call('SETRANGE', 's', mid, 'x')", 500),
            "GETBIT": ("redis.call('GETBIT', 's', n * 4)", 500),
            "SETBIT": ("redis.call('SETBIT', 's', n * 4, 1)", 500),
            "BITFIELD": ("redis.call('BITFIELD', 's', 'INCRBY', 'u8', n * 4, 1)", 200),
            "APPEND": ("redis.call('APPEND', 's', 'x')", 500),
            "BITCOUNT of a part": ("redis.call('BITCOUNT', 's', mid, mid + 9)", 500),
            "SET": ("redis.call('SET', 't', redis.call('GET', 's'))", 3),
            "GET": ("redis.call('GET', 's')", 5),
            "BITCOUNT": ("redis.call('BITCOUNT', 's')", 3),
            "BITPOS": (
                "redis.call('SET', 'zero', '') redis.call('SETBIT', 'zero', n * 8, 0)"
                " redis.call('BITPOS', 'zero', 1)",
                1,
            ),
            "BITOP": ("redis.call('BITOP', 'NOT', 'not', 's')", 1),
        },
        BYTES,
        by_size=True,
    ),
    Group(
        "a Lua value",
        "",
        {
            "cjson.encode": ("cjson.encode(t)", 1),
            "cjson.decode": ("cjson.decode(json)", 1),
            "cmsgpack.pack": ("cmsgpack.pack(t)", 1),
            "cmsgpack.unpack": ("cmsgpack.unpack(packed)", 1),
        },
        (100, 10_000, 300_000),
        setup="t = {} for i = 1, n do t[i] = 'member:' .. i end json = cjson.encode(t)"
        " packed = cmsgpack.pack(t)",
    ),
]


def main() -> None:
    chosen = sys.argv[1:]
    with ExitStack() as stack:
        ours, (other, theirs) = our_side(), others_to_compare(stack)[0]
        print(f"{'µs a call here':48}{'growth here':>14}{'there':>10}\n")
        for group in GROUPS:
            if not chosen or group.name in chosen:
                ratios = list(compare(group, {"here": ours, "there": theirs}).values())
                most = report.add(
                    "growth with size", f"{group.name}: the most", other, [max(ratios)], GOAL
                )
                print(f"{group.name + ':':22}{report.cell(most)} at most\n", flush=True)


def compare(group: Group, sides: dict[str, Side]) -> dict[str, float]:
    """Time a group's calls in turn everywhere, size by size; give growth here / growth there."""
    costs: dict[str, dict[str, list[float]]] = {
        name: {where: [] for where in sides} for name in group.calls
    }
    for size in group.sizes:
        for side in sides.values():
            fill(group, side, size)
        for name, (body, count) in group.calls.items():
            script = TIMED.format(setup=group.setup, count=count, body=body)
            rounds = [
                {each: float(side.execute("EVAL", script, 0, size)) for each, side in sides.items()}
                for _ in range(ROUNDS)
            ]
            for where, times in costs[name].items():
                times.append(statistics.median(each[where] for each in rounds) / count)
    ratios = {}
    for name, by_side in costs.items():
        here, there = (max(times[-1] / times[-2], 1.0) for times in by_side.values())
        ratios[name] = here / there
        shown = "".join(f"{each * 1e6:12,.1f}" for each in by_side["here"])
        print(f"  {name:26}{shown:>48}{here:>12,.1f}{there:>10,.1f}", flush=True)
    return ratios


def fill(group: Group, side: Side, size: int) -> None:
    """Make so many elements, and nothing else."""
    side.execute("FLUSHALL")
    if group.by_size:
        side.execute("EVAL", f"local n = tonumber(ARGV[1]) {group.fill}", 0, size)
    elif group.fill:
        script = FILL.format(fill=group.fill)
        for first in range(1, size + 1, STEP):
            side.execute("EVAL", script, 0, first, min(first + STEP - 1, size), size)


if __name__ == "__main__":
    main()
