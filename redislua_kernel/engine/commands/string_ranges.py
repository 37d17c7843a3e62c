"""Parts of strings: lengths, ranges of bytes, and edits in place."""

from __future__ import annotations

from operator import delitem

from redislua_kernel.engine.commands.quick import is_easy, note
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import STRING_TOO_LONG, CommandError
from redislua_kernel.engine.in_scripts import InScripts
from redislua_kernel.engine.interrupts import look_before
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Int, Key
from redislua_kernel.engine.types.string import LONG_COPY, RawString

#: The longest string that the reference holds (proto-max-bulk-len).
MAX_LENGTH = 512 * 1024 * 1024


def _append_quickly(db: Database, name: bytes, key: bytes, value: bytes) -> int | None:
    text = db.entries.get(key)
    if not is_easy(text, RawString, db, key) or text.is_text or len(value) >= LONG_COPY:
        return None
    data = text.data
    before = len(data)
    if before + len(value) > MAX_LENGTH:
        return None
    db.undo.append((delitem, data, slice(before, None)))
    data.extend(value)
    note(db, name, key, value)
    return len(data)


@command(
    "APPEND",
    flags="write denyoom fast",
    group="string",
    since="2.0.0",
    complexity="O(1)",
    in_scripts=InScripts(quick=_append_quickly),
)
def append(db: Database, key: Key, value: bytes) -> int:
    """Add bytes to the end of a string; give its new length."""
    if not db.exists(key):
        db.put(key, value)
        db.changed(key, b"append")
        return len(value)
    return splice(db, key, None, value, b"append")


@command("SETRANGE", flags="write denyoom", group="string", since="2.2.0", complexity="O(1)")
def setrange(db: Database, key: Key, offset: Int, value: bytes) -> int:
    """Overwrite a string's bytes from an offset on; give its new length."""
    if offset < 0:
        raise CommandError("ERR offset is out of range")
    if not value:
        return len(db.buffer(key) or b"")
    return splice(db, key, offset, value, b"setrange")


def splice(db: Database, key: bytes, offset: int | None, value: bytes, event: bytes) -> int:
    """Write bytes into the string at a key, at its end where `offset` is None; give its length.

    Bytes between the old end and `offset` become zero; a missing key starts empty.
    """
    start = len(db.buffer(key) or b"") if offset is None else offset
    if start + len(value) > MAX_LENGTH:
        db.buffer(key)  # a value of another type is refused as such
        raise STRING_TOO_LONG
    text = edit_string(db, key)
    text.write(start, value)
    db.changed(key, event)
    return len(text.data)


def edit_string(db: Database, key: bytes) -> RawString:
    """Give the string at a key for changes in place, made empty where there is none."""
    value = db.get(key)
    if value.__class__ is RawString:
        text = db.edit(key, RawString)
        assert text is not None
        if not text.is_text:
            return text
    text = RawString(db.string(key) or b"", db.journal)
    db.put(key, text)
    return text


@command("STRLEN", flags="readonly fast", group="string", since="2.2.0", complexity="O(1)")
def strlen(db: Database, key: Key) -> int:
    """Give the length of a string in bytes."""
    return len(db.buffer(key) or b"")


@command(
    "GETRANGE",
    flags="readonly",
    group="string",
    since="2.4.0",
    complexity="O(N) where N is the length of the returned string.",
)
def getrange(db: Database, key: Key, start: Int, end: Int) -> bytes:
    """Read a string's bytes from start to end, both included; negative ones count from its end."""
    text = db.buffer(key) or b""
    if start < 0 and end < 0 and start > end:
        return b""
    length = len(text)
    start = max(start + length, 0) if start < 0 else start
    end = max(end + length, 0) if end < 0 else end
    if text.__class__ is bytes:
        return text[start : end + 1]
    return _copy(text, start, min(end + 1, length))


def _copy(text: bytes | bytearray, start: int, end: int) -> bytes:
    """Copy a part of a string that may be changed later."""
    if end - start >= LONG_COPY:
        look_before(end - start)
    with memoryview(text) as view:  # a slice of the text itself would be copied again
        return bytes(view[start:end])


@command(
    "SUBSTR",
    flags="readonly",
    group="string",
    since="1.0.0",
    complexity="O(N) where N is the length of the returned string.",
)
def substr(db: Database, key: Key, start: Int, end: Int) -> bytes:
    """Read a part of a string: the old name of GETRANGE."""
    return getrange(db, key, start, end)
