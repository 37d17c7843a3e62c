"""Variables as the protocol shows them: a name, a value as text, and a reference to what is in it.

A reference is a number by which a client asks for the contents. It holds until the script goes
on, or until the idle view is drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from redislua_kernel.debugger.values import access, is_plain, shorten, text_of, type_of
from redislua_kernel.engine.debugging.stop import Frame, LuaValue, Stop, Variable
from redislua_kernel.reply import Map, Pairs

__all__ = ["Child", "Contents", "FrameVariables", "Group", "NotSettable", "References"]

#: How many variables a client gets that did not ask for a page.
_MOST = 200


class NotSettable(Exception):
    """A value that cannot be changed here, and why."""


class Child(NamedTuple):
    """One variable: a name, and a value or what holds further ones."""

    name: str
    value: Any
    #: The expression that gives the value; None if there is none.
    path: str | None = None


class Contents:
    """What has variables in it: first those of a list, then others."""

    #: As Lua, or Redis, calls it.
    type = ""
    #: The expression that gives it; None if there is none.
    path: str | None = None

    def __init__(self, text: str) -> None:
        self.text = text

    def sizes(self) -> tuple[int, int]:
        """Tell how many variables there are in the list, and how many others."""
        raise NotImplementedError

    def children(self, first: int, most: int) -> Iterator[Child]:
        """Give at most so many variables, from the first on."""
        raise NotImplementedError

    def assign(self, name: str, value: LuaValue) -> None:
        """Set one of them. Raises NotSettable."""
        raise NotSettable(f"{name} cannot be set here")


class Group(Contents):
    """Variables that are known in advance."""

    def __init__(self, children: Sequence[Child], text: str = "", type: str = "") -> None:
        super().__init__(text)
        self.type = type
        self._children = children

    def sizes(self) -> tuple[int, int]:
        """Count them: none is of a list."""
        return 0, len(self._children)

    def children(self, first: int, most: int) -> Iterator[Child]:
        """Give them in their order."""
        yield from self._children[first : first + most]


class FrameVariables(Contents):
    """The local variables of a frame, its upvalues, or the globals that it was given."""

    def __init__(self, stop: Stop, frame: Frame, variables: Sequence[Variable]) -> None:
        # What was declared last hides the others.
        self._variables = {each.name: each for each in variables}
        super().__init__("")
        self._stop = stop
        self._frame = frame

    def sizes(self) -> tuple[int, int]:
        """Count them: none is of a list."""
        return 0, len(self._variables)

    def children(self, first: int, most: int) -> Iterator[Child]:
        """Give them in the order of their declaration, with the values that they have now."""
        for name, each in islice(self._variables.items(), first, first + most):
            yield Child(name, each.value, name)

    def assign(self, name: str, value: LuaValue) -> None:
        """Set a variable in the script itself."""
        if name not in self._variables:
            raise NotSettable(f"there is no variable {name}")
        self._stop.assign(self._frame, self._variables[name], value)


class LuaTable(Contents):
    """A table of Lua's: its list, then its other entries."""

    type = "table"

    def __init__(self, stop: Stop, table: LuaValue, path: str | None) -> None:
        super().__init__(text_of(table, stop))
        self._stop = stop
        self._table = table
        self.path = path

    def sizes(self) -> tuple[int, int]:
        """Count the entries, as far as that is quickly done."""
        return self._stop.sizes(self._table)

    def children(self, first: int, most: int) -> Iterator[Child]:
        """Give the entries, named by their keys."""
        for key, value in self._stop.contents(self._table, first, most):
            yield Child(self._name(key), value, access(self.path, key))

    def assign(self, name: str, value: LuaValue) -> None:
        """Set the entry with a name that `children` gave."""
        for key, _ in self._stop.contents(self._table, 0, sum(self.sizes())):
            if name == self._name(key):
                self._stop.set_entry(self._table, key, value)
                return
        raise NotSettable(f"there is no entry {name}")

    def _name(self, key: LuaValue) -> str:
        if isinstance(key, bytes) and key and key.isascii() and key.decode().isprintable():
            return key.decode()
        return f"[{text_of(key, self._stop)}]"


class _Replies(Group):
    """An aggregate reply."""

    def __init__(self, reply: Any) -> None:
        if isinstance(reply, dict | Map | Pairs):
            pairs = list(reply.items()) if isinstance(reply, dict) else list(reply)
            children = [Child(text_of(key), value) for key, value in pairs]
            kind = "map"
        else:
            children = [Child(f"[{place}]", value) for place, value in enumerate(reply, 1)]
            kind = "array"
        super().__init__(children, text_of(reply), kind)


def contents_of(value: Any, stop: Stop | None, path: str | None) -> Contents | None:
    """Give what a value has in it; None: it is plain."""
    if isinstance(value, Contents):
        return value
    if isinstance(value, dict | list | tuple):
        return _Replies(value)
    if is_plain(value):
        return None
    if stop is not None and stop.type_of(value) == "table":
        return LuaTable(stop, value, path)
    return None


class References:
    """The contents that a client may ask for, by number; and how they are shown."""

    def __init__(
        self, stop: Stop | None, type_name: Callable[[str, Any], str] = lambda type, value: type
    ) -> None:
        self.stop = stop
        self._type_name = type_name
        self._held: list[Contents] = []

    def add(self, contents: Contents) -> int:
        """Give the number of what is in a variable."""
        self._held.append(contents)
        return len(self._held)

    def at(self, number: int) -> Contents | None:
        """Give what has a number; None: the number is none of ours."""
        return self._held[number - 1] if 0 < number <= len(self._held) else None

    def describe(self, value: Any, path: str | None, *, whole: bool = False) -> dict[str, Any]:
        """Give a value's text and type, and a reference to what is in it."""
        contents = contents_of(value, self.stop, path)
        if contents is None:
            text = text_of(value, self.stop, whole=whole)
            kind = self._type_name(type_of(value, self.stop), value)
            return {"value": text, "type": kind, "variablesReference": 0}
        indexed, named = contents.sizes()
        shown = {
            "value": text_of(value, self.stop, whole=True) if whole else contents.text,
            "type": self._type_name(contents.type, contents),
            "variablesReference": self.add(contents) if indexed or named else 0,
        }
        if indexed + named > _MOST // 2:
            shown |= {"namedVariables": named, "indexedVariables": indexed}
        return shown

    def show(self, child: Child) -> dict[str, Any]:
        """Give the protocol's Variable."""
        shown = {"name": child.name, **self.describe(child.value, child.path)}
        if child.path is not None:
            shown["evaluateName"] = child.path
        return shown

    def page(self, contents: Contents, filter: Any, first: int, most: int) -> list[dict[str, Any]]:
        """Give the variables that a request asks for: `indexed` ones, `named` ones, or all.

        So many from the first on; if `most` is 0, a page of them, and a line that counts the rest.
        """
        indexed, named = contents.sizes()
        end = indexed if filter == "indexed" else indexed + named
        first += indexed if filter == "named" else 0
        count = max(min(most or _MOST, end - first), 0)
        shown = [self.show(child) for child in contents.children(first, count)]
        left = end - first - len(shown)
        if left > 0 and not most:
            shown.append({"name": "…", "value": shorten(f"{left} more"), "variablesReference": 0})
        return shown
