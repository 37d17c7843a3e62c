"""Scripts, libraries and what they load, compiled as the reference's parser would have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lupa import lua51

from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.scripting.bytecode.dump import read_dump
from redislua_kernel.engine.scripting.bytecode.rewriting import rewrite
from redislua_kernel.engine.scripting.bytecode.uses import Use, use_of_parameters
from redislua_kernel.engine.scripting.long_strings import NESTING, restore_brackets, widen_brackets
from redislua_kernel.engine.scripting.lua_failure import LuaFailure, lua_text
from redislua_kernel.engine.scripting.room import Room

__all__ = ["Compiler"]

#: So much of its length code takes while it is compiled: itself, its texts, and twice dumped.
_COMPILED = 4

#: What Lua takes for compiled code, whose checks can be got round: the way out of a sandbox.
_BYTECODE = b"\x1b"


class Compiler:
    """Makes Lua functions of texts, in a state that has its globals still.

    `ask` calls a function of Lua's.
    """

    def __init__(self, lua: Any, ask: Callable[..., Any], room: Room) -> None:
        stock = lua.globals()
        self._compile_text, self._ask = lua.compile, ask
        self._loadstring, self._dump = stock[b"loadstring"], stock[b"string"][b"dump"]
        self._room = room

    def compile(self, code: bytes, name: bytes) -> tuple[Any, Use]:
        """Compile code to a Lua function, and tell what it does with KEYS and ARGV.

        Raises LuaFailure with the parser's text.
        """
        if code.startswith(_BYTECODE):
            code = b" " + code  # the parser then refuses the escape character, as the reference
        try:
            return self._compile_as_it_is(code, name)
        except LuaFailure as failure:
            if NESTING not in failure.text:
                raise
        try:
            return self._compile_as_it_is(widen_brackets(code), name)
        except LuaFailure as failure:
            raise LuaFailure(restore_brackets(code, failure.text)) from None

    def _compile_as_it_is(self, code: bytes, name: bytes) -> tuple[Any, Use]:
        if len(code) >= LONG:
            self._room.require(_COMPILED * len(code))
        try:
            # Not Lua's own loadstring: calling it would take some of the nesting there may be.
            return self._rewrite(self._ask(self._compile_text, code, name))
        except (lua51.LuaError, MemoryError) as error:
            text = error.args[0]
            raise LuaFailure(text if isinstance(text, bytes) else lua_text(error)) from None

    def rewrite(self, function: Any, binds_calls: bool = True) -> Any:
        """Give a compiled function as it is to run: see `rewriting`."""
        return self._rewrite(function, binds_calls)[0]

    def _rewrite(self, function: Any, binds_calls: bool = True) -> tuple[Any, Use]:
        try:
            code = self._dumped(function, copies=2)
            rewritten, use = rewrite(code, binds_calls=binds_calls)
            return function if rewritten is code else self._loadstring(rewritten), use
        except (lua51.LuaError, MemoryError):  # must not cross into a script
            return function, Use.ANYTHING

    def use_of_parameters(self, function: Any) -> Use:
        """Tell what a function of a library does with its keys and arguments."""
        try:
            return use_of_parameters(read_dump(self._dumped(function, copies=1)))
        except (lua51.LuaError, MemoryError):  # one of C's
            return Use.ANYTHING

    def _dumped(self, function: Any, copies: int) -> bytes:
        """Give a function as Lua dumps it, if there is room for so many copies of that."""
        code: bytes = self._dump(function)
        if len(code) >= LONG:
            self._room.weigh(copies * len(code))
        return code
