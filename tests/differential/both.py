"""Runs the same commands on the embedded engine and on the reference, and compares the replies.

Replies are compared as the bytes on the wire. Where these differ, maps and sets are sorted, and
what `differences` lists as differing on purpose is let through.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from redislua_kernel import Engine, ResponseError
from redislua_kernel.server.encoder import encode
from tests.differential.differences import is_on_purpose
from tests.resp_client import Reply, RespClient, read_reply
from tests.servers import Server

Words = Sequence[str]

#: Gives every key of the first database with its type, its value and whether it expires.
DUMP = """
local list = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  local kind, value = redis.call('TYPE', key).ok
  if kind == 'string' then value = redis.call('GET', key)
  elseif kind == 'list' then value = redis.call('LRANGE', key, 0, -1)
  elseif kind == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif kind == 'stream' then value = redis.call('XRANGE', key, '-', '+')
  elseif kind == 'set' then value = redis.call('SMEMBERS', key) table.sort(value)
  elseif kind == 'hash' then
    local fields = redis.call('HKEYS', key)
    table.sort(fields)
    value = {fields, #fields > 0 and redis.call('HMGET', key, unpack(fields))}
  end
  list[#list + 1] = {key, kind, value, redis.call('TTL', key) > 0}
end
table.sort(list, function(a, b) return a[1] < b[1] end)
return list
"""


class Both:
    """One client of the engine and one of the reference, which are given the same commands."""

    def __init__(self, reference: RespClient) -> None:
        # Databases that the reference lacks are out of range.
        self.engine = Engine(databases=int(reference.setting("databases")))
        self._client = self.engine.client()
        self._reference = reference

    def run(self, commands: Sequence[Words]) -> list[tuple[Reply, Reply]]:
        """Run commands and give what differs: the reference's reply and ours."""
        return [
            (normal(expected), normal(answer))
            for expected, answer in self.replies(commands)
            if expected != answer and not is_same(expected, answer)
        ]

    def replies(self, commands: Sequence[Words]) -> list[tuple[bytes, bytes]]:
        """Run commands and give each reply of the reference, and ours, as bytes on the wire."""
        theirs = self._reference.exchange(commands)
        return [(theirs[place], self._run(words)) for place, words in enumerate(commands)]

    def _run(self, words: Words) -> bytes:
        try:
            reply = self.engine.call(self._client, [word.encode("latin-1") for word in words])
        except ResponseError as error:
            reply = error
        return encode(reply, self._client.resp)


@contextmanager
def both_sides(server: Server) -> Iterator[Both]:
    """Give the two sides, connected and empty."""
    with RespClient(server.host, server.port, timeout=60) as reference:
        both = Both(reference)
        both.run([("FLUSHALL",)])
        yield both
        both.engine.close()


def is_same(expected: bytes, answer: bytes) -> bool:
    """Tell whether two replies say the same, but for what differs on purpose."""
    theirs, ours = normal(expected), normal(answer)
    return theirs == ours or is_on_purpose(repr(theirs), repr(ours))


def normal(data: bytes) -> Reply:
    """Read a reply and bring what has no order into one."""
    return in_order(read_reply(io.BytesIO(data)))


def in_order(reply: Reply) -> Reply:
    """Bring the maps and sets of a reply, which have no order, into one."""
    value = reply.get("v")
    if reply["t"] == "%":
        return {"t": "%", "v": sorted(([in_order(k), in_order(v)] for k, v in value), key=repr)}
    if isinstance(value, list):
        items = [in_order(item) for item in value]
        return {"t": reply["t"], "v": sorted(items, key=repr) if reply["t"] == "~" else items}
    return reply
