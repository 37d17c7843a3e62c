"""How large a collection may grow in its compact encoding: the settings that decide it.

The compact encodings are the reference's; here they are names alone, but OBJECT ENCODING, DUMP
and the order of a small set's members follow them.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LONG", "EncodingLimits"]

#: From so many bytes on, an element is long: see `long_elements`.
LONG = 1 << 16

#: Bytes of a list's node for list-max-listpack-size -1 to -5.
_NODE_BYTES = {-1: 4096, -2: 8192, -3: 16384, -4: 32768, -5: 65536}
#: A node whose elements are counted does not take more bytes than this.
_SAFE_NODE_BYTES = 8192
#: A stream's node takes no more bytes than this where the setting is 0.
_LARGEST_STREAM_NODE = 1 << 30


class EncodingLimits:
    """The limits of one keyspace; all its values look here."""

    __slots__ = (
        "hash_entries",
        "hash_short",
        "hash_value",
        "intset_entries",
        "list_bytes",
        "list_entries",
        "set_entries",
        "set_value",
        "sorted_set_entries",
        "sorted_set_value",
        "stream_bytes",
        "stream_entries",
    )

    def __init__(self) -> None:
        self.hash_entries, self.hash_value = 512, 64
        #: No longer than this, a word is neither too long nor to be taken note of.
        self.hash_short = self.hash_value
        self.intset_entries, self.set_entries, self.set_value = 512, 128, 64
        self.sorted_set_entries, self.sorted_set_value = 128, 64
        self.list_bytes, self.list_entries = 8192, 1 << 62
        self.stream_bytes, self.stream_entries = 4096, 100

    def read(self, settings: Mapping[bytes, bytes]) -> None:
        """Take the limits from settings; values that have outgrown the new ones stay as they are.

        They take another encoding at their next growth.
        """

        def integer(name: bytes) -> int:
            return int(settings[name])

        self.hash_entries = integer(b"hash-max-listpack-entries")
        self.hash_value = integer(b"hash-max-listpack-value")
        self.hash_short = min(self.hash_value, LONG - 1)
        self.intset_entries = integer(b"set-max-intset-entries")
        self.set_entries = integer(b"set-max-listpack-entries")
        self.set_value = integer(b"set-max-listpack-value")
        self.sorted_set_entries = integer(b"zset-max-listpack-entries")
        self.sorted_set_value = integer(b"zset-max-listpack-value")
        size = integer(b"list-max-listpack-size")
        self.list_bytes = _NODE_BYTES[max(size, -5)] if size < 0 else _SAFE_NODE_BYTES
        self.list_entries = 1 << 62 if size < 0 else max(size, 1)
        self.stream_bytes = integer(b"stream-node-max-bytes") or _LARGEST_STREAM_NODE
        self.stream_entries = integer(b"stream-node-max-entries")
