"""Functions put into the code that would call them: for what a script calls a million times, a call
of a Python function is a tenth of all it costs.

This works for short functions whose source is there; others are called. A loop over the arguments
that `*words` takes, or over them in pairs, is written out once for each; there is no other loop.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
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
    ast.Delete,
    ast.Expr,
    ast.Return,
    ast.Raise,
    ast.Assert,
)
#: What has names of its own.
_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr)
#: What may be looped over, beside what `*words` takes itself.
_IN_PAIRS = {"zip": zip, "True": True}


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
    source = _source(function)
    definition = _definition(source) if source else None
    name = function.__name__
    if definition is None or not _takes(definition, len(arguments)):
        return [f"{result} = {name}({', '.join(arguments)})"], {name: function}
    lines: list[str] = []
    names: dict[str, str] = {}
    outside: dict[str, Any] = {}
    changed = _changed(definition)
    for parameter, argument in zip(definition.args.args, arguments, strict=False):
        names[parameter.arg] = argument
        if parameter.arg in changed or not argument.isidentifier():
            names[parameter.arg] = f"{name}_{parameter.arg}"
            lines.append(f"{name}_{parameter.arg} = {argument}")
    inside = inspect.getclosurevars(function)
    for outer, value in {**inside.globals, **inside.nonlocals}.items():
        names[outer] = f"{name}_{outer}"
        outside[names[outer]] = value
    code = function.__code__
    for local in (*code.co_varnames, *code.co_cellvars):
        names.setdefault(local, f"{name}_{local}")
    rest = arguments[len(definition.args.args) :]
    body = _Inliner(result, names, definition.args.vararg, rest).visit(definition).body
    lines.append("while True:")  # what it leaves by `return` is left by `break`
    lines += textwrap.indent("\n".join(map(ast.unparse, body)), "  ").splitlines()
    return lines, outside


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
    consts = [_gist(each) if isinstance(each, CodeType) else each for each in code.co_consts]
    return code.co_name, code.co_varnames, consts, names


def _definition(source: str) -> ast.FunctionDef | None:
    """Read a function; None: it cannot stand elsewhere."""
    (definition,) = ast.parse(source).body
    if not isinstance(definition, ast.FunctionDef):
        return None
    definition.body = [each for each in definition.body if not _is_docstring(each)]
    parameters = definition.args
    if parameters.kwonlyargs or parameters.kwarg or parameters.defaults:
        return None
    rest = parameters.vararg.arg if parameters.vararg else ""
    if rest in _changed(definition):
        return None
    is_simple = all(
        _goes_through(rest, node)
        or not (
            isinstance(node, _SCOPES)
            or (isinstance(node, ast.stmt) and not isinstance(node, _STATEMENTS))
        )
        for each in definition.body
        for node in ast.walk(each)
    )
    is_left = isinstance(definition.body[-1], ast.Return | ast.Raise)
    return definition if is_simple and is_left else None


def _goes_through(rest: str, node: ast.AST) -> bool:
    """Tell whether something is a loop over what `*rest` takes."""
    if isinstance(node, ast.For):
        loop: ast.For | ast.comprehension = node
        is_whole = not node.orelse
    elif isinstance(node, ast.ListComp):
        loop = node.generators[0]
        is_whole = len(node.generators) == 1 and not loop.ifs
    else:
        return False
    names = {each.id for each in ast.walk(loop.iter) if isinstance(each, ast.Name)}
    return is_whole and rest in names and names <= {rest, *_IN_PAIRS}


def _takes(definition: ast.FunctionDef, count: int) -> bool:
    """Tell whether a function takes so many arguments."""
    least = len(definition.args.args)
    return count == least or (count > least and definition.args.vararg is not None)


def _changed(definition: ast.FunctionDef) -> set[str]:
    """Give the names that a function sets."""
    names = [node for node in ast.walk(definition) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class _Inliner(ast.NodeTransformer):
    """Gives names their new names, turns `return` into what leaves a loop, and writes loops out.

    The parameter `rest` takes the arguments `words`.
    """

    def __init__(
        self, result: str, names: dict[str, str], rest: ast.arg | None, words: Sequence[str]
    ) -> None:
        self.result, self.names = result, names
        self.rest, self.words = rest.arg if rest else "", words

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == self.rest:
            return ast.Tuple([ast.Name(word) for word in self.words], ast.Load())
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_Starred(self, node: ast.Starred) -> Any:
        is_rest = isinstance(node.value, ast.Name) and node.value.id == self.rest
        return self.visit(node.value).elts if is_rest else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        is_count = ast.unparse(node) == f"len({self.rest})"
        return ast.Constant(len(self.words)) if is_count else self.generic_visit(node)

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        statements: list[ast.stmt] = []
        for taken in self._rounds(node):
            for name, word in taken.items():
                target = ast.Name(self.names[name], ast.Store())
                statements.append(ast.Assign([target], ast.Name(word), lineno=node.lineno))
            copy = ast.Module(deepcopy(node.body), [])
            statements += self.visit(copy).body
        return statements

    def visit_ListComp(self, node: ast.ListComp) -> ast.List:
        elements, names = [], self.names
        for taken in self._rounds(node.generators[0]):
            self.names = names | taken
            elements.append(self.visit(deepcopy(node.elt)))
        self.names = names
        return ast.List(elements, ast.Load())

    def visit_Return(self, node: ast.Return) -> list[ast.stmt]:
        value = self.visit(node.value) if node.value else ast.Constant(None)
        target = ast.Name(self.result, ast.Store())
        return [ast.Assign([target], value, lineno=node.lineno), ast.Break()]

    def _rounds(self, loop: ast.For | ast.comprehension) -> Iterator[dict[str, str]]:
        """Give the arguments that a loop's variables are in each of its rounds."""
        each = compile(ast.Expression(loop.iter), "", "eval")
        names = [node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)]
        for taken in eval(each, {"__builtins__": {}, **_IN_PAIRS, self.rest: tuple(self.words)}):
            yield dict(zip(names, [taken] if isinstance(taken, str) else taken, strict=True))
