"""A connection's replies as bytes: with the messages beside them, and long ones in slices."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.engine.client import Client, Replies
from redislua_kernel.reply import NO_REPLY, Push, Reply, Status
from redislua_kernel.server.encoder import encode, encode_in_parts
from redislua_kernel.server.output import Output

__all__ = ["BATCH_BYTES", "ReplyWriter"]

#: Replies are sent whenever they have grown to this size.
BATCH_BYTES = 1 << 20


class ReplyWriter:
    """Encodes what one client is answered."""

    def __init__(self, client: Client, output: Output) -> None:
        self._client = client
        self._output = output
        #: Messages that the running command caused for its own client: they follow its reply.
        self._messages: list[Push | Status] = []
        #: So many of them come before its reply.
        self._early = 0
        #: A long reply that is being encoded, slice by slice, and the pieces that are done.
        self._long: Iterator[bytes] | None = None
        self._pieces: list[bytes] = []
        #: The bytes of these pieces.
        self._gathered = 0

    @property
    def is_plain(self) -> bool:
        """Tell whether the next reply goes out as it is, with no message beside it."""
        return not self._messages and self._client.replies is Replies.ON

    @property
    def is_writing(self) -> bool:
        """Tell whether a long reply is not whole yet."""
        return self._long is not None

    def add(self, *messages: Push | Status) -> None:
        """Take messages that follow the next reply."""
        self._messages += messages

    def send_early(self) -> None:
        """Let what was taken so far come before the reply."""
        self._early = len(self._messages)

    def encode(self, reply: Reply) -> bytes:
        """Give a reply with the messages around it."""
        client = self._client
        if client.replies is not Replies.ON:
            reply = client.sent(reply)
        encoded = encode(reply, client.resp)
        if self._messages:
            messages = [encode(message, client.resp) for message in self._messages]
            messages.insert(self._early, encoded)
            encoded = b"".join(messages)
            self._messages, self._early = [], 0
        return encoded

    def begin(self, reply: Reply) -> None:
        """Begin with a long reply."""
        self._long = encode_in_parts(reply, self._client.resp)

    def write_on(self) -> bytes | None:
        """Encode more of a long reply, and send it when there is much of it.

        Gives the rest, once it is whole. A client with a limit gets nothing of what is too much
        for it.
        """
        assert self._long is not None
        piece = next(self._long, None)
        if piece is None:
            self._long = None
            return self._take_pieces() + self.encode(NO_REPLY)
        self._pieces.append(piece)
        self._gathered += len(piece)
        output = self._output
        if self._gathered >= BATCH_BYTES and (
            not output.limit.is_set or output.exceeds(self._gathered)
        ):
            output.send_part(self._take_pieces())
        return None

    def _take_pieces(self) -> bytes:
        pieces, self._pieces, self._gathered = self._pieces, [], 0
        return b"".join(pieces)
