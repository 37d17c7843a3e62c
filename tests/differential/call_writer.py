"""Writes scripts that make a few calls many times, with words that change from turn to turn.

What a call costs is saved where its words are the same, are numbers, or are few, where nobody
takes its reply, and so on. These scripts go in and out of all that: a word is a constant, or one
of some that take turns, or now and then something that it should not be.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from tests.differential.argument_values import FIELDS, KEYS, OTHERS
from tests.differential.command_writer import Writer
from tests.differential.documented import Documented

__all__ = ["LEFT_OUT", "CallWriter", "Script"]

#: Chance, the time or the order of a hash table has a part in these; or they are too slow.
LEFT_OUT = {
    *("MIGRATE", "PFDEBUG", "PFSELFTEST", "RESTORE", "RESTORE-ASKING", "WAIT", "WAITAOF"),
    *("RANDOMKEY", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "DUMP", "KEYS", "TOUCH"),
    *("OBJECT ENCODING", "OBJECT FREQ", "OBJECT IDLETIME", "OBJECT REFCOUNT"),
    *("SCAN", "HSCAN", "SSCAN", "ZSCAN", "SORT", "SORT_RO", "XPENDING"),
    *("FLUSHALL", "FLUSHDB", "SWAPDB", "XINFO STREAM", "XINFO CONSUMERS"),
}
_UNORDERED = {"HGETALL", "HKEYS", "HVALS", "SDIFF", "SINTER", "SMEMBERS", "SPOP", "SUNION", "XINFO"}
_TIMES = {
    *("TTL", "PTTL", "HTTL", "HPTTL"),
    *("EXPIRETIME", "PEXPIRETIME", "HEXPIRETIME", "HPEXPIRETIME"),
}

#: `exact` describes any value, `loose` whatever the order of an array, `kind` only what it is.
_PRELUDE = """\
local call, pcalls, out = redis.call, redis.pcall, {}
local function exact(v, is_loose)
  if type(v) == 'number' then return string.format('%.17g', v) end
  if type(v) == 'string' then return string.format('%q', v) end
  if type(v) ~= 'table' then return type(v) == 'function' and 'function' or tostring(v) end
  local parts = {}
  for key, item in pairs(v) do
    local name = is_loose and type(key) == 'number' and '' or exact(key)
    parts[#parts + 1] = name .. '=' .. exact(item, is_loose)
  end
  table.sort(parts)
  return '{' .. table.concat(parts, ',') .. '}'
end
local function loose(v) return exact(v, true) end
local function kind(v) return type(v) == 'table' and v.err or type(v) end
local function note(how, ...)
  for place = 1, select('#', ...) do out[#out + 1] = how((select(place, ...))) end
end"""

#: The ways to call, and what becomes of the reply.
_FORMS = (
    "note({how}, redis.pcall({words}))",
    "note({how}, pcalls({words}))",
    "note({how}, pcall(redis.call, {words}))",
    "note({how}, pcall(function() return redis.call({words}) end))",
    "note({how}, coroutine.wrap(function() return redis.pcall({words}) end)())",
    "note({how}, redis.pcall(unpack({{{words}}}, 1, {count})))",
    "note({how}, (function(...) return redis.pcall(...) end)({words}))",
    "local r = redis.pcall({words}) if i % 7 == 0 then note({how}, r) end",
    "redis.pcall({words})",
    "pcall(function() redis.call({words}) end)",
    "pcall(call, {words})",
)

#: What a word may be instead, now and then.
_ODD = """
0 1 -1 2 1.5 3.0 -0 0.1 1e-7 1e15 1e17 1e300 2^53 2^53+1 2^63 -2^63 2^64 0/0 1/0 -1/0 16777217
i -i i/2 i%2 i*1e15 'k'..i tostring(i) true false nil {} redis.call '' ' 1' '1 ' '+1' '01' '-0'
'0x10' '1e3' 'nan' 'inf' '\\0\\255' 'a\\r\\nb' string.rep('x',70) string.rep('y',5000)
'9223372036854775807' '9223372036854775808' '-9223372036854775808'
""".split()  # noqa: SIM905

#: Which of some words it is this turn: each in turn, or each for some turns.
_STEPS = ("i", "i", "i * 7", "math.floor(i / 9)", "math.floor(i / 17)")


class Script(NamedTuple):
    """A script's text, and the arguments that it is to get."""

    text: str
    arguments: Sequence[str]


class CallWriter:
    """Writes scripts; the same random numbers give the same ones."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._commands = Writer(rng)

    def script(self, commands: Sequence[Documented]) -> Script:
        """Write a script that calls some of these commands."""
        rng = self._rng
        self._head: list[str] = []
        self._arguments: list[str] = []
        self._odd = rng.choice((0, 0.03, 0.15))
        turns = rng.choice((1, 5, 20, 40, 60))
        body = [self._statement(rng.choice(commands)) for _ in range(rng.choice((1, 2, 3)))]
        if rng.random() < 0.3:
            body.append("if i % 5 == 0 then redis.setresp(i % 2 + 2) end")
        if rng.random() < 0.1:
            self._head.append(f"redis.set_repl({rng.randrange(4)})")
        loop = [f"for i = 1, {turns} do", *(f"  do {line} end" for line in body), "end"]
        lines = [_PRELUDE, *self._head, *loop, "return table.concat(out, '\\n')"]
        return Script("\n".join(lines), self._arguments)

    def _statement(self, command: Documented) -> str:
        name = command.name.split()[0]
        how = "loose" if name in _UNORDERED else "kind" if name in _TIMES else "exact"
        words = self._words(command)
        form = self._rng.choice(_FORMS)
        return form.format(how=how, words=", ".join(words), count=len(words))

    def _words(self, command: Documented) -> list[str]:
        """Write the words of a call as Lua's expressions."""
        rng = self._rng
        variants = [self._commands.command(command) for _ in range(rng.choice((1, 1, 2, 3)))]
        first = variants[0]
        if any("LEX" in word.upper() for word in first):  # see EQUAL_SCORES
            return [_quoted("l" if word in (*KEYS, *OTHERS) else word) for word in first]
        if first[0] == "SPOP":
            return [*map(_quoted, first[:2]), "100"]
        name = rng.choice((first[0], first[0], first[0], first[0].lower()))
        columns = zip(*(words for words in variants if len(words) == len(first)), strict=True)
        return [_quoted(name), *map(self._word, list(columns)[1:])]

    def _word(self, choices: Sequence[str]) -> str:
        rng = self._rng
        choices = ["6-*" if word == "*" else word for word in dict.fromkeys(choices)]
        for pool in (KEYS, FIELDS):
            if choices[0] in pool and rng.random() < 0.3:
                choices = rng.sample(pool, 3)
        forms = [self._form(word) for word in choices]
        if rng.random() < self._odd:
            forms.insert(rng.randrange(len(forms) + 1), rng.choice(_ODD))
        if len(forms) == 1:
            return forms[0]
        step = rng.choice(_STEPS)
        if any(("i" in form and form[0] != "'") or ".." in form for form in forms):
            return f"({{{', '.join(forms)}}})[{step} % {len(forms)} + 1]"
        name = f"t{len(self._head)}"
        self._head.append(f"local {name} = {{{', '.join(forms)}}}")
        return f"{name}[{step} % {len(forms)} + 1]"

    def _form(self, word: str) -> str:
        """Write one word: as a number, if it is one, a constant, or an argument."""
        if word.lstrip("-").isdecimal() and word.isascii() and self._rng.random() < 0.4:
            return f"({word})"
        if self._rng.random() < 0.2:
            self._arguments.append(word)
            return f"ARGV[{len(self._arguments)}]"
        return _quoted(word)


def _quoted(word: str) -> str:
    return "'" + "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):03}" for c in word) + "'"
