"""The file of a crash journal: a head, then records, each with its length and its checksum.

The payloads of records are marshalled: the file is private to its user, and read by the Python
that wrote it or one like it.
"""

from __future__ import annotations

import marshal
import os
import struct
import zlib
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # no POSIX: two processes are not kept apart
    fcntl = None  # type: ignore[assignment]

__all__ = ["Damaged", "InUse", "Kind", "RecordFile", "Records", "read_records"]

_HEAD = b"redislua crash journal 4\n"
_FRAME = struct.Struct("<IQB")  # checksum of all that follows, length of the payload, kind
#: Marshal without back references: faster, and what is written does not depend on who else
#: has a reference.
_VERSION = 2


class Kind(Enum):
    """What a record holds."""

    #: All data and libraries: see `everything`. What stands before it does not matter any more.
    SNAPSHOT = 1
    #: What a unit replicates: its time, and the `EffectFields` of each command.
    UNIT = 2
    #: What is set, all of it.
    SETTINGS = 3
    #: All cached scripts, or those that have come.
    SCRIPTS = 4
    MORE_SCRIPTS = 5


class Damaged(Exception):
    """It is no crash journal, or not of this version."""


class InUse(Exception):
    """Another process writes this crash journal."""


@dataclass
class Records:
    """The whole records of a file."""

    records: list[tuple[Kind, Any]] = field(default_factory=list)
    #: Where they end.
    end: int = 0
    #: How many bytes follow that are no whole record.
    left: int = 0
    #: Whether the first of these was whole once: not what a death in the midst of writing leaves.
    is_damaged: bool = False


def read_records(path: Path) -> Records:
    """Read a file up to the last whole record. Raises OSError and Damaged."""
    data = path.read_bytes()
    if not data.startswith(_HEAD):
        if _HEAD.startswith(data):  # died before there was anything
            return Records(left=len(data))
        raise Damaged(f"{path} is no crash journal of this version")
    found = Records(end=len(_HEAD))
    view = memoryview(data)
    while found.end < len(data):
        found.left = len(data) - found.end
        if found.left < _FRAME.size:
            return found
        checksum, length, number = _FRAME.unpack_from(data, found.end)
        start = found.end + _FRAME.size
        if length > len(data) - start:
            # Cut off; or the length itself is wrong, which nobody can tell.
            return found
        frame = view[found.end + 4 : start + length]
        if zlib.crc32(frame) != checksum:
            found.is_damaged = True
            return found
        try:
            kind = Kind(number)
            found.records.append((kind, _content(kind, view[start : start + length])))
        except _UNREADABLE:  # who damages a file can also make its checksums right
            found.is_damaged = True
            return found
        found.end = start + length
    found.left = 0
    return found


#: What reading raises where something else is than what was written.
_UNREADABLE = (ValueError, TypeError, EOFError, MemoryError)


def _content(kind: Kind, payload: memoryview) -> Any:
    """Give what a record holds. Raises one of `_UNREADABLE` for what is none of its kind."""
    content = marshal.loads(payload)
    if kind is Kind.SNAPSHOT:
        sound = tuple(map(type, content)) == (int, bytes, dict, dict, dict)
    elif kind is Kind.UNIT:
        now_us, calls = content
        sound = type(now_us) is int and abs(now_us) < 1 << 63 and all(map(_is_call, calls))
    elif kind is Kind.SETTINGS:
        sound = type(content) is dict
    else:
        sound = all(type(body) is bytes for body, _ in content)
    if not sound:
        raise ValueError("it is no record of its kind")
    return content


def _is_call(fields: Any) -> bool:
    """Tell whether these are the `EffectFields` of a command."""
    database, _, *words = fields
    return type(database) is int and bool(words) and all(map(_is_word, words))


def _is_word(word: Any) -> bool:
    return type(word) is bytes or (type(word) is int and abs(word) < 1 << 63)


class RecordFile:
    """A file that records are appended to; only its user may read it."""

    def __init__(self, path: Path, *, keep: int = 0) -> None:
        """Begin a file, or go on with the first bytes of one. Raises OSError and InUse."""
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _lock(self._file, path)
            os.fchmod(self._file, 0o600)
            os.ftruncate(self._file, keep)
            self.size = keep
            if not keep:
                self._write(_HEAD)
        except BaseException:
            os.close(self._file)
            raise

    def append(self, kind: Kind, payload: Any) -> int:
        """Append a record; give its size. Raises OSError, and the file is as before then."""
        data = marshal.dumps(payload, _VERSION)
        rest = _FRAME.pack(0, len(data), kind.value)[4:]
        checksum = zlib.crc32(data, zlib.crc32(rest))
        before = self.size
        try:
            self._write(b"%b%b%b" % (checksum.to_bytes(4, "little"), rest, data))
        except OSError:
            os.ftruncate(self._file, before)
            self.size = before
            raise
        return self.size - before

    def sync(self) -> None:
        """Wait until all is on the disk."""
        getattr(os, "fdatasync", os.fsync)(self._file)

    def become(self, path: Path) -> None:
        """Take the place of another file."""
        self.path.replace(path)
        self.path = path

    def close(self, *, remove: bool = False) -> None:
        """Close the file, and delete it if wanted."""
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            written = os.write(self._file, view)
            self.size += written
            view = view[written:]

    @staticmethod
    def try_lock(path: Path) -> None:
        """Raise InUse if a process writes a file."""
        file = os.open(path, os.O_RDWR)
        try:
            _lock(file, path)
        finally:
            os.close(file)


def _lock(file: int, path: Path) -> None:
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(f"{path} is another process's") from None
