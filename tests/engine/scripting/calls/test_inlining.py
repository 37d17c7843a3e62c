"""Functions that stand in the code that would call them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redislua_kernel.engine.scripting.calls.inlining import call_lines

LIMIT = 10


def sign(number: int) -> str:
    """Tell whether a number is below zero, or beyond the limit."""
    if number < 0:
        return "below"
    if number > LIMIT:
        if number > 2 * LIMIT:
            return "far beyond"
        return "beyond"
    return "within"


def clipped(number: int) -> int:
    number = min(number, LIMIT)
    return number


def refuse(number: int) -> int:
    if number > LIMIT:
        raise ValueError(number)
    return number


def escaped(number: int) -> str:
    return str(number).replace("\\", r"\\")


def refuse_by_name(number: int) -> int:
    if number > LIMIT:
        raise ValueError(f"not {escaped(number)}")
    return number


def closed(offset: int) -> Callable[[int], int]:
    def shifted(number: int) -> int:
        return number + offset

    return shifted


def without_last(number: int) -> list[int]:
    numbers = [number, LIMIT]
    del numbers[-1]
    return numbers


def total(number: int) -> int:
    return sum(range(number))


def looped(number: int) -> int:
    for each in range(number):
        if each == LIMIT:
            return each
    return -1


def joined(between: str, *words: str) -> str:
    found = f"{len(words)}:"
    for word in words:
        if word == "end":
            return found
        found += between + word
    return found


def in_pairs(by: int, *numbers: int) -> tuple[int, ...]:
    total = 0
    for first, second in zip(numbers[::2], numbers[1::2], strict=True):
        product = first * second
        total += product * by
    return (total, *[number + by for number in numbers], *numbers)


def over_what_it_has_put_together(first: int, *numbers: int) -> int:
    total, others = first, (1, 2)
    for number in others:
        total += number
    return total


def or_else(number: int, other: int = 3) -> int:
    return number or other


def is_beyond(number: int, limit: int) -> bool:
    return number > limit


def is_far(number: int) -> bool:
    return is_beyond(number, LIMIT) and not is_beyond(number, 2 * LIMIT)


def add_all(numbers: list[int], *more: int) -> None:
    count = len(more)
    numbers.extend((*more, count))
    numbers.append(LIMIT)


def asking_others(number: int) -> str:
    if is_far(number):
        return "far"
    return "near" if is_beyond(number, 5) else "here"


def telling_others(number: int) -> list[int]:
    numbers = [number]
    add_all(numbers, number, 7)
    if is_far(number):
        add_all(numbers)
    return numbers


def passing_on(number: int) -> str:
    if number == LIMIT:
        return "the limit"
    return sign(number + 1)


def asking_first(number: int) -> str:
    place = sign(number)
    if place == "within":
        place = sign(number - LIMIT)
    return f"{place} for {number}"


def told_all(*numbers: int) -> list[int]:
    told: list[int] = []
    add_all(told, 1, *numbers)
    return told


def counting_down(number: int) -> int:
    return number and counting_down(number)


def with_others(function: Callable[[int], bool]) -> Callable[[int], bool]:
    def is_so(number: int) -> bool:
        return function(number)

    return is_so


def put_in(function: Callable[..., Any], *, argument: str = "given") -> tuple[str, Any]:
    namespace: dict[str, Any] = {}
    lines = call_lines(function, "result", [argument], namespace)
    body = "\n".join(f"  {line}" for line in lines)
    exec(f"def run(given):\n{body}\n  return given, result", namespace)
    return body, namespace["run"]


@pytest.mark.parametrize("function", [sign, clipped, closed(5), without_last, total])
@pytest.mark.parametrize("argument", ["given", "given + 1"])
def test_what_stands_in_the_code_gives_what_a_call_would(
    function: Callable[[int], Any], argument: str
) -> None:
    body, run = put_in(function, argument=argument)
    assert f"{function.__name__}(" not in body
    for given in (-3, 0, 10, 11, 25):
        called = given if argument == "given" else given + 1
        assert run(given) == (given, function(called))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (joined, ("-", "a", "b")),
        (joined, ("-",)),
        (joined, ("-", "a", "end", "b")),
        (in_pairs, (3, 1, 2, 3, 4)),
        (in_pairs, (3,)),
    ],
)
def test_loops_over_the_last_arguments_are_written_out(
    function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    names = [f"given{place}" for place in range(len(arguments))]
    namespace: dict[str, Any] = {}
    body = "\n".join(f"  {line}" for line in call_lines(function, "result", names, namespace))
    assert "for " not in body
    exec(f"def run({', '.join(names)}):\n{body}\n  return result", namespace)
    result = namespace["run"](*arguments)
    assert tuple(result) == tuple(function(*arguments))


@pytest.mark.parametrize(
    "function", [asking_others, telling_others, asking_first, passing_on, with_others(is_far)]
)
def test_what_a_function_calls_is_put_in_with_it(function: Callable[[int], Any]) -> None:
    body, run = put_in(function)
    assert "is_far(" not in body
    assert "is_beyond(" not in body.replace("is_beyond(given, 2 *", "")
    assert "add_all(" not in body
    assert "sign(" not in body
    for given in (0, 5, 6, 9, 10, 11, 20, 21, 50):
        assert run(given) == (given, function(given))


def test_arguments_that_follow_are_handed_on_one_by_one() -> None:
    namespace: dict[str, Any] = {}
    lines = call_lines(told_all, "result", ["given", "given"], namespace)
    body = "\n".join(f"  {line}" for line in lines)
    assert "add_all(" not in body
    exec(f"def run(given):\n{body}\n  return result", namespace)
    assert namespace["run"](4) == told_all(4, 4) == [1, 4, 4, 3, LIMIT]


def test_a_function_that_calls_itself_is_put_in_once() -> None:
    body, _ = put_in(counting_down)
    assert body.count("counting_down(") == 1


def test_numbers_stand_in_the_code_themselves() -> None:
    body, _ = put_in(sign)
    assert f"given > {LIMIT}" in body


@pytest.mark.parametrize("function", [refuse, refuse_by_name])
def test_an_error_is_raised_as_it_would_be(function: Callable[[int], int]) -> None:
    _, run = put_in(function)
    assert run(3) == (3, 3)
    with pytest.raises(ValueError, match="11"):
        run(11)


@pytest.mark.parametrize("function", [looped, or_else, len, lambda number: number])
def test_a_function_that_cannot_stand_elsewhere_is_called(function: Callable[[Any], Any]) -> None:
    namespace: dict[str, Any] = {}
    assert call_lines(function, "result", ["given"], namespace) == [
        f"result = {function.__name__}(given)"
    ]


def test_a_function_with_another_loop_is_called() -> None:
    lines = call_lines(over_what_it_has_put_together, "result", ["first", "second"], {})
    assert lines == ["result = over_what_it_has_put_together(first, second)"]


def test_a_function_whose_file_has_changed_since_is_called(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("def one(number):\n    return number + 1\n")
    namespace: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), namespace)
    file.write_text("def one(number):\n    return number + 2\n")
    lines = call_lines(namespace["one"], "reply", ["number"], given := {})
    assert lines == ["reply = one(number)"]
    assert given == {"one": namespace["one"]}
