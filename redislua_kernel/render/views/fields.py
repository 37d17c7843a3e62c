"""Fields with their values, and other names with what belongs to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from redislua_kernel.render.views.view import AnyView, Call, Maker, View, pairs_of
from redislua_kernel.reply import Reply

__all__ = ["VIEWS", "scanned"]


def _fields(call: Call, reply: Reply) -> View | None:
    return _pairs_view(("field", "value"), reply)


def _random_fields(call: Call, reply: Reply) -> View | None:
    return _fields(call, reply) if call.has("WITHVALUES") else None


def _parameters(call: Call, reply: Reply) -> View | None:
    return _pairs_view(("parameter", "value"), reply)


def _named(header: Sequence[str], first: int) -> Callable[[Call, Reply], View | None]:
    """Show a reply that has one value for each word from one of them on."""

    def view(call: Call, reply: Reply) -> View | None:
        names = call.words[first:]
        if not isinstance(reply, list) or len(names) != len(reply):
            return None
        return View(header, list(zip(names, reply, strict=True)))

    return view


def _pairs_view(header: Sequence[str], reply: Reply, note: str = "") -> View | None:
    pairs = pairs_of(reply)
    return None if pairs is None else View(header, pairs, note=note)


def scanned(
    view: Callable[[Reply, str], AnyView | None],
) -> Callable[[Call, Reply], AnyView | None]:
    """Show a reply that begins with the cursor of a scan."""

    def scanned(call: Call, reply: Reply) -> AnyView | None:
        if not isinstance(reply, list) or len(reply) != 2 or not isinstance(reply[0], bytes):
            return None
        return view(reply[1], f"cursor {reply[0].decode('utf-8', 'replace')}")

    return scanned


def _columns(*header: str) -> Callable[[Call, Reply], View | None]:
    def view(call: Call, reply: Reply) -> View | None:
        fits = isinstance(reply, list) and all(
            isinstance(row, list | tuple) and len(row) == len(header) for row in reply
        )
        return View(header, reply) if fits else None

    return view


VIEWS: dict[str, Maker] = {
    "CONFIG GET": _parameters,
    "HGETALL": _fields,
    "HMGET": _named(("field", "value"), 2),
    "HRANDFIELD": _random_fields,
    "HSCAN": scanned(lambda found, note: _pairs_view(("field", "value"), found, note)),
    "MGET": _named(("key", "value"), 1),
    "SLOWLOG GET": _columns("id", "time", "µs", "command", "client", "name"),
    "SMISMEMBER": _named(("member", "is there"), 2),
    "XPENDING": _columns("id", "consumer", "idle, ms", "deliveries"),
    "ZMSCORE": _named(("member", "score"), 2),
}
