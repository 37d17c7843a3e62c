"""unpack: how much of it a call takes."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.language.lint.rules import Finding, Level, rule
from redislua_kernel.language.lint.script import Call, Script
from redislua_kernel.language.replies import names
from redislua_kernel.language.tree import content, text

_MESSAGE = "unpack gives at most about 8000 values, and then fails: too many results to unpack"
_CHUNKS = "for i = 1, #{0}, 5000 do redis.call(…, unpack({0}, i, math.min(i + 4999, #{0}))) end"

#: Commands that give all there is.
_ALL = names("SMEMBERS HKEYS HVALS HGETALL KEYS SINTER SUNION SDIFF")
_RANGES = names("LRANGE ZRANGE ZREVRANGE")
_SCORES = names("ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX ZREVRANGEBYLEX XRANGE XREVRANGE")


@rule("unpack-limit")
def unpack_limit(script: Script) -> Iterator[Finding]:
    """unpack of a reply that may have more than 8000 elements."""
    for call in script.calls:
        if call.name != "unpack" or len(call.arguments) != 1:
            continue
        origin = script.origin(call.arguments[0])
        reply = script.call(origin)
        if reply is not None and _is_unbounded(reply):
            shown = text(call.arguments[0])
            yield script.finding(
                "unpack-limit",
                call.node,
                _MESSAGE,
                "take a few thousand at a time",
                fix=_CHUNKS.format(shown) if shown.isidentifier() else "",
            )


@rule("unpack-arguments", Level.HINT)
def unpack_arguments(script: Script) -> Iterator[Finding]:
    """unpack of ARGV or KEYS, of which callers may pass more than 8000."""
    for call in script.calls:
        if call.name == "unpack" and len(call.arguments) == 1:
            name = script.name(call.arguments[0])
            if name in ("ARGV", "KEYS"):
                yield script.finding(
                    "unpack-arguments",
                    call.node,
                    _MESSAGE,
                    "take a few thousand at a time, or say how many may be passed",
                    fix=_CHUNKS.format(name),
                    is_hint=True,
                )


def _is_unbounded(call: Call) -> bool:
    if call.command is None:
        return False
    name = call.command.name
    words = [(word or "").upper() for word in call.words]
    if name in _ALL:
        return True
    if name in _RANGES:
        last = call.arguments[3] if len(call.arguments) > 3 else None
        ends = last is not None and (content(last) or text(last)).replace(" ", "") == "-1"
        return ends and "LIMIT" not in words
    return name in _SCORES and not {"LIMIT", "COUNT"} & set(words) and not call.is_open
