"""The words of the debugger's console, and what each does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from redislua_kernel.engine.debugging.source import Source
from redislua_kernel.engine.debugging.stop import (
    EvaluationError,
    Frame,
    LuaValue,
    Resume,
    Step,
    Stop,
)
from redislua_kernel.engine.signature import parse_int
from redislua_kernel.reply import ResponseError

if TYPE_CHECKING:
    from redislua_kernel.engine.debugging.console import Console

__all__ = ["find_word"]

MAX_BREAKPOINTS = 64
#: How long a value or a reply may be before it is cut, at the least, in bytes; 0: it never is.
LEAST_LENGTH = 60

ABORTED = b"ERR script aborted for user request"
_NAME = re.compile(rb"\s*[A-Za-z_]\w*\s*")
_NO_VARIABLE = b"No such variable."
_LEADING_INT = re.compile(rb"\s*([+-]?\d+)")


class Word(NamedTuple):
    """One command of the debugger, and how `help` explains it."""

    name: bytes
    handler: Callable[[Console, Stop, list[bytes]], Resume | None]
    #: Of the reference's form; without it, the command is of the extended form alone.
    help: tuple[bytes, ...] = ()
    #: Of the extended form, if that differs.
    extended_help: tuple[bytes, ...] = ()


def find_word(words: list[bytes], *, extended: bool) -> Word | None:
    """Give the word that a command begins with, or None if there is none such."""
    called = _c_text(words[0]).lower()
    for word in WORDS:
        if called in (word.name, word.name[:1]) and (extended or word.help):
            is_short = word.handler is _redis and len(words) < 2
            return None if is_short else word
    return None


def _help(console: Console, stop: Stop, words: list[bytes]) -> None:
    console.text.say(b"Redis Lua debugger help:")
    for word in WORDS:
        for line in (console.extended and word.extended_help) or word.help:
            console.text.say(line)
    for line in _HELP_OF_API:
        console.text.say(line)


def _step(console: Console, stop: Stop, words: list[bytes]) -> Resume:
    console.steps = True
    return Resume(Step.INTO)


def _next(console: Console, stop: Stop, words: list[bytes]) -> Resume:
    console.steps = True
    return Resume(Step.OVER if console.extended else Step.INTO)


def _out(console: Console, stop: Stop, words: list[bytes]) -> Resume:
    console.steps = True
    return Resume(Step.OUT)


def _quit(console: Console, stop: Stop, words: list[bytes]) -> Resume:
    return console.leave(stop)


def _continue(console: Console, stop: Stop, words: list[bytes]) -> Resume:
    return Resume(Step.RUN)


def _abort(console: Console, stop: Stop, words: list[bytes]) -> Resume:
    console.is_alone = console.extended  # the error that ends it is no place to stop at again
    return Resume(Step.RUN, ABORTED)


def _trace(console: Console, stop: Stop, words: list[bytes]) -> None:
    for place, frame in enumerate(stop.frames):
        if frame.chunk == stop.source.chunk:
            name = (frame.name or "top level").encode()
            console.text.say(b"%b %b:" % (b"From" if place else b"In", name))
            console.text.say_line(frame.line)


def _max_len(console: Console, stop: Stop, words: list[bytes]) -> None:
    if len(words) == 2:
        console.text.hinted = True
        length = _to_int(words[1])
        console.text.max_length = max(length, LEAST_LENGTH) if length else 0
    if console.text.max_length:
        console.text.say(b"<value> replies are truncated at %d bytes." % console.text.max_length)
    else:
        console.text.say(b"<value> replies are unlimited.")


def _break(console: Console, stop: Stop, words: list[bytes]) -> None:
    if len(words) == 1:
        _list_breakpoints(console)
    for word in words[1:]:
        try:
            line = parse_int(word)
        except ResponseError:
            console.text.say(b"Invalid argument:'%b'" % word)
            continue
        if line == 0:
            console.text.breakpoints.clear()
            console.text.say(b"All breakpoints removed.")
        elif line > 0:
            _add_breakpoint(console, stop.source, line - console.text.offset)
        elif -line - console.text.offset in console.text.breakpoints:
            console.text.breakpoints.remove(-line - console.text.offset)
            console.text.say(b"Breakpoint removed.")
        else:
            console.text.say(b"No breakpoint in the specified line.")
    console.place_breakpoints(stop.source)


def _list_breakpoints(console: Console) -> None:
    if not console.text.breakpoints:
        console.text.say(b"No breakpoints set. Use 'b <line>' to add one.")
        return
    console.text.say(b"%d breakpoints set:" % len(console.text.breakpoints))
    for line in console.text.breakpoints:
        console.text.say_line(line)


def _add_breakpoint(console: Console, source: Source, line: int) -> None:
    if len(console.text.breakpoints) == MAX_BREAKPOINTS:
        console.text.say(b"Too many breakpoints set.")
    elif line in console.text.breakpoints or not 0 < line <= len(source.lines):
        console.text.say(b"Wrong line number.")
    else:
        console.text.breakpoints.append(line)
        console.text.say_around(line, 1)


def _eval(console: Console, stop: Stop, words: list[bytes]) -> None:
    frame = _frame(console, stop)
    try:
        value = stop.evaluate(b" ".join(words[1:]), frame, b"@ldb_eval")
    except EvaluationError as error:
        console.text.say(b"<error> " + error.text)
        return
    _say_value(console, stop, b"<retval> ", value)


def _redis(console: Console, stop: Stop, words: list[bytes]) -> None:
    code = b"redis.call(%b)" % b",".join(map(_lua_string, words[1:]))
    console.steps = True
    try:
        value = stop.evaluate(code)
        if console.debugger is None:
            _say_value(console, stop, b"<reply> ", value)
    except EvaluationError as error:
        if console.debugger is None:
            console.text.say(b"<error> " + error.text)
    finally:
        console.steps = False


def _print(console: Console, stop: Stop, words: list[bytes]) -> None:
    if console.extended and len(words) > 1:
        _print_expression(console, stop, b" ".join(words[1:]))
    elif len(words) == 2:
        _print_variable(console, stop, _c_text(words[1]))
    else:
        _print_all(console, stop)


def _print_expression(console: Console, stop: Stop, code: bytes) -> None:
    try:
        value = stop.evaluate(code, _frame(console, stop))
    except EvaluationError as error:
        console.text.say(_NO_VARIABLE if _NAME.fullmatch(code) else b"<error> " + error.text)
        return
    _say_value(console, stop, b"<value> ", value)


def _print_variable(console: Console, stop: Stop, name: bytes) -> None:
    for frame in stop.frames:
        for variable in frame.locals:
            if variable.name.encode() == name:
                _say_value(console, stop, b"<value> ", variable.value)
                return
    if name in (b"KEYS", b"ARGV"):
        try:
            _say_value(console, stop, b"<value> ", stop.evaluate(name))
            return
        except EvaluationError:  # a function has none
            pass
    console.text.say(_NO_VARIABLE)


def _print_all(console: Console, stop: Stop) -> None:
    frame = stop.frames[0]
    variables = [*frame.named_locals, *frame.upvalues] if console.extended else frame.locals
    for variable in variables:
        _say_value(console, stop, b"<value> %b = " % variable.name.encode(), variable.value)
    if not variables:
        console.text.say(b"No local variables in the current context.")


def _list(console: Console, stop: Stop, words: list[bytes]) -> None:
    around, context = console.text.current, 5
    if len(words) > 1:
        number = _to_int(words[1]) - console.text.offset
        around = number if number > 0 else around
    if len(words) > 2:
        context = _to_int(words[2])
    console.text.say_around(around, context)


def _whole(console: Console, stop: Stop, words: list[bytes]) -> None:
    console.text.say_around(1, 1_000_000)


def _frame(console: Console, stop: Stop) -> Frame | None:
    """Give the frame whose variables expressions see."""
    return stop.frames[0] if console.extended and stop.frames else None


def _say_value(console: Console, stop: Stop, label: bytes, value: LuaValue) -> None:
    console.text.say_cut(label + stop.text_of(value, console.text.max_length or None))


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
    Word(b"help", _help, (b"[h]elp               Show this help.",)),
    Word(
        b"step",
        _step,
        (b"[s]tep               Run current line and stop again.",),
        (b"[s]tep               Run to the next line, into what this one calls.",),
    ),
    Word(
        b"next",
        _next,
        (b"[n]ext               Alias for step.",),
        (b"[n]ext               Run to the next line, past what this one calls.",),
    ),
    Word(
        b"out", _out, extended_help=(b"[o]ut                Run until the function has returned.",)
    ),
    Word(b"continue", _continue, (b"[c]ontinue           Run till next breakpoint.",)),
    Word(
        b"list",
        _list,
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
        _whole,
        (b"[w]hole              List all source code. Alias for 'list 1 1000000'.",),
    ),
    Word(
        b"print",
        _print,
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
        _break,
        (
            b"[b]reak              Show all breakpoints.",
            b"[b]reak <line>       Add a breakpoint to the specified line.",
            b"[b]reak -<line>      Remove breakpoint from the specified line.",
            b"[b]reak 0            Remove all breakpoints.",
        ),
    ),
    Word(b"trace", _trace, (b"[t]race              Show a backtrace.",)),
    Word(
        b"eval",
        _eval,
        (b"[e]val <code>        Execute some Lua code (in a different callframe).",),
        (b"[e]val <code>        Run some Lua code, which may set variables.",),
    ),
    Word(b"redis", _redis, (b"[r]edis <cmd>        Execute a Redis command.",)),
    Word(
        b"maxlen",
        _max_len,
        (
            b"[m]axlen [len]       Trim logged Redis replies and Lua var dumps to len.",
            b"                     Specifying zero as <len> means unlimited.",
        ),
    ),
    Word(
        b"abort",
        _abort,
        (
            b"[a]bort              Stop the execution of the script. In sync",
            b"                     mode dataset changes will be retained.",
        ),
        (b"[a]bort              Stop the script with an error.",),
    ),
    Word(
        b"quit",
        _quit,
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
