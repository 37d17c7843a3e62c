"""A notebook's tests as a file for pytest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import indent

from redislua_kernel.testing.transcript import NamedTest

__all__ = ["MARK", "pytest_file"]

#: The first line of a file that may be written anew.
MARK = '"""Tests of Redis Lua for pytest, written by %export tests.'

_HEAD = f'''{MARK}

The fixture redis_lua comes with the package redislua-kernel: an empty Redis in this process, whose
clock stands still until a test lets time pass.
"""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: The libraries and scripts that are tested.
FILES = {{files}}


@pytest.fixture
def redis(redis_lua):
{{dialect}}    for file in FILES:
        redis_lua.load(HERE / file)
    return redis_lua
'''
_DIALECT = "    redis_lua.engine.change_dialect({})\n"
_TEST = '''

def test_{name}(redis):
    """{title}"""
    redis.check(
        {text}
    )
'''


def pytest_file(tests: Iterable[NamedTest], files: Sequence[str], dialect: str = "redis") -> str:
    """Give the text of a file that runs the tests; `files` are loaded before each."""
    first = "" if dialect == "redis" else _DIALECT.format(_literal(dialect))
    parts = [_HEAD.format(files=_list(files), dialect=first)]
    used: set[str] = set()
    for test in tests:
        name = base = _identifier(test.name)
        number = 2
        while name in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        title = _printable(test.name).replace("\\", "/").replace('"', "'")
        parts.append(_TEST.format(name=name, title=title, text=_block(test.transcript.text)))
    return "".join(parts)


def _list(files: Sequence[str]) -> str:
    return f"[{', '.join(map(_literal, files))}]"


def _literal(text: str) -> str:
    if not text.isprintable():
        return repr(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _printable(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name)


def _identifier(name: str) -> str:
    words = re.sub(r"\W+", "_", name.lower().replace("'", "")).strip("_")
    return words or "it"


def _block(text: str) -> str:
    """Give a transcript as a literal that reads as it does in its cell, if that can be."""
    if not all(char.isprintable() or char in "\n\t" for char in text):
        return repr(text)
    lines = indent(text.strip("\n"), " " * 8)
    if '"""' not in lines:
        return f'r"""\n{lines}\n        """'
    if "'''" not in lines:
        return f"r'''\n{lines}\n        '''"
    return repr(text)
