"""What may differ from the reference on purpose, each with its reason."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["DIFFERENCES", "Difference", "is_on_purpose", "without_addresses"]


class Difference(NamedTuple):
    """A pattern of the reference's reply, one of ours, and why both are right."""

    theirs: str
    ours: str
    reason: str


#: Replies as text; both patterns must be found in them.
DIFFERENCES: tuple[Difference, ...] = ()

_ADDRESS = re.compile(rb"(table|function|thread|userdata): 0x[0-9a-f]+")


def without_addresses(data: bytes) -> bytes:
    """Take out the addresses that tostring gives: they are different in every process."""
    return _ADDRESS.sub(lambda found: found[0][: len(found[1])].ljust(len(found[0])), data)


def on_one_line(error: str) -> str:
    """Take out the newlines of a raised error, which the reference sends although they end a reply."""
    return error.replace("\r", " ").replace("\n", " ")


def is_on_purpose(theirs: str, ours: str) -> bool:
    """Tell whether a difference is one of the table's."""
    return any(
        re.search(difference.theirs, theirs) and re.search(difference.ours, ours)
        for difference in DIFFERENCES
    )
