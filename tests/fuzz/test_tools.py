"""What writes inputs, damages them, and finds what is wrong in one."""

import random

from tests.fuzz.corpus import read_corpus
from tests.fuzz.mutation import damaged, in_pieces, reduced
from tests.fuzz.targets import TARGETS


def test_an_input_is_reduced_to_what_is_wrong_in_it() -> None:
    assert reduced("return redis.call('GET', nil)", lambda text: "nil" in text) == "nil"
    assert reduced((b"aXb", b"c"), lambda given: b"X" in b"".join(given)) == (b"X",)


def test_the_same_random_numbers_damage_in_the_same_way() -> None:
    data = bytes(range(200))
    assert damaged(data, random.Random(5)) == damaged(data, random.Random(5)) != data


def test_pieces_are_the_whole() -> None:
    for seed in range(50):
        assert b"".join(in_pieces(b"*1\r\n$4\r\nPING\r\n", random.Random(seed))) == (
            b"*1\r\n$4\r\nPING\r\n"
        )


def test_each_case_of_the_corpus_says_what_happened() -> None:
    for name in TARGETS:
        cases = read_corpus(name)
        assert all(case.what for case in cases[:1])
        assert len({repr(case.given) for case in cases}) == len(cases)
