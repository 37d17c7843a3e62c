"""Functions put into the code that would call them: for what a script calls a million times, a call
of a Python function is a tenth of all it costs.

This works for short functions whose source is there (see `function_texts`); others are called. A
loop over the arguments that `*words` takes, or over them in pairs, is written out once for each.

What such a function calls itself is put in with it where it is as short: an expression, given names
or constants; a statement, which gives nothing; or what is kept in a variable, or returned at once.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import cache
from types import FunctionType, NoneType
from typing import Any

from redislua_kernel.engine.scripting.calls.function_texts import (
    IN_PAIRS,
    always_returns,
    definition_of,
    gives_expression,
    names_set,
    never_returns,
    takes,
)

__all__ = ["call_lines"]

#: What is written out itself in the place of its name.
_LITERALS = (int, bool, NoneType)


def call_lines(
    function: Callable[..., Any], result: str, arguments: Sequence[str], namespace: dict[str, Any]
) -> list[str]:
    """Give the lines that set `result` to what a function gives for some expressions.

    `namespace` gets what the lines refer to.
    """
    lines, outside = _written_out(function, result, tuple(arguments))
    namespace |= outside
    return [*lines]


@cache
def _written_out(
    function: Callable[..., Any], result: str, arguments: Sequence[str]
) -> tuple[Sequence[str], dict[str, Any]]:
    """Give the lines, and what they refer to: each state of Lua asks for the same."""
    name = function.__name__
    definition = definition_of(function)
    if (
        definition is None
        or not always_returns(definition)
        or not takes(definition, len(arguments))
    ):
        return [f"{result} = {name}({', '.join(arguments)})"], {name: function}
    inliner = _Inliner(function, definition, name, {}, result)
    body = ast.unparse(ast.Module(inliner.body(arguments), []))
    # What the function leaves by `return` is left by `break`.
    return ["while True:", *textwrap.indent(body, "  ").splitlines()], inliner.outside


class _Inliner(ast.NodeTransformer):
    """Writes out a function for some arguments.

    Its variables get names that begin with `prefix`, what it refers to goes into `outside`, and
    `return` sets `result`. `around` are the functions that it is put into.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        definition: ast.FunctionDef,
        prefix: str,
        outside: dict[str, Any],
        result: str = "",
        around: Sequence[Callable[..., Any]] = (),
    ) -> None:
        self.definition, self.prefix, self.outside = definition, prefix, outside
        self.result, self.around = result, (*around, function)
        code, seen = function.__code__, inspect.getclosurevars(function)
        self.names = {each: f"{prefix}_{each}" for each in (*code.co_varnames, *code.co_cellvars)}
        self.seen = {**seen.globals, **seen.nonlocals}
        self.rest, self.words = "", tuple[str, ...]()
        self.is_in_text = False

    def body(self, arguments: Sequence[str]) -> list[ast.stmt]:
        """Give its statements, after those that set what is no names already, or is changed."""
        statements: list[ast.stmt] = []
        changed, given = names_set(self.definition), list(arguments)
        for place, parameter in enumerate(self.definition.args.args):
            if parameter.arg in changed or not _is_known(_parsed(given[place])):
                own = self.names[parameter.arg]
                statements += ast.parse(f"{own} = {given[place]}").body
                given[place] = own
        self._take(given)
        return statements + self._copied(self.definition.body)

    def body_for(self, call: ast.AST) -> list[ast.stmt]:
        """Give its statements for a call, if it still is one; none if they cannot stand there."""
        if not isinstance(call, ast.Call):
            return []
        spread = call.args[len(self.definition.args.args) :]
        return self.body(_texts(call)) if self._fits(call, spread) else []

    def expression_for(self, call: ast.Call) -> ast.expr | None:
        """Give the expression that is all of it for a call; None if it cannot stand there."""
        if not self._fits(call, call.args):
            return None
        (statement,) = self.definition.body
        assert isinstance(statement, ast.Return)
        assert statement.value is not None
        self._take(_texts(call))
        value: ast.expr = self.visit(deepcopy(statement.value))
        return value

    def _fits(self, call: ast.Call, repeated: list[ast.expr]) -> bool:
        """Tell whether it takes so many arguments, and these of them more than once."""
        is_spread = any(isinstance(each, ast.Starred) for each in call.args)
        is_right = takes(self.definition, len(call.args)) and not is_spread
        return is_right and all(map(_is_known, repeated))

    def _take(self, arguments: Sequence[str]) -> None:
        parameters = self.definition.args
        self.names |= zip((each.arg for each in parameters.args), arguments, strict=False)
        if parameters.vararg:
            self.rest, self.words = parameters.vararg.arg, tuple(arguments[len(parameters.args) :])

    def _copied(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        body: list[ast.stmt] = self.visit(ast.Module(deepcopy(statements), [])).body
        return body

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == self.rest:
            return ast.Tuple([ast.Name(word) for word in self.words], ast.Load())
        if node.id in self.names:
            return ast.Name(self.names[node.id], node.ctx)
        if node.id not in self.seen:
            return node
        value = self.seen[node.id]
        if value.__class__ in _LITERALS:
            return ast.Constant(value)
        name = f"{self.prefix}_{node.id}"
        self.outside[name] = value
        return ast.Name(name, node.ctx)

    def visit_Starred(self, node: ast.Starred) -> Any:
        is_rest = isinstance(node.value, ast.Name) and node.value.id == self.rest
        return self.visit(node.value).elts if is_rest else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node) == f"len({self.rest})":
            return ast.Constant(len(self.words))
        called = self._called(node)
        self.generic_visit(node)
        if called is None or not gives_expression(called.definition):
            return node
        return called.expression_for(node) or node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        # Texts are for errors, and those of Python 3.11 cannot have all expressions in them.
        around, self.is_in_text = self.is_in_text, True
        self.generic_visit(node)
        self.is_in_text = around
        return node

    def visit_Expr(self, node: ast.Expr) -> Any:
        called = self._called(node.value)
        self.generic_visit(node)
        if called is None or not never_returns(called.definition):
            return node
        return called.body_for(node.value) or node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        called = self._called(node.value)
        self.generic_visit(node)
        target, *others = node.targets
        is_one = isinstance(target, ast.Name) and not others
        if called is None or not is_one or not always_returns(called.definition):
            return node
        called.result = ast.unparse(target)
        body = called.body_for(node.value)
        return ast.While(ast.Constant(True), body, []) if body else node

    def _called(self, node: ast.expr | None) -> _Inliner | None:
        """Give what writes out the function that is called, if it can stand elsewhere."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)) or node.keywords:
            return None
        if self.is_in_text:  # see visit_JoinedStr
            return None
        name = node.func.id
        function = None if name in self.names else self.seen.get(name)
        if not isinstance(function, FunctionType) or function in self.around:
            return None
        definition = definition_of(function)
        if definition is None:
            return None
        prefix = f"{self.prefix}_{name}"
        return _Inliner(function, definition, prefix, self.outside, self.result, self.around)

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        statements: list[ast.stmt] = []
        for taken in self._rounds(node):
            for name, word in taken.items():
                target = ast.Name(self.names[name], ast.Store())
                statements.append(ast.Assign([target], ast.Name(word), lineno=node.lineno))
            statements += self._copied(node.body)
        return statements

    def visit_ListComp(self, node: ast.ListComp) -> ast.List:
        elements, names = [], self.names
        for taken in self._rounds(node.generators[0]):
            self.names = names | taken
            elements.append(self.visit(deepcopy(node.elt)))
        self.names = names
        return ast.List(elements, ast.Load())

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        called = self._called(node.value)
        value = self.visit(node.value) if node.value else ast.Constant(None)
        if called is not None and always_returns(called.definition):
            body = called.body_for(value)
            if body:
                return body
        target = ast.Name(self.result, ast.Store())
        return [ast.Assign([target], value, lineno=node.lineno), ast.Break()]

    def _rounds(self, loop: ast.For | ast.comprehension) -> Iterator[dict[str, str]]:
        """Give the arguments that a loop's variables are in each of its rounds."""
        each = compile(ast.Expression(loop.iter), "", "eval")
        names = [node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)]
        for taken in eval(each, {"__builtins__": {}, **IN_PAIRS, self.rest: tuple(self.words)}):
            yield dict(zip(names, [taken] if isinstance(taken, str) else taken, strict=True))


def _texts(call: ast.Call) -> list[str]:
    return [*map(ast.unparse, call.args)]


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _is_known(argument: ast.expr) -> bool:
    """Tell whether it makes no difference how often, and when, an argument is asked for."""
    return isinstance(argument, ast.Name | ast.Constant)
