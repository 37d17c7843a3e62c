"""Where a command's keys are: the key specifications of COMMAND INFO.

Most follow from the signature: keys that stand at fixed places, or up to the end. A table
tells of those that come after their number or after a word, or that nobody can tell.
"""

from __future__ import annotations

from typing import NamedTuple

from redislua_kernel.engine.introspection.key_flags import flags_of
from redislua_kernel.engine.registry import Command
from redislua_kernel.reply import Reply, SetReply, Status

__all__ = ["key_specifications"]


class _Search(NamedTuple):
    """Where to begin, and how to go on from there."""

    begin: Reply
    find: Reply


def _at(place: int, last: int = 0, step: int = 1) -> _Search:
    """Keys from a place on: up to `last`, which counts from there, or from the end."""
    return _Search(_searched(b"index", index=place), _range(last, step))


def _counted(place: int) -> _Search:
    """Keys that follow their number."""
    find = _searched(b"keynum", keynumidx=0, firstkey=1, keystep=1)
    return _Search(_searched(b"index", index=place), find)


def _after(word: bytes, start: int, last: int = 0, limit: int = 0) -> _Search:
    """Keys that follow a word, which is looked for from a place on."""
    return _Search(_searched(b"keyword", keyword=word, startfrom=start), _range(last, 1, limit))


def _range(last: int, step: int, limit: int = 0) -> Reply:
    return _searched(b"range", lastkey=last, keystep=step, limit=limit)


def _searched(kind: bytes, **spec: int | bytes) -> Reply:
    return {b"type": kind, b"spec": {name.encode(): value for name, value in spec.items()}}


_NOBODY_KNOWS = _Search(_searched(b"unknown"), _searched(b"unknown"))

_COUNTED_FIRST = "LMPOP ZMPOP SINTERCARD ZUNION ZINTER ZDIFF ZINTERCARD"
_COUNTED_SECOND = "BLMPOP BZMPOP EVAL EVAL_RO EVALSHA EVALSHA_RO FCALL FCALL_RO"
_COUNTED_AFTER_DESTINATION = "ZUNIONSTORE ZINTERSTORE ZDIFFSTORE"

_TABLE: dict[str, tuple[_Search, ...]] = {
    **dict.fromkeys(_COUNTED_FIRST.split(), (_counted(1),)),
    **dict.fromkeys(_COUNTED_SECOND.split(), (_counted(2),)),
    **dict.fromkeys(_COUNTED_AFTER_DESTINATION.split(), (_at(1), _counted(2))),
    "GEORADIUS": (_at(1), _after(b"STORE", 6), _after(b"STOREDIST", 6)),
    "GEORADIUSBYMEMBER": (_at(1), _after(b"STORE", 5), _after(b"STOREDIST", 5)),
    "MIGRATE": (_at(3), _after(b"KEYS", -2, -1)),
    "SORT": (_at(1), _NOBODY_KNOWS, _NOBODY_KNOWS),
    "SORT_RO": (_at(1), _NOBODY_KNOWS),
    "XREAD": (_after(b"STREAMS", 1, -1, 2),),
    "XREADGROUP": (_after(b"STREAMS", 4, -1, 2),),
}

#: Flags of a specification that say more than what is done with the keys: by command and place.
_FURTHER_FLAGS = {
    ("BITFIELD", 0): "variable_flags",
    ("SET", 0): "variable_flags",
    ("MIGRATE", 1): "incomplete",
}
#: SORT only reads what BY and GET name.
_FLAGS = {"SORT": ["RO access", "RO access", "OW update"]}


def key_specifications(command: Command) -> list[Reply]:
    """Give COMMAND INFO's key specifications of a command."""
    flags = _FLAGS.get(command.name) or flags_of(command)
    searches = _TABLE.get(command.name) or _searches(command, len(flags))
    return [
        {
            b"flags": _statuses(
                f"{flags[min(place, len(flags) - 1)]} "
                f"{_FURTHER_FLAGS.get((command.name, place), '')}"
            ),
            b"begin_search": search.begin,
            b"find_keys": search.find,
        }
        for place, search in enumerate(searches)
    ]


def _searches(command: Command, kinds: int) -> tuple[_Search, ...]:
    """Find keys as the signature has them: one each of the first kinds, the others together."""
    keys = command.keys
    if not keys.first:
        return ()
    last = keys.first + kinds - 1
    rest = keys.last if keys.last < 0 else keys.last - last
    return (*(_at(place) for place in range(keys.first, last)), _at(last, rest, keys.step))


def _statuses(words: str) -> SetReply:
    return SetReply(Status(word.encode()) for word in words.split())
