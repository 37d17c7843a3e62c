"""Random elements that may repeat: as many as a client asks for, be it a thousand million."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.draws import draw
from redislua_kernel.engine.errors import CommandError
from redislua_kernel.reply import LazyArray, Pairs, Reply

__all__ = ["draw_reply"]

#: From here on, a client of a server gets them as they are drawn.
_MANY = 1 << 16
#: Whoever gets them all at once gets no more.
_MOST = 1 << 24

#: The reference would take gigabytes for them, and be killed by the system.
TOO_MANY = CommandError(f"ERR more than {_MOST} elements do not fit into one reply here")


def draw_reply(
    client: Client, elements: Sequence[Any], count: int, *, in_pairs: bool = False
) -> Reply:
    """Draw `count` elements, which are tuples if they are to be a reply `in_pairs`."""
    random = client.db.keyspace.random
    if client.link is None or count <= _MANY:
        if count > _MOST:
            raise TOO_MANY
        drawn = draw(elements, count, random)
        return Pairs(drawn) if in_pairs else drawn
    # They are drawn later, when the value may have changed: from what it holds now.
    kept, size = list(elements), len(elements)

    def draw_on() -> Iterator[Any]:
        for _ in repeat(None, count):
            yield kept[int(random.random() * size)]

    return LazyArray(count, draw_on, in_pairs=in_pairs)
