"""Documentation of a script's own names: where each is declared, and what is known about it."""

from __future__ import annotations

from redislua_kernel.language.documentation import Documentation
from redislua_kernel.language.names import Names, names_at
from redislua_kernel.language.scopes import Binding

__all__ = ["document_local"]

_KINDS = {
    "function": "A local function",
    "loop variable": "A loop variable",
    "parameter": "A parameter",
    "variable": "A local variable",
}


def document_local(code: str, cursor: int, name: str, offset: int = 0) -> Documentation | None:
    """Tell of the local variable that stands at a place, or that a dotted name begins with.

    `offset` is what to add to a line of the code. None: there is no such variable.
    """
    names = names_at(code, cursor)
    if names is None:
        return None
    first, _, member = name.partition(".")
    binding = names.at() or names.find(first)
    if binding is None:
        return None
    if member and binding.name == first:
        return _field(names, binding, member, offset)
    line = names.place(binding)
    text = _comment_above(code, line)
    declared = f"{_KINDS[names.kind(binding)]}, declared on line {line + offset}."
    fields = ", ".join(each.usage or each.name for each in names.fields(binding))
    return Documentation(
        names.usage(binding),
        f"{declared}\n\n{text}" if text else declared,
        (("fields", fields),) if fields else (),
    )


def _field(names: Names, binding: Binding, member: str, offset: int) -> Documentation | None:
    for each in names.fields(binding):
        if each.name == member:
            line = names.place(binding) + offset
            text = f"A field of `{binding.name}`, which is declared on line {line}."
            return Documentation(f"{binding.name}.{each.usage or each.name}", text)
    return None


def _comment_above(code: str, line: int) -> str:
    """Give the comment that ends on the line before a line, without its dashes."""
    found: list[str] = []
    for above in reversed(code.split("\n")[: line - 1]):
        if not above.lstrip().startswith("--"):
            break
        found.insert(0, above.strip().lstrip("-").strip())
    return "\n".join(found)
