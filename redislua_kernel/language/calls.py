"""The one command that a script consists of, if it does: its reply is then that command's."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.language.lexer import Token, tokenize

__all__ = ["sole_call"]

_APIS, _CALLS = ("redis", "server"), ("call", "pcall")
_OPENING, _CLOSING = "([{", ")]}"
#: return redis.call(
_LEAD = 4


def sole_call(body: bytes, keys: Sequence[bytes], args: Sequence[bytes]) -> list[bytes]:
    """Give the words of a script that is one call and nothing else; none: it is not.

    Words that only a run would tell are given as they are written in the script.
    """
    code = body.decode("utf-8", "replace")
    tokens = [each for each in tokenize(code) if each.kind != "comment"]
    if tokens and tokens[0].text == "return":
        tokens = tokens[1:]
    if tokens and tokens[-1].text == ";":
        tokens = tokens[:-1]
    texts = [each.text for each in tokens]
    if len(tokens) <= _LEAD + 1 or texts[0] not in _APIS or texts[2] not in _CALLS:
        return []
    if (texts[1], texts[3], texts[-1]) != (".", "(", ")"):
        return []
    words = _split(tokens[_LEAD:-1])
    known = {b"KEYS": keys, b"ARGV": args}
    return [_word(code, word, known) for word in words] if words is not None else []


def _split(tokens: list[Token]) -> list[list[Token]] | None:
    """Split the words at the commas between them; None: the call ends before the last bracket."""
    words: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth < 0:
            return None
        if token.text == "," and not depth:
            words.append([])
        else:
            words[-1].append(token)
    return words if all(words) else None


def _word(code: str, tokens: list[Token], known: dict[bytes, Sequence[bytes]]) -> bytes:
    first, last = tokens[0], tokens[-1]
    if len(tokens) == 1 and first.kind == "string" and "\\" not in first.text:
        return first.content.encode()
    name = first.text.encode()
    if len(tokens) == 4 and name in known and tokens[2].text.isdigit():
        place = int(tokens[2].text) - 1
        if 0 <= place < len(known[name]):
            return known[name][place]
    return code[first.start : last.end].encode()
