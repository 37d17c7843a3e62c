"""Collections in plain form: what Python marshals, and values are made of faster than of RDB.

A plain form is the number of a kind, and what a value of that kind is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from redislua_kernel.engine.journal import Journal
from redislua_kernel.engine.types.hash import Hash
from redislua_kernel.engine.types.list import List
from redislua_kernel.engine.types.packed import Packed
from redislua_kernel.engine.types.set import HASHTABLE, INTSET, LISTPACK, Set
from redislua_kernel.engine.types.sorted_set import SortedSet
from redislua_kernel.engine.types.value import Stored, Value

__all__ = ["Plain", "has_plain_form", "plain_form", "value_of"]

Plain = tuple[int, Any]


_FORMS = (INTSET, LISTPACK, HASHTABLE)


class _Kind(NamedTuple):
    type: type[Value]
    #: What a value is made of, and a value that is made of that.
    content: Callable[[Any], Any]
    make: Callable[[Journal, Any], Value]


_KINDS = (
    _Kind(
        Hash,
        lambda value: value.fields,
        lambda journal, fields: Hash.of(journal, fields, {}, volatile=False),
    ),
    _Kind(List, lambda value: list(value.items), List),
    _Kind(
        Set,
        lambda value: (_FORMS.index(value.form), list(value)),
        lambda journal, content: Set.in_form(journal, _FORMS[content[0]], content[1]),
    ),
    _Kind(SortedSet, lambda value: value.scores, SortedSet.of),
)
_NUMBERS = {kind.type: number for number, kind in enumerate(_KINDS)}


def has_plain_form(stored: Stored) -> bool:
    """Tell whether what a table keeps is a collection that has a plain form: most are."""
    if isinstance(stored, Packed):
        return True
    kind = stored.__class__
    return kind in _NUMBERS and not (isinstance(stored, Hash) and stored.volatile)


def plain_form(value: bytes | Value) -> Plain:
    """Give the plain form of a value that has one; it is only to be marshalled."""
    number = _NUMBERS[value.__class__]  # type: ignore[index]
    return number, _KINDS[number].content(value)


def value_of(journal: Journal, plain: Plain) -> Value:
    """Give the value that was in plain form. Raises ValueError."""
    try:
        number, content = plain
        return _KINDS[number].make(journal, content)
    except (AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"no plain form: {error}") from None
