"""Lua as a syntax tree, by tree-sitter: text that is half written gives a tree, too.

The one file that imports tree-sitter. Its nodes go to the rest of the room as they are; their
types are those of tree-sitter-lua's grammar.
"""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_lua
from tree_sitter import Language, Node, Parser

__all__ = ["Node", "Tree", "content", "descend", "expressions", "text"]

_PARSER = Parser(Language(tree_sitter_lua.language()))


class Tree:
    """A piece of Lua, parsed."""

    def __init__(self, code: str) -> None:
        self.code = code.encode("utf-8", "surrogatepass")
        self.root = _PARSER.parse(self.code).root_node

    @property
    def is_whole(self) -> bool:
        """Tell whether it is Lua, from its beginning to its end."""
        return not self.root.has_error

    def place(self, byte: int) -> tuple[int, int]:
        """Give the line and the column of a byte, both counted from 1, columns in characters."""
        line = self.code.count(b"\n", 0, byte) + 1
        before = self.code[self.code.rfind(b"\n", 0, byte) + 1 : byte]
        return line, len(before.decode("utf-8", "replace")) + 1


def text(node: Node) -> str:
    """Give a node's text."""
    return (node.text or b"").decode("utf-8", "replace")


def content(node: Node) -> str | None:
    """Give the text of a string between its quotes, escapes as they are written; None: no string.

    What may stand where the string does, such as parentheses around it, is looked through.
    """
    while node.type == "parenthesized_expression" and node.named_children:
        node = node.named_children[0]
    if node.type != "string":
        return None
    inner = node.child_by_field_name("content")
    return "" if inner is None else text(inner)


def descend(node: Node, *, into_functions: bool = True) -> Iterator[Node]:
    """Give a node and all below it, in the order of the text; comments are left out."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        if current is node or into_functions or not current.type.startswith("function_d"):
            waiting += reversed([each for each in current.named_children if not each.is_extra])


def expressions(node: Node | None) -> list[Node]:
    """Give the expressions of a list of them, of a call's arguments, or of a return statement."""
    if node is None:
        return []
    found = [each for each in node.named_children if not each.is_extra]
    if node.type == "return_statement":
        return expressions(found[0]) if found else []
    return found
