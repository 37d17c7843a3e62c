"""Completion of Lua: names, members of tables, the words of redis.call, the shebang."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from redislua_kernel.engine.scripting.shebang import FLAGS
from redislua_kernel.language.command_words import complete_words
from redislua_kernel.language.lexer import KEYWORDS, Token, tokenize
from redislua_kernel.language.library import GLOBALS, LIBRARIES
from redislua_kernel.language.lint import RULES
from redislua_kernel.language.matches import CommandCompleter, Key, KeyFinder, Match, starting
from redislua_kernel.language.names import names_before
from redislua_kernel.language.quoting import lua_text, quoted_in_lua

__all__ = ["Inputs", "Key", "KeyFinder", "Match", "complete_lua", "complete_words"]

_SILENCING = re.compile(r"--\s*lint:\s*ignore(?:\s+[\w-]+,)*\s+([\w-]*)\Z")
_REGISTER_FIELDS = {
    "function_name": "the name for FCALL, a string",
    "callback": "function(keys, args)",
    "flags": "a table of strings",
    "description": "a string for FUNCTION LIST",
}


@dataclass(frozen=True)
class Inputs:
    """The KEYS and ARGV that a script will have, as far as that is known."""

    keys: Sequence[bytes] = field(default=())
    args: Sequence[bytes] = field(default=())


def complete_lua(
    before: str, complete_command: CommandCompleter, inputs: Inputs | None = None
) -> tuple[int, list[Match]]:
    """Complete the end of a piece of Lua; give where the matches begin, and the matches."""
    if before.startswith("#!") and "\n" not in before:
        return _shebang(before)
    tokens = tokenize(before)
    last = tokens[-1] if tokens else None
    if last is not None and last.kind in ("comment", "string") and last.is_open:
        if last.kind == "comment":
            return _in_comment(before)
        prefix = last.content
        return len(before) - len(prefix), _in_string(tokens, prefix, complete_command)
    prefix = ""
    if last is not None and last.end == len(before) and last.kind in ("name", "keyword", "number"):
        prefix = last.text
        tokens = tokens[:-1]
    start = len(before) - len(prefix)
    if tokens and tokens[-1].text == "[" and not prefix.strip("0123456789"):
        return start, _places(tokens, prefix, inputs or Inputs())
    if last is not None and last.kind == "number" and prefix:
        return len(before), []
    if tokens and tokens[-1].text in (".", ":"):
        return start, _members(before, tokens, prefix)
    words = [] if prefix else _words_in_quotes(tokens, complete_command)
    return start, words + (_fields_of_register(tokens, prefix) or _names(before, prefix))


def _in_comment(before: str) -> tuple[int, list[Match]]:
    """Complete the rules that a comment silences."""
    silencing = _SILENCING.search(before)
    prefix = silencing[1] if silencing else ""
    rules = starting(prefix, sorted(RULES), "rule") if silencing else []
    return len(before) - len(prefix), rules


# Strings


def _in_string(tokens: list[Token], prefix: str, complete_command: CommandCompleter) -> list[Match]:
    words = _words_of_call(tokens[:-1])
    if words is not None:
        opening = tokens[-1].text[: len(tokens[-1].text) - len(prefix)]
        return complete_command(
            words, lua_text(prefix, opening), lambda key: quoted_in_lua(key, opening)
        )
    if _names_flags(tokens):
        return starting(prefix, FLAGS, "flag")
    return []


def _words_in_quotes(tokens: list[Token], complete_command: CommandCompleter) -> list[Match]:
    """Complete redis.call where an argument begins, but for keys: scripts take them from KEYS."""
    words = _words_of_call(tokens) if tokens and tokens[-1].text in ("(", ",") else None
    if words is None:
        return []
    matches = complete_command(words, b"", lambda key: quoted_in_lua(key, "'"))
    return [each._replace(text=f"'{each.text}'") for each in matches if each.kind != "key"]


def _words_of_call(tokens: list[Token]) -> list[str] | None:
    """Give the arguments so far, if the next token is one of redis.call; else None."""
    words: list[str] = []
    place = len(tokens) - 1
    # Back over `'word' ,` pairs to the opening parenthesis; what is no string counts as a word.
    expression, depth = False, 0
    while place >= 0:
        token = tokens[place]
        if depth == 0 and token.text == "(":
            break
        if depth == 0 and token.text == ",":
            expression = False
        elif not expression:
            words.append(_word(token))
            expression = True
        depth += (token.text in ")]}") - (token.text in "([{") if token.kind == "symbol" else 0
        place -= 1
    if place < 1:
        return None
    called = [token.text for token in tokens[max(0, place - 3) : place]]
    if len(called) == 3 and called[0] in ("redis", "server") and called[1] == ".":
        return words[::-1] if called[2] in ("call", "pcall") else None
    return words[::-1] if _is_alias(tokens, called[-1]) else None


def _word(token: Token) -> str:
    if token.kind == "string":
        return token.content
    return token.text if token.kind == "number" else ""


def _is_alias(tokens: list[Token], name: str) -> bool:
    """Tell whether `local name = redis.call` stands above."""
    texts = [token.text for token in tokens]
    return any(
        texts[place : place + 4] in (["=", "redis", ".", "call"], ["=", "redis", ".", "pcall"])
        and texts[place - 1] == name
        for place in range(1, len(texts) - 4)
        if texts[place] == "="
    )


def _names_flags(tokens: list[Token]) -> bool:
    """Tell whether a string stands in `flags = {`."""
    place = len(tokens) - 2
    while place >= 0 and (tokens[place].kind == "string" or tokens[place].text == ","):
        place -= 1
    return [token.text for token in tokens[max(0, place - 2) : place + 1]] == ["flags", "=", "{"]


# Names


def _places(tokens: list[Token], prefix: str, inputs: Inputs) -> list[Match]:
    """Complete KEYS[ and ARGV[ with the places that there are, and what stands there."""
    table = tokens[-2].text if len(tokens) > 1 else ""
    values = {"KEYS": inputs.keys, "ARGV": inputs.args}.get(table, ())
    return [
        Match(
            str(number), "key" if table == "KEYS" else "argument", value.decode("utf-8", "replace")
        )
        for number, value in enumerate(values, 1)
        if str(number).startswith(prefix)
    ]


def _members(before: str, tokens: list[Token], prefix: str) -> list[Match]:
    table = tokens[-2].text if len(tokens) > 1 else ""
    names = names_before(before)
    owner = names.find(table) if names is not None else None
    if names is not None and owner is not None and (fields := names.fields(owner)):
        return [
            Match(each.name, "function" if each.usage else "field", f"{table}.{each.usage}")
            if each.usage
            else Match(each.name, "field")
            for each in fields
            if each.name.startswith(prefix) and each.name != prefix
        ]
    if tokens[-1].text == ":":
        table = "string"  # a method call on a value is most often one on a string
    elif owner is not None:
        return []
    return [
        Match(name, "function" if "(" in usage else "constant", f"{table}.{usage}")
        for name, (usage, _) in LIBRARIES.get(table, {}).items()
        if name.startswith(prefix)
    ]


def _names(before: str, prefix: str) -> list[Match]:
    names = names_before(before[: len(before) - len(prefix)])
    matches = []
    if names is not None:
        matches = [Match(each.name, names.kind(each), names.usage(each)) for each in names.visible]
    matches += [
        Match(name, "function" if "(" in usage else "variable", usage)
        for name, (usage, _) in GLOBALS.items()
    ]
    matches += [Match(name, "keyword") for name in sorted(KEYWORDS)]
    seen: dict[str, Match] = {}
    for match in matches:
        if match.text.startswith(prefix) and match.text != "_":
            seen.setdefault(match.text, match)
    return list(seen.values())


def _fields_of_register(tokens: list[Token], prefix: str) -> list[Match]:
    """Complete the names in `redis.register_function{`; none where no name can begin."""
    if not tokens or tokens[-1].text not in ("{", ",", ";"):
        return []
    depth, given = 0, set()
    for place in range(len(tokens) - 1, 1, -1):
        text = tokens[place].text
        if tokens[place].kind == "symbol":
            depth += (text in ")]}") - (text in "([{")
        elif text in ("function", "end"):
            depth += (text == "end") - (text == "function")
        if depth == 0 and text == "=":
            given.add(tokens[place - 1].text)
        if depth < 0:
            before = [each.text for each in tokens[max(0, place - 2) : place]]
            if text != "{" or "register_function" not in before:
                return []
            return [
                Match(name, "argument", usage)
                for name, usage in _REGISTER_FIELDS.items()
                if name.startswith(prefix) and name not in given
            ]
    return []


def _shebang(line: str) -> tuple[int, list[Match]]:
    """Complete `#!lua name=… flags=…`."""
    word = re.split(r"[\s]", line)[-1]
    if word == line:
        return 0, starting(word, ["#!lua"], "shebang")
    if word.startswith("flags="):
        *given, prefix = word.removeprefix("flags=").split(",")
        left = [flag for flag in FLAGS if flag not in given]
        return len(line) - len(prefix), starting(prefix, left, "flag")
    options = [option for option in ("name=", "flags=") if f" {option}" not in line]
    return len(line) - len(word), starting(word, options, "option")
