"""What may go wrong on the way to a server, besides the error replies that it gives."""

from __future__ import annotations

from redislua_kernel.errors import RedisError, ResponseError

__all__ = ["CannotConnect", "Explained", "Interrupted", "Lost", "NotThere"]


class CannotConnect(RedisError):
    """There is no connection, and nothing was sent."""


class Lost(RedisError):
    """A connection ended, or nothing came for too long."""


class Interrupted(RedisError):
    """The user stopped waiting for a reply; the text says what became of the command."""


class NotThere(RedisError):
    """What a server cannot do."""


class Explained(ResponseError):
    """An error reply, and what there is to say about it besides."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice
