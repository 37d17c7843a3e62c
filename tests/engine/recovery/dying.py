"""A process that is to be killed: brings back what it had, then moves two counters together.

`python -m tests.engine.recovery.dying PATH [MOST_BYTES]`: no file may get larger than that. It
tells of each unit that has ended by a line.
"""

from __future__ import annotations

import resource
import sys
from itertools import count
from pathlib import Path

from redislua_kernel import Engine
from redislua_kernel.engine.recovery import CrashJournal
from redislua_kernel.engine.recovery import recorder as recorder_module

_UNIT = """
local n = redis.call('INCR', 'a')
redis.call('RPUSH', 'l', ('x'):rep(ARGV[1]), n)
redis.call('LTRIM', 'l', -100, -1)
return n
"""
#: A unit that no command repeats: all there is is written.
_UNREPEATED = f"redis.set_repl(redis.REPL_NONE) {_UNIT}"


def main() -> None:
    path = Path(sys.argv[1])
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    recorder_module.WORTH_COMPACTING = 1 << 14
    engine = Engine()
    journal = CrashJournal(engine, path, dict, lambda settings: None)
    journal.begin()
    one, other = engine.execute("GET", "a"), engine.execute("LINDEX", "l", -1)
    print(int(one or 0), int(other or 0), *journal.news, flush=True)
    for number in count():
        script = _UNREPEATED if number % 50 == 49 else _UNIT
        done = engine.execute("EVAL", script, 0, (10, 100, 3000)[number % 3])
        print(done, *journal.take_news().splitlines(), flush=True)


if __name__ == "__main__":
    main()
