"""Interrupts: no command takes so long that it cannot be stopped, and none leaves a trace."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from operator import itemgetter

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine import interrupts
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.interrupts import interruptible, interruptible_sort, pieces
from redislua_kernel.engine.worker import Worker
from redislua_kernel.errors import ResponseError
from tests.waiting import wait_until

COUNT = 20_000

#: How soon a command must end, in seconds; machines are noisy, so there are some tries.
SOON, TRIES = 0.3, 30

FILL = """
local function fill(command, key, item)
  for first = 1, ARGV[1], 1000 do
    local words = {}
    for i = first, first + 999 do item(words, i * 7919 % 1000003) end
    redis.call(command, key, unpack(words))
  end
end
local function add(words, ...)
  for i = 1, select('#', ...) do words[#words + 1] = (select(i, ...)) end
end
fill('RPUSH', 'list', function(words, i) add(words, i) end)
fill('SADD', 'set', function(words, i) add(words, 'member:' .. i) end)
fill('SADD', 'numbers', function(words, i) add(words, i) end)
fill('ZADD', 'zset', function(words, i) add(words, i, 'member:' .. i) end)
fill('HSET', 'hash', function(words, i) add(words, 'field:' .. i, i) end)
fill('GEOADD', 'geo', function(words, i) add(words, i % 1000 / 100, i % 997 / 100, i) end)
for i = 1, ARGV[1] do redis.call('XADD', 'stream', i .. '-1', 'f', 'v') end
redis.call('XGROUP', 'CREATE', 'stream', 'group', '0')
redis.call('XGROUP', 'CREATE', 'stream', 'new', '0')
redis.call('XREADGROUP', 'GROUP', 'group', 'me', 'STREAMS', 'stream', '>')
for i = 1, 3 do redis.call('SETRANGE', 'bits:' .. i, 2000000 * i, i) end
for i = 1, ARGV[1] do redis.call('SET', 'w:' .. i, i) end
redis.call('SET', 'text:1', ('ab'):rep(3000))
redis.call('SET', 'text:2', ('ba'):rep(3000))
redis.call('PFADD', 'hll', 'a')
"""

#: Commands that go through much; the keys are those that FILL makes.
SLOW = """
KEYS *
KEYS *a*a*a*a*b
SCAN 0 COUNT 1000000 MATCH nothing
SORT list
SORT set ALPHA DESC
SORT list BY w:* GET w:* GET #
SORT list BY nosort GET w:*
SORT numbers LIMIT 0 3
SORT zset BY nosort GET w:* STORE made
LCS text:1 text:2
LCS text:1 text:2 LEN
BITCOUNT bits:3
BITPOS bits:3 1
BITOP XOR made bits:1 bits:2 bits:3
BITOP NOT made bits:3
SUNION set numbers
SUNIONSTORE made set numbers
SINTER set set
SINTERCARD 2 set set
SDIFF set numbers
SDIFFSTORE made set numbers
SRANDMEMBER set -10000000
SPOP set 19000
SSCAN set 0 COUNT 1000000 MATCH nothing
ZUNION 2 zset zset
ZUNIONSTORE made 2 zset set
ZINTER 2 zset zset WITHSCORES
ZINTERCARD 2 zset zset
ZDIFFSTORE made 2 zset numbers
ZRANDMEMBER zset -10000000
ZSCAN zset 0 COUNT 1000000 MATCH nothing
HRANDFIELD hash -10000000
HSCAN hash 0 COUNT 1000000 MATCH nothing
LPOS list nothing
LREM list 0 nothing
LINSERT list BEFORE nothing x
XRANGE stream - +
XREVRANGE stream + -
XREAD STREAMS stream 0
XREADGROUP GROUP new me STREAMS stream >
XREADGROUP GROUP group me STREAMS stream 0
XPENDING stream group - + 1000000
XAUTOCLAIM stream group you 0 0 COUNT 1000000
XTRIM stream MAXLEN 0
XGROUP DELCONSUMER stream group me
XINFO STREAM stream FULL COUNT 0
GEOSEARCH geo FROMLONLAT 5 5 BYRADIUS 2000 km ASC
GEOSEARCHSTORE made geo FROMLONLAT 5 5 BYBOX 2000 2000 km
PFMERGE made hll hll
COPY stream made
DUMP list
DUMP bits:3
DEBUG POPULATE 100000000
MEMORY USAGE list SAMPLES 0
MEMORY USAGE zset SAMPLES 0
MEMORY STATS
SAVE
DEBUG SLEEP 60
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = Engine()
    engine.config.put(b"dir", str(tmp_path_factory.mktemp("saved")).encode())
    engine.execute("EVAL", FILL, 0, COUNT)
    return engine


@pytest.fixture(scope="module")
def worker(filled: Engine) -> Iterator[Worker]:
    worker = Worker(filled)
    yield worker
    worker.close()


def latency(engine: Engine, worker: Worker, command: str) -> float:
    """Interrupt a command that is run again and again; give the seconds until it has ended."""
    has_begun, is_over = threading.Event(), threading.Event()

    def run() -> None:
        with engine.keyspace.unit():
            has_begun.set()
            while not is_over.is_set():
                engine.execute(*command.split())
                engine.keyspace.rollback()  # so that it is as slow the next time

    future = worker.submit(run)
    has_begun.wait()
    time.sleep(0.02)
    began = time.monotonic()
    worker.interrupt()
    try:
        with pytest.raises(Interrupted):
            future.result(60)
    finally:
        is_over.set()
    return time.monotonic() - began


@pytest.mark.parametrize("command", SLOW.strip().split("\n"))
def test_a_slow_command_is_stopped_soon_and_undone(
    filled: Engine, worker: Worker, command: str
) -> None:
    keys, length = filled.execute("DBSIZE"), filled.execute("XLEN", "stream")
    for _ in range(TRIES):
        if latency(filled, worker, command) < SOON:
            break
    else:
        pytest.fail(f"it took longer than {SOON} s, {TRIES} times")
    assert filled.execute("DBSIZE") == keys
    assert filled.execute("XLEN", "stream") == length
    assert filled.execute("SCARD", "set") == COUNT


@pytest.mark.parametrize("call", ["redis.call", "redis.pcall"])
def test_a_slow_command_in_a_script_is_stopped_too(
    filled: Engine, worker: Worker, call: str
) -> None:
    body = (
        f"while true do pcall(function() {call}('SUNIONSTORE', 'made', 'set', 'numbers') end) end"
    )
    for _ in range(TRIES):
        future = worker.submit(lambda: filled.execute("EVAL", body, 0))
        wait_until_running(filled)
        began = time.monotonic()
        worker.interrupt()
        with pytest.raises(Interrupted):
            future.result(60)
        if time.monotonic() - began < SOON:
            break
    else:
        pytest.fail("it took too long")
    assert filled.execute("EXISTS", "made") == 0


def wait_until_running(engine: Engine) -> None:
    wait_until(lambda: engine.scripting.running)
    time.sleep(0.05)


def test_a_killed_script_ends_within_its_slow_command_and_the_error_names_the_line(
    filled: Engine, worker: Worker
) -> None:
    body = "local n = 0\nredis.call('SRANDMEMBER', 'set', -16000000)"
    future = worker.submit(lambda: filled.execute("EVAL", body, 0))
    wait_until_running(filled)
    with pytest.raises(ResponseError, match=r"^BUSY"):
        filled.busy_call(filled.client(), [b"GET", b"k"])
    filled.busy_call(filled.client(), [b"SCRIPT", b"KILL"])
    with pytest.raises(ResponseError, match=r"^ERR Script killed by user .*on @user_script:2\.$"):
        future.result(60)
    assert filled.execute("EVAL", "return 1", 0) == 1
    assert len(filled.execute("KEYS", "*")) == filled.execute("DBSIZE")  # nothing is left of it


def test_an_interrupt_of_one_thread_stops_no_other(filled: Engine, worker: Worker) -> None:
    future = worker.submit(lambda: time.sleep(0.1))
    time.sleep(0.02)
    worker.interrupt()
    assert len(filled.execute("KEYS", "*")) == filled.execute("DBSIZE")
    future.result(60)
    assert worker.submit(lambda: len(filled.execute("KEYS", "*"))).result(60)


def test_an_interrupt_between_two_jobs_is_forgotten() -> None:
    interrupts.ask(threading.get_ident())
    with pytest.raises(interrupts.Stopped):
        list(interruptible(range(10_000)))
    interrupts.forget()
    assert sum(interruptible(range(10_000))) == sum(range(10_000))


# What looks


@pytest.mark.parametrize("count", [0, 1, 1024, 1025, 5000])
def test_interruptible_items_are_the_same_ones(count: int) -> None:
    assert list(interruptible(range(count))) == list(range(count))
    assert list(interruptible(iter(range(count)))) == list(range(count))


@pytest.mark.parametrize("size", [0, 1, 1 << 17, (1 << 17) + 1, 1_000_000])
def test_pieces_are_the_whole(size: int) -> None:
    data = random.Random(size).randbytes(size)
    assert b"".join(data[start:stop] for start, stop in pieces(0, size)) == data


@pytest.mark.parametrize("count", [10, 60_000])
@pytest.mark.parametrize("different", [1, 7, 1 << 60])
@pytest.mark.parametrize("reverse", [False, True])
def test_sorting_in_pieces_is_sorting(count: int, different: int, reverse: bool) -> None:
    rng = random.Random(count)
    items = [(rng.randrange(different), place) for place in range(count)]
    rng.shuffle(items)
    assert interruptible_sort(items, reverse=reverse) == sorted(items, reverse=reverse)
    assert interruptible_sort(items, itemgetter(0), reverse=reverse) == sorted(
        items, key=itemgetter(0), reverse=reverse
    )
