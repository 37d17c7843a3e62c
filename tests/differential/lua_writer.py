"""Writes random Lua scripts for Redis: most run, some fail at every place where one can.

What they are made of stands in grammar.txt. All choices are made by the `random.Random` that a
writer gets: the same seed writes the same scripts, and hypothesis, which can stand in for one,
shrinks them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from textwrap import indent
from typing import TypeVar

T = TypeVar("T")

_SHORT_PRELUDE = """\
local function T(v) return (tostring(v):gsub('0x%x+', '')) end local D, A = T, T
"""
#: D describes any value exactly, whatever the order of its keys; A describes several.
_PRELUDE = """\
local function T(v) return (tostring(v):gsub('0x%x+', '')) end
local function D(v, depth)
  local kind = type(v)
  if kind == 'number' then return string.format('%.17g', v) end
  if kind ~= 'table' then return kind == 'string' and string.format('%q', v) or T(v) end
  if v == _G then return '_G' end
  if (depth or 0) > 3 then return '{...}' end
  local parts = {}
  for key, item in pairs(v) do parts[#parts + 1] = D(key, 9) .. '=' .. D(item, (depth or 0) + 1) end
  table.sort(parts)
  return '{' .. table.concat(parts, ',') .. '}'
end
local function A(...)
  local parts = {}
  for i = 1, select('#', ...) do parts[i] = D((select(i, ...))) end
  return table.concat(parts, ' | ')
end
"""
_FLAGS = ("", "no-writes", "allow-oom", "allow-stale,no-cluster", "nosuch", "no-writes,allow-oom")
_HEADS = (
    *["#!lua name=lib"] * 12,
    *("#!lua", "#!lua name=", "#!js name=lib", "#!lua name=l x=1", "#!LUA NAME=lib", "lua"),
)
_FUNCTION_FLAGS = ("'no-writes'", "'allow-oom', 'allow-stale'", "", "'nosuch'", "1")
_ARGUMENTS = ("nosuch", "flags", "description", "callback")
#: The kinds an expression of any kind may be of, the likely ones more than once.
_ANY = "nnsssttbbf"
#: Kinds that nearly always are what is wanted; the others now and then become something else.
_STRICT = "ki&po"


def _read_grammar() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = defaultdict(list)
    text = (Path(__file__).parent / "grammar.txt").read_text()
    for section in text.split("\n== ")[1:]:
        name, _, body = section.partition("\n")
        lines = [line for line in body.rstrip().split("\n") if not line.startswith("# ")]
        sections[name] += ["\n".join(lines).rstrip()] if name == "compound" else lines
    return {name: [item for item in items if item] for name, items in sections.items()}


GRAMMAR = _read_grammar()


class Writer:
    """Writes scripts and libraries by the choices of a `random.Random`."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        #: The local variables in sight.
        self._names: list[str] = []
        self._count = 0

    def script(self) -> str:
        """Write a script; a few have a shebang."""
        self._forget()
        head = self._pick((_PRELUDE, _SHORT_PRELUDE))
        lines = self._block(self._rng.randint(0, 4), 2)
        body = head + "\n".join([*lines, self._last_line()])
        if self._chance(0.1):
            return f"#!lua flags={self._pick(_FLAGS)}\n{body}"
        return body

    def library(self) -> str:
        """Write a library of a few functions f1, f2, …; some do not load."""
        self._forget()
        lines = [self._pick(_HEADS), _PRELUDE, *self._block(self._rng.randint(0, 2), 2)]
        for place in range(1, self._rng.randint(2, 4)):
            lines += self._function(f"f{place}")
        return "\n".join(lines)

    def _function(self, name: str) -> list[str]:
        """Write the registration of one function."""
        visible = list(self._names)
        self._names += ["keys", "args"]
        body = indent(
            "\n".join([*self._block(self._rng.randint(0, 3), 2), self._last_line()]), "  "
        )
        body = body.replace("KEYS", "keys").replace("ARGV", "args")
        self._names = visible
        callback = f"function(keys, args)\n{body}\nend"
        if self._chance(0.05):
            callback = self._value("v", 2)
        form = self._rng.randint(0, 9)
        if form < 5:
            return [f"redis.register_function('{name}', {callback})"]
        if form < 8:
            more = f"flags = {{{self._pick(_FUNCTION_FLAGS)}}}"
        elif form == 8:
            more = f"{self._pick(_ARGUMENTS)} = {self._value('v', 1)}"
        else:
            more = "description = 'it does'"
        start = f"redis.register_function{{function_name = '{name}', callback = "
        return [f"{start}{callback}, {more}}}"]

    def _block(self, count: int, depth: int) -> list[str]:
        """Write some statements."""
        visible = len(self._names)
        lines = [line for _ in range(count) for line in self._statement(depth)]
        if depth < 2:
            del self._names[visible:]
        return lines

    def _statement(self, depth: int) -> list[str]:
        """Write one statement, with others inside it if it has lines that are numbers."""
        if depth == 0 or self._chance(0.6):
            return [self._named(self._pick(GRAMMAR["simple"]), 3)]
        lines: list[str] = []
        inner: list[str] = []  # the names of its own, like a loop's variable
        recursive: list[str] = []  # a function that calls itself may never end
        for line in self._pick(GRAMMAR["compound"]).split("\n"):
            text = line.lstrip()
            margin = " " * (len(line) - len(text))
            if text.isdigit():
                lines.append(indent("\n".join(self._block(int(text), depth - 1)), margin))
                continue
            if line.startswith("end"):
                self._names += recursive
            before = len(self._names)
            lines.append(margin + self._named(text, 2))
            if line.startswith("local function"):
                recursive.append(self._names.pop())
            elif not line.startswith("local"):
                inner += self._names[before:]
        self._names = [name for name in self._names if name not in inner]
        return lines

    def _forget(self) -> None:
        self._names, self._count = [], 0

    def _last_line(self) -> str:
        """Write how a script ends."""
        return self._fill(self._pick(GRAMMAR["end"]), 3)

    def _new_name(self) -> str:
        """Give the name of a new local variable, visible from now on."""
        self._count += 1
        self._names.append(f"v{self._count}")
        return self._names[-1]

    def _named(self, line: str, depth: int) -> str:
        """Write a statement's line: each @ is a new local variable."""
        text = self._fill(line.replace("@", "\0"), depth)
        for _ in range(line.count("@")):
            text = text.replace("\0", self._new_name(), 1)
        return text

    def _value(self, kind: str, depth: int) -> str:
        """Write an expression of a kind, with others inside it as deep as `depth`."""
        if kind == "!":
            return self._names[-1]
        if kind == "=" or (kind == "x" and self._names):
            return self._pick(self._names or ["x"])
        if kind == "c":
            return self._fill(self._pick(GRAMMAR["form c"]), depth - 1)
        if kind in _STRICT and (kind != "k" or self._chance(0.95)):
            return self._pick(GRAMMAR[f"leaf {kind}"])
        if kind in "vxk" or self._chance(0.03):
            if self._names and self._chance(0.3):
                return self._pick(self._names)
            kind = self._pick(_ANY)
        if depth <= 0 or self._chance(0.35):
            leaf = self._pick(GRAMMAR[f"leaf {kind}"])
            return f"({leaf})" if kind in "snf" else leaf
        return f"({self._fill(self._pick(GRAMMAR[f'form {kind}']), depth - 1)})"

    def _fill(self, form: str, depth: int) -> str:
        """Write a form's text with an expression for each $ and kind."""
        first, *rest = form.split("$")
        return first + "".join(self._value(part[0], depth) + part[1:] for part in rest)

    def _pick(self, items: Sequence[T]) -> T:
        """Choose one of the items."""
        return self._rng.choice(items)

    def _chance(self, share: float) -> bool:
        """Tell whether something that happens in this share of cases happens now."""
        return self._rng.random() < share
