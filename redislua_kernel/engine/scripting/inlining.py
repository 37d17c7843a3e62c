"""Functions put into the code that would call them: for what a script calls a million times, a call
of a Python function is a tenth of all it costs.

This works for short functions without loops, whose source is there; others are called.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable, Sequence
from functools import cache
from types import CodeType
from typing import Any

__all__ = ["call_lines"]

#: What may stand in such a function, beside expressions.
_STATEMENTS = (
    ast.If,
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.Expr,
    ast.Return,
    ast.Raise,
    ast.Assert,
)
#: What has names of its own.
_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr)


def call_lines(
    function: Callable[..., Any], result: str, arguments: Sequence[str], namespace: dict[str, Any]
) -> list[str]:
    """Give the lines that set `result` to what a function gives for some expressions.

    `namespace` gets what the lines refer to.
    """
    source = _source(function)
    definition = _definition(source) if source else None
    name = function.__name__
    if definition is None or len(definition.args.args) != len(arguments):
        namespace[name] = function
        return [f"{result} = {name}({', '.join(arguments)})"]
    lines, names, changed = [], {}, _changed(definition)
    for parameter, argument in zip(definition.args.args, arguments, strict=True):
        names[parameter.arg] = argument
        if parameter.arg in changed or not argument.isidentifier():
            names[parameter.arg] = f"{name}_{parameter.arg}"
            lines.append(f"{name}_{parameter.arg} = {argument}")
    inside = inspect.getclosurevars(function)
    for outer, value in {**inside.globals, **inside.nonlocals}.items():
        names[outer] = f"{name}_{outer}"
        namespace[names[outer]] = value
    for local in function.__code__.co_varnames:
        names.setdefault(local, f"{name}_{local}")
    body = _Inliner(result, names).visit(definition).body
    lines.append("while True:")  # what it leaves by `return` is left by `break`
    return lines + textwrap.indent("\n".join(map(ast.unparse, body)), "  ").splitlines()


@cache
def _source(function: Callable[..., Any]) -> str:
    """Give the lines of a function, with its decorators; nothing where there are none to trust.

    The standard library would look for the last line by reading each word.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    last = max((end for _, end, _, _ in code.co_positions() if end), default=0)
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 : last]
    source = textwrap.dedent("".join(lines))
    return source if _is_source_of(function, source) else ""


def _is_source_of(function: Callable[..., Any], source: str) -> bool:
    """Tell whether a text is what a function was made of: a file may have changed since."""
    try:
        made = compile(source, "", "exec")
    except (SyntaxError, ValueError):
        return False
    codes = [each for each in made.co_consts if isinstance(each, CodeType)]
    return len(codes) == 1 and _gist(codes[0]) == _gist(function.__code__)


def _gist(code: CodeType) -> tuple[object, ...]:
    # What is a variable of a function around it is a global in a text that stands alone.
    names = {*code.co_names, *code.co_freevars}
    return code.co_name, code.co_varnames, code.co_consts, names


def _definition(source: str) -> ast.FunctionDef | None:
    """Read a function; None: it cannot stand elsewhere."""
    (definition,) = ast.parse(source).body
    if not isinstance(definition, ast.FunctionDef):
        return None
    definition.body = [each for each in definition.body if not _is_docstring(each)]
    parameters = definition.args
    if parameters.vararg or parameters.kwonlyargs or parameters.kwarg or parameters.defaults:
        return None
    inside = [node for each in definition.body for node in ast.walk(each)]
    is_simple = not any(
        isinstance(node, _SCOPES)
        or (isinstance(node, ast.stmt) and not isinstance(node, _STATEMENTS))
        for node in inside
    )
    is_left = isinstance(definition.body[-1], ast.Return | ast.Raise)
    return definition if is_simple and is_left else None


def _changed(definition: ast.FunctionDef) -> set[str]:
    """Give the names that a function sets."""
    names = [node for node in ast.walk(definition) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class _Inliner(ast.NodeTransformer):
    """Gives names their new names, and turns `return` into what leaves a loop."""

    def __init__(self, result: str, names: dict[str, str]) -> None:
        self.result, self.names = result, names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        value = self.visit(node.value) if node.value else ast.Constant(None)
        target = ast.Name(self.result, ast.Store())
        return [ast.Assign([target], value, lineno=node.lineno), ast.Break()]
