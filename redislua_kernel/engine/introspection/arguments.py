"""The arguments of commands as COMMAND DOCS tells them, where no signature does.

A Python signature says what a function takes; the reference also says how the words belong
together: which are alternatives, which come as a block, which token stands before which. Commands
that read their words themselves have that written down in arguments.txt:

    name                a word; `name:int` and so on for other types, `key` is a key
    NX                  a token alone, called nx; `CH=change:token` where it is called otherwise
    EX=seconds:int      a token and the word after it
    how<A | B>          one of several; `LIMIT=limit{offset:int count:int}`: several together
    [...]               what may be left out
    name...             what may be repeated; `name+...` with its token

After a name may come how it is shown ('text'), which key specification it belongs to (@1), since
when there is it (~7.0.0), and since when it is deprecated (!5.0.0).
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from redislua_kernel.reply import Reply, SetReply, Status

__all__ = ["written_arguments"]

Argument = dict[bytes, Reply]

_TYPES = {
    None: "string", "double": "double", "int": "integer", "key": "key", "pattern": "pattern",
    "time": "unix-time", "token": "pure-token",
}  # fmt: skip

_PARTS = re.compile(r"""[][<>{}|]|(?:"[^"]*"|'[^']*'|[^][<>{}|\s"'])+""")
_HEAD = re.compile(
    r"""(?:(?P<token>"[^"]*"|[^=:]+)=)?(?P<name>[\w-]+)(?::(?P<type>\w+))?(?:'(?P<shown>[^']+)')?"""
    r"""(?:@(?P<spec>\d))?(?:~(?P<since>[\d.]+?))?(?:!(?P<gone>[\d.]+?))?(?P<many>\+?\.\.\.)?"""
)


def written_arguments(name: str) -> list[Argument] | None:
    """Give the arguments that are written down for a command, `config|get` say; None: none are."""
    text = _texts().get(name)
    return None if text is None else list(_Parser(text).elements(""))


@cache
def _texts() -> dict[str, str]:
    table = resources.files("redislua_kernel.engine.introspection") / "arguments.txt"
    lines = re.sub(r"\n +", " ", table.read_text()).splitlines()
    return {name: text for name, _, text in (line.partition(" ") for line in lines)}


class _Parser:
    """Reads one command's text from its beginning."""

    def __init__(self, text: str) -> None:
        self._parts: list[str] = _PARTS.findall(text)
        self._place = 0

    def elements(self, end: str) -> list[Argument]:
        """Read elements up to a closing bracket, or the end."""
        found = []
        while (part := self._next()) != end:
            if part == "[":
                found.append(self._element(self._next(), ["optional"]))
                self._next()
            elif part != "|":
                found.append(self._element(part, []))
        return found

    def _next(self) -> str:
        place, self._place = self._place, self._place + 1
        return self._parts[place] if place < len(self._parts) else ""

    def _element(self, head: str, flags: list[str]) -> Argument:
        read = _HEAD.fullmatch(head)
        assert read is not None, head
        token, name, kind = read["token"], read["name"], _TYPES[read["type"]]
        if token is None and name.isupper():
            token, name, kind = name, name.lower(), "pure-token"
        elif name == "key" and read["type"] is None:
            kind = "key"
        opening = self._parts[self._place] if self._place < len(self._parts) else ""
        if opening in ("<", "{"):
            kind = "oneof" if opening == "<" else "block"
        entry: Argument = {b"name": name.encode(), b"type": kind.encode()}
        if kind not in ("oneof", "block"):
            entry[b"display_text"] = (read["shown"] or name).encode()
        if kind == "key" or read["spec"]:
            entry[b"key_spec_index"] = int(read["spec"] or 0)
        if token is not None:
            entry[b"token"] = token.strip('"').encode()
        for field, version in ((b"since", read["since"]), (b"deprecated_since", read["gone"])):
            if version:
                entry[field] = version.encode()
        if read["many"]:
            flags.append("multiple")
        if read["many"] == "+...":
            flags.append("multiple_token")
        if flags:
            entry[b"flags"] = SetReply(Status(flag.encode()) for flag in flags)
        if kind in ("oneof", "block"):
            self._next()
            entry[b"arguments"] = self.elements(">" if opening == "<" else "}")
        return entry
