"""What helps after an error, said below it: the reference's own words assume that one knows."""

from __future__ import annotations

import re

from redislua_kernel.cells import encode
from redislua_kernel.engine.debugging.stop import EvaluationError
from redislua_kernel.engine.registry import COMMANDS
from redislua_kernel.kernel.cell_run import CellRun
from redislua_kernel.kernel.slips import slip
from redislua_kernel.language.alike import command_alike
from redislua_kernel.remote.errors import Explained

__all__ = ["hints", "how_to_raise"]

#: What a message says of a limit: how many megabytes, and the option.
_LIMIT = re.compile(r"^ERR not enough memory: .* (\d+) MB .*\((\S+)\)")
_UNKNOWN_COMMAND = re.compile(r"ERR unknown command '([^']+)'")
#: A cell's first line that may be meant as a command: a name, and no more of Lua.
_TYPED = re.compile(r"(\w+)(?=$|[ \t]+[^\s=(,])")
_UNREADABLE = "Error compiling"
_NO_LUA = re.compile(f"{_UNREADABLE}|nonexistent global variable")
_NO_WORD = "Lua redis lib command arguments must be strings or integers"
_NO_WORD_ADVICE = (
    "One of the words is nil, a boolean or a table. unpack(t) gives the values of a list."
)
_COLON = re.compile(r"\bredis:p?call\b")
_NO_COLON_ADVICE = "It is redis.call, with a dot: a colon gives it redis as its first word."
_NIL = re.compile(r"\bnil\b")
_GIVEN = re.compile(r"\b(KEYS|ARGV)\[(\d+)\]")
_HOW_TO_GIVE = {
    "KEYS": "%keys or %%eval KEY ... gives more",
    "ARGV": "%args or %%eval KEY ... , ARGUMENT ... gives more",
}
#: What an error speaks of, and what to do about it.
_ADVICE = (
    # SUBSCRIBE and MONITOR in a cell.
    (re.compile("DENY BLOCKING client"), "A cell waits for no messages: a client of %serve does."),
    (
        re.compile(r"attempt to compare (?:number with string|string with number)"),
        "Redis replies with strings: tonumber(...) makes a number of one.",
    ),
    (
        re.compile(r"attempt to (?:compare|concatenate|index|perform arithmetic on) .*boolean"),
        "The reply for a key or a field that is missing is false in Lua.",
    ),
)


def hints(error: BaseException, run: CellRun, number: int | None) -> list[str]:
    """Give what helps after an error; `number` is that of the body's line that raised it."""
    if isinstance(error, Explained):
        return [error.advice] * bool(error.advice)
    message = str(error)
    if run.in_lua and _NO_LUA.search(message):
        typed = _typed_command(run)
        if typed:
            return typed
    limit = how_to_raise(message)
    if limit:
        return limit
    line = None
    if number is not None and run.in_lua:
        line = run.cell.line(run.cell.offset + number) or ""
        if _UNREADABLE in message:  # lint may take it for something that it is not
            return [each for each in (slip(message, line),) if each]
        of_lint = [f"{each.rule}: {each.advice}" for each in run.warnings_on(number)]
        if of_lint:
            return list(dict.fromkeys(of_lint))
    found = [advice for pattern, advice in _ADVICE if pattern.search(message)]
    unknown = _UNKNOWN_COMMAND.match(message)
    meant = command_alike(unknown[1]) if unknown is not None else ""
    found += [f"Did you mean {meant}?"] * bool(meant)
    return found if line is None else found + _on_line(message, run, line)


def how_to_raise(message: str) -> list[str]:
    """Tell how to raise the limit that a message speaks of."""
    named = _LIMIT.search(message)
    return [f"%config {named[2]} {2 * int(named[1])} lets it take twice as much."] if named else []


def _typed_command(run: CellRun) -> list[str]:
    """Tell who has typed a command as in redis-cli how that is done here."""
    line, *others = run.cell.body.decode("utf-8", "replace").strip().split("\n")
    typed = _TYPED.match(line)
    if typed is None or encode(typed[1].upper()) not in COMMANDS:
        return []
    return [
        f"A cell is Lua: there it is redis.call('{typed[1].upper()}', ...).",
        f"As in redis-cli: {'%%redis above the lines' if others else f'%redis {line}'}",
    ]


def _on_line(message: str, run: CellRun, line: str) -> list[str]:
    """Tell which of KEYS and ARGV on a line are not there, if that may be why it failed."""
    if _NO_WORD not in message and not _NIL.search(message):
        return []
    for name, index in _GIVEN.findall(line):
        count = _count(run, name)
        if count is not None and int(index) > count:
            return [f"{name} has {count or 'nothing'} here: {_HOW_TO_GIVE[name]}."]
    if _NO_WORD not in message:
        return []
    return [_NO_COLON_ADVICE if _COLON.search(line) else _NO_WORD_ADVICE]


def _count(run: CellRun, name: str) -> int | None:
    """Count KEYS or ARGV of the script that failed; None: it was a function."""
    stop = run.session.post_mortem.stop
    try:
        count = None if stop is None else stop.evaluate(b"#" + name.encode())
    except EvaluationError:
        return None
    return int(count) if isinstance(count, int | float) else None
