"""Which name means which local variable, and which names are globals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from redislua_kernel.language.tree import Node, Tree, content, expressions, text

__all__ = ["Binding", "Scopes"]

_BLOCKS = ("for_statement", "repeat_statement", "if_statement", "while_statement", "do_statement")


@dataclass(eq=False)
class Binding:
    """One local variable: where it is declared and seen, and what is done with it."""

    name: str
    #: `local`, `parameter`, `loop variable` or `function`.
    kind: str
    node: Node
    #: The bytes between which it is seen.
    start: int
    end: int
    #: All that is ever assigned to it; None: something, not told by one expression.
    values: list[Node | None] = field(default_factory=list)
    reads: list[Node] = field(default_factory=list)
    #: What is assigned to its fields, by their names.
    fields: dict[str, Node | None] = field(default_factory=dict)
    #: Whether anything is assigned to places in it that are no names.
    is_indexed: bool = False

    @property
    def value(self) -> Node | None:
        """Its value, if it has only one."""
        return self.values[0] if len(self.values) == 1 else None


class _Scope(dict[str, Binding]):
    """The names that one block declares; `end` is the byte where it does."""

    def __init__(self, parent: _Scope | None, end: int) -> None:
        self.parent = parent
        self.end = end

    def find(self, name: str) -> Binding | None:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope:
                return scope[name]
            scope = scope.parent
        return None


class Scopes:
    """The local variables of a tree, and the globals that it reads and writes."""

    def __init__(self, tree: Tree, at: int | None = None) -> None:
        """Read a tree; with `at`, only for the variables that are seen at that byte."""
        self._at = at
        self.bindings: list[Binding] = []
        self.global_reads: list[Node] = []
        self.global_writes: list[Node] = []
        self._by_node: dict[int, Binding] = {}
        self._statements(tree.root.named_children, _Scope(None, tree.root.end_byte))

    def binding(self, node: Node) -> Binding | None:
        """Give the local variable that a name declares, reads or writes; None: it is a global."""
        return self._by_node.get(node.id)

    def visible_at(self, byte: int) -> list[Binding]:
        """Give the local variables that are seen at a place, the innermost and latest first."""
        seen = [each for each in self.bindings if each.start <= byte <= each.end]
        return list({each.name: each for each in seen}.values())[::-1]

    # Statements

    def _statements(self, nodes: Iterable[Node], scope: _Scope) -> None:
        for node in nodes:
            self._statement(node, scope)

    def _is_over(self, node: Node) -> bool:
        """Tell whether what is declared in a node is of no interest."""
        return self._at is not None and not node.start_byte <= self._at <= node.end_byte

    def _statement(self, node: Node, scope: _Scope) -> None:
        if node.type in _BLOCKS and self._is_over(node):
            return
        match node.type:
            case "variable_declaration":
                self._local(node, scope)
            case "assignment_statement":
                self._assign(node, scope)
            case "function_declaration":
                self._declare_function(node, scope)
            case "for_statement":
                self._for(node, scope)
            case "repeat_statement":
                inner = _Scope(scope, node.end_byte)
                self._body(node, inner)
                self._read(node.child_by_field_name("condition"), inner)
            case "if_statement" | "elseif_statement" | "while_statement":
                self._read(node.child_by_field_name("condition"), scope)
                self._body(node, _Scope(scope, _end_of_block(node)))
                self._statements(node.children_by_field_name("alternative"), scope)
            case "else_statement" | "do_statement":
                self._body(node, _Scope(scope, node.end_byte))
            case "ERROR":
                self._half_written(node, scope)
            case "comment" | "hash_bang_line" | "break_statement" | "goto_statement":
                pass
            case "label_statement":
                pass
            case _:
                self._read(node, scope)

    def _body(self, node: Node, scope: _Scope) -> None:
        body = node.child_by_field_name("body") or node.child_by_field_name("consequence")
        if body is not None:
            self._statements(body.named_children, scope)
        for child in node.named_children:
            if child.type == "ERROR":
                self._half_written(child, scope)

    def _local(self, node: Node, scope: _Scope) -> None:
        inner = node.named_children[0] if node.named_children else None
        if inner is None:
            return
        if inner.type == "assignment_statement":
            names, values = _sides(inner)
            for value in values:
                self._read(value, scope)
        else:
            names, values = _names(inner), []
        for name, value in zip_longest(names, values[: len(names)]):
            self._declare(name, "local", scope, node.end_byte, value)

    def _assign(self, node: Node, scope: _Scope) -> None:
        targets, values = _sides(node)
        for value in values:
            self._read(value, scope)
        for target, value in zip_longest(targets, values[: len(targets)]):
            if target.type == "identifier":
                self._write(target, value, scope)
            else:
                self._read(target, scope)
                self._note_field(target, value, scope)

    def _note_field(self, target: Node, value: Node | None, scope: _Scope) -> None:
        table, member = target.child_by_field_name("table"), target.child_by_field_name("field")
        member = member or target.child_by_field_name("method")
        if table is None or table.type != "identifier" or member is None:
            return
        owner = scope.find(text(table))
        if owner is None:
            return
        name = text(member) if target.type != "bracket_index_expression" else content(member)
        if name is None:
            owner.is_indexed = True
        else:
            owner.fields[name] = value

    def _declare_function(self, node: Node, scope: _Scope) -> None:
        name = node.child_by_field_name("name")
        is_local = node.children[0].type == "local"
        if name is not None and name.type == "identifier":
            if is_local:
                self._declare(name, "function", scope, name.start_byte, node)
            else:
                self._write(name, node, scope)
        elif name is not None:
            self._read(name, scope)
            self._note_field(name, node, scope)
        self._function(node, scope)

    def _for(self, node: Node, scope: _Scope) -> None:
        inner = _Scope(scope, node.end_byte)
        clause = node.child_by_field_name("clause")
        if clause is not None:
            self._clause(clause, scope, inner)
        self._body(node, inner)

    def _clause(self, clause: Node, outer: _Scope, inner: _Scope) -> None:
        names: list[Node] = []
        for child in clause.named_children:
            if child.type == "variable_list":
                names += _names(child)
            elif child.type == "identifier" and clause.child_by_field_name("name") == child:
                names.append(child)
            else:
                self._read(child, outer)
        for name in names:
            self._declare(name, "loop variable", inner, clause.end_byte, None)

    def _half_written(self, node: Node, scope: _Scope) -> None:
        """Read what is no whole statement yet: its names are seen to the end of the block."""
        before = ""
        for child in node.children:
            if child.type == "variable_list" and before == "local":
                for name in _names(child):
                    self._declare(name, "local", scope, child.end_byte, None)
            elif child.type == "parameters":
                self._parameters(child, scope)
            elif child.type.startswith("for_"):
                if child.type == "for_statement":
                    self._for(child, scope)
                else:
                    self._clause(child, scope, scope)
            elif child.type == "block":
                self._statements(child.named_children, scope)
            elif child.type == "identifier" and before == "function":
                self._declare(child, "function", scope, child.start_byte, None)
            elif child.is_named:
                self._statement(child, scope)
            before = child.type

    # Functions and expressions

    def _function(self, node: Node, scope: _Scope) -> None:
        if self._is_over(node):
            return
        inner = _Scope(scope, node.end_byte)
        name = node.child_by_field_name("name")
        parameters = node.child_by_field_name("parameters")
        if parameters is not None:
            if name is not None and name.type == "method_index_expression":
                self._add("self", "parameter", name, inner, parameters.start_byte, None)
            self._parameters(parameters, inner)
        self._body(node, inner)

    def _parameters(self, node: Node, scope: _Scope) -> None:
        for vararg in node.named_children:
            if vararg.type == "vararg_expression":  # Lua 5.1 still makes a table of them
                self._add("arg", "parameter", vararg, scope, node.end_byte, None)
        for name in _names(node):
            self._declare(name, "parameter", scope, node.end_byte, None)

    def _read(self, node: Node | None, scope: _Scope) -> None:
        waiting = [] if node is None or self._is_over(node) else [node]
        while waiting:
            current = waiting.pop()
            match current.type:
                case "identifier":
                    self._read_name(current, scope)
                case "function_definition":
                    self._function(current, scope)
                case "dot_index_expression" | "method_index_expression":
                    waiting += current.children_by_field_name("table")
                case "field":
                    waiting += reversed(current.children_by_field_name("value"))
                    if current.children and current.children[0].type == "[":
                        waiting += current.children_by_field_name("name")
                case "ERROR":
                    self._half_written(current, scope)
                case "comment" | "string":
                    pass
                case _:
                    waiting += reversed(current.named_children)

    def _read_name(self, node: Node, scope: _Scope) -> None:
        binding = scope.find(text(node))
        if binding is None:
            self.global_reads.append(node)
        else:
            binding.reads.append(node)
            self._by_node[node.id] = binding

    def _write(self, node: Node, value: Node | None, scope: _Scope) -> None:
        binding = scope.find(text(node))
        if binding is None:
            self.global_writes.append(node)
        else:
            binding.values.append(value)
            self._by_node[node.id] = binding

    def _declare(
        self, node: Node, kind: str, scope: _Scope, start: int, value: Node | None
    ) -> None:
        self._add(text(node), kind, node, scope, start, value)

    def _add(
        self, name: str, kind: str, node: Node, scope: _Scope, start: int, value: Node | None
    ) -> None:
        binding = Binding(name, kind, node, start, scope.end, [value])
        scope[name] = binding
        self.bindings.append(binding)
        self._by_node[node.id] = binding


def _names(node: Node) -> list[Node]:
    return [each for each in node.named_children if each.type == "identifier"]


def _sides(assignment: Node) -> tuple[Sequence[Node], Sequence[Node]]:
    """Give what an assignment assigns to, and what it assigns."""
    left = right = None
    for child in assignment.named_children:
        if child.type == "variable_list":
            left = child
        elif child.type == "expression_list":
            right = child
    return expressions(left), expressions(right)


def _end_of_block(node: Node) -> int:
    """Give where the first block of a statement ends: at what comes instead of it, or with it."""
    other = node.child_by_field_name("alternative")
    return node.end_byte if other is None else other.start_byte
