"""The names of a piece of Lua, also of a half-written one: where each is seen, and what it is."""

from __future__ import annotations

from typing import NamedTuple

from redislua_kernel.language.lexer import Token, tokenize
from redislua_kernel.language.scopes import Binding, Scopes
from redislua_kernel.language.tree import Node, Tree, text

__all__ = ["Field", "Names", "names_at", "names_before"]

#: Longer code is not looked at while somebody types.
_LONGEST = 200_000
_LONGEST_VALUE = 60

_CLOSERS = {"(": ")", "{": "}", "[": "]"}
_NEED_MORE = frozenset(["return", "and", "or", "not", "in", "if", "elseif", "while", "until"])


class Field(NamedTuple):
    """A field of a table: its name, and how it is called if it is a function."""

    name: str
    usage: str = ""


class Names:
    """The local variables that are seen at one place of a piece of Lua."""

    def __init__(self, code: str, byte: int, *, only_here: bool = False) -> None:
        self.tree = Tree(code)
        self.scopes = Scopes(self.tree, byte if only_here else None)
        self._byte = byte

    @property
    def visible(self) -> list[Binding]:
        """The variables that are seen here."""
        return self.scopes.visible_at(self._byte)

    def find(self, name: str) -> Binding | None:
        """Give the variable that a name means here."""
        return next((each for each in self.visible if each.name == name), None)

    def at(self) -> Binding | None:
        """Give the variable whose name stands here."""
        node = self.tree.root.descendant_for_byte_range(self._byte, self._byte)
        if node is None or node.type != "identifier":
            node = self.tree.root.descendant_for_byte_range(max(0, self._byte - 1), self._byte)
        if node is None or node.type != "identifier" or _is_member(node):
            return None
        return self.scopes.binding(node)

    def usage(self, binding: Binding) -> str:
        """Give how a variable is written: a function with its parameters, others with a value."""
        value = binding.value
        if value is not None and value.type.startswith("function_d"):
            return f"{binding.name}{_parameters(value)}"
        if value is not None and binding.kind == "local":
            shown = " ".join(text(value).split())
            return f"{binding.name} = {shown}" if len(shown) <= _LONGEST_VALUE else binding.name
        return binding.name

    def kind(self, binding: Binding) -> str:
        """Give what a variable is: a function, a table, a parameter, …"""
        value = binding.value
        if value is not None and value.type.startswith("function_d"):
            return "function"
        return "variable" if binding.kind == "local" else binding.kind

    def fields(self, binding: Binding) -> list[Field]:
        """Give the fields that a table is known to have."""
        found: dict[str, Node | None] = {}
        for value in binding.values:
            if value is not None and value.type == "table_constructor":
                for each in value.named_children:
                    name = each.child_by_field_name("name")
                    if name is not None and name.type == "identifier":
                        found[text(name)] = each.child_by_field_name("value")
        found |= binding.fields
        return [Field(name, self._usage_of(name, value)) for name, value in found.items()]

    def _usage_of(self, name: str, value: Node | None) -> str:
        is_function = value is not None and value.type.startswith("function_d")
        return f"{name}{_parameters(value)}" if value is not None and is_function else ""

    def place(self, binding: Binding) -> int:
        """Give the line on which a variable is declared."""
        return self.tree.place(binding.node.start_byte)[0]


def names_before(before: str) -> Names | None:
    """Give the names at the end of a piece of Lua, which goes on there; None: it is too long."""
    if len(before) > _LONGEST:
        return None
    place = len(before.encode("utf-8", "surrogatepass"))
    try:
        return Names(_repaired(before), place, only_here=True)
    except RecursionError:  # nested deeper than Lua would take
        return None


def names_at(code: str, cursor: int) -> Names | None:
    """Give the names at a place in a piece of Lua."""
    if len(code) > _LONGEST:
        return None
    try:
        names = Names(code, len(code[:cursor].encode("utf-8", "surrogatepass")))
    except RecursionError:  # nested deeper than Lua would take
        return None
    return names if names.tree.is_whole else names_before(code[:cursor]) or names


def _repaired(before: str) -> str:
    """Give a beginning of Lua with an end, so that it is whole: blocks and brackets are closed."""
    tokens = [each for each in tokenize(before) if each.kind != "comment"]
    ends: list[str] = []
    for token in tokens:
        _close(token, ends)
    last = tokens[-1] if tokens else None
    needs_more = last is not None and (
        last.text in _NEED_MORE or (last.kind == "symbol" and last.text not in (")", "]", "}", ";"))
    )
    return f"{before}{' _' if needs_more else ''}\n{' '.join(reversed(ends))}"


def _close(token: Token, ends: list[str]) -> None:
    """Keep the list of what must still come, the outermost first."""
    if token.kind == "symbol":
        if token.text in _CLOSERS:
            ends.append(_CLOSERS[token.text])
        elif ends and token.text == ends[-1]:
            ends.pop()
    elif token.kind == "keyword":
        match token.text:
            case "function":
                ends.append("end")
            case "if":
                ends.append("then end")
            case "for" | "while":
                ends.append("do end")
            case "repeat":
                ends.append("until _")
            case "do":
                if ends and ends[-1] == "do end":
                    ends.pop()
                ends.append("end")
            case "then":
                if ends and ends[-1] == "then end":
                    ends[-1] = "end"
            case "elseif":
                if ends and ends[-1] == "end":
                    ends[-1] = "then end"
            case "end" | "until":
                if ends and ends[-1] in ("end", "until _"):
                    ends.pop()


def _parameters(function: Node) -> str:
    parameters = function.child_by_field_name("parameters")
    return text(parameters) if parameters is not None else "()"


def _is_member(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    member = parent.child_by_field_name("field") or parent.child_by_field_name("method")
    return parent.type in ("dot_index_expression", "method_index_expression") and member == node
