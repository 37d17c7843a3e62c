"""Places: a map, and what was asked for beside each name."""

from __future__ import annotations

from redislua_kernel.browsing.text import cut
from redislua_kernel.render.views.view import Call, Maker, View, number_of, plain
from redislua_kernel.reply import Reply

__all__ = ["VIEWS"]

#: What a search may be asked for, in the order of the reply.
_ASKED = (("WITHDIST", "distance"), ("WITHHASH", "hash"), ("WITHCOORD", "place"))


def _positions(call: Call, reply: Reply) -> View | None:
    members = call.words[2:]
    if not isinstance(reply, list) or len(members) != len(reply):
        return None
    rows: list[list[Reply]] = []
    places = []
    for member, place in zip(members, reply, strict=True):
        point = _point(place)
        if point is None:
            rows.append([member, None, None])
        else:
            rows.append([member, *map(plain, place)])
            places.append((*point, cut(member)))
    return View(("member", "longitude", "latitude"), rows, places=places)


def _found(call: Call, reply: Reply) -> View | None:
    """Show what a search has found: beside its name what was asked for, in a fixed order."""
    asked = [name for option, name in _ASKED if call.has(option)]
    if not isinstance(reply, list) or not asked:
        return None
    rows: list[list[Reply]] = []
    places = []
    for item in reply:
        if not isinstance(item, list | tuple) or len(item) != 1 + len(asked):
            return None
        row = list(item)
        if asked[-1] == "place":
            point = _point(row.pop())
            if point is None or not isinstance(item[0], bytes):
                return None
            row += map(plain, item[-1])
            places.append((*point, cut(item[0])))
        rows.append([row[0], *map(plain, row[1:])])
    columns = [name for name in asked if name != "place"]
    columns += ["longitude", "latitude"] if asked[-1] == "place" else []
    bars = None
    if asked == ["distance"]:
        numbers = [number_of(row[1]) for row in rows]
        bars = [each for each in numbers if each is not None]
        bars = bars if len(bars) == len(rows) else None
    return View(("member", *columns), rows, bars=bars, places=places)


def _point(value: Reply) -> tuple[float, float] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    longitude, latitude = map(number_of, value)
    return None if longitude is None or latitude is None else (longitude, latitude)


VIEWS: dict[str, Maker] = {
    "GEOPOS": _positions,
    **dict.fromkeys(("GEORADIUS", "GEORADIUSBYMEMBER"), _found),
    **dict.fromkeys(("GEORADIUSBYMEMBER_RO", "GEORADIUS_RO", "GEOSEARCH"), _found),
}
