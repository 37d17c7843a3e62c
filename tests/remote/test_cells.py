"""The cells of a notebook give on real servers what they give on the embedded engine."""

from __future__ import annotations

from pathlib import Path

from redislua_kernel.cells import parse
from redislua_kernel.engine import Engine
from redislua_kernel.errors import RedisError
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.remote.remote import Remote
from redislua_kernel.render.outputs import Display, Result, Text
from redislua_kernel.render.terminal import format_reply
from redislua_kernel.session import Session

LIBRARY = """#!lua name=points
redis.register_function('add', function(keys, args)
  return redis.call('ZINCRBY', keys[1], args[2], args[1])
end)
redis.register_function{function_name='top', flags={'no-writes'}, callback=function(keys)
  return redis.call('ZRANGE', keys[1], 0, -1, 'REV', 'WITHSCORES')
end}
"""

CELLS = [
    "%redis SET {t}k 41",
    "%%eval {t}k\nreturn redis.call('INCR', KEYS[1])",
    "%%eval {t}k\nreturn redis.call('INCR', KEYS[1])",
    "%%eval_ro {t}k\nreturn {redis.call('GET', KEYS[1]), 1.5, false, {ok = 'fine'}, 'last'}",
    "%keys {t}k\n%args 7 'two words'\nreturn {KEYS, ARGV}",
    "redis.call('GET', KEYS[1]) .. '!'",
    "redis.sha1hex('x')",
    "%keys\n%args",
    LIBRARY,
    LIBRARY,
    "%fcall add {t}z , ann 3",
    "%fcall_ro top {t}z",
    "%fcall nothing {t}z",
    "%%script load\nreturn ARGV[1]",
    "%evalsha 098e0f0d1448c0a81dafe820f66d460eb09263da , x",
    "%evalsha_ro 098e0f0d1448c0a81dafe820f66d460eb09263da , x",
    "%script exists 098e0f0d1448c0a81dafe820f66d460eb09263da 00",
    "%%script load first-1\nreturn KEYS[1]",
    "%call first {t}k",
    "%redis EVALSHA $first 1 {t}k",
    "%script flush",
    "%call first {t}k",
    "%script kill",
    "%script nothing",
    "%function list libraryname poi*",
    "%function stats",
    "%function dump to {file}",
    "%function delete points",
    "%function restore from {file}",
    "%fcall_ro top {t}z",
    "%function flush",
    "%function list",
    "%function kill",
    "%%function load\n#!lua name=other\nredis.register_function('f', function() return 1 end)",
    "%%redis\nWATCH {t}k\nMULTI\nINCR {t}k\nLPUSH {t}k x\nEXEC",
    "%%redis\nHSET {t}h f v\nHGETALL {t}h\nNOPE\nSET {t}k never",
    "%config resp 3",
    "%redis HGETALL {t}h",
    "%%eval {t}z\nredis.setresp(3) return redis.call('ZSCORE', KEYS[1], 'ann')",
    "%fcall f {t}k",
    "return redis.error_reply('MINE text')",
    "error('boom')",
    "return redis.call('LPUSH', '{t}k', 1)",
    "local x = nil\nreturn x.y",
    "return +",
]
#: In which order functions are listed is chance.
_IN_ANY_ORDER = ("%function list libraryname poi*",)


def show(session: Session, cell: str) -> str:
    """Give all that a cell shows, as text."""
    shown = []
    try:
        for each in CellRun(session, parse(cell)).outputs():
            if isinstance(each, Result):
                shown.append(format_reply(each.reply, each.resp))
            elif isinstance(each, Text):
                shown.append(each.text)
            elif isinstance(each, Display):
                shown.append(each.bundle["text/plain"])
    except RedisError as error:
        shown.append(f"error: {error}")
    return "\n".join(shown)


def test_every_form_of_cell_gives_the_same(real_backend: Remote, tmp_path: Path) -> None:
    real_backend.facts()  # among them whose dialect it speaks
    here, there = Session(Engine(dialect=real_backend.dialect)), Session(Engine())
    there.connect(real_backend)
    differing = []
    for cell in CELLS:
        expected = show(here, cell.replace("{file}", str(tmp_path / "here.fn")))
        found = show(there, cell.replace("{file}", str(tmp_path / "there.fn")))
        found = found.replace("there.fn", "here.fn")
        if cell in _IN_ANY_ORDER:
            expected, found = (str(sorted(each.splitlines())) for each in (expected, found))
        if expected != found:
            differing.append((cell, expected, found))
    assert differing == []
