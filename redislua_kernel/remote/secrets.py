"""Passwords in cells: whatever shows a cell's text again hides them."""

from __future__ import annotations

import re

__all__ = ["hide_secrets"]

#: Lines of a cell that say where to connect.
_TARGET_LINE = re.compile(r"(?m)^[ \t]*%%?(?:compare|connect|deploy|rollback)\b.*$")
_WORD = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\'|[^'])*'|["'].*|\S+)"""
#: In such a line: the password after its flag, and what a URL says before its host.
_SECRET_FLAG = re.compile(rf"(?<!\S)((?:-a|--pass)\s+){_WORD}")
_SECRET_URL = re.compile(r"(\w[\w+]*://)([^\s@]*)@")
#: A line that is a command which logs in, or says how others will.
_COMMAND_LINE = re.compile(
    r"(?im)^([ \t]*(?:%redis[ \t]+)?(?:\d+[ \t]+)?"
    r"(auth|hello|migrate|config[ \t]+set|acl[ \t]+setuser))([ \t].*)$"
)
#: In the rest of such a line: what stands before each password, and the password.
_SECRET_WORDS = {
    command: re.compile(f"(?i)({before}){_WORD}{after}")
    for command, before, after in (
        ("auth", r"^\s+(?:[^\s=(\"']+\s+)?(?![=(])", r"(?=\s*$)"),
        ("hello", r"\sauth\s+\S+\s+", ""),
        ("migrate", r"\s(?:auth|auth2\s+\S+)\s+", ""),
        ("config set", r"\s\"?'?(?:requirepass|masterauth|primaryauth)\"?'?\s+", ""),
        ("acl setuser", r"\s(?:[<>]|(?=[\"'][<>]))", ""),
    )
}
_HIDDEN = "•••"


def hide_secrets(text: str) -> str:
    """Give a cell's text, or a line of it, without the passwords in its magics and commands."""
    text = _COMMAND_LINE.sub(_hide_in_command, text)
    return _TARGET_LINE.sub(_hide_in_line, text)


def _hide_in_command(found: re.Match[str]) -> str:
    command = " ".join(found[2].lower().split())
    return found[1] + _SECRET_WORDS[command].sub(rf"\1{_HIDDEN}", found[3])


def _hide_in_line(found: re.Match[str]) -> str:
    line = _SECRET_FLAG.sub(lambda flag: flag[1] + _HIDDEN, found[0])
    return _SECRET_URL.sub(_hide_in_url, line)


def _hide_in_url(found: re.Match[str]) -> str:
    user, colon, password = found[2].partition(":")
    if not (password if colon else user):
        return found[0]
    return f"{found[1]}{user + colon if colon else ''}{_HIDDEN}@"
