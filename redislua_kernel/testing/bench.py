"""Where tests run: an engine whose time and randomness are in the test's hands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from textwrap import dedent

from redislua_kernel.backend import Argument
from redislua_kernel.engine import Engine
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import Interrupted
from redislua_kernel.engine.hand_clock import HandClock
from redislua_kernel.engine.journal import Effect
from redislua_kernel.errors import ResponseError
from redislua_kernel.projects import NamedScripts, read_path
from redislua_kernel.render.effects import effect_lines
from redislua_kernel.render.terminal import format_reply
from redislua_kernel.reply import NO_REPLY, Reply
from redislua_kernel.testing.matching import matches
from redislua_kernel.testing.spans import microseconds
from redislua_kernel.testing.transcript import Kind, Step, Transcript

__all__ = ["Bench"]

#: When a bench of its own begins: the first of January 2026, in UTC.
_START = 1_767_225_600_000_000
_SCRIPT_OF_EXPRESSION = "local value = (%s\n)\nreturn {value and 1 or 0, tostring(value)}"


class Bench:
    """An engine for a test, empty or the view it is given, and one client of it.

    Its clock stands still until `advance`, and its random numbers are the same in each run.
    """

    def __init__(
        self,
        engine: Engine | None = None,
        client: Client | None = None,
        scripts: NamedScripts | None = None,
    ) -> None:
        self.engine = engine or Engine(clock=lambda: _START)
        #: The scripts that have a name.
        self.scripts = scripts or NamedScripts()
        self.client = client or self.engine.client()
        keyspace = self.engine.keyspace
        keyspace.clock = self._clock = HandClock(keyspace.clock)
        self._clock.stop()
        self.seed(0)
        self._effects: list[Effect] = []

    @property
    def time(self) -> float:
        """The time of the clock, in seconds since the epoch."""
        return self._clock() / 1_000_000

    @time.setter
    def time(self, seconds: float) -> None:
        self._clock.stop(round(seconds * 1_000_000))

    def advance(self, span: float | str) -> None:
        """Let time pass: seconds, or a text such as "10s", "500ms", "2m", "1h", "7d"."""
        time = microseconds(span) if isinstance(span, str) else round(span * 1_000_000)
        self._clock.advance(time)

    def seed(self, seed: int) -> None:
        """Begin another course of random numbers: those of SPOP, RANDOMKEY and their kin."""
        self.engine.keyspace.random = Random(seed)

    def execute(self, *words: Argument) -> Reply:
        """Run one command and give its reply; a failed one raises `ResponseError`.

        In EVALSHA and SCRIPT, `$name` stands for the digest of a script.
        """
        try:
            return self.client.execute(*self.scripts.expand(words))
        finally:
            self._effects = self.engine.effects

    def load(self, path: str | Path) -> list[str]:
        """Load a Lua file, or all scripts and libraries of a folder; give their names.

        Raises `ProjectError`. What the files may be is told in `redislua_kernel.projects`.
        """
        sources = read_path(Path(path))
        for source in sources:
            self.scripts.load(self.execute, source)
        return [source.title for source in sources]

    def call(
        self, name: str, keys: Sequence[Argument] = (), args: Sequence[Argument] = ()
    ) -> Reply:
        """Call a script that was loaded, or else a function, as a client does."""
        if name in self.scripts.scripts:
            return self.scripts.call(self.execute, name, keys, args)
        return self.execute("FCALL", name, len(keys), *keys, *args)

    def close(self) -> None:
        """Free the engine's memory."""
        self.engine.close()

    @property
    def effects(self) -> list[Effect]:
        """What the last command would have replicated."""
        return self._effects

    def check(self, transcript: str | Transcript) -> None:
        """Run a transcript; raises `CheckFailed` for its first check that fails."""
        __tracebackhide__ = True
        text = transcript
        read = Transcript.read(dedent(text)) if isinstance(text, str) else text
        for step in read.steps:
            _RUN[step.kind](self, step)

    def _run_command(self, step: Step) -> None:
        __tracebackhide__ = True
        got: list[str] = []
        for _ in range(step.count):
            failed, lines = self._reply_to(step.words)
            got += lines
            if failed and not step.expected:
                raise step.failure(("no error",), lines)
        _compare(step, got)

    def _reply_to(self, words: Sequence[bytes]) -> tuple[bool, list[str]]:
        """Give whether a command failed, and the lines of its reply."""
        try:
            reply = self.execute(*words)
        except Interrupted:
            raise
        except ResponseError as error:
            reply = error
        if reply is NO_REPLY:
            return False, []
        lines = format_reply(reply, self.client.resp).split("\n")
        return isinstance(reply, ResponseError), lines

    def _run_directive(self, step: Step) -> None:
        __tracebackhide__ = True
        name, *words = (word.decode("utf-8", "replace") for word in step.words)
        got: list[str] = []
        try:
            for _ in range(step.count):
                got += _DIRECTIVES[name](self, *words)
        except (OverflowError, ValueError) as error:
            raise step.failure((), (str(error),)) from None
        _compare(step, got)

    def _run_expression(self, step: Step) -> None:
        __tracebackhide__ = True
        effects = self._effects
        script = _SCRIPT_OF_EXPRESSION % step.text
        try:
            is_true, value = self._ask_beside(script)
        except Interrupted:
            raise
        except ResponseError as error:
            raise step.failure(("true",), (format_reply(error),)) from None
        self._effects = effects
        if not is_true:
            raise step.failure(("true",), (value.decode("utf-8", "replace"),))

    def _ask_beside(self, script: str) -> Reply:
        """Give the reply of a script that no MULTI queues, and no CLIENT REPLY keeps back."""
        client = self.client.twin(self.engine)
        try:
            return client.execute("EVAL", script, 0)
        finally:
            client.close()


def _compare(step: Step, got: Sequence[str]) -> None:
    __tracebackhide__ = True
    if step.expected and not matches(step.expected, got):
        raise step.failure(step.expected, got)


def _advance(bench: Bench, span: str) -> Sequence[str]:
    bench.advance(span)
    return ()


def _set_time(bench: Bench, seconds: str) -> Sequence[str]:
    bench.time = float(seconds)
    return ()


def _seed(bench: Bench, seed: str) -> Sequence[str]:
    bench.seed(int(seed))
    return ()


def _list_effects(bench: Bench) -> Sequence[str]:
    return [*effect_lines(bench.effects)] or ["(no effects)"]


_DIRECTIVES: dict[str, Callable[..., Sequence[str]]] = {
    "@advance": _advance,
    "@effects": _list_effects,
    "@seed": _seed,
    "@time": _set_time,
}
_RUN = {
    Kind.COMMAND: Bench._run_command,
    Kind.DIRECTIVE: Bench._run_directive,
    Kind.EXPRESSION: Bench._run_expression,
}
