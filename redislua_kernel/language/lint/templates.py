"""Bodies that are made anew for each call: each takes a place in the script cache."""

from __future__ import annotations

import re
from collections.abc import Iterator

from redislua_kernel.language.lexer import tokenize
from redislua_kernel.language.lint.rules import Finding, Level, rule
from redislua_kernel.language.lint.script import Script
from redislua_kernel.language.tree import content, text

#: A name in capitals is a constant: it is filled in once.
_NAME = r"(?![A-Z0-9_]+\b)\w[\w.]*"
_PLACEHOLDER = re.compile(
    rf"\$\{{{_NAME}\}}|\{{\{{\s*{_NAME}\s*\}}\}}|%\({_NAME}\)[sd]|#\{{@?{_NAME}\}}"
)
_RUBY = re.compile(r"#\{\w+\}")
_MESSAGE = (
    "each text of a script is compiled, and kept in the script cache, on its own: with values "
    "written into it the cache fills up"
)
_ADVICE = "pass names of keys in KEYS and values in ARGV, so that the text stays the same"
#: So many scripts that differ in their literals alone are no accident.
_MANY = 3


@rule("templated-body")
def templated_body(script: Script) -> Iterator[Finding]:
    """A placeholder in a string of the script, to be filled in before each call."""
    for node in script.of_type("string"):
        found = _PLACEHOLDER.search(content(node) or "")
        if found is not None:
            message = f"`{found[0]}` looks like a placeholder, and {_MESSAGE}"
            yield script.finding("templated-body", node, message, _ADVICE)
    for node in script.of_type("unary_expression"):  # to Lua, the length of a table
        if _RUBY.fullmatch(text(node)):
            message = f"`{text(node)}` looks like a placeholder, and {_MESSAGE}"
            yield script.finding("templated-body", node, message, _ADVICE)


@rule("varying-body", Level.HINT)
def varying_body(script: Script) -> Iterator[Finding]:
    """Scripts of the cache that differ from this one in their literals alone."""
    others = script.setting.others
    if not others or not script.commands:
        return
    own = skeleton(script.code)
    alike = {body for body in others if body != script.code and skeleton(body) == own}
    if len(alike) < _MANY:
        return
    message = f"{len(alike)} other scripts of the cache differ in literals alone; {_MESSAGE}"
    node = script.commands[0].node
    yield script.finding("varying-body", node, message, _ADVICE, is_hint=True)


def skeleton(code: str) -> str:
    """Give a piece of Lua without what its literals say."""
    return " ".join(
        token.kind if token.kind in ("string", "number") else token.text
        for token in tokenize(code)
        if token.kind != "comment"
    )
