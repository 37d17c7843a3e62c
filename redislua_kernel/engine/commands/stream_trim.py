"""What to delete from a stream: the options of XADD and XTRIM, the id lists of XDELEX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redislua_kernel.engine.commands.stream_words import format_id, parse_id
from redislua_kernel.engine.counts import parse_count
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError
from redislua_kernel.engine.signature import parse_int
from redislua_kernel.engine.types.stream import ACKED, DELREF, KEEPREF, MAX_ID, Stream
from redislua_kernel.engine.types.stream_group import Id

TWO_STRATEGIES = CommandError(
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"
)
NEGATIVE_MAXLEN = CommandError("ERR The MAXLEN argument must be >= 0.")
NEGATIVE_LIMIT = CommandError("ERR The LIMIT argument must be >= 0.")
LIMIT_WITHOUT_STRATEGY = CommandError(
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"
)
LIMIT_WITHOUT_TILDE = CommandError(
    "ERR syntax error, LIMIT cannot be used without the special ~ option"
)
NO_STRATEGY = CommandError("ERR syntax error, XTRIM must be called with a trimming strategy")
NUMIDS_NOT_POSITIVE = CommandError("ERR Number of IDs must be a positive integer")
NUMIDS_MISMATCH = CommandError("ERR The `numids` parameter must match the number of arguments")

POLICIES = {b"KEEPREF": KEEPREF, b"DELREF": DELREF, b"ACKED": ACKED}

#: So many nodes an approximate trim drops at most, and so many entries.
_MOST_NODES, _MOST_ENTRIES = 100, 1_000_000
#: So many where nodes hold any number of entries.
_UNLIMITED_NODES = 10_000


@dataclass
class Trimming:
    """How XADD and XTRIM were told to trim."""

    length: int | None = None
    before: Id | None = None
    is_approximate: bool = False
    limit: int | None = None
    policy: int | None = None
    no_stream: bool = False
    #: Where among the words the threshold is, and LIMIT.
    place: int = 0
    limit_place: int | None = None

    @property
    def is_wanted(self) -> bool:
        """Tell whether there is anything to trim by."""
        return self.length is not None or self.before is not None

    def apply(self, stream: Stream) -> int:
        """Trim a stream; give the number of entries deleted."""
        if self.length is not None:
            if not (self.is_approximate or self.policy):
                return stream.shorten(self.length)
            first = len(stream.nodes[0].ids) if stream.nodes else stream.length
            if self.is_approximate and stream.length - first < self.length:
                return 0  # only whole nodes go
        limit = self.limit
        if limit is None:
            most = _MOST_NODES * stream.journal.limits.stream_entries or _UNLIMITED_NODES
            limit = min(most, _MOST_ENTRIES) if self.is_approximate else 0
        policy = self.policy or KEEPREF
        if self.before is not None:
            return stream.trim(
                before=self.before, is_approximate=self.is_approximate, limit=limit, policy=policy
            )
        assert self.length is not None
        return stream.trim(
            length=self.length, is_approximate=self.is_approximate, limit=limit, policy=policy
        )

    def settled(self, words: Sequence[bytes], stream: Stream) -> Sequence[bytes]:
        """Give a command's words with what the trim came to as their threshold, and that exact.

        LIMIT goes: the reference keeps it, but only replicas accept it beside `=`.
        """
        if not self.is_approximate:
            return words
        settled = [*words]
        settled[self.place - 1] = b"="
        if self.before is None:
            settled[self.place] = b"%d" % stream.length
        else:
            settled[self.place] = format_id(stream.first_id if stream.length else MAX_ID)
        if self.limit_place is not None:
            del settled[self.limit_place : self.limit_place + 2]
        return settled


def parse_trimming(words: Sequence[bytes], is_add: bool) -> tuple[Trimming, int]:
    """Read the options of XTRIM, or of XADD up to its id; give them and the place of the id."""
    trimming = Trimming()
    place, last = 0, len(words) - 1
    while place <= last:
        option = words[place].upper()
        if option == b"*" and is_add:
            break
        if option in (b"MAXLEN", b"MINID") and place < last:
            place = _parse_strategy(trimming, words, place, option)
        elif option == b"LIMIT" and place < last:
            trimming.limit_place = place
            place += 1
            trimming.limit = parse_int(words[place])
            if trimming.limit < 0:
                raise NEGATIVE_LIMIT
        elif option == b"NOMKSTREAM" and is_add:
            trimming.no_stream = True
        elif option in POLICIES and trimming.policy is None:
            trimming.policy = POLICIES[option]
        elif is_add:
            break
        else:
            raise SYNTAX_ERROR
        place += 1
    return trimming, place


def check_trimming(trimming: Trimming, is_add: bool) -> None:
    """Refuse options that do not go together."""
    if trimming.limit and not trimming.is_wanted:
        raise LIMIT_WITHOUT_STRATEGY
    if not (is_add or trimming.is_wanted):
        raise NO_STRATEGY
    if trimming.limit is not None and not trimming.is_approximate:
        raise LIMIT_WITHOUT_TILDE


def _parse_strategy(trimming: Trimming, words: Sequence[bytes], place: int, option: bytes) -> int:
    if trimming.is_wanted:
        raise TWO_STRATEGIES
    if words[place + 1] in (b"~", b"=") and place + 2 < len(words):
        trimming.is_approximate = words[place + 1] == b"~"
        place += 1
    place += 1
    trimming.place = place
    if option == b"MINID":
        trimming.before = parse_id(words[place])
        return place
    trimming.length = parse_int(words[place])
    if trimming.length < 0:
        raise NEGATIVE_MAXLEN
    return place


def parse_id_list(words: Sequence[bytes]) -> tuple[int, Sequence[bytes]]:
    """Read `[KEEPREF | DELREF | ACKED] IDS numids id …`; give the policy and the ids' words."""
    policy: int | None = None
    ids: Sequence[bytes] | None = None
    place = 0
    while place < len(words):
        option = words[place].upper()
        if option in POLICIES and policy is None:
            policy = POLICIES[option]
            place += 1
        elif option == b"IDS" and ids is None and place + 1 < len(words):
            count = parse_count(words[place + 1], NUMIDS_NOT_POSITIVE, 1)
            ids = words[place + 2 : place + 2 + count]
            if len(ids) < count:
                raise NUMIDS_MISMATCH
            place += 2 + count
        else:
            raise SYNTAX_ERROR
    if ids is None:
        raise SYNTAX_ERROR
    return policy or KEEPREF, ids
