"""What a user of the debugger may say where a script has stopped, and mean harm by it.

Each is a script and the words of the console; it stops at the first line and at breakpoints.
"""

from __future__ import annotations

_CYCLES = (
    "local t = {} for i = 1, 1000 do t[i] = t end "
    "local u = {} for i = 1, 1000 do u['k' .. i] = u end "
    "local w = {} for i = 1, 300 do w[{w, w}] = w end "
    "local s = ('x'):rep(1e7) local b = {} for i = 1, 5e5 do b[i] = i end\nreturn 1"
)

STOPS: dict[str, tuple[str, list[str]]] = {
    "tables that hold themselves": (_CYCLES, ["b 2", "c", "p t", "p u", "p w", "p", "trace", "c"]),
    "a list that holds itself, whole": (_CYCLES, ["b 2", "c", "maxlen 0", "p t", "c"]),
    "a table of itself, whole": (_CYCLES, ["b 2", "c", "maxlen 0", "p u", "c"]),
    "keys that hold themselves": (_CYCLES, ["b 2", "c", "maxlen 0", "p w", "c"]),
    "a long list, whole": (_CYCLES, ["b 2", "c", "maxlen 0", "p b", "p s", "c"]),
    "an endless expression": ("return 1", ["e while true do end", "c"]),
    "an endless table": ("return 1", ["e local t = {} while true do t[#t + 1] = {} end", "c"]),
    "an endless text": ("return 1", ["e local s = 'x' while true do s = s .. s end", "p 1", "c"]),
    "an endless __tostring": (
        "return 1",
        ["p tostring(setmetatable({}, {__tostring = function() while true do end end}))", "c"],
    ),
    "an endless pattern": ("return 1", ["e ('a'):rep(150):find(('a-'):rep(20) .. 'b')", "c"]),
    "an endless coroutine": (
        "return 1",
        ["e coroutine.wrap(function() while true do end end)()", "c"],
    ),
    "an endless error": (
        "return 1",
        ["e error(setmetatable({}, {__index = function() while true do end end}))", "c"],
    ),
    "deep brackets": ("return 1", ["e " + "(" * 100_000, "p " + "{" * 100_000, "c"]),
    "more than there can be": ("return 1", ["p ('x'):rep(2^31)", "e ('x'):rep(2e7)", "c"]),
    "a script without end": ("while true do end", ["s"] * 50 + ["c"]),
    "a script that takes all": ("local t = {} while true do t[#t + 1] = {} end", ["c", "p", "c"]),
    "a script that prints for ever": ("while true do redis.debug(('x'):rep(1e6)) end", ["c"]),
    "a script that prints itself": (
        "local t = {} for i = 1, 1000 do t[i] = t end redis.debug(t)",
        ["c", "p", "c"],
    ),
    "an endless recursion": (
        "local function f(...) return f(1, ...) + 1 end return f()",
        ["s"] * 100 + ["trace", "p", "c", "trace", "p", "c"],
    ),
    "numbers as long as can be": (
        "return 1",
        ["b " + "1 " * 10_000, "l 9" + "9" * 30, "b 9" + "9" * 30, "maxlen 9" + "9" * 30, "w", "c"],
    ),
    "what is not theirs": (
        "for i = 1, 3 do\nlocal x = i\nend",
        ["b 2", "c", "e i = nil", "e string = nil", "e _G = nil", "e error({})", "c", "c", "c"],
    ),
}
