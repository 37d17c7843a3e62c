"""The definitions of functions, read from their files, where they can stand in other code, too.

That is so for short functions without loops and blocks, but `if`, and a loop over the arguments
that `*words` takes, or over them in pairs.
"""

from __future__ import annotations

import ast
import linecache
import textwrap
from collections.abc import Callable
from functools import cache
from types import CodeType
from typing import Any

__all__ = [
    "IN_PAIRS",
    "always_returns",
    "definition_of",
    "gives_expression",
    "names_set",
    "never_returns",
    "takes",
]

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
IN_PAIRS = {"zip": zip, "True": True}


@cache
def definition_of(function: Callable[..., Any]) -> ast.FunctionDef | None:
    """Read a function, which is not to be changed; None: it cannot stand elsewhere."""
    source = _source(function)
    if not source:
        return None
    (definition,) = ast.parse(source).body
    if not isinstance(definition, ast.FunctionDef):
        return None
    definition.body = [each for each in definition.body if not _is_docstring(each)]
    parameters = definition.args
    if parameters.kwonlyargs or parameters.kwarg or parameters.defaults:
        return None
    rest = parameters.vararg.arg if parameters.vararg else ""
    if rest in names_set(definition):
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
    return definition if is_simple and definition.body else None


def takes(definition: ast.FunctionDef, count: int) -> bool:
    """Tell whether a function takes so many arguments."""
    least = len(definition.args.args)
    return count == least or (count > least and definition.args.vararg is not None)


def names_set(definition: ast.FunctionDef) -> set[str]:
    """Give the names that a function sets."""
    names = [node for node in ast.walk(definition) if isinstance(node, ast.Name)]
    return {node.id for node in names if isinstance(node.ctx, ast.Store)}


def gives_expression(definition: ast.FunctionDef) -> bool:
    """Tell whether all that a function does is to give what an expression gives."""
    first = definition.body[0]
    return isinstance(first, ast.Return) and first.value is not None


def always_returns(definition: ast.FunctionDef) -> bool:
    """Tell whether a function ends by `return`, or by an error, in all cases."""
    return isinstance(definition.body[-1], ast.Return | ast.Raise)


def never_returns(definition: ast.FunctionDef) -> bool:
    """Tell whether a function has no `return`: it gives nothing."""
    return not any(isinstance(node, ast.Return) for node in ast.walk(definition))


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
    return is_whole and rest in names and names <= {rest, *IN_PAIRS}


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
