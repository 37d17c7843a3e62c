"""What XREAD and XREADGROUP are asked for, and the shape of their replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from redislua_kernel.engine.blocking import parse_milliseconds
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.errors import NO_KEYS_FOUND, SYNTAX_ERROR, CommandError
from redislua_kernel.engine.registry import KeyFinder
from redislua_kernel.engine.signature import parse_int
from redislua_kernel.reply import NULL_ARRAY, Map, StreamsReply

GROUP_MISSING = CommandError("ERR Missing GROUP option for XREADGROUP")

#: What has more words is nothing that is asked for again and again.
_MOST_KNOWN_WORDS = 12


@dataclass(frozen=True)
class Request:
    """What XREAD or XREADGROUP was asked for."""

    count: int | None = None
    group: bytes | None = None
    consumer: bytes = b""
    no_ack: bool = False
    #: How long to wait, in milliseconds; None: not at all, 0: for ever.
    block: int | None = None
    #: Keys, each with the id after which it is read.
    streams: Sequence[tuple[bytes, bytes]] = ()

    @property
    def keys(self) -> list[bytes]:
        """The keys of the streams."""
        return [key for key, _ in self.streams]


def keys_after_streams(start: int) -> KeyFinder:
    """Give a finder of the keys after STREAMS, which is looked for from a place on."""

    def find(words: Sequence[bytes]) -> list[bytes]:
        for place in range(start, len(words)):
            if words[place].upper() == b"STREAMS":
                names = words[place + 1 :]
                if len(names) < 2:
                    break
                return list(names[: len(names) // 2])
        raise NO_KEYS_FOUND

    return find


def parse_request(words: Sequence[bytes], name: str, now: int) -> Request:
    """Read the words of XREAD or XREADGROUP. Raises the reference's errors."""
    if len(words) <= _MOST_KNOWN_WORDS:
        known = _known_request(words, name)
        if known is not None:
            return known
    return _parse(words, name, now)


@lru_cache(256)
def _known_request(words: Sequence[bytes], name: str) -> Request | None:
    """Give what words ask for that come again and again; None: the time matters, or an error."""
    try:
        request = _parse(words, name, 0)
    except CommandError:
        return None
    return request if request.block is None else None


def _parse(words: Sequence[bytes], name: str, now: int) -> Request:
    read: dict[str, Any] = {}
    place, last = 0, len(words) - 1
    while place <= last:
        option = words[place].upper()
        if option == b"BLOCK" and place < last:
            read["block"] = parse_milliseconds(words[place + 1], now)
            place += 2
        elif option == b"COUNT" and place < last:
            count = parse_int(words[place + 1])
            read["count"] = count if count > 0 else None
            place += 2
        elif option == b"STREAMS" and place < last:
            read["streams"] = _split_streams(words[place + 1 :], name)
            break
        elif option == b"GROUP" and place < last - 1:
            _require_group_command(name, "GROUP")
            read["group"], read["consumer"] = words[place + 1], words[place + 2]
            place += 3
        elif option == b"NOACK":
            _require_group_command(name, "NOACK")
            read["no_ack"] = True
            place += 1
        else:
            raise SYNTAX_ERROR
    request = Request(**read)
    if not request.streams:
        raise SYNTAX_ERROR
    if name == "xreadgroup" and request.group is None:
        raise GROUP_MISSING
    return request


def _split_streams(names: Sequence[bytes], name: str) -> Sequence[tuple[bytes, bytes]]:
    half, odd = divmod(len(names), 2)
    if odd:
        wanted = "ID or '>'" if name == "xreadgroup" else "ID, '+', or '$'"
        raise CommandError(
            f"ERR Unbalanced '{name}' list of streams:"
            f" for each stream key an {wanted} must be specified."
        )
    return tuple(zip(names[:half], names[half:], strict=True))


def _require_group_command(name: str, option: str) -> None:
    if name != "xreadgroup":
        raise CommandError(
            f"ERR The {option} option is only supported by XREADGROUP. You called XREAD instead."
        )


def by_stream(client: Client, found: list[list[Any]]) -> StreamsReply:
    """Shape what was read of each stream: a map in RESP3, pairs in RESP2."""
    if not found:
        return NULL_ARRAY
    return Map(map(tuple, found)) if client.resp == 3 else found
