"""What our Lua files are given of us: what they call, and the words and numbers we share."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from lupa import lua51

from redislua_kernel.engine.debugging.losses import Loss, read_losses
from redislua_kernel.engine.long_elements import LONG
from redislua_kernel.engine.scripting.abandoning import park
from redislua_kernel.engine.scripting.bytecode.call_sites import MOST_WORDS, hidden_name
from redislua_kernel.engine.scripting.bytecode.stock_calls import BY_PATTERN, OURS, PROTECTED, STOCK
from redislua_kernel.engine.scripting.bytecode.tail_calls import LIBRARY_FUNCTIONS
from redislua_kernel.engine.scripting.bytecode.uses import Use
from redislua_kernel.engine.scripting.calls.dispatch import SERVER_ONLY, resolve
from redislua_kernel.engine.scripting.calls.replies import array_result
from redislua_kernel.engine.scripting.calls.short_ways import ScriptCall
from redislua_kernel.engine.scripting.calls.words import MISSING, word_text
from redislua_kernel.engine.scripting.compiler import Compiler
from redislua_kernel.engine.scripting.long_strings import NESTING, restore_brackets, widen_brackets
from redislua_kernel.engine.scripting.lua_memory import NOT_ENOUGH, weight
from redislua_kernel.engine.scripting.shebang import FLAGS
from redislua_kernel.engine.scripting.tokens import MARKS

if TYPE_CHECKING:
    from redislua_kernel.engine.scripting.runtime import Runtime

__all__ = ["MANY", "Host"]

#: From here on, words cost less as tables than as arguments.
MANY = 64


class Host:
    """The host of one Lua state, as the files name it; each of them says what it takes from it."""

    def __init__(self, runtime: Runtime, compiler: Compiler) -> None:
        self._runtime = runtime
        self._compiler = compiler

    def given(self) -> dict[bytes, Any]:
        """Give what the files know us by."""
        runtime, table = self._runtime, self._runtime.table
        return {
            b"answer": runtime.answer,
            b"by_pattern": BY_PATTERN,
            b"call_many": self._call_many,
            b"call_unkept": self._call_unkept,
            b"dialect": self._dialect_table(),
            b"fill": runtime.room.fill,
            b"function_flags": table({flag.encode(): True for flag in FLAGS}),
            b"hidden_name": hidden_name,
            b"integers": runtime.integers,
            b"killed_text": runtime.polling.killed_text,
            b"left": lambda: runtime.left,
            b"library_functions": LIBRARY_FUNCTIONS,
            b"log": self._log,
            b"many": MANY,
            b"marks": table({name.encode(): mark for name, mark in MARKS.items()}),
            b"missing": MISSING,
            b"most_words": MOST_WORDS,
            b"nesting": NESTING,
            b"not_enough": NOT_ENOUGH,
            b"ours": OURS,
            b"poll": runtime.polling.poll,
            b"resolve": self._resolve,
            b"protected": PROTECTED,
            b"returned": self._returned,
            b"set_repl": self._set_repl,
            b"setresp": runtime.set_resp,
            b"stock": STOCK,
            b"use_of_parameters": self._compiler.use_of_parameters,
            b"uses": table({use.name.lower().encode(): use.value for use in Use}),
        }

    def heeded(self) -> dict[bytes, Callable[..., Any]]:
        """Give those functions of ours that scripts reach otherwise than by a command."""
        weighing = self._runtime.room.weighing
        return {
            b"check_acl": self._check_acl,
            b"rewrite": self._compiler.rewrite,
            b"refuse_function": self._refuse_function,
            b"restore_brackets": weighing(restore_brackets),
            b"sha1": lambda text: hashlib.sha1(text).hexdigest().encode(),
            b"widen_brackets": weighing(widen_brackets),
        }

    def _dialect_table(self) -> Any:
        dialect, table = self._runtime.dialect, self._runtime.table
        return table(
            {
                b"api": dialect.api,
                b"api_aliases": table(dialect.api_aliases),
                b"constants": table(dialect.constants),
                b"error_handlers": table(dialect.error_handlers),
                b"trims_lone_words": dialect.trims_lone_words,
            }
        )

    # Calls of commands

    def _resolve(self, name: object = None) -> Any:
        runtime = self._runtime
        assert runtime.mode is not None
        began = time.perf_counter_ns()
        _, kept = resolve(runtime, runtime.mode, name)
        runtime.resolved += time.perf_counter_ns() - began
        # What is not kept does not cross. It would be garbage at once, which Lua cannot do without
        # a call of ours to free it; and where Lua has no room for one more call, that would fail.
        return kept and runtime.table(kept.by_name())

    def _call_unkept(self, name: object, *words: object) -> Any:
        """Run a command that is not kept, but resolved at each call."""
        runtime = self._runtime
        assert runtime.mode is not None
        return array_result(resolve(runtime, runtime.mode, name)[0](*words))

    def _call_many(self, call: ScriptCall | Literal[False], words: Any, count: int) -> Any:
        values = list(words.values())
        if len(values) != count:  # a nil among the words
            values = [words[place] for place in range(1, count + 1)]
        if not call:  # not kept, and Lua's stack has no room for so many words
            return self._call_unkept(*values)
        if lua51.lua_type(call):  # one of Lua's, which gives them to one of ours in turn
            total = weight(values)
            if total >= LONG:
                self._runtime.room.weigh(total)
        return call(*values[1:])

    # The rest of the API

    def _set_repl(self, targets: int) -> None:
        if self._runtime.is_abandoned:
            park()
        self._runtime.is_unusual = True
        journal = self._runtime.engine.keyspace.journal
        journal.targets = targets
        journal.is_partial = True

    def _log(self, level: int, text: bytes) -> None:
        if self._runtime.is_abandoned:
            park()
        self._runtime.engine.log(level, text)

    def _check_acl(self, *words: object) -> Any:
        runtime, dialect = self._runtime, self._runtime.dialect
        if not words:
            return None, dialect.no_command
        if any(word.__class__ not in (bytes, int, float) for word in words):
            return None, dialect.bad_argument
        texts = tuple(map(word_text, words))
        if texts[0].upper() in SERVER_ONLY:
            return True
        called = runtime.commands.get(texts[0].upper())
        if called and called.subcommands and len(texts) > 1:
            called = called.subcommands.get(texts[1].upper())
        if called is None:
            return None, b"ERR Invalid command passed to %s.acl_check_cmd()" % dialect.api
        running = runtime.engine.scripting.running
        return running is None or running.client.user.denial(called, texts) is None

    def _refuse_function(self, name: bytes) -> bytes | None:
        return self._runtime.refuse_name(name)

    # Results

    def _returned(self, result: Any, others: int) -> bool:
        runtime = self._runtime
        if runtime.is_abandoned:
            park()
        watcher = runtime.loss_watcher
        if watcher is None:
            return False
        losses = [Loss("", "results", others)] if others else []
        try:
            losses += read_losses(list(runtime.sides.losses.find(result).values()))
            if losses:
                watcher(losses)
        except (lua51.LuaError, MemoryError):
            pass
        except Exception as error:  # must not cross into a script
            runtime.engine.report_bug(error)
        return True
