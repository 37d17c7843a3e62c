"""Compiled Lua that counts how often each of its parts runs: for profiles.

A counter stands where a block of instructions begins, and where a line does in its midst. It is
an upvalue that is added 1 to, which Lua does in three instructions, and no script can see it.
There may be few upvalues: what has no loop and no function around it, and so runs seldom, counts
in a table if they do not suffice. Nothing else changes: no line, no name, no tail call.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.engine.scripting.bytecode.dump import (
    HEADER,
    MAX_STACK,
    UPVALUES,
    DoesNotFit,
    Function,
    Words,
    read_dump,
    set_upvalues,
)
from redislua_kernel.engine.scripting.bytecode.opcodes import (
    ADD,
    CALL,
    CLOSURE,
    EQ,
    FORLOOP,
    FORPREP,
    GETTABLE,
    GETUPVAL,
    JMP,
    LOADBOOL,
    LOADK,
    RETURN,
    SETLIST,
    SETTABLE,
    SETUPVAL,
    TAILCALL,
    TESTSET,
    TFORLOOP,
)

__all__ = ["CannotCount", "Counted", "FunctionRuns", "count_runs", "lines_that_run"]

#: What the next instruction, a jump, belongs to: comparisons and tests, and loops over iterators.
_BEFORE_JUMPS = frozenset([*range(EQ, TESTSET + 1), TFORLOOP])
#: What takes as many values as the instruction before it left, if its second operand is 0.
_OPEN = frozenset([CALL, TAILCALL, RETURN, SETLIST])
_JUMPS = frozenset([JMP, FORLOOP, FORPREP])
#: Behind these a block begins.
_ENDS = frozenset([JMP, TAILCALL, RETURN, FORLOOP, FORPREP])

#: Lua itself allows 60 upvalues, and 255 fit; one is the table.
_MOST_CELLS = 190
#: Constants up to here can be operands.
_LAST_OPERAND = 255
_CONSTANT = 256
#: So many registers a counter takes at most.
_REGISTERS = 4


class CannotCount(Exception):
    """A function that has no room for counters."""


@dataclass(frozen=True)
class Counted:
    """Compiled Lua with counters: what was made, and where they are."""

    code: bytes
    #: The function as it was, with all inside it in the order of the text.
    functions: tuple[Function, ...]
    #: For each counter, of which function it is, and at which of its instructions.
    places: tuple[tuple[int, int], ...]
    #: So many counters, the first, are upvalues behind the function's own.
    cells: int

    @property
    def shares_variables(self) -> bool:
        """Tell whether it sets variables of the functions around it."""
        return bool(set_upvalues(self.functions[0]))

    def runs(self, counts: Sequence[int]) -> list[FunctionRuns]:
        """Tell how often what ran, from the numbers of the counters in their order."""
        by_function: list[dict[int, int]] = [{} for _ in self.functions]
        for (place, at), count in zip(self.places, counts, strict=True):
            by_function[place][at] = count
        return [
            FunctionRuns(function, list(_spread(function, known)))
            for function, known in zip(self.functions, by_function, strict=True)
        ]


@dataclass(frozen=True)
class FunctionRuns:
    """How often each instruction of a function ran; None: it is part of the one before it."""

    function: Function
    counts: list[int | None]

    def by_line(self) -> Iterator[tuple[int, int]]:
        """Give the line and the count of each instruction that runs by itself."""
        for line, count in zip(self.function.debug.lines, self.counts, strict=True):
            if count is not None:
                yield line, count


def count_runs(dump: bytes) -> Counted:
    """Put counters into a function and all inside it. Raises CannotCount.

    The function has further upvalues then: the counters' cells, and last a table if there are
    more counters. All are to be 0 when it first runs.
    """
    before, made = (tuple(read_dump(dump).tree()) for _ in range(2))
    ranked = sorted(
        (-depth, place, at)
        for place, (function, outer) in enumerate(_with_depth(before[0], 0))
        for at, depth in _depths(function, _sites(function), outer)
    )
    places = [(place, at) for _, place, at in ranked]
    cells = min(len(places), _MOST_CELLS)
    numbers = {place: number for number, place in enumerate(places)}
    index = {id(function): place for place, function in enumerate(made)}
    try:
        _Counters(index, numbers, cells).put_into(made[0])
    except DoesNotFit:
        raise CannotCount from None
    return Counted(dump[:HEADER] + made[0].dump(), before, tuple(places), cells)


class _Counters:
    """Puts the counters into functions, and their cells among the upvalues."""

    def __init__(
        self, index: dict[int, int], numbers: dict[tuple[int, int], int], cells: int
    ) -> None:
        self.index = index
        self.numbers = numbers
        self.cells = cells

    def put_into(self, function: Function, is_outermost: bool = True) -> list[int]:
        """Give the cells that a function needs, for itself and what is inside; -1: the table."""
        place = self.index[id(function)]
        own = {at: self.numbers[place, at] for at in _sites(function)}
        closures = _closures(function)
        inside = [self.put_into(each, is_outermost=False) for each in function.inner]
        needed = {self._cell(number) for number in own.values()}.union(*inside)
        if is_outermost:
            needed.update(range(self.cells))
            if len(self.numbers) > self.cells:
                needed.add(-1)
        order = sorted(needed - {-1}) + [-1] * (-1 in needed)
        first = function.head[UPVALUES]
        slots = {cell: first + at for at, cell in enumerate(order)}
        captures = {
            last: [
                (GETUPVAL | slots[cell] << 23, function.debug.lines[last]) for cell in inside[which]
            ]
            for last, which in closures
        }
        function.insert(self._counters(function, own, slots), captures)
        count = bytes([first + len(order)])
        function.head = function.head[:UPVALUES] + count + function.head[UPVALUES + 1 :]
        # Without a name they are nobody's variables, as those of C functions.
        function.debug.upvalues += [struct.pack("<Q", 1) + b"\0"] * len(order)
        return order

    def _cell(self, number: int) -> int:
        return number if number < self.cells else -1

    def _counters(
        self, function: Function, own: dict[int, int], slots: dict[int, int]
    ) -> dict[int, Words]:
        free = function.stack
        function.stack += _REGISTERS
        if function.stack > MAX_STACK:
            raise CannotCount
        one = _number(function, 1)
        counters: dict[int, Words] = {}
        for at, number in own.items():
            slot = slots[self._cell(number)]
            if number < self.cells:
                words = _count_cell(free, slot, one)
            else:
                key = _number(function, number - self.cells + 1)
                words = _count_item(free, slot, key, one)
            counters[at] = [(word, function.debug.lines[at]) for word in words]
        return counters


def _count_cell(free: int, slot: int, one: int) -> list[int]:
    load, operand = _operand(one, free + 1)
    return [
        GETUPVAL | free << 6 | slot << 23,
        *load,
        ADD | free << 6 | free << 23 | operand << 14,
        SETUPVAL | free << 6 | slot << 23,
    ]


def _count_item(free: int, slot: int, key: int, one: int) -> list[int]:
    load, operand = _operand(one, free + 3)
    at, value = free + 1, free + 2
    return [
        GETUPVAL | free << 6 | slot << 23,
        LOADK | at << 6 | key << 14,
        GETTABLE | value << 6 | free << 23 | at << 14,
        *load,
        ADD | value << 6 | value << 23 | operand << 14,
        SETTABLE | free << 6 | at << 23 | value << 14,
    ]


def _operand(constant: int, free: int) -> tuple[list[int], int]:
    """Give how a constant becomes an operand: by itself, or through a register."""
    if constant <= _LAST_OPERAND:
        return [], _CONSTANT | constant
    return [LOADK | free << 6 | constant << 14], free


def _number(function: Function, number: int) -> int:
    """Give the place of a number among the constants."""
    return function.constant(struct.pack("<Bd", 3, number))


def _closures(function: Function) -> list[tuple[int, int]]:
    """Give where a function makes closures: behind what each takes, and which one it is."""
    return [(last, word >> 14) for _, word, last in function.steps() if word & 0x3F == CLOSURE]


def _sites(function: Function) -> list[int]:
    """Give where counters are to stand."""
    leaders = {0} | {target for _, target in function.jumps}
    found = []
    line = 0  # the one that the last counter is on
    may_count = begins = True
    for at, word, _ in function.steps():
        kind = word & 0x3F
        begins = begins or at in leaders or function.debug.lines[at] != line
        if begins and may_count and not (kind in _OPEN and word >> 23 == 0):
            found.append(at)
            line, begins = function.debug.lines[at], False
        skips = kind == LOADBOOL and word >> 14 & 0x1FF != 0
        may_count = not (kind in _BEFORE_JUMPS or skips)
        begins = begins or kind in _ENDS
    return found


def _depths(function: Function, sites: list[int], outer: int) -> Iterator[tuple[int, int]]:
    """Give each site with the number of loops and functions around it."""
    loops = [(target, at) for at, target in function.jumps if target <= at]
    for site in sites:
        yield site, outer + sum(start <= site <= end for start, end in loops)


def _with_depth(function: Function, depth: int) -> Iterator[tuple[Function, int]]:
    yield function, depth
    for each in function.inner:
        yield from _with_depth(each, depth + 1)


def lines_that_run(function: Function) -> set[int]:
    """Give the lines of a function's own instructions.

    Those that only lead another instruction on are none, nor is the return at the end of a
    function that has returned before: who reads the source sees an `end` there.
    """
    spread = list(zip(function.debug.lines, _spread(function, {}), strict=True))
    if not _reaches_end(function):
        spread.pop()
    return {line for line, count in spread if count is not None}


def _reaches_end(function: Function) -> bool:
    """Tell whether the last instruction can run."""
    operands = {at: last for at, _, last in function.steps()}
    targets = dict(function.jumps)
    seen: set[int] = set()
    waiting = [0]
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        word = function.code[at]
        kind = word & 0x3F
        if kind in _JUMPS:
            waiting.append(targets[at])
        if kind in _BEFORE_JUMPS or (kind == LOADBOOL and word >> 14 & 0x1FF):
            waiting.append(at + 2)
        if kind not in (JMP, FORPREP, RETURN):
            waiting.append(operands[at] + 1)
    return len(function.code) - 1 in seen


def _spread(function: Function, known: dict[int, int]) -> Iterator[int | None]:
    """Give each instruction's count: that of the last counter before it."""
    count, is_part = 0, False
    for at, word in enumerate(interruptible(function.code)):
        count = known.get(at, count)
        yield None if is_part else count
        is_part = word & 0x3F in _BEFORE_JUMPS
