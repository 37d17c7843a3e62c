"""The script cache: bodies by their SHA1, compiled when they first run."""

from __future__ import annotations

import hashlib
from typing import Any

from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.scripting.lua_failure import LuaFailure
from redislua_kernel.engine.scripting.program import Program
from redislua_kernel.engine.scripting.runs import Runs
from redislua_kernel.engine.scripting.runtime import Runtime
from redislua_kernel.engine.scripting.shebang import read_script_head

__all__ = ["Script", "ScriptCache", "compile_code"]

#: So many scripts that only EVAL loaded are kept; the least recently used goes first.
MAX_EVAL_SCRIPTS = 500


def compile_code(code: bytes, runtime: Runtime) -> Any:
    """Give what enters a script's code. Raises the reference's error for no Lua."""
    try:
        return runtime.compile(code)
    except LuaFailure as failure:
        text = f"ERR Error compiling script (new function): {shown(failure.text)}"
        raise CommandError(text) from None


class Script(Program):
    """One cached script."""

    __slots__ = ("body", "code")

    def __init__(self, body: bytes, sha: bytes, is_evictable: bool, dialect: Dialect) -> None:
        head = read_script_head(body, dialect)
        super().__init__(sha, head.flags, Runs())
        self.body = body
        self.code = head.code
        #: It is if EVAL alone has loaded it.
        self.is_evictable = is_evictable

    @property
    def sha(self) -> bytes:
        """Its digest, which is its name."""
        return self.name

    def compile(self, runtime: Runtime) -> None:
        """Make it ready to run. Raises the reference's error for a body that is no Lua."""
        self.enter = compile_code(self.code, runtime)


class ScriptCache:
    """Every loaded script by its digest, in the order of their last use by EVAL."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        #: This table and the next are the same for good: the ways to scripts hold them.
        self.scripts: dict[bytes, Script] = {}
        #: The same scripts by body: finding one again costs no SHA1.
        self.by_body: dict[bytes, Script] = {}
        self._evictable: dict[bytes, None] = {}
        self.evicted = 0
        #: What ran last: a script that did is in its place already.
        self.latest: Program | None = None

    def eval(self, body: bytes, runtime: Runtime) -> Script:
        """Give the script with this body, loading it if need be, ready for EVAL."""
        script = self.by_body.get(body)
        if script is None:
            return self._add(body, runtime, is_evictable=True)
        if script.enter is None:
            script.compile(runtime)
        return script

    def flags_of(self, body: bytes) -> frozenset[str] | None:
        """Give the flags of the script with this body, loaded or not; None: it has no shebang."""
        script = self.by_body.get(body)
        if script is not None:
            return script.flags
        try:
            return read_script_head(body, self.dialect).flags
        except CommandError:
            return None

    def load(self, body: bytes, runtime: Runtime) -> Script:
        """Give the script with this body, loading it for good if need be, for SCRIPT LOAD.

        One that EVAL had loaded before may still be dropped, unless the dialect keeps it.
        """
        script = self.by_body.get(body)
        if script is None:
            return self._add(body, runtime, is_evictable=False)
        if script.is_evictable and self.dialect.load_keeps:
            self._keep(script)
        return script

    def find(self, sha: bytes, runtime: Runtime) -> Script:
        """Give the script with this digest, ready for EVALSHA. Raises NOSCRIPT."""
        script = self.scripts.get(sha) or self.scripts.get(sha.lower())
        if script is None:
            raise CommandError(self.dialect.no_script)
        if script.enter is None:
            script.compile(runtime)
        return script

    def touch(self, program: Program) -> None:
        """Note what runs: one that EVAL loaded then goes last. Refused ones keep their place."""
        self.latest = program
        if program.is_evictable:
            del self._evictable[program.name]
            self._evictable[program.name] = None

    def flush(self, journal: Journal) -> None:
        """Forget every script."""
        journal.undo.append((self._fill, *self.state()))
        self._fill({}, {}, {})

    def state(self) -> tuple[dict[bytes, Script], dict[bytes, Script], dict[bytes, None]]:
        """Give all scripts there are, for `restore`."""
        return self.scripts.copy(), self.by_body.copy(), self._evictable.copy()

    def restore(
        self, state: tuple[dict[bytes, Script], dict[bytes, Script], dict[bytes, None]]
    ) -> None:
        """Let the scripts be those of a state; what was not there meanwhile is compiled anew."""
        for sha, script in state[0].items():
            if sha not in self.scripts:
                script.enter = None
        self._fill(*state)

    def _fill(
        self,
        scripts: dict[bytes, Script],
        by_body: dict[bytes, Script],
        evictable: dict[bytes, None],
    ) -> None:
        for table in (self.scripts, self.by_body, self._evictable):
            table.clear()
        self.scripts.update(scripts)
        self.by_body.update(by_body)
        self._evictable.update(evictable)
        self.latest = None

    def copy(self, dialect: Dialect, *, keeps_runs: bool) -> ScriptCache:
        """Give a cache of the same scripts, to be compiled for another runtime.

        Scripts whose shebang the dialect refuses are left out. Their runs are counted on, or
        anew.
        """
        made = ScriptCache(dialect)
        for sha, script in self.scripts.items():
            try:
                taken = Script(script.body, sha, script.is_evictable, dialect)
            except CommandError:
                continue
            if keeps_runs:
                taken.runs = script.runs
            made.scripts[sha] = made.by_body[script.body] = taken
        made._evictable = {sha: None for sha in self._evictable if sha in made.scripts}
        made.evicted = self.evicted if keeps_runs else 0
        return made

    def forget_compiled(self) -> None:
        """Compile every script anew when it next runs: its runtime is gone."""
        for script in self.scripts.values():
            script.enter = None

    def memory(self) -> int:
        """Give the bytes that the scripts take as text."""
        return sum(map(len, self.by_body))

    def _add(self, body: bytes, runtime: Runtime, *, is_evictable: bool) -> Script:
        sha = hashlib.sha1(body).hexdigest().encode()
        script = Script(body, sha, is_evictable, self.dialect)
        script.compile(runtime)
        self.scripts[sha] = self.by_body[body] = script
        if is_evictable:
            self._evictable[sha] = None
            self.latest = script
            if len(self._evictable) > MAX_EVAL_SCRIPTS:
                self._evict()
        return script

    def _evict(self) -> None:
        sha = next(iter(self._evictable))
        del self._evictable[sha]
        del self.by_body[self.scripts.pop(sha).body]
        self.evicted += 1

    def _keep(self, script: Script) -> None:
        script.is_evictable = False
        del self._evictable[script.sha]
