"""The sequence of long lists: it is a list in all it does, and no place of it is far."""

from __future__ import annotations

import random

import pytest

from redislua_kernel.engine.types.two_ended import TwoEnded


@pytest.mark.parametrize("seed", range(20))
def test_it_does_what_a_list_does(seed: int) -> None:
    rng = random.Random(seed)
    plain = list(range(rng.choice([0, 5, 3000])))
    both = TwoEnded(plain)
    for number in range(1000):
        place = rng.randrange(len(plain)) if plain else 0
        match rng.randrange(10):
            case 0:
                plain.insert(0, number)
                both.insert(0, number)
            case 1:
                plain.append(number)
                both.append(number)
            case 2 if plain:
                assert both.pop() == plain.pop()
            case 3 if plain:
                assert both.pop(0) == plain.pop(0)
            case 4:
                place = rng.choice([0, 1, place, len(plain)])
                plain.insert(place, number)
                both.insert(place, number)
            case 5 if plain:
                place = rng.choice([0, place, len(plain) - 1])
                del plain[place], both[place]
            case 6 if plain:
                plain[place] = both[place] = number
                assert both[place - len(plain)] == number
            case 7:
                stop = place + rng.choice([0, 1, 10, 5000])
                assert both.between(place, stop) == plain[place:stop]
            case 8:
                count = rng.choice([0, 1, min(len(plain), 20), rng.choice([0, len(plain)])])
                count = min(count, len(plain))
                assert both.take(count, left=True) == plain[:count]
                del plain[:count]
                count = min(count, len(plain))
                kept = len(plain) - count
                assert both.take(count, left=False) == plain[kept:][::-1]
                del plain[kept:]
            case 9 if seed % 4 == 0:  # a queue: much comes at one end and goes at the other
                for each in range(20):
                    plain.append(each)
                    both.append(each)
                    assert both.pop(0) == plain.pop(0)
        assert len(both) == len(plain)
    assert list(both) == plain
    assert list(reversed(both)) == plain[::-1]
    assert list(both.copy()) == plain
    both.extend([1, 2])
    both.extend_front([3, 4])
    assert list(both) == [4, 3, *plain, 1, 2]
    both.clear()
    assert not both


@pytest.mark.parametrize("place", [0, -1])
def test_an_empty_one_has_nothing_to_pop(place: int) -> None:
    with pytest.raises(IndexError):
        TwoEnded[int]([]).pop(place)
    with pytest.raises(IndexError):
        TwoEnded([1])[-2]


def moved(both: TwoEnded[int], place: int) -> int:
    """Tell how many elements an insertion at a place moves within its list."""
    both.insert(place, 0)
    front, back = both._front, both._back
    return min(place, len(front)) if place < len(front) else len(back) - (place - len(front))


@pytest.mark.parametrize("end", [5, 9990])
def test_edits_near_an_end_move_few(end: int) -> None:
    for both in (TwoEnded(range(10_000)), TwoEnded[int]([])):
        if not both:
            both.extend_front(range(10_000))
        for _ in range(5):
            assert moved(both, end) < 20


def test_a_queue_moves_no_more_than_twice_what_it_holds() -> None:
    both = TwoEnded(range(10_000))
    halved = 0
    while both:
        halved += 0 if both._front else len(both._back)
        both.pop(0)
    assert halved <= 20_000
