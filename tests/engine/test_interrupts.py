"""Interrupts: no command takes so long that it cannot be stopped, and none leaves a trace."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.worker import Worker

COUNT = 30_000

#: How soon a command must end, in seconds; machines are noisy, so there are some tries.
SOON, TRIES = 0.3, 4

FILL = """
local function fill(command, key, item)
  for first = 1, ARGV[1], 1000 do
    local words = {}
    for i = first, first + 999 do item(words, i * 7919 % 1000003) end
    redis.call(command, key, unpack(words))
  end
end
local function add(words, ...) for i = 1, select('#', ...) do words[#words + 1] = (select(i, ...)) end end
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
SRANDMEMBER set -100000000
SPOP set 29000
SSCAN set 0 COUNT 1000000 MATCH nothing
ZUNION 2 zset zset
ZUNIONSTORE made 2 zset set
ZINTER 2 zset zset WITHSCORES
ZINTERCARD 2 zset zset
ZDIFFSTORE made 2 zset numbers
ZRANDMEMBER zset -100000000
ZSCAN zset 0 COUNT 1000000 MATCH nothing
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
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    engine = Engine()
    engine.config.put(b"dir", str(tmp_path_factory.mktemp("saved")).encode())
    engine.execute("EVAL", FILL, 0, COUNT)
    for number in range(COUNT):
        engine.execute("SET", f"w:{number}", number)
    return engine


@pytest.fixture(scope="module")
def worker(filled: Engine) -> Iterator[Worker]:
    worker = Worker(filled)
    yield worker
    worker.close()


def latency(engine: Engine, worker: Worker, command: str) -> float:
    """Interrupt a command that is run again and again; give the seconds until it has ended."""
    has_begun = threading.Event()

    def run() -> None:
        with engine.keyspace.unit():
            has_begun.set()
            while True:
                engine.execute(*command.split())

    future = worker.submit(run)
    has_begun.wait()
    time.sleep(0.02)
    began = time.monotonic()
    worker.interrupt()
    with pytest.raises(Interrupted):
        future.result(30)
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
