"""The escapes of a whole JSON text at once, for cjson: one by one they are slow in Lua."""

__all__ = ["QUOTE", "resolve_escapes"]

#: Stands for a quote that was escaped, so that it ends no string.
QUOTE = b"\x01"
_BACKSLASH = b"\x02"

_ESCAPES = [
    (b"\\n", b"\n"), (b"\\/", b"/"), (b"\\t", b"\t"), (b"\\r", b"\r"), (b"\\b", b"\b"),
    (b"\\f", b"\f"),
]  # fmt: skip


def resolve_escapes(text: bytes) -> bytes | None:
    """Give the text with its escapes resolved, but for quotes; None: it has others, or wrong ones.

    An escape outside a string is wrong, too, and so must not become the space it stands for.
    """
    if b"\\u" in text or QUOTE in text or _BACKSLASH in text:
        return None
    text = text.replace(b"\\\\", _BACKSLASH).replace(b'\\"', QUOTE)
    outside = b"".join(text.split(b'"')[::2])
    if b"\\" in outside or QUOTE in outside or _BACKSLASH in outside:
        return None
    for escape, character in _ESCAPES:
        text = text.replace(escape, character)
    if b"\\" in text:
        return None
    return text.replace(_BACKSLASH, b"\\")
