"""Arguments as words: text, bytes and numbers; the texts that come again are kept."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.backend import Argument
from redislua_kernel.engine import argument_words
from redislua_kernel.engine.argument_words import encode_argument, encode_arguments

WORDS = ["text", "é", b"\xff", 0, -5, 255, 256, 10**20, 1.0, 1.5, float("inf"), 1e22, "\udcff"]


@pytest.mark.parametrize("head", [[], ["GET"], ["EVAL"], [b"fcall"], ["EVAL", "return 1", 0]])
def test_both_encoders_agree(head: list[Argument]) -> None:
    for word in WORDS:
        for words in ([*head, word], [*head, *WORDS], [*head, word]):
            assert encode_arguments(words) == [encode_argument(word) for word in words]


def test_what_equals_a_kept_text_or_number_is_not_taken_for_it() -> None:
    assert encode_arguments(["EVAL", "1", 1]) == [b"EVAL", b"1", b"1"]
    assert encode_arguments(["EVAL", 1.0, 1.0]) == [b"EVAL", b"1.0", b"1.0"]
    assert encode_arguments(["EVAL", 1, 0]) == [b"EVAL", b"1", b"0"]


def test_the_same_script_is_the_same_word_each_time() -> None:
    script = "return 'the same'"
    first, second = (encode_arguments(["eval", script, 0])[1] for _ in range(2))
    assert first is second


def test_few_texts_are_kept_and_none_that_is_long() -> None:
    for number in range(2000):
        encode_arguments([f"NAME{number}"])
        encode_arguments(["EVAL", f"return {number}", 0])
    long = f"return '{'x' * 100_000}'"
    encode_arguments(["EVAL", long, 0])
    assert len(argument_words._names) < 1000
    assert len(argument_words._programs) < 1000
    assert long not in argument_words._programs


@pytest.mark.parametrize("words", [(None,), ([],), ("EVAL", []), ("SET", "k", None), ("GET", True)])
def test_what_can_be_no_word_is_refused(words: tuple[Argument, ...]) -> None:
    with pytest.raises(TypeError, match="a command takes str, bytes, int and float, not"):
        Engine().execute(*words)
