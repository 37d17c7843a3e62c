"""The same Lua with each token on a line of its own: so lines tell what stands on one apart."""

from __future__ import annotations

from redislua_kernel.language.lexer import tokenize

__all__ = ["Layout"]


class Layout:
    """A piece of Lua, laid out so; its lines count from 1, as those it had.

    An opening bracket stays where it is: on a line of its own, Lua would take it for the
    beginning of a statement.
    """

    def __init__(self, code: str) -> None:
        lines = [""]
        #: For each line, the one on which it begins in the piece as it was.
        origins = [1]
        line, place = 1, 0
        shebang = code.find("\n") if code.startswith("#!") else 0
        for token in tokenize(code if shebang <= 0 else " " * shebang + code[shebang:]):
            line += code.count("\n", place, token.start)
            place = token.start
            if token.kind == "comment":
                continue
            if token.text == "(":
                lines[-1] += f" {token.text}"
            else:
                lines.append(token.text)
                origins += [line] * (1 + token.text.count("\n"))
        self.text = "\n".join(lines)
        self._origins = origins

    def origin(self, line: int) -> int:
        """Give the line on which a line was."""
        return self._origins[line - 1]
