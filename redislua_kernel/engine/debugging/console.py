"""The reference's debugger (LDB): its words, and what it says, over any channel.

Two forms: as the reference has it, to the byte, and an extended one for notebooks, in which
expressions see the variables of the frame, `next` steps over calls and `out` leaves a function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import NamedTuple, Protocol

from redislua_kernel.engine.debugging.breakpoints import Breakpoint
from redislua_kernel.engine.debugging.debugger import Debugger
from redislua_kernel.engine.debugging.replies import reply_text
from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import (
    EvaluationError,
    Frame,
    LuaValue,
    Reason,
    Resume,
    Step,
    Stop,
)
from redislua_kernel.engine.signature import parse_int
from redislua_kernel.reply import Reply, ResponseError

__all__ = ["BrokenChannel", "Channel", "Console"]

#: How long a value or a reply may be before it is cut, at first and at least, in bytes.
MAX_LENGTH, LEAST_LENGTH = 256, 60
MAX_BREAKPOINTS = 64
#: How many words of a command are shown.
MOST_WORDS = 10
#: What busy-reply-threshold 0 stands for, in milliseconds.
DEFAULT_THRESHOLD = 5000

ABORTED = b"ERR script aborted for user request"
UNKNOWN = b"<error> Unknown Redis Lua debugger command or wrong number of arguments."
TRIMMED = b"<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming."

_REASONS = {
    Reason.STEP: b"step over",
    Reason.BREAKPOINT: b"break point",
    Reason.CALL: b"redis.breakpoint() called",
    Reason.TIMEOUT: b"timeout reached, infinite loop?",
    Reason.PAUSE: b"pause",
    Reason.ERROR: b"error",
}
_LEADING_INT = re.compile(rb"\s*([+-]?\d+)")


class BrokenChannel(Exception):
    """What came from the other end is no command: the text of the error that ends the script."""

    def __init__(self, text: bytes) -> None:
        super().__init__(text.decode())
        self.text = text


class Channel(Protocol):
    """Who is at the other end of a console."""

    def send(self, lines: Sequence[bytes]) -> None:
        """Show lines."""

    def read(self) -> list[bytes] | None:
        """Give the words of the next command; None: there is nobody any more.

        Raises BrokenChannel.
        """


class Word(NamedTuple):
    """One command of the debugger, and how `help` explains it."""

    name: bytes
    handler: Callable[[Console, Stop, list[bytes]], Resume | None]
    #: Of the reference's form; without it, the command is of the extended form alone.
    help: tuple[bytes, ...] = ()
    #: Of the extended form, if that differs.
    extended_help: tuple[bytes, ...] = ()


class Console:
    """A front that talks to its user in the words of the reference's debugger."""

    def __init__(
        self,
        channel: Channel,
        *,
        extended: bool = False,
        enters: bool = True,
        offset: int = 0,
        breakpoints: Iterable[int] = (),
    ) -> None:
        self.channel = channel
        self.extended = extended
        #: Stop at the first line of what runs next.
        self.enters = enters
        #: Added to the numbers of lines that are shown and taken: where a body is in its cell.
        self.offset = offset
        #: What it is the front of; None: it only looks around where a script has failed.
        self.debugger: Debugger | None = None
        #: Shows commands and their replies: since a step, until the next stop.
        self._steps = enters
        self._lines: list[bytes] = []
        self._max_length = MAX_LENGTH
        self._hinted = False
        #: The lines to stop on, in the order in which they were set.
        self.breakpoints = list(breakpoints)
        self._source: Source | None = None
        self._current = 0
        self._since = monotonic()
        #: The user has left.
        self._is_alone = False

    # As a front

    def begins(self, source: Source) -> bool:
        """Stop at the first line, unless something else was agreed."""
        self._source = source
        self._since = monotonic()
        self._place_breakpoints(source)
        return self.enters

    def ended(self) -> None:
        """Take note that what ran has ended."""

    def stopped(self, stop: Stop) -> Resume:
        """Say where the script has stopped, and do what the user says until it is to go on."""
        if self._is_alone:
            return self._leave(stop)
        self._steps = False
        self._current = stop.line
        if stop.reason is Reason.ERROR:
            self._say(b"* Failed at %d: %b" % (self._shown(stop.line), stop.text.encode()))
        else:
            reason = _REASONS[stop.reason]
            self._say(b"* Stopped at %d, stop reason = %b" % (self._shown(stop.line), reason))
        self._say_line(stop.line)
        self.flush()
        resume = self._obey(stop)
        if resume is None:
            resume = self._leave(stop)
        self._since = monotonic()
        return resume

    def look(self, stop: Stop) -> None:
        """Let the user look around where a script has failed, as long as he likes."""
        self._source, self._current = stop.source, stop.line
        self._obey(stop)
        self.flush()

    def glance(self) -> Reason | None:
        """Stop a script that runs for longer than busy-reply-threshold."""
        # Who has gone on purpose wants it to run on; one that was lost cannot stop it any more.
        if self._steps or self.debugger is None or (self._is_alone and self.extended):
            return None
        engine = self.debugger.scripting.engine
        threshold = engine.config.busy_reply_threshold or DEFAULT_THRESHOLD
        if (monotonic() - self._since) * 1000 < threshold:
            return None
        return Reason.TIMEOUT

    def wants_errors(self) -> bool:
        """Stop at errors that nothing catches: the reference does not."""
        return self.extended and not self._is_alone

    def printed(self, line: int, text: bytes) -> None:
        """Show what redis.debug() was given."""
        self._say(b"<debug> line %d: %b" % (self._shown(line), text))
        if self.extended:
            self.flush()

    def complained(self, text: bytes) -> None:
        """Show why a function of the API has failed, while the user steps."""
        if self._steps:
            self._say(b"<error> " + text)

    def logged(self, line: int, text: str) -> None:
        """Show a breakpoint's message."""
        self._say(text.encode())
        self.flush()

    def called(self, words: Sequence[bytes]) -> None:
        """Show a command, while the user steps."""
        if self._steps:
            shown = [b"<redis>", *words[:MOST_WORDS]]
            if len(words) > MOST_WORDS:
                shown.append(b"... (%d more)" % (len(words) - MOST_WORDS - 1))
            self._say(b" ".join(shown))

    def replied(self, reply: Reply) -> None:
        """Show its reply."""
        if self._steps and self.debugger is not None:
            resp = self.debugger.scripting.runtime.client.resp
            self._say_cut(b"<reply> " + reply_text(reply, resp))

    def failed(self, text: bytes, from_command: bool) -> None:
        """Show its error."""
        if not self._steps:
            return
        if from_command:
            self._say(b"<error> -" + text)
            self.replied(ResponseError.from_payload(text))
        else:
            self._say(b"<error> " + text.removeprefix(b"ERR "))

    def flush(self, *, even_nothing: bool = False) -> None:
        """Send what was said."""
        if self._lines or even_nothing:
            lines, self._lines = self._lines, []
            self.channel.send(lines)

    def end(self) -> None:
        """Say what is left, and that the session is over."""
        if not self.extended:
            self._say(b"<endsession>")
        self.flush()

    # The words

    def _obey(self, stop: Stop) -> Resume | None:
        """Do what the user says; give how to go on, or None once there is no user."""
        while True:
            try:
                words = self.channel.read()
            except BrokenChannel as error:
                return Resume(Step.RUN, error.text)
            if words is None:
                return None
            if not words:
                continue
            word = self._find(words)
            if word is None:
                self._say(UNKNOWN)
            else:
                resume = word.handler(self, stop, words)
                if resume is not None:
                    return resume
            self.flush(even_nothing=True)

    def _leave(self, stop: Stop) -> Resume:
        """Let the script run on without its user."""
        self._is_alone, self._steps = True, False
        if self.debugger is not None:
            self.debugger.set_breakpoints(stop.source.code, ())
        if stop.reason is Reason.TIMEOUT and not self.extended:
            text = b"ERR timeout during Lua debugging with client closing connection"
            return Resume(Step.RUN, text)
        return Resume(Step.RUN)

    def _find(self, words: list[bytes]) -> Word | None:
        called = _c_text(words[0]).lower()
        for word in WORDS:
            if called in (word.name, word.name[:1]) and (self.extended or word.help):
                is_short = word.handler is Console._redis and len(words) < 2
                return None if is_short else word
        return None

    def _help(self, stop: Stop, words: list[bytes]) -> None:
        self._say(b"Redis Lua debugger help:")
        for word in WORDS:
            for line in (self.extended and word.extended_help) or word.help:
                self._say(line)
        for line in _HELP_OF_API:
            self._say(line)

    def _step(self, stop: Stop, words: list[bytes]) -> Resume:
        self._steps = True
        return Resume(Step.INTO)

    def _next(self, stop: Stop, words: list[bytes]) -> Resume:
        self._steps = True
        return Resume(Step.OVER if self.extended else Step.INTO)

    def _out(self, stop: Stop, words: list[bytes]) -> Resume:
        self._steps = True
        return Resume(Step.OUT)

    def _quit(self, stop: Stop, words: list[bytes]) -> Resume:
        return self._leave(stop)

    def _continue(self, stop: Stop, words: list[bytes]) -> Resume:
        return Resume(Step.RUN)

    def _abort(self, stop: Stop, words: list[bytes]) -> Resume:
        self._is_alone = self.extended  # the error that ends it is no place to stop at again
        return Resume(Step.RUN, ABORTED)

    def _trace(self, stop: Stop, words: list[bytes]) -> None:
        for place, frame in enumerate(stop.frames):
            if frame.chunk == stop.source.chunk:
                name = (frame.name or "top level").encode()
                self._say(b"%b %b:" % (b"From" if place else b"In", name))
                self._say_line(frame.line)

    def _max_len(self, stop: Stop, words: list[bytes]) -> None:
        if len(words) == 2:
            self._hinted = True
            length = _to_int(words[1])
            self._max_length = max(length, LEAST_LENGTH) if length else 0
        if self._max_length:
            self._say(b"<value> replies are truncated at %d bytes." % self._max_length)
        else:
            self._say(b"<value> replies are unlimited.")

    def _break(self, stop: Stop, words: list[bytes]) -> None:
        if len(words) == 1:
            self._list_breakpoints()
        for word in words[1:]:
            try:
                line = parse_int(word)
            except ResponseError:
                self._say(b"Invalid argument:'%b'" % word)
                continue
            if line == 0:
                self.breakpoints.clear()
                self._say(b"All breakpoints removed.")
            elif line > 0:
                self._add_breakpoint(stop.source, line - self.offset)
            elif -line - self.offset in self.breakpoints:
                self.breakpoints.remove(-line - self.offset)
                self._say(b"Breakpoint removed.")
            else:
                self._say(b"No breakpoint in the specified line.")
        self._place_breakpoints(stop.source)

    def _list_breakpoints(self) -> None:
        if not self.breakpoints:
            self._say(b"No breakpoints set. Use 'b <line>' to add one.")
            return
        self._say(b"%d breakpoints set:" % len(self.breakpoints))
        for line in self.breakpoints:
            self._say_line(line)

    def _add_breakpoint(self, source: Source, line: int) -> None:
        if len(self.breakpoints) == MAX_BREAKPOINTS:
            self._say(b"Too many breakpoints set.")
        elif line in self.breakpoints or not 0 < line <= len(source.lines):
            self._say(b"Wrong line number.")
        else:
            self.breakpoints.append(line)
            self._say_around(line, 1)

    def _eval(self, stop: Stop, words: list[bytes]) -> None:
        frame = self._frame(stop)
        try:
            value = stop.evaluate(b" ".join(words[1:]), frame, b"@ldb_eval")
        except EvaluationError as error:
            self._say(b"<error> " + error.text)
            return
        self._say_value(stop, b"<retval> ", value)

    def _redis(self, stop: Stop, words: list[bytes]) -> None:
        code = b"redis.call(%b)" % b",".join(map(_lua_string, words[1:]))
        self._steps = True
        try:
            value = stop.evaluate(code)
            if self.debugger is None:
                self._say_value(stop, b"<reply> ", value)
        except EvaluationError as error:
            if self.debugger is None:
                self._say(b"<error> " + error.text)
        finally:
            self._steps = False

    def _print(self, stop: Stop, words: list[bytes]) -> None:
        if self.extended and len(words) > 1:
            self._print_expression(stop, b" ".join(words[1:]))
        elif len(words) == 2:
            self._print_variable(stop, _c_text(words[1]))
        else:
            self._print_all(stop)

    def _print_expression(self, stop: Stop, code: bytes) -> None:
        try:
            value = stop.evaluate(code, self._frame(stop))
        except EvaluationError as error:
            self._say(b"<error> " + error.text)
            return
        self._say_value(stop, b"<value> ", value)

    def _print_variable(self, stop: Stop, name: bytes) -> None:
        for frame in stop.frames:
            for variable in frame.locals:
                if variable.name.encode() == name:
                    self._say_value(stop, b"<value> ", variable.value)
                    return
        if name in (b"KEYS", b"ARGV"):
            try:
                self._say_value(stop, b"<value> ", stop.evaluate(name))
                return
            except EvaluationError:  # a function has none
                pass
        self._say(b"No such variable.")

    def _print_all(self, stop: Stop) -> None:
        frame = stop.frames[0]
        variables = [*frame.named_locals, *frame.upvalues] if self.extended else frame.locals
        for variable in variables:
            self._say_value(stop, b"<value> %b = " % variable.name.encode(), variable.value)
        if not variables:
            self._say(b"No local variables in the current context.")

    def _list(self, stop: Stop, words: list[bytes]) -> None:
        around, context = self._current, 5
        if len(words) > 1:
            number = _to_int(words[1]) - self.offset
            around = number if number > 0 else around
        if len(words) > 2:
            context = _to_int(words[2])
        self._say_around(around, context)

    def _whole(self, stop: Stop, words: list[bytes]) -> None:
        self._say_around(1, 1_000_000)

    # Saying

    def _frame(self, stop: Stop) -> Frame | None:
        """Give the frame whose variables expressions see."""
        return stop.frames[0] if self.extended and stop.frames else None

    def _place_breakpoints(self, source: Source) -> None:
        if self.debugger is not None:
            self.debugger.set_breakpoints(source.code, map(Breakpoint, self.breakpoints))

    def _shown(self, line: int) -> int:
        return line + self.offset

    def _say(self, line: bytes) -> None:
        self._lines.append(line)

    def _say_cut(self, line: bytes) -> None:
        if not self._max_length or len(line) <= self._max_length:
            self._say(line)
            return
        self._say(line[: self._max_length] + b" ...")
        if not self._hinted:
            self._hinted = True
            self._say(TRIMMED)

    def _say_value(self, stop: Stop, label: bytes, value: LuaValue) -> None:
        self._say_cut(label + stop.text_of(value))

    def _say_line(self, line: int) -> None:
        lines = self._source.lines if self._source is not None else []
        known = 0 < line <= len(lines)
        text = lines[line - 1] if known else b"<out of range source code line>"
        arrow = b"->" if line == self._current else b"  "
        mark = b"#" if line in self.breakpoints else b" "
        self._say(b"%b%b%-3d %b" % (arrow, mark, self._shown(line), text))

    def _say_around(self, line: int, context: int) -> None:
        count = len(self._source.lines) if self._source is not None else 0
        for each in range(max(line - context, 1), min(line + context, count) + 1):
            self._say_line(each)


def _to_int(word: bytes) -> int:
    """Give the number that a word begins with, as C does; 0 if it begins with none."""
    found = _LEADING_INT.match(word)
    return int(found[1]) if found else 0


def _c_text(word: bytes) -> bytes:
    """Give a word as C compares it: up to its first zero byte."""
    return word.partition(b"\0")[0]


def _lua_string(word: bytes) -> bytes:
    return b'"%b"' % b"".join(b"\\%03d" % byte for byte in word)


#: In the order in which `help` lists them.
WORDS = (
    Word(b"help", Console._help, (b"[h]elp               Show this help.",)),
    Word(
        b"step",
        Console._step,
        (b"[s]tep               Run current line and stop again.",),
        (b"[s]tep               Run to the next line, into what this one calls.",),
    ),
    Word(
        b"next",
        Console._next,
        (b"[n]ext               Alias for step.",),
        (b"[n]ext               Run to the next line, past what this one calls.",),
    ),
    Word(
        b"out",
        Console._out,
        extended_help=(b"[o]ut                Run until the function has returned.",),
    ),
    Word(b"continue", Console._continue, (b"[c]ontinue           Run till next breakpoint.",)),
    Word(
        b"list",
        Console._list,
        (
            b"[l]ist               List source code around current line.",
            b"[l]ist [line]        List source code around [line].",
            b"                     line = 0 means: current position.",
            b"[l]ist [line] [ctx]  In this form [ctx] specifies how many lines",
            b"                     to show before/after [line].",
        ),
    ),
    Word(
        b"whole",
        Console._whole,
        (b"[w]hole              List all source code. Alias for 'list 1 1000000'.",),
    ),
    Word(
        b"print",
        Console._print,
        (
            b"[p]rint              Show all the local variables.",
            b"[p]rint <var>        Show the value of the specified variable.",
            b"                     Can also show global vars KEYS and ARGV.",
        ),
        (
            b"[p]rint              Show all variables of the function.",
            b"[p]rint <expression> Show a value, such as t.a or #KEYS.",
        ),
    ),
    Word(
        b"break",
        Console._break,
        (
            b"[b]reak              Show all breakpoints.",
            b"[b]reak <line>       Add a breakpoint to the specified line.",
            b"[b]reak -<line>      Remove breakpoint from the specified line.",
            b"[b]reak 0            Remove all breakpoints.",
        ),
    ),
    Word(b"trace", Console._trace, (b"[t]race              Show a backtrace.",)),
    Word(
        b"eval",
        Console._eval,
        (b"[e]val <code>        Execute some Lua code (in a different callframe).",),
        (b"[e]val <code>        Run some Lua code, which may set variables.",),
    ),
    Word(b"redis", Console._redis, (b"[r]edis <cmd>        Execute a Redis command.",)),
    Word(
        b"maxlen",
        Console._max_len,
        (
            b"[m]axlen [len]       Trim logged Redis replies and Lua var dumps to len.",
            b"                     Specifying zero as <len> means unlimited.",
        ),
    ),
    Word(
        b"abort",
        Console._abort,
        (
            b"[a]bort              Stop the execution of the script. In sync",
            b"                     mode dataset changes will be retained.",
        ),
        (b"[a]bort              Stop the script with an error.",),
    ),
    Word(
        b"quit",
        Console._quit,
        extended_help=(b"[q]uit               Leave the debugger; the script runs on.",),
    ),
)
_HELP_OF_API = (
    b"",
    b"Debugger functions you can call from Lua scripts:",
    b"redis.debug()        Produce logs in the debugger console.",
    b"redis.breakpoint()   Stop execution like if there was a breakpoint in the",
    b"                     next line of code.",
)
