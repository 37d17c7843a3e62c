"""What rules ask about a piece of Lua: its calls, where values come from, its flags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from redislua_kernel.engine.registry import Command
from redislua_kernel.language.documentation import find_command
from redislua_kernel.language.lint.rules import Finding
from redislua_kernel.language.replies import Shape, shape_of
from redislua_kernel.language.scopes import Binding, Scopes
from redislua_kernel.language.tree import Node, Tree, content, descend, expressions, text

__all__ = ["Call", "Registered", "Script", "Setting", "fields_of"]

_CALLS = {f"{api}.{name}" for api in ("redis", "server") for name in ("call", "pcall")}
_SHEBANG = re.compile(r"#!lua\b([^\n]*)")
_FUNCTIONS = ("function_definition", "function_declaration")
#: So many steps back from a name to its value.
_FURTHEST = 20


class Setting(NamedTuple):
    """What is around the code: whose dialect it is for, and what else is known of the session."""

    dialect: str = "redis"
    #: Whether the code is for the embedded engine, whose commands are all known.
    is_embedded: bool = True
    #: The bodies of the script cache.
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A call of a function that has a name: `redis.call`, `tonumber`, `:format`."""

    name: str
    node: Node
    arguments: Sequence[Node]

    @property
    def is_command(self) -> bool:
        """Tell whether it is redis.call or redis.pcall."""
        return self.name in _CALLS

    @cached_property
    def words(self) -> list[str | None]:
        """The call's arguments as far as they are written out."""
        return [text(each) if each.type == "number" else content(each) for each in self.arguments]

    @property
    def is_open(self) -> bool:
        """Tell whether its last argument may be any number of them."""
        last = self.arguments[-1] if self.arguments else None
        return last is not None and last.type in ("function_call", "vararg_expression")

    @cached_property
    def command(self) -> Command | None:
        """The command that it calls, or the subcommand, if its name is written out and known."""
        words = self.words
        if not self.is_command or not words or words[0] is None:
            return None
        command = find_command(words[0]) if " " not in words[0] else None
        if command is not None and command.subcommands:
            inner = words[1] if len(words) > 1 else None
            return (find_command(f"{words[0]} {inner}") if inner else None) or None
        return command

    @property
    def shape(self) -> Shape:
        """The kind of the command's reply."""
        command = self.command
        if command is None or (self.is_open and len(self.arguments) < 4):
            return Shape.UNKNOWN
        return shape_of(command, len(self.arguments))

    @property
    def keys(self) -> list[Node]:
        """The arguments that are keys."""
        command = self.command
        if command is None:
            return []
        # Each argument becomes a word that tells where it stood.
        words = [
            (word if word is not None else f"\0{place}").encode("utf-8", "replace")
            for place, word in enumerate(self.words)
        ]
        numbered = [b"\0%d" % place if place else word for place, word in enumerate(words)]
        for attempt in (numbered, words):
            keys = command.keys_among(attempt)
            if keys:
                return [each for each, word in zip(self.arguments, attempt, strict=True)
                        if word in keys]  # fmt: skip
        return []


class Registered(NamedTuple):
    """A call of redis.register_function."""

    name: str
    node: Node
    flags: frozenset[str]
    callback: Node | None


class Script:
    """A piece of Lua, parsed."""

    def __init__(self, code: str, setting: Setting) -> None:
        self.setting = setting
        self.tree = Tree(code)
        shebang = _SHEBANG.match(code)
        self._head = "" if shebang is None else shebang[1]
        #: Whether there is a shebang at all.
        self.has_head = shebang is not None
        self.is_library = "name=" in self._head
        self.code = code

    @cached_property
    def scopes(self) -> Scopes:
        """Which names mean which local variables."""
        return Scopes(self.tree)

    @cached_property
    def flags(self) -> frozenset[str]:
        """The flags of the shebang."""
        found = re.search(r"\bflags=(\S*)", self._head)
        return frozenset(found[1].strip("\"'").split(",")) if found else frozenset()

    @cached_property
    def _nodes(self) -> dict[str, list[Node]]:
        """All nodes by their types, in the order of the text."""
        nodes: dict[str, list[Node]] = {}
        for node in descend(self.tree.root):
            nodes.setdefault(node.type, []).append(node)
        return nodes

    def of_type(self, *types: str) -> list[Node]:
        """Give the nodes of some types."""
        return [node for each in types for node in self._nodes.get(each, [])]

    @cached_property
    def calls(self) -> list[Call]:
        """All calls of functions that have a name."""
        found = [self.call(node) for node in self.of_type("function_call")]
        return [call for call in found if call is not None]

    @cached_property
    def commands(self) -> list[Call]:
        """All calls of commands."""
        return [call for call in self.calls if call.is_command]

    def call(self, node: Node) -> Call | None:
        """Read a call; None: it is none, or what it calls has no name."""
        if node.type != "function_call":
            return None
        called = node.child_by_field_name("name")
        name = "" if called is None else self.name(called)
        if not name:
            return None
        return Call(name, node, expressions(node.child_by_field_name("arguments")))

    def name(self, node: Node, depth: int = 0) -> str:
        """Give the name of what an expression stands for: that of a global, or of its member.

        A local that is only another name for it is looked through; other locals have no name.
        """
        match node.type:
            case "identifier":
                binding = self.scopes.binding(node)
                if binding is None:
                    return text(node)
                if binding.value is None or depth == _FURTHEST:
                    return ""
                return self.name(binding.value, depth + 1)
            case "dot_index_expression":
                table, member = node.child_by_field_name("table"), node.child_by_field_name("field")
                owner = "" if table is None else self.name(table, depth)
                return f"{owner}.{text(member)}" if owner and member else ""
            case "method_index_expression":
                method = node.child_by_field_name("method")
                return f":{text(method)}" if method else ""
        return ""

    def origin(self, node: Node) -> Node:
        """Give the expression that a value comes from: through parentheses and locals set once."""
        for _ in range(_FURTHEST):
            if node.type == "parenthesized_expression" and node.named_children:
                node = node.named_children[0]
            elif node.type == "identifier":
                binding = self.scopes.binding(node)
                if binding is None or binding.value is None:
                    return node
                node = binding.value
            else:
                return node
        return node

    def origins(self, node: Node) -> list[Node | None]:
        """Give all that a value may come from; None among them: something unknown."""
        node = self.origin(node)
        binding = self.scopes.binding(node) if node.type == "identifier" else None
        if binding is None:
            return [node]
        return [None if value is None else self.origin(value) for value in binding.values]

    def shape(self, node: Node) -> Shape:
        """Give the kind of reply that an expression is; UNKNOWN if it may be anything else."""
        shapes = set()
        for origin in self.origins(node):
            call = None if origin is None else self.call(origin)
            shapes.add(Shape.UNKNOWN if call is None else call.shape)
        return shapes.pop() if len(shapes) == 1 else Shape.UNKNOWN

    def binding(self, node: Node) -> Binding | None:
        """Give the local variable that an expression names."""
        while node.type == "parenthesized_expression" and node.named_children:
            node = node.named_children[0]
        return self.scopes.binding(node) if node.type == "identifier" else None

    @cached_property
    def speaks_resp3(self) -> bool:
        """Tell whether it chooses RESP3, in which replies are other values."""
        return any(call.name.endswith(".setresp") for call in self.calls)

    @cached_property
    def is_made_of_pieces(self) -> bool:
        """Tell whether other texts are put into it before it runs."""
        return re.search(r"@include|\$include|<%|\{%|[#$]\{\w+\}", self.code) is not None

    @cached_property
    def registered(self) -> list[Registered]:
        """The functions that a library registers."""
        calls = [each for each in self.calls if each.name.endswith(".register_function")]
        return [found for call in calls if (found := self._registered(call)) is not None]

    def _registered(self, call: Call) -> Registered | None:
        arguments = call.arguments
        if len(arguments) == 2:
            name = content(arguments[0])
            return Registered(name or "", call.node, frozenset(), self.function(arguments[1]))
        table = self.origin(arguments[0]) if arguments else None
        if table is None or table.type != "table_constructor":
            return None
        fields = {name: value for name, value in fields_of(table) if name}
        flags = fields.get("flags")
        named = [] if flags is None else [value for _, value in fields_of(self.origin(flags))]
        callback = fields.get("callback")
        name_node = fields.get("function_name")
        return Registered(
            (content(name_node) if name_node else None) or "",
            call.node,
            frozenset(filter(None, (content(each) for each in named))),
            None if callback is None else self.function(callback),
        )

    @cached_property
    def returned(self) -> list[Node]:
        """The expressions that become replies: those of the script, or of its functions."""
        if self.is_library:
            roots = [each.callback for each in self.registered if each.callback is not None]
        else:
            roots = [self.tree.root]
        return [
            value
            for root in roots
            for node in descend(root, into_functions=False)
            if node.type == "return_statement"
            for value in expressions(node)[:1]
        ]

    def function(self, node: Node) -> Node | None:
        """Give the function that an expression is."""
        found = self.origin(node)
        return found if found.type in _FUNCTIONS else None

    def calls_in(self, function: Node) -> list[Call]:
        """Give the calls in a function, and in the local functions that it calls."""
        seen: set[int] = set()
        found: list[Call] = []
        waiting = [function]
        while waiting:
            current = waiting.pop()
            if current.id in seen:
                continue
            seen.add(current.id)
            for node in descend(current):
                call = self.call(node)
                if call is not None:
                    found.append(call)
                elif node.type == "function_call":
                    called = node.child_by_field_name("name")
                    inner = None if called is None else self.function(called)
                    waiting += [] if inner is None else [inner]
        return found

    def knows_all_calls(self, calls: Sequence[Call], function: Node) -> bool:
        """Tell whether every command in a piece of code is written out, and nothing is hidden."""
        if any(call.command is None for call in calls if call.is_command):
            return False
        return not any(
            self.name(node) in _CALLS and not _is_called(node)
            for node in descend(function)
            if node.type == "dot_index_expression"
        )

    def is_unused(self, call: Node) -> bool:
        """Tell whether nothing looks at the value of a call.

        A call that is all there is does not count: such a cell shows its value.
        """
        parent = call.parent
        if parent is None:
            return False
        if parent.type in ("block", "chunk"):
            return parent.type == "block" or len(parent.named_children) > 1
        if parent.type != "expression_list" or parent.parent is None:
            return False
        declaration = parent.parent
        if declaration.type != "assignment_statement" or len(parent.named_children) != 1:
            return False
        names = declaration.named_children[0].named_children
        bindings = [self.scopes.binding(name) for name in names]
        return all(
            binding is not None and binding.node == name and not binding.reads
            for binding, name in zip(bindings, names, strict=True)
        )

    # Findings

    def finding(
        self,
        rule: str,
        node: Node,
        message: str,
        advice: str,
        *,
        fix: str = "",
        is_hint: bool = False,
    ) -> Finding:
        """Make a finding about a node."""
        line, column = self.tree.place(node.start_byte)
        return Finding(rule, line, column, message, advice, fix, is_hint)


def fields_of(table: Node) -> Iterator[tuple[str | None, Node]]:
    """Give what a table constructor holds: names, None where there is none, and values.

    A name that is computed is the empty string.
    """
    for each in table.named_children:
        value = each.child_by_field_name("value") if each.type == "field" else None
        if value is None:
            continue
        name = each.child_by_field_name("name")
        if name is None:
            yield None, value
        elif each.children[0].type == "[":
            yield content(name) or "", value
        else:
            yield text(name), value


def _is_called(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "function_call":
        return parent.child_by_field_name("name") == node
    # `local call = redis.call`: calls of that name are known.
    return parent.type == "expression_list"
