"""Arguments by place and by name, and the comma before them."""

import pytest

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call
from redislua_kernel.render.outputs import Text
from redislua_kernel.session import Session


def args_after(*lines: str) -> list[bytes]:
    session = Session(Engine())
    for line in lines:
        list(call(session, parse(line).magics[0]))
    return session.args


def test_arguments_are_set_by_their_places() -> None:
    assert args_after('%args 1 -2 "a b"') == [b"1", b"-2", b"a b"]
    assert args_after("%args 1", "%args") == []


def test_named_arguments_change_where_they_stand() -> None:
    first = "%args --n 5 --who Bob"
    assert args_after(first) == [b"5", b"Bob"]
    assert args_after(first, "%args --who Ann") == [b"5", b"Ann"]
    assert args_after(first, "%args --who Ann", "%args --n 7") == [b"7", b"Ann"]


def test_other_names_take_the_place_of_all() -> None:
    assert args_after("%args --n 5 --who Bob", "%args --n 1 --size 2") == [b"1", b"2"]
    assert args_after("%args --n 5", "%args 6", "%args --m 1") == [b"1"]


@pytest.mark.parametrize("line", ["%args --n", "%args --n 1 who Bob", "%args -- 1"])
def test_a_name_needs_a_value(line: str) -> None:
    with pytest.raises(UsageError, match="usage: %args"):
        args_after(line)


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("%%eval a, b", True),
        ("%%eval a ,b", True),
        ("%%eval a , b,", False),
        ("%%eval a,b", False),
        ("%%eval_ro a , b", False),
    ],
)
def test_a_comma_that_does_not_stand_alone_is_told_of(line: str, is_told: bool) -> None:
    cell = parse(f"{line}\nreturn 1")
    assert cell.head is not None
    first, *_ = call(Session(Engine()), cell.head, cell.body)
    assert isinstance(first, Text) == is_told
