"""A caller's arguments as the words of a command.

The names of commands come again and again, and so do the scripts and functions that are run. Their
texts are kept as words for a while: these need not be encoded, hashed and compared each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from redislua_kernel.backend import Argument

__all__ = ["SMALL", "SMALL_END", "encode_argument", "encode_arguments"]

T = TypeVar("T")

#: Small integers as words: numbers of keys, counts, places.
SMALL_END = 256
SMALL = [b"%d" % number for number in range(SMALL_END)]

#: So many texts are kept of each kind, and none that is longer.
_MOST, _LONGEST = 512, 1 << 14

#: The texts of what runs, as words.
_programs: dict[Argument, bytes] = {}
#: The names of commands, as words; each with the texts that may follow, where they are kept.
_names: dict[Argument, tuple[bytes, dict[Argument, bytes] | None]] = {}

_RUNS_PROGRAMS = frozenset((b"EVAL", b"EVALSHA", b"FCALL", b"EVAL_RO", b"EVALSHA_RO", b"FCALL_RO"))


def encode_argument(argument: Argument) -> bytes:
    """Give a word of a command as bytes: text as UTF-8, numbers as redis-py writes them."""
    if isinstance(argument, bytes):
        return argument
    if isinstance(argument, str):
        try:
            return argument.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # half of a surrogate pair
            return argument.encode("utf-8", "surrogatepass")
    if isinstance(argument, bool) or not isinstance(argument, int | float):
        raise TypeError(f"a command takes str, bytes, int and float, not {type(argument).__name__}")
    return repr(argument).encode()


def encode_arguments(arguments: Sequence[Argument]) -> list[bytes]:
    """Give the words of a command as bytes; see `encode_argument`."""
    words = []
    given: Iterator[Any] = iter(arguments)
    try:
        for name in given:
            word, texts = _names.get(name) or _keep_name(name)
            words.append(word)
            if texts is not None:
                for text in given:
                    words.append(texts.get(text) or _keep_program(text))
                    break
            break
        # Bytes, plain text and integers, nearly all words there are, cost no call of ours.
        for word in given:
            kind = type(word)  # takes as long whatever it is; `__class__` does where that changes
            if kind is str:
                words.append(word.encode())
            elif kind is bytes:
                words.append(word)
            elif kind is int:
                words.append(SMALL[word] if 0 <= word < SMALL_END else b"%d" % word)
            else:
                words.append(encode_argument(word))
    except (UnicodeEncodeError, TypeError):  # surrogate escapes, and what can be no word
        return [encode_argument(word) for word in arguments]
    return words


def _keep_name(name: Argument) -> tuple[bytes, dict[Argument, bytes] | None]:
    word = encode_argument(name)
    found = word, _programs if word.upper() in _RUNS_PROGRAMS else None
    _keep(_names, name, found)
    return found


def _keep_program(text: Argument) -> bytes:
    word = encode_argument(text)
    _keep(_programs, text, word)
    return word


def _keep(texts: dict[Argument, T], text: Argument, found: T) -> None:
    if isinstance(text, str | bytes) and len(text) <= _LONGEST:
        if len(texts) >= _MOST:
            texts.clear()
        texts[text] = found
