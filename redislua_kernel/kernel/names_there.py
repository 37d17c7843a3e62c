"""What a server knows that Tab can offer: asked in passing, while no cell waits for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from redislua_kernel.language.matches import Key
from redislua_kernel.reply import as_dict

if TYPE_CHECKING:
    from redislua_kernel.remote.remote import Remote

__all__ = ["keys_there", "names_there"]

#: How many keys a server looks at for a completion.
_LOOKED_AT = 10_000
_PATTERN = re.compile(rb"([*?\[\]\\])")


def names_there(remote: Remote) -> dict[str, tuple[str, Callable[[], Iterable[bytes]]]]:
    """Give what a server knows that commands take."""

    def libraries() -> list[dict[bytes, Any]]:
        return list(map(as_dict, remote.glance("FUNCTION", "LIST") or []))

    def functions() -> list[bytes]:
        return [each[1] for library in libraries() for each in library[b"functions"]]

    def options() -> list[bytes]:
        pairs: list[bytes] = remote.glance("CONFIG", "GET", "*") or []
        return pairs[::2]

    return {
        "CONFIG GET": ("option", options),
        "CONFIG SET": ("option", options),
        "FCALL": ("function", functions),
        "FCALL_RO": ("function", functions),
        "FUNCTION DELETE": ("library", lambda: [each[b"library_name"] for each in libraries()]),
    }


def keys_there(remote: Remote, prefix: bytes, types: frozenset[str] | None, most: int) -> list[Key]:
    """Give keys of a server that begin with a prefix: what one step of SCAN finds."""
    pattern = _PATTERN.sub(rb"\\\1", prefix) + b"*"
    (kind,) = types if types is not None and len(types) == 1 else ("",)
    wanted = ["TYPE", kind] if kind else []
    found = remote.glance("SCAN", 0, "MATCH", pattern, "COUNT", _LOOKED_AT, *wanted)
    return [Key(name, kind) for name in sorted(found[1][:most])] if found else []
