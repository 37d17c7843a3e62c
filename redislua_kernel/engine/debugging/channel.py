"""Who is at the other end of a debugger's console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = ["BrokenChannel", "Channel"]


class BrokenChannel(Exception):
    """What came from the other end is no command: the text of the error that ends the script."""

    def __init__(self, text: bytes) -> None:
        super().__init__(text.decode())
        self.text = text


class Channel(Protocol):
    """Who is at the other end of a console."""

    def send(self, lines: Sequence[bytes]) -> None:
        """Show lines."""

    def read(self) -> list[bytes] | None:
        """Give the words of the next command; None: there is nobody any more.

        Raises BrokenChannel.
        """
