"""Completion of Lua: names, members of libraries, and the words of redis.call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from redislua_kernel.engine.registry import COMMANDS, Command
from redislua_kernel.language.documentation import command_usage, find_command
from redislua_kernel.language.lexer import KEYWORDS, Token, tokenize
from redislua_kernel.language.library import GLOBALS, LIBRARIES
from redislua_kernel.language.syntax import options_of

__all__ = ["KeyFinder", "Match", "complete_lua", "complete_words"]

#: Gives the keys of the keyspace that begin with a text.
KeyFinder = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class Match:
    """What may stand at the cursor."""

    text: str
    kind: str
    signature: str = ""


def complete_lua(before: str, find_keys: KeyFinder) -> tuple[int, list[Match]]:
    """Complete the end of a piece of Lua; give where the matches begin, and the matches."""
    tokens = tokenize(before)
    last = tokens[-1] if tokens else None
    if last is not None and last.kind in ("comment", "string") and last.is_open:
        if last.kind == "comment":
            return len(before), []
        words = _words_of_call(tokens)
        prefix = last.content
        matches = complete_words(words, prefix, find_keys) if words is not None else []
        return len(before) - len(prefix), matches
    prefix = ""
    if last is not None and last.end == len(before) and last.kind in ("name", "keyword"):
        prefix = last.text
        tokens = tokens[:-1]
    if tokens and tokens[-1].text in (".", ":"):
        return len(before) - len(prefix), _members(tokens, prefix)
    return len(before) - len(prefix), _names(tokens, prefix)


def complete_words(words: Sequence[str], prefix: str, find_keys: KeyFinder) -> list[Match]:
    """Complete the next word of a command whose first words are known."""
    if not words:
        return _in_case_of(
            prefix,
            [
                Match(name.decode(), "command", command_usage(command))
                for name, command in sorted(COMMANDS.items())
            ],
        )
    command = find_command(words[0])
    if command is None:
        return []
    if command.subcommands and len(words) == 1:
        subcommands = sorted(command.subcommands.items())
        return _in_case_of(
            prefix,
            [Match(name.decode(), "command", command_usage(each)) for name, each in subcommands],
        )
    if command.subcommands:
        command = find_command(" ".join(words[:2])) or command
        words = words[1:]
    options = [Match(token, "option") for token in _options(command, len(words))]
    keys = [Match(key, "key") for key in find_keys(prefix)] if _takes_key(command, words) else []
    return _in_case_of(prefix, options) + keys


def _options(command: Command, place: int) -> list[str]:
    """Give the options that may stand at a place; where they begin is known only roughly."""
    irregular = options_of(command.name)
    if irregular:
        return irregular if place > bool(command.keys.first) else []
    signature = command.signature
    return [token.decode() for token in signature.options] * (place > len(signature.positional))


def _takes_key(command: object, words: Sequence[str]) -> bool:
    keys = getattr(command, "keys", None)
    if keys is None or not keys.first:
        return getattr(command, "find_keys", None) is not None
    place = len(words)
    return bool(place >= keys.first and (keys.last < 0 or place <= keys.last))


def _in_case_of(prefix: str, matches: list[Match]) -> list[Match]:
    """Give the matches that begin with a prefix, in small letters if the prefix is."""
    chosen = [match for match in matches if match.text.startswith(prefix.upper())]
    if not prefix or prefix != prefix.lower():
        return chosen
    return [Match(match.text.lower(), match.kind, match.signature) for match in chosen]


def _words_of_call(tokens: list[Token]) -> list[str] | None:
    """Give the arguments before the last token, if that is one of redis.call; else None."""
    words: list[str] = []
    place = len(tokens) - 2
    # Back over `'word' ,` pairs to the opening parenthesis; what is no string counts as a word.
    expression, depth = False, 0
    while place >= 0:
        token = tokens[place]
        if depth == 0 and token.text == "(":
            break
        if depth == 0 and token.text == ",":
            expression = False
        elif not expression:
            words.append(token.content if token.kind == "string" else "")
            expression = True
        depth += (token.text in ")]}") - (token.text in "([{") if token.kind == "symbol" else 0
        place -= 1
    called = [token.text for token in tokens[max(0, place - 3) : max(0, place)]]
    if len(called) < 3 or called[0] not in ("redis", "server") or called[1] != ".":
        return None
    return words[::-1] if called[2] in ("call", "pcall") else None


def _members(tokens: list[Token], prefix: str) -> list[Match]:
    table = tokens[-2].text if len(tokens) > 1 else ""
    if tokens[-1].text == ":":
        table = "string"  # a method call on a value is most often one on a string
    return [
        Match(name, "function" if "(" in usage else "constant", f"{table}.{usage}")
        for name, (usage, _) in LIBRARIES.get(table, {}).items()
        if name.startswith(prefix)
    ]


def _names(tokens: list[Token], prefix: str) -> list[Match]:
    matches = [Match(name, "variable") for name in _locals(tokens)]
    matches += [
        Match(name, "function" if "(" in usage else "variable", usage)
        for name, (usage, _) in GLOBALS.items()
    ]
    matches += [Match(name, "keyword") for name in sorted(KEYWORDS)]
    seen: dict[str, Match] = {}
    for match in matches:
        if match.text.startswith(prefix):
            seen.setdefault(match.text, match)
    return list(seen.values())


def _locals(tokens: list[Token]) -> list[str]:
    """Give the names that `local`, `for` and parameter lists declare, in order; a light scan."""
    names: dict[str, None] = {}
    declaring = False
    for token in tokens:
        if token.kind == "keyword":
            declaring = token.text in ("local", "for", "function")
        elif token.kind == "name":
            if declaring:
                names[token.text] = None
        elif token.text not in (",", "("):
            declaring = False
    return list(names)
