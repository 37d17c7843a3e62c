"""Passwords in cells: whatever shows a cell's text again hides them."""

from __future__ import annotations

import re

__all__ = ["hide_secrets"]

#: Lines of a cell that say where to connect.
_TARGET_LINE = re.compile(r"(?m)^\s*%%?(?:compare|connect|deploy|rollback)\b.*$")
#: In such a line: the password after its flag, and what a URL says before its host.
_SECRET_FLAG = re.compile(r"(?<!\S)((?:-a|--pass)\s+)(\"(?:\\.|[^\"\\])*\"|'(?:\\'|[^'])*'|\S+)")
_SECRET_URL = re.compile(r"(\w[\w+]*://)([^\s@]*)@")
#: In a line that is a command: what logs in, or will.
_SECRET_WORDS = re.compile(
    r"""(?imx) ^ (?P<before> \s* (?:%redis\s+)? (?:
        auth\s+ (?: [^\s=(]+ [ \t]+ )?
      | hello\s .*? \bauth\s+ \S+\s+
      | config\s+set\s .*? \b(?:requirepass|masterauth|primaryauth)\s+
      | acl\s+setuser\s [^\n]*? \s [<>]
    )) (?P<secret> [^\s=(]+ )"""
)
_HIDDEN = "•••"


def hide_secrets(text: str) -> str:
    """Give a cell's text, or a line of it, without the passwords in its magics and commands."""
    text = _SECRET_WORDS.sub(rf"\g<before>{_HIDDEN}", text)
    return _TARGET_LINE.sub(_hide_in_line, text)


def _hide_in_line(found: re.Match[str]) -> str:
    line = _SECRET_FLAG.sub(lambda flag: flag[1] + _HIDDEN, found[0])
    return _SECRET_URL.sub(_hide_in_url, line)


def _hide_in_url(found: re.Match[str]) -> str:
    user, colon, password = found[2].partition(":")
    if not (password if colon else user):
        return found[0]
    return f"{found[1]}{user + colon if colon else ''}{_HIDDEN}@"
