"""Slips that keep code from compiling: signs and words of other languages, mistyped keywords."""

from __future__ import annotations

import re

from redislua_kernel.language.alike import name_alike
from redislua_kernel.language.lexer import KEYWORDS

__all__ = ["slip"]

#: At the first thing that Lua cannot read: signs, and how Lua writes it.
_SIGNS = {
    "!=": "Lua writes ~= for not equal.",
    "!": "Lua writes not, as in: not x.",
    "&&": "Lua writes and.",
    "||": "Lua writes or.",
    "<<": "Lua has no <<: bit.lshift(a, n).",
    ">>": "Lua has no >>: bit.rshift(a, n).",
    "&": "Lua writes and; for bits: bit.band(a, b).",
    "|": "Lua writes or; for bits: bit.bor(a, b).",
    "++": "Lua has no ++: x = x + 1.",
    "+=": "Lua has no +=: x = x + 1.",
    "-=": "Lua has no -=: x = x - 1.",
    "*=": "Lua has no *=: x = x * 2.",
    "//": "A comment begins with --, and a whole quotient is math.floor(a / b).",
    "#": "A comment begins with --.",
    "[": "A list is written in braces: {1, 2}.",
    "{": "A block begins with then or do, and ends with end.",
    ":=": "Lua writes =, and local before a new variable.",
    "?": "Lua writes: condition and this or that.",
}
_HERE = "<what Lua cannot read>"
#: What Lua says, what stands in the line, and what was meant.
_FAULTS = (
    ("", "^#!", "#!lua is the first line of the Lua: above it stand magics, and nothing else."),
    ("", r"^\s*![\w./]", "A cell runs Lua, and no programs of the machine."),
    (
        "",
        r"[{\[]\s*\"[^\"]*\"\s*:",
        "A table is {name = value}; of JSON, cjson.decode('...') makes one.",
    ),
    ("malformed number", r"\d\.\.", "A loop that counts: for i = 1, 10 do. A text: 1 .. 'a'."),
    (
        "unfinished string",
        "",
        "A string ends on its line, with the quote that it began with; [[ ]] may hold lines.",
    ),
    (
        "expected near",
        rf"\w(['\"]){_HERE}",
        "A quote ends the string: put the other kind around it, or \\ before this one.",
    ),
    (
        r"'[)}]' expected .*near '(?:do|else|elseif|end|for|if|local|return|then|until|while)'",
        "",
        "A bracket is opened before it, and not closed.",
    ),
    (r"'[)}]' expected (?:\(.*\) )?near '[\w'\"{]", "", "A comma may be missing before it."),
    ("unexpected symbol", rf",\s*{_HERE}", "There is nothing behind the last comma."),
    ("'(?:then|do)' expected near '='", "", "Lua compares with ==."),
    ("'(?:then|do)' expected", r"\{", "A block begins with then or do, and ends with end."),
)
_WORDS = {
    **dict.fromkeys(("const", "let", "var"), "A variable is declared with local."),
    **dict.fromkeys(("def", "fn", "func"), "A function is: local function name(...) ... end."),
    "import": "Scripts have no modules: what is needed stands in the script, or in a library.",
    "foreach": "A loop over a list: for i, value in ipairs(list) do. Over all of a table: pairs.",
    "goto": "Lua 5.1 has no goto.",
    "try": "pcall(f) catches errors, and redis.pcall those of a command.",
}
#: Signs that an editor, a web page or a chat puts in place of what was typed.
_QUOTES = "“”„‟‘’‚‛«»´"  # noqa: RUF001
_INVISIBLE = (
    "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
)
_UNREAD = re.compile(r"Error compiling.* near '(.+)'", re.DOTALL)


def slip(message: str, line: str) -> str:
    """Say what a line that does not compile was meant to be; nothing if that is unclear."""
    unread = _UNREAD.search(message)
    if unread is None:
        return ""
    if not unread[1].isascii():
        return _foreign(line)
    for said, written, advice in _FAULTS:
        place = written.replace(_HERE, re.escape(unread[1]))
        if re.search(said, message) and re.search(place, line):
            return advice
    for sign, advice in _SIGNS.items():
        if unread[1] == sign[0] and sign in line:
            return advice
    # After a word that is none of its own, Lua waits for an assignment.
    before = re.search(rf"(\w+)\s+{re.escape(unread[1])}", line)
    if "'=' expected" not in message or before is None:
        return ""
    keyword = name_alike(before[1], KEYWORDS)
    return _WORDS.get(before[1]) or (f"Did you mean {keyword}?" if keyword else "")


def _foreign(line: str) -> str:
    """Say what a line has that is not ASCII, and what to write for it."""
    if any(sign in line for sign in _QUOTES):
        return "Lua's quotes are the straight ones: 'text' or \"text\"."
    if any(sign in line for sign in _INVISIBLE):
        return "There is an invisible character, or a space of another kind: type it anew."
    return "Names are made of a to z, A to Z, digits and _."
