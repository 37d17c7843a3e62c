"""The calls of `redis.call` in compiled Lua, each bound to the function for so many words.

`redis.call('GET', key)` would look up `redis`, its field `call`, and then count its words, each
time. But a script cannot set `redis`, and how many words stand there does not change: so such a
call reads one global that no script sees: the function for that many words (see calls.lua).
The same goes for the calls of a local that is `redis.call` and never anything else, from inner
functions, too. And `return redis.call(…)` is a plain call then: see `tail_calls`.

Only instructions are replaced, each by one: no line, no jump and no name changes. What is not
surely such a call stays as it is: `(x or redis.call)(…)`, or one whose number of words is open.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from itertools import islice

from redislua_kernel.engine.interrupts import look
from redislua_kernel.engine.scripting.bytecode.dump import (
    UPVALUES,
    DoesNotFit,
    Function,
    of_kind,
    set_upvalues,
    text_constant,
)
from redislua_kernel.engine.scripting.bytecode.opcodes import (
    CALL,
    CLOSE,
    CLOSURE,
    EQ,
    GETGLOBAL,
    GETTABLE,
    GETUPVAL,
    JMP,
    LE,
    LOADNIL,
    LT,
    MOVE,
    RETURN,
    SETGLOBAL,
    SETLIST,
    SETTABLE,
    SETUPVAL,
    TAILCALL,
    TEST,
)

__all__ = ["MOST_WORDS", "bind_calls", "hidden_name"]

#: A call has a function of its own for so many words, the command's name among them.
MOST_WORDS = 12

#: What sets no register: setters of other things, jumps and tests, RETURN, SETLIST and CLOSE.
_SETS_NONE = frozenset([
    SETGLOBAL, SETUPVAL, SETTABLE, JMP, EQ, LT, LE, TEST, RETURN, SETLIST, CLOSE,
])  # fmt: skip
#: Stands for what is no instruction: it sets nothing, either.
_NOTHING = SETGLOBAL
#: The first operand of an instruction, and the last one.
_A, _C = 0xFF << 6, 0x1FF << 14
#: The last operand of a CALL whose results are dropped.
_NO_RESULT = 1 << 14
#: Constants as operands are counted from here.
_CONSTANT = 256
_API = text_constant(b"redis")
_FIELDS = {text_constant(name): name for name in (b"call", b"pcall")}
#: So many instructions a call may have for its words, and so many such locals a function.
_FARTHEST, _MOST_LOCALS = 250, 20


def hidden_name(field: bytes, words: int, drops: bool = False) -> bytes:
    """Give the global where `redis.call`, or `redis.pcall`, for so many words is.

    There is another for calls that drop the reply. C reads the field's own name of it: where there
    is no such function, the error tells of that.
    """
    return b"%s\0%d%s" % (field, words, b" dropped" * drops)


_IS_GETGLOBAL, _IS_GETUPVAL = of_kind(GETGLOBAL), of_kind(GETUPVAL)
_IS_CLOSURE = of_kind(CLOSURE)
_NAMES = {
    (field, words, drops): text_constant(hidden_name(field, words, drops))
    for field in _FIELDS.values()
    for words in range(1, MOST_WORDS + 1)
    for drops in (False, True)
}


def bind_calls(function: Function) -> bool:
    """Bind the calls in a function and in all inside it; False: there is none."""
    return _bind(function, {})


def _bind(function: Function, upvalues: Mapping[int, bytes]) -> bool:
    """Bind a function's calls; some of its upvalues are `redis.call`, or `redis.pcall`."""
    look()
    if upvalues or _API in function.constants:
        return _Binder(function, upvalues).bind()
    return any([_bind(each, {}) for each in function.inner])


class _Binder:
    """Binds the calls of one function that may read `redis.call`, or has it from outside."""

    def __init__(self, function: Function, upvalues: Mapping[int, bytes]) -> None:
        self.function = function
        self.upvalues = upvalues
        #: The instructions; what belongs to the one before it is none.
        self.code: Sequence[int] = function.code
        if function.operands:
            self.code = code = list(function.code)
            for at in function.operands:
                code[at] = _NOTHING
        #: Where jumps lead, and from where; what begins and ends loops is never within a call.
        self.jumps = sorted((target, at) for at, target in function.jumps)
        self.bound: dict[int, int] = {}
        #: What is known of the upvalues of each function inside.
        self.inner: list[dict[int, bytes]] = [{} for _ in function.inner]

    def bind(self) -> bool:
        """Bind what can be, here and inside; False: nothing."""
        function = self.function
        kept = [(at, field) for at, field in self._heads() if not self._bind_call(at, 2, field)]
        if kept:
            for register, start, end, field in islice(self._locals(kept), _MOST_LOCALS):
                self._bind_local(register, start, end, field)
        if self.upvalues:
            self._bind_upvalues()
        if self.bound:
            with suppress(DoesNotFit):
                function.replace(self.bound)
        inside = [
            _bind(each, known) for each, known in zip(function.inner, self.inner, strict=True)
        ]
        return bool(self.bound) or any(inside)

    @cached_property
    def _captures(self) -> list[tuple[int, int, int, int]]:
        """What closures take: where, what, and in which place of which function."""
        function = self.function
        found = []
        for at in function.places(_IS_CLOSURE):
            which = function.code[at] >> 14
            taken = function.code[at + 1 : at + 1 + function.inner[which].head[UPVALUES]]
            found += [(at, each, which, slot) for slot, each in enumerate(taken)]
        return found

    def _heads(self) -> list[tuple[int, bytes]]:
        """Give where `redis.call` is read into a register, by two instructions, and which field."""
        constants, code = self.function.constants, self.code
        if _API not in constants:
            return []
        fields = {
            _CONSTANT + constants.index(text): name
            for text, name in _FIELDS.items()
            if text in constants
        }
        api, found = constants.index(_API), []
        for at in self.function.places(_IS_GETGLOBAL):
            word, following = code[at], code[at + 1]
            if word >> 14 == api:
                field = fields.get(following >> 14 & 0x1FF)
                register = word & _A
                if field and following & ~_C == GETTABLE | register | register << 17:
                    found.append((at, field))
        return found

    def _bind_call(self, at: int, width: int, field: bytes) -> bool:
        """Bind the call of what so many instructions have read; False: nothing calls it there."""
        register = _register(self.code[at])
        call = self._call_of(at, width, register)
        if call is None:
            return False
        word = self.code[call]
        words = (word >> 23) - 1
        if not 1 <= words <= MOST_WORDS:
            return True
        name = self.function.constant(_NAMES[field, words, word & _C == _NO_RESULT])
        # The field's line tells where it is not there, so that is where the global is read.
        self.bound[at] = MOVE | register << 6 | register << 23
        self.bound[at + width - 1] = GETGLOBAL | register << 6 | name << 14
        if word & 0x3F == TAILCALL:
            self.bound[call] = word & ~0x3F | CALL
        return True

    def _call_of(self, at: int, width: int, register: int) -> int | None:
        """Give the instruction that calls what was read into a register."""
        code = self.code
        for place in range(at + width, min(at + _FARTHEST, len(code))):
            word = code[place]
            if word >> 6 & 0xFF <= register:
                kind = word & 0x3F
                if kind not in _SETS_NONE:
                    is_called = kind in (CALL, TAILCALL) and word >> 6 & 0xFF == register
                    return place if is_called and not self._is_entered(at, place, place) else None
        return None

    def _is_entered(self, first: int, last: int, end: int) -> bool:
        """Tell whether a jump from before the first, or behind `end`, leads behind the first."""
        place = bisect_left(self.jumps, (first + 1, 0))
        while place < len(self.jumps) and self.jumps[place][0] <= last:
            if not first <= self.jumps[place][1] <= end:
                return True
            place += 1
        return False

    def _locals(self, kept: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, int, int, bytes]]:
        """Give the locals that begin as `redis.call`: the register, where from, where to."""
        heads: dict[int, list[tuple[int, bytes]]] = {}
        for at, field in kept:
            heads.setdefault(_register(self.code[at]), []).append((at, field))
        active: list[int] = []  # where locals end, in the order of their registers
        for _, start, end in self.function.debug.locals:
            active = [each for each in active if each > start]
            register = len(active)
            active.append(end)
            before = heads.get(register, [])
            place = bisect_left(before, (start - 1, b"")) - 1
            if place >= 0 and self._is_kept(before[place][0], start, register):
                yield register, start, end, before[place][1]

    def _is_kept(self, at: int, end: int, register: int) -> bool:
        """Tell whether what was read into a register is there where a local begins."""
        if end - at > _FARTHEST:
            return False
        kept = not any(
            word & 0x3F not in _SETS_NONE and _register(word) <= register
            for word in self.code[at + 2 : end]
        )
        return kept and not self._is_entered(at, end, len(self.code))

    def _bind_local(self, register: int, start: int, end: int, field: bytes) -> None:
        taken = MOVE | register << 23
        captures = [each for each in self._captures if start <= each[0] < end and each[1] == taken]
        inner = self.function.inner
        is_set = any(map(partial(_sets, register), self.code[start:end]))
        if is_set or any(slot in set_upvalues(inner[which]) for _, _, which, slot in captures):
            return
        for at in range(start, min(end, len(self.code))):
            word = self.code[at]
            if word & 0xFF80003F == taken and _register(word) > register:
                self._bind_call(at, 1, field)
        for _, _, which, slot in captures:
            self.inner[which][slot] = field

    def _bind_upvalues(self) -> None:
        for at in self.function.places(_IS_GETUPVAL):
            field = self.upvalues.get(self.code[at] >> 23)
            if field:
                self._bind_call(at, 1, field)
        for _, taken, which, slot in self._captures:
            if taken & 0x3F == GETUPVAL and taken >> 23 in self.upvalues:
                self.inner[which][slot] = self.upvalues[taken >> 23]


def _sets(register: int, word: int) -> bool:
    """Tell whether an instruction sets a register that a local has."""
    kind, first = word & 0x3F, _register(word)
    if kind == LOADNIL:
        return first <= register <= word >> 23
    return first == register and kind not in _SETS_NONE


def _register(word: int) -> int:
    """Give an instruction's first operand."""
    return word >> 6 & 0xFF
