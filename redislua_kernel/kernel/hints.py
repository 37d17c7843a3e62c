"""What helps after an error, said below it: the reference's own words assume that one knows."""

from __future__ import annotations

import re

from redislua_kernel.cells import encode
from redislua_kernel.engine.debugging.stop import EvaluationError
from redislua_kernel.engine.registry import COMMANDS
from redislua_kernel.engine.scripting.shebang import FLAGS
from redislua_kernel.kernel.cell_run import IN_TRANSACTION, CellRun
from redislua_kernel.kernel.failed_commands import help_with_command
from redislua_kernel.kernel.meant import name_meant
from redislua_kernel.kernel.slips import slip
from redislua_kernel.language.documentation import document
from redislua_kernel.language.error_codes import ERROR_CODES
from redislua_kernel.magics import magics
from redislua_kernel.remote.errors import Explained

__all__ = ["hints", "how_to_raise"]

#: What a message says of a limit: how many megabytes, and the option.
_LIMIT = re.compile(r"^ERR not enough memory: .* (\d+) MB .*\((\S+)\)")
#: What stands before a command that was copied from a terminal.
_PROMPT = re.compile(r"(?:\$ +)?redis-cli\b *|(?:[\w.-]+:\d+)?(?:\[\d+\])?> *")
_CLI_ADVICE = (
    "%redis runs a command; %load and %call, what --eval did; %connect takes redis-cli's options."
)
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
_MAY_LACK = re.compile(rf"{_NO_WORD}|\bnil\b|Wrong number of args")
#: KEYS[2], or unpack(KEYS), which must not be empty.
_GIVEN = re.compile(r"(unpack\()?\b(KEYS|ARGV)\b(?:\[(\d+)\])?")
_HOW_TO_GIVE = {
    "KEYS": "%keys or %%eval KEY ... gives more",
    "ARGV": "%args or %%eval KEY ... , ARGUMENT ... gives more",
}
#: A command behind another one.
_SECOND = re.compile(r";[ \t]*(\w+)")
_SECOND_ADVICE = "Each command has a line of its own, below %%redis."
_ELSE_IF = re.compile(rb"\belse[ \t]+if\b")
_HELP = {"?", "help", "help()"}
_MISSING_NAME = re.compile(r"nonexistent global variable '(\w+)'")
_MISUSED = re.compile(r"bad argument #\d+ to '(\w+)'|in table for '(\w+)'")
_MAGIC = re.compile(r"\s*%%?(\w+)")
_MAGIC_ADVICE = "Magics stand on a cell's first lines, those with % above the one with %%."
_USE = "(?:compare|concatenate|get length of|index|perform arithmetic on)"
_NIL_USED = re.compile(rf"attempt to {_USE} .*\bnil\b")
_NIL_ADVICE = (
    "It is nil: never set, or not there. Lists begin at 1; (x or '') gives a value in its place."
)
#: What an error speaks of, and what to do about it.
_ADVICE = (
    # SUBSCRIBE and MONITOR in a cell.
    (re.compile("DENY BLOCKING client"), "A cell waits for no messages: a client of %serve does."),
    (
        re.compile(r"Library '\w+' already exists"),
        "%%function load replace takes its place, and so does a cell that is only the library.",
    ),
    (
        re.compile(r"Error registering functions: .*nonexistent global variable 'p?call'"),
        "While it loads, a library only registers functions: redis.call works within those.",
    ),
    (
        re.compile(r"Function \w+ already exists$"),
        "Another library has it: a name is one function's among all libraries.",
    ),
    (
        re.compile(r"No functions registered"),
        "redis.register_function('name', f) makes one; without name= in its first line a cell is "
        "a script.",
    ),
    (
        re.compile(r"Invalid metadata value given: flags="),
        "Flags stand with the functions: redis.register_function{function_name='f', callback=f, "
        "flags={'no-writes'}}.",
    ),
    (
        re.compile(r"unknown flag given|Unexpected flag in script shebang"),
        f"The flags are {', '.join(FLAGS)}; %help no-writes explains one.",
    ),
    (
        re.compile(r"^NOSCRIPT "),
        "%%script load puts a script into the cache, and so does running it; SCRIPT FLUSH and a "
        "restart empty it.",
    ),
    (
        re.compile(
            r"Invalid (?:library metadata|script shebang)|Unknown lua shebang option(?!: name=)"
            r"|engine in script shebang"
        ),
        "A library's first line is #!lua name=NAME, a script's #!lua, or with flags=no-writes.",
    ),
    (
        re.compile(r"Unknown lua shebang option: name="),
        "A library is loaded, and not run as a script: without %%eval, its cell does that.",
    ),
    (
        re.compile(r"unknown argument given to redis.register_function"),
        "Its fields are function_name, callback, flags and description.",
    ),
    (
        re.compile(r"redis.log\(\) requires two arguments"),
        "The level comes first: redis.log(redis.LOG_NOTICE, 'text').",
    ),
    (
        re.compile(r"Can not execute a script with write flag"),
        "It must say that it writes nothing: flags={'no-writes'}, in a script flags=no-writes.",
    ),
    (
        re.compile(r"attempt to compare (?:number with string|string with number)"),
        "Redis replies with strings: tonumber(...) makes a number of one.",
    ),
    (
        re.compile(r"user_function.*nonexistent global variable '(?:KEYS|ARGV)'"),
        "A function of a library gets both as arguments: function(keys, args).",
    ),
    (
        re.compile(r"attempt to call field 'register_function'"),
        "A library is a cell of its own, and its first line names it: #!lua name=...",
    ),
    (
        re.compile(r"^ERR Function not found"),
        "Run the cell with its library first; %functions shows which functions there are.",
    ),
    (
        re.compile(r"attempt to index .*a number value"),
        "A reply may be a number, which has no fields: type(reply) == 'table' asks for that.",
    ),
    (
        re.compile(r"too many results to unpack"),
        "unpack gives no more than about 8,000 values: pass a long list in parts.",
    ),
    (
        re.compile(r"excessively sparse array"),
        "cjson writes no lists with such gaps: number the elements 1, 2, 3 …, or give them names.",
    ),
    (
        re.compile(r"Expected .* but found .* at character"),
        "That text is no JSON: in it, names and texts stand in double quotes.",
    ),
    (
        re.compile(r"attempt to perform arithmetic on .*a string value"),
        "tonumber(...) makes a number of a text, and .. joins two texts.",
    ),
    (
        re.compile(r"attempt to concatenate .*a table value"),
        "table.concat(list, ', ') joins a list, and cjson.encode(...) writes out any table.",
    ),
    (
        re.compile(r"attempt to call (?:\w+ '\w+' )?\(?a table value"),
        "A loop over a list: for i, value in ipairs(list) do. Over all of a table: pairs.",
    ),
    (re.compile(r"attempt to call \w+ '(?:append|push)'"), "table.insert(list, value) appends."),
    (re.compile(r"attempt to call \w+ 'join'"), "table.concat(list, ',') joins."),
    (
        re.compile(r"attempt to call \w+ 'split'"),
        "for part in string.gmatch(text, '[^,]+') do goes through the parts of a text.",
    ),
    (
        re.compile(rf"attempt to {_USE} .*boolean"),
        "The reply for a key or a field that is missing is false in Lua.",
    ),
)


def hints(error: BaseException, run: CellRun, number: int | None) -> list[str]:
    """Give what helps after an error; `number` is that of the body's line that raised it."""
    found = _hints(error, run, number) or _where_to_read(str(error))
    return found + [IN_TRANSACTION] * run.session.in_transaction


def _where_to_read(message: str) -> list[str]:
    """Tell where the code of an error is explained; ERR is none."""
    code = message.partition(" ")[0]
    return [f"%help {code} explains it."] * (code in ERROR_CODES and code != "ERR")


def _hints(error: BaseException, run: CellRun, number: int | None) -> list[str]:
    if isinstance(error, Explained):
        return [error.advice] * bool(error.advice)
    message = str(error)
    if run.in_lua and _NO_LUA.search(message):
        no_script = _meant_no_lua(run, number) or _library_function(run, message)
        if no_script:
            return no_script
    limit = how_to_raise(message)
    if limit:
        return limit
    line = None
    if number is not None and run.in_lua:
        line = run.cell.line(run.cell.offset + number) or ""
        if _UNREADABLE in message:  # lint may take it for something that it is not
            fault = slip(message, line) or _unended(run, message) or _unreturned(run)
            return [fault] * bool(fault)
        found = run.warnings_on(number)
        of_lint = [f"{each.rule}: {each.todo}" for each in found if not each.is_hint]
        if of_lint:
            return list(dict.fromkeys(of_lint))
    advised = [advice for pattern, advice in _ADVICE if pattern.search(message)]
    advised += help_with_command(message, run)
    meant = name_meant(message, run)
    advised += [f"Did you mean {meant}?"] * bool(meant)
    second = None if run.in_lua else _SECOND.search(run.cell.line(run.line) or "")
    if second is not None and encode(second[1].upper()) in COMMANDS:
        advised.append(_SECOND_ADVICE)
    if line is None:
        return advised + _of_values(message)
    return advised + _on_line(message, run, line) + _usage(message, line)


def how_to_raise(message: str) -> list[str]:
    """Tell how to raise the limit that a message speaks of."""
    named = _LIMIT.search(message)
    return [f"%config {named[2]} {2 * int(named[1])} lets it take twice as much."] if named else []


def _meant_no_lua(run: CellRun, number: int | None) -> list[str]:
    """Tell who has typed a command, a magic below the Lua, or a call for help how that is done."""
    line, *others = run.cell.body.decode("utf-8", "replace").strip().split("\n")
    if line.lower() in _HELP:
        return ["%help lists the magics."]
    magic = _MAGIC.match((number and run.cell.line(run.cell.offset + number)) or "")
    if magic is not None and magic[1].lower() in {name.partition(" ")[0] for name in magics()}:
        return [_MAGIC_ADVICE]
    prompt = _PROMPT.match(line)
    typed = _TYPED.match(line, prompt.end() if prompt is not None else 0)
    command = COMMANDS.get(encode(typed[1].upper())) if typed is not None else None
    if typed is None or command is None:
        return [_CLI_ADVICE] if prompt is not None and "redis-cli" in prompt[0] else []
    in_lua = f"A cell is Lua: there it is redis.call('{typed[1].upper()}', ...)."
    shown = f"%redis {line[typed.start() :]}"
    return [in_lua] * ("noscript" not in command.flags) + [
        f"As in redis-cli: {'%%redis above the lines' if others else shown}"
    ]


def _library_function(run: CellRun, message: str) -> list[str]:
    """Tell how a function of a library is called."""
    missing = _MISSING_NAME.search(message)
    functions = run.session.engine.scripting.functions.by_name
    if missing is None or encode(missing[1].lower()) not in functions:
        return []
    return [f"{missing[1]} is a function of a library: %fcall {missing[1]} calls it."]


def _unended(run: CellRun, message: str) -> str:
    """Tell why an `end` may be missing."""
    is_unended = "'end' expected" in message and _ELSE_IF.search(run.cell.body)
    return (
        "`else if` begins an if that has an end of its own; `elseif` does not."
        if is_unended
        else ""
    )


def _unreturned(run: CellRun) -> str:
    """Tell how the value of a last line becomes the reply; nothing if that is not the fault."""
    above, _, last = run.cell.body.rstrip().rpartition(b"\n")
    returned = b"return " + last.strip()
    if run.session.engine.scripting.compile_error(above + b"\n" + returned) is not None:
        return ""
    return f"To reply with it: {returned.decode('utf-8', 'replace')}"


def _usage(message: str, line: str) -> list[str]:
    """Tell how the function of Lua is called that was given something else."""
    misused = _MISUSED.search(message)
    name = misused and (misused[1] or misused[2])
    called = re.search(rf"(?:(\w+)\.|(:))?\b{name}\b", line) if name else None
    if called is None:
        return []
    library = "string" if called[2] else called[1]
    found = document(f"{library}.{name}" if library else f"{name}")
    return [] if found is None else [f"{found.usage}: {found.text}"]


def _on_line(message: str, run: CellRun, line: str) -> list[str]:
    """Tell which of KEYS and ARGV on a line are not there, if that may be why it failed."""
    if not _MAY_LACK.search(message):
        return []
    for unpacked, name, index in _GIVEN.findall(line):
        least = 1 if unpacked else int(index or 0)
        count = _count(run, name)
        if count is not None and least > count:
            return [f"{name} has {count or 'nothing'} here: {_HOW_TO_GIVE[name]}."]
    is_colon = _NO_WORD in message and _COLON.search(line)
    return [_NO_COLON_ADVICE] if is_colon else _of_values(message)


def _of_values(message: str) -> list[str]:
    """Tell of which kind a value is that cannot be used so."""
    if _NO_WORD in message:
        return [_NO_WORD_ADVICE]
    return [_NIL_ADVICE] * bool(_NIL_USED.search(message))


def _count(run: CellRun, name: str) -> int | None:
    """Count KEYS or ARGV of the script that failed; None: it was a function."""
    stop = run.session.post_mortem.stop
    try:
        count = None if stop is None else stop.evaluate(b"#" + name.encode())
    except EvaluationError:
        return None
    return int(count) if isinstance(count, int | float) else None
