"""Lines of words, read and written: the quoting of redis-cli, inline commands and shebangs."""

from __future__ import annotations

from redislua_kernel.engine.interrupts import STEPS, look

__all__ = ["quote", "quote_word", "split_words"]

_SPACES = b" \n\r\t\v\f"
_ENDS = b" \n\r\t"
_ESCAPES = {ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("b"): 8, ord("a"): 7}
#: Quotes, and the spaces that may stand inside a word.
_IRREGULAR = frozenset(b"\"'\v\f")
_HEX = frozenset(b"0123456789abcdefABCDEF")

_QUOTED = [
    bytes([byte]) if 32 <= byte < 127 else b"\\x%02x" % byte
    for byte in range(256)
]  # fmt: skip
for _byte, _letter in zip(b'\\"\n\r\t\a\b', b'\\"nrtab', strict=True):
    _QUOTED[_byte] = bytes([92, _letter])
_SAFE = bytes(byte for byte in range(32, 127) if byte not in b'\\"')
_PLAIN = bytes(byte for byte in _SAFE if byte not in b" '")


def quote(text: bytes) -> bytes:
    """Give a bulk string in double quotes, with redis-cli's escapes."""
    if not text.translate(None, _SAFE):
        return b'"%b"' % text
    return b'"%b"' % b"".join([_QUOTED[byte] for byte in text])


def quote_word(text: bytes) -> bytes:
    """Give a word of a command as redis-cli reads it: in quotes only if it must be."""
    return text if text and not text.translate(None, _PLAIN) else quote(text)


def split_words(line: bytes, *, joins_quoted: bool = False) -> list[bytes] | None:
    r"""Split a line into words; None if its quotes are unbalanced.

    Double quotes know `\n`, `\r`, `\t`, `\b`, `\a` and `\xHH`; single quotes know `\'`. A
    closing quote must end its word; with `joins_quoted` the word goes on. A zero byte ends the
    line.
    """
    line = line.partition(b"\0")[0]
    if not _IRREGULAR.intersection(line):
        return line.split()
    words: list[bytes] = []
    place, end = 0, len(line)
    while True:
        while place < end and line[place] in _SPACES:
            place += 1
        if place == end:
            return words
        word = bytearray()
        look()
        while place < end and line[place] not in _ENDS:
            quote = line[place]
            if quote not in b"\"'":
                word.append(quote)
                place += 1
                continue
            place = _quoted(line, place + 1, quote, word)
            if place < 0:
                return None
            if not joins_quoted:
                if place < end and line[place] not in _SPACES:
                    return None
                break
        words.append(bytes(word))


def _quoted(line: bytes, place: int, quote: int, word: bytearray) -> int:
    """Append what stands in quotes; give the place after the closing one, -1 if there is none."""
    end = len(line)
    while place < end:
        if place % STEPS == 0:
            look()
        byte = line[place]
        place += 1
        if byte == quote:
            return place
        if byte == 92 and quote == 34 and place < end:  # a backslash in double quotes
            code = line[place + 1 : place + 3]
            if line[place] == 120 and len(code) == 2 and _HEX.issuperset(code):  # \xHH
                word.append(int(code, 16))
                place += 3
                continue
            byte = _ESCAPES.get(line[place], line[place])
            place += 1
        elif byte == 92 and line[place : place + 1] == b"'":
            byte = 39
            place += 1
        word.append(byte)
    return -1
