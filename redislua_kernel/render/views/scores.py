"""Members of sorted sets with their scores, a bar beside each."""

from __future__ import annotations

from redislua_kernel.browsing.text import cut
from redislua_kernel.render.views.fields import scanned
from redislua_kernel.render.views.view import Call, Maker, View, number_of, pairs_of, plain
from redislua_kernel.reply import Reply

__all__ = ["VIEWS"]


def _scores(reply: Reply, note: str = "") -> View | None:
    pairs = pairs_of(reply)
    if not pairs:
        return None
    scores = [number_of(score) for _, score in pairs]
    known = [score for score in scores if score is not None]
    if len(known) < len(pairs):
        return None
    rows = [(member, plain(score)) for member, score in pairs]
    return View(("member", "score"), rows, bars=known, note=note)


def _scores_if_asked(call: Call, reply: Reply) -> View | None:
    return _scores(reply) if call.has("WITHSCORES") else None


def _popped(call: Call, reply: Reply) -> View | None:
    return _scores(reply)


def _popped_of_key(call: Call, reply: Reply) -> View | None:
    """Show what was popped, and from which key: that is another form with each command."""
    if not isinstance(reply, list) or not isinstance(reply[0], bytes):
        return None
    key, *rest = reply
    return _scores(rest if len(rest) == 2 else rest[0] if rest else None, f"from {cut(key)}")


VIEWS: dict[str, Maker] = {
    **dict.fromkeys(("BZMPOP", "BZPOPMAX", "BZPOPMIN", "ZMPOP"), _popped_of_key),
    **dict.fromkeys(("ZDIFF", "ZINTER", "ZUNION", "ZRANDMEMBER"), _scores_if_asked),
    **dict.fromkeys(("ZRANGE", "ZRANGEBYSCORE"), _scores_if_asked),
    **dict.fromkeys(("ZREVRANGE", "ZREVRANGEBYSCORE"), _scores_if_asked),
    **dict.fromkeys(("ZPOPMAX", "ZPOPMIN"), _popped),
    "ZSCAN": scanned(_scores),
}
