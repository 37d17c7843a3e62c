"""What differs from the reference on purpose, each with its reason.

The comparisons of this folder look here, and nowhere else, for what they let through.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["DIFFERENCES", "Difference", "is_on_purpose"]


class Difference(NamedTuple):
    """What may differ, and why; `pattern` finds it in replies that are written out."""

    what: str
    reason: str
    pattern: str | None = None


#: Those with a pattern let replies differ; the others say what no generated script is to do.
DIFFERENCES = (
    Difference(
        "the address in what tostring gives for a table, a function, a thread",
        "every process has its own",
        pattern=r"(?<=(?:able|tion|read|data): )0x[0-9a-f]+",
    ),
    Difference(
        "CR LF inside an error that a script raised is two spaces",
        "the reference sends it as it is, and with it the reply ends too early",
    ),
    Difference(
        "how deep plain recursion goes before it is a stack overflow: 19997 calls, or 16381",
        "Lua's stack of calls doubles from what earlier scripts left, on the reference as well",
    ),
    Difference(
        "'C stack overflow' may have a line in front of it",
        "the hook that keeps scripts interruptible takes one of the calls that C may nest, "
        "wherever it fires; the reference's hook is C",
        pattern=r"user_script:\d+: (?=C stack overflow)",
    ),
    Difference(
        "the order of pairs() over a protected library, and of functions in FUNCTION LIST",
        "the reference's own hash tables give it; FUNCTION LIST differs there from run to run",
    ),
    Difference(
        "pairs(t) gives a function that is not the global next",
        "next sees through protected tables, and would make every loop slower",
    ),
    Difference(
        "collectgarbage('step') tells whether a cycle ended; gcinfo() and 'count' give kilobytes",
        "both depend on all that the state holds; stop, setpause and setstepmul change nothing "
        "here, so that no script can stall the collector",
    ),
    Difference(
        "OBJECT ENCODING of a list that has shrunk, and of a string that once had an expiry, is "
        "that of a new one",
        "to remember would cost every push and pop; the reference goes back to the smaller form "
        "of a list late, and never to that of a string",
    ),
    Difference(
        "a client that waits for a key is served by what SORT, SINTERSTORE and their like store "
        "over a value of another type",
        "the reference overlooks it until the next push",
    ),
    Difference(
        "an AUTH that fails is answered in a pipeline too",
        "the reference keeps silent while earlier replies are still to be sent",
    ),
    Difference(
        "string.dump gives other bytes",
        "tail calls are compiled otherwise (see engine/scripting/bytecode.py)",
    ),
    Difference(
        "an error whose __index raises, register_function{function_name='f'} without a callback, "
        "and a function's name with a NUL in it are errors",
        "the reference crashes",
    ),
    Difference(
        "the debugger's eval shows errors that are tables, and ends when it has no end; levels of "
        "error() end at its code",
        "the reference crashes, or is stuck for ever; here such code runs in a coroutine",
    ),
    Difference(
        "what EXEC runs is not debugged, FCALL is, and others get BUSY in sync mode",
        "the reference answers EXEC with bytes that are no reply, does not debug functions, and "
        "is deaf in sync mode",
    ),
    Difference(
        "SRANDMEMBER, HRANDFIELD and ZRANDMEMBER give a script at most 16777216 elements; a client "
        "of the server gets any number, as they are drawn",
        "the reference takes gigabytes for them, and is killed by the system",
    ),
    Difference(
        "SLOWLOG has entries of the commands that scripts call only where less than 10 ms is slow",
        "to time each would cost each; they are part of their script's time",
    ),
    Difference(
        "PFMERGE with one key asks for the right to write that key",
        "the reference finds no key in such a call, and lets everybody change it",
    ),
    Difference("MEMORY MALLOC-STATS has nothing to tell", "the allocator is Python's"),
    Difference(
        "redis.debug(f()) names its own line, unless the user steps into all",
        "the reference names the line that ran last, in f: to know it costs a hook at each line",
    ),
)


def is_on_purpose(theirs: str, ours: str) -> bool:
    """Tell whether two replies, written out, are the same but for what the table lets differ."""
    return _without_differences(theirs) == _without_differences(ours)


def _without_differences(reply: str) -> str:
    for difference in DIFFERENCES:
        if difference.pattern is not None:
            reply = re.sub(difference.pattern, "", reply)
    return reply
