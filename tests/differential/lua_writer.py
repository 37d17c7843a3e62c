"""Writes random Lua scripts for Redis: most run, some fail at every place where one can.

All choices are made by the `random.Random` that a writer gets: the same seed writes the same
scripts, and hypothesis, which can stand in for one, shrinks them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from textwrap import indent
from typing import TypeVar

from tests.differential.lua_grammar import (
    ANY,
    CHOICES,
    COMMANDS,
    COMPOUND,
    ENDS,
    LEAVES,
    PRELUDE,
    SHORT_PRELUDE,
    SIMPLE,
)

T = TypeVar("T")

_COMPOUND = COMPOUND.strip("\n").split("\n--\n")
_SHEBANGS = (
    "",
    "no-writes",
    "allow-oom",
    "allow-stale,no-cluster",
    "nosuch",
    "no-writes,allow-oom",
)
_HEADS = ("#!lua name=lib",) * 12 + (
    "#!lua",
    "#!lua name=",
    "#!js name=lib",
    "#!lua name=l x=1",
    "#!LUA NAME=lib",
    "lua",
)


class Writer:
    """Writes scripts and libraries by the choices of a `random.Random`."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        #: The local variables in sight.
        self.names: list[str] = []
        self._count = 0

    def script(self) -> str:
        """Write a script; a few have a shebang."""
        self.names, self._count = [], 0
        head = PRELUDE if self.chance(0.5) else SHORT_PRELUDE
        lines = self.block(self.rng.randint(0, 4), 2)
        body = head + "\n".join([*lines, self.last_line()])
        if self.chance(0.1):
            return f"#!lua flags={self.pick(_SHEBANGS)}\n{body}"
        return body

    def library(self) -> str:
        """Write a library of a few functions f1, f2, …; some do not load."""
        self.names, self._count = [], 0
        lines = [self.pick(_HEADS), PRELUDE, *self.block(self.rng.randint(0, 2), 2)]
        for place in range(1, self.rng.randint(2, 4)):
            lines += self.function(f"f{place}")
        return "\n".join(lines)

    def function(self, name: str) -> list[str]:
        """Write the registration of one function."""
        visible = list(self.names)
        self.names += ["keys", "args"]
        body = indent("\n".join([*self.block(self.rng.randint(0, 3), 2), self.last_line()]), "  ")
        body = body.replace("KEYS", "keys").replace("ARGV", "args")
        self.names = visible
        callback = f"function(keys, args)\n{body}\nend"
        if self.chance(0.05):
            callback = self.value("v", 2)
        form = self.rng.randint(0, 9)
        if form < 5:
            return [f"redis.register_function('{name}', {callback})"]
        flags = self.pick(("'no-writes'", "'allow-oom', 'allow-stale'", "", "'nosuch'", "1"))
        more = f", flags = {{{flags}}}" if form < 8 else ", description = 'it does'"
        if form == 9 and self.chance(0.5):
            more = f", {self.pick(('nosuch', 'flags', 'description', 'callback'))} = {self.value('v', 1)}"
        return [f"redis.register_function{{function_name = '{name}', callback = {callback}{more}}}"]

    def block(self, count: int, depth: int) -> list[str]:
        """Write some statements."""
        visible = len(self.names)
        lines = [line for _ in range(count) for line in self.statement(depth)]
        if depth < 2:
            del self.names[visible:]
        return lines

    def statement(self, depth: int) -> list[str]:
        """Write one statement, with others inside it if it has lines that are numbers."""
        if depth == 0 or self.chance(0.6):
            return [self.named(self.pick(SIMPLE), 3)]
        lines, hidden = [], []
        for line in self.pick(_COMPOUND).split("\n"):
            text = line.lstrip()
            margin = " " * (len(line) - len(text))
            if text.isdigit():
                lines.append(indent("\n".join(self.block(int(text), depth - 1)), margin))
                continue
            before = len(self.names)
            lines.append(margin + self.named(text, 2))
            if not line.startswith("local"):
                hidden += self.names[before:]
        self.names = [name for name in self.names if name not in hidden]
        return lines

    def last_line(self) -> str:
        """Write how a script ends."""
        return self.fill(self.pick(ENDS), 3)

    def new_name(self) -> str:
        """Give the name of a new local variable, visible from now on."""
        self._count += 1
        self.names.append(f"v{self._count}")
        return self.names[-1]

    def named(self, line: str, depth: int) -> str:
        """Write a statement's line: each @ is a new local variable."""
        first, *rest = line.split("@")
        text = self.fill(line.replace("@", "\0"), depth)
        for _ in rest:
            text = text.replace("\0", self.new_name(), 1)
        return text

    def value(self, kind: str, depth: int) -> str:
        """Write an expression of a kind."""
        rng = self.rng
        if kind == "x":
            return self.pick(self.names) if self.names else self.value("v", depth)
        if kind == "c":
            return self.fill(self.pick(COMMANDS), depth - 1)
        if kind == "=":
            return self.pick(self.names or ["x"])
        if kind == "!":
            return self.names[-1]
        if kind in "ki&po" and (kind != "k" or rng.random() < 0.95):
            return self.pick(LEAVES[kind])
        if kind == "k":
            kind = "v"
        if kind == "v" or rng.random() < 0.03:
            if self.names and rng.random() < 0.3:
                return self.pick(self.names)
            kind = self.pick(ANY)
        if depth <= 0 or rng.random() < 0.35:
            leaf = self.pick(LEAVES[kind])
            return f"({leaf})" if kind in "snf" else leaf
        return f"({self.fill(self.pick(CHOICES[kind]), depth - 1)})"

    def fill(self, form: str, depth: int) -> str:
        """Write a form's text with an expression for each $ and kind."""
        first, *rest = form.split("$")
        return first + "".join(self.value(part[0], depth) + part[1:] for part in rest)

    def pick(self, items: Sequence[T]) -> T:
        """Choose one of the items."""
        return self.rng.choice(items)

    def chance(self, share: float) -> bool:
        """Tell whether something that happens in this share of cases happens now."""
        return self.rng.random() < share
