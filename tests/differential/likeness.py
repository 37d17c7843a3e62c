"""When two replies to a command mean the same, though time or chance had a part in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.differential.both import normal
from tests.differential.documented import plain
from tests.resp_client import Reply

__all__ = ["are_alike"]

#: Two sides run a command within this time of each other, in milliseconds.
_SLACK = 5_000
#: From here on a number is a time since the epoch, in seconds or milliseconds.
_TIME = 10**9
#: Replies that time alone decides about, whatever their size.
_TIMES = {
    *("TTL", "PTTL", "HTTL", "HPTTL"),
    *("EXPIRETIME", "PEXPIRETIME", "HEXPIRETIME", "HPEXPIRETIME"),
}
#: Chance chooses what these give, but not how much.
_BY_CHANCE = {"RANDOMKEY", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER"}
#: How long ago something was, which is a matter of how fast the machine is.
_IDLE = {"idle", "inactive"}
_SCANS = {"SCAN", "SSCAN", "HSCAN", "ZSCAN"}
#: What the reference keeps in no order that could be compared.
_UNORDERED = {
    *("HGETALL", "HKEYS", "HVALS", "KEYS", "SDIFF", "SINTER", "SMEMBERS", "SPOP", "SUNION"),
    *("SORT", "SORT_RO"),  # by a constant
}
#: Forms that the reference keeps though a smaller one would do: see `differences`.
_LARGER_FORMS = {("quicklist", "listpack"), ("raw", "embstr")}


def are_alike(words: Sequence[str], expected: bytes, answer: bytes) -> bool:
    """Tell whether two replies to a command, as the bytes on the wire, mean the same."""
    if expected == answer:
        return True
    name = words[0].upper()
    if name in ("HELLO", "DUMP"):  # tells who the client is to that server; has no order of its own
        return True
    theirs, ours = normal(expected), normal(answer)
    if name in _BY_CHANCE or "IDLETIME" in words[:2]:
        return _shape(theirs) == _shape(ours)
    if name in ("SORT", "SORT_RO") and "BY" in words and "LIMIT" in words:
        return _shape(theirs) == _shape(ours)
    if name in _UNORDERED and (name[:4] != "SORT" or "BY" in words):
        return _sorted(theirs) == _sorted(ours)
    if name in _SCANS and theirs["t"] == ours["t"] == "*":
        # A part of a walk may show anything.
        start = words[1 if name == "SCAN" else 2]
        whole = start == "0" and theirs["v"][0] == ours["v"][0] == {"t": "$", "v": "0"}
        return not whole or _sorted(theirs["v"][1]) == _sorted(ours["v"][1])
    if name == "OBJECT" and (theirs.get("v"), ours.get("v")) in _LARGER_FORMS:
        return True
    slack = _SLACK if name in _TIMES else 0
    if name == "XPENDING":
        theirs, ours = _without_idle(theirs), _without_idle(ours)
    return _close(plain(theirs), plain(ours), slack) and _types(theirs) == _types(ours)


def _close(theirs: Any, ours: Any, slack: int) -> bool:
    if isinstance(theirs, int) and isinstance(ours, int):
        allowed = _SLACK if theirs > _TIME else slack
        return abs(theirs - ours) <= allowed and (theirs < 0) == (ours < 0)
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return theirs.keys() == ours.keys() and all(
            _close(theirs[key], ours[key], _SLACK if key in _IDLE else slack) for key in theirs
        )
    if isinstance(theirs, list) and isinstance(ours, list):
        names = [name if isinstance(name, str) else "" for name in ("", *theirs)][: len(theirs)]
        return len(theirs) == len(ours) and all(
            _close(one, other, _SLACK if name in _IDLE else slack)
            for name, one, other in zip(names, theirs, ours, strict=True)
        )
    return bool(theirs == ours)


def _without_idle(reply: Reply) -> Reply:
    """Drop how long each entry has been waiting: the third column of XPENDING's rows."""
    rows = reply["v"]
    if reply["t"] != "*" or not all(row["t"] == "*" and len(row["v"]) == 4 for row in rows or ()):
        return reply
    return {"t": "*", "v": [{"t": "*", "v": [*row["v"][:2], row["v"][3]]} for row in rows]}


def _types(reply: Reply) -> Any:
    value = reply.get("v")
    if reply["t"] == "%":
        return [[_types(key), _types(item)] for key, item in value or ()]
    return [reply["t"], *map(_types, value)] if isinstance(value, list) else reply["t"]


def _shape(reply: Reply) -> Any:
    value = reply.get("v")
    if isinstance(value, list):
        return [reply["t"], *map(_shape, value)]
    return reply["t"], value if reply["t"] == "-" else value is None


def _sorted(reply: Reply) -> Any:
    value = reply.get("v")
    return sorted(value, key=repr) if isinstance(value, list) else reply
