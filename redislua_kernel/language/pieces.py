"""Lua in pieces of one kind each, for who colours it."""

from __future__ import annotations

from redislua_kernel.language.lexer import tokenize

__all__ = ["pieces"]


def pieces(script: bytes) -> list[tuple[str, str]]:
    """Give the kind and the text of each piece of the code; a shebang is a comment.

    All of the text is there, in its order: what is between two tokens has no kind.
    """
    code = script.decode("utf-8", "replace")
    shebang = code.partition("\n")[0] if code.startswith("#!") else ""
    found = [("comment", shebang)] if shebang else []
    lua, place = code[len(shebang) :], 0
    for token in tokenize(lua):
        if token.start > place:
            found.append(("", lua[place : token.start]))
        found.append((token.kind, token.text))
        place = token.end
    if place < len(lua):
        found.append(("", lua[place:]))
    return found
