"""The package's exceptions: what a caller of `Engine.execute` or of any backend may catch."""

from __future__ import annotations

from copy import copy

__all__ = ["RedisError", "ResponseError"]


class RedisError(Exception):
    """Base of every error this package raises on purpose."""


class ResponseError(RedisError):
    """A command failed; `str(error)` is the error reply's text, its code first.

    The text holds any bytes: what is not UTF-8 travels as surrogate escapes, so that
    `error.payload` gives back exactly the bytes of the RESP error, without the leading `-`.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @classmethod
    def from_payload(cls, payload: bytes) -> ResponseError:
        """Make the error from the bytes of a RESP error reply (without `-` and line end)."""
        return cls(payload.decode("utf-8", "surrogateescape"))

    def fresh(self) -> ResponseError:
        """Give a copy without the traces of where this one was raised.

        Error constants are shared: what reaches a caller is a copy, so that tracebacks do not
        pile up on the constant.
        """
        self.__traceback__ = None
        return copy(self)

    @property
    def code(self) -> str:
        """The first word of the reply: ERR, WRONGTYPE, NOSCRIPT, …"""
        return self.message.partition(" ")[0]

    @property
    def payload(self) -> bytes:
        """The bytes of the RESP error reply, without the leading `-` and the line end."""
        return self.message.encode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResponseError) and other.message == self.message

    def __hash__(self) -> int:
        return hash(self.message)
