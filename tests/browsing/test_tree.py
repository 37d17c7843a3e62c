"""Keys as a tree of lines, of which only those in view are worked out."""

import random

import pytest

from redislua_kernel.browsing.names import matching, searched
from redislua_kernel.browsing.tree import Tree

NAMES = [b"user:2:cart", b"user:1:cart", b"user:1", b"greeting", b"cart:9", b"user:10:cart"]


def lines(tree: Tree) -> list[str]:
    return [
        "  " * row.depth + row.label.decode() + (f" {row.keys}" if row.keys else "")
        for row in tree.rows(0, 1000)
    ]


def test_branches_come_first_with_the_number_of_their_keys() -> None:
    assert lines(Tree(NAMES)) == ["cart: 1", "user: 4", "greeting"]


def test_an_open_branch_shows_what_is_in_it() -> None:
    tree = Tree(NAMES, opened=[b"user:", b"user:1:", b"no longer there:"])
    assert lines(tree) == [
        "cart: 1",
        "user: 4",
        "  10: 1",
        "  1: 1",
        "    cart",
        "  2: 1",
        "  1",
        "greeting",
    ]
    assert len(tree) == 8
    tree.toggle(b"user:")
    assert lines(tree) == ["cart: 1", "user: 4", "greeting"]


def test_all_branches_can_be_opened_at_once() -> None:
    tree = Tree(NAMES)
    tree.open_all()
    assert [row.name for row in tree.rows(0, 100) if not row.keys] == [
        b"cart:9",
        b"user:10:cart",
        b"user:1:cart",
        b"user:2:cart",
        b"user:1",
        b"greeting",
    ]


def test_another_separator_makes_other_branches_and_none_makes_a_list() -> None:
    names = [b"a::b", b"a::c:d", b"a"]
    assert lines(Tree(names, b"::")) == ["a:: 2", "a"]
    assert lines(Tree(names, b"")) == ["a", "a::b", "a::c:d"]


def test_a_key_that_ends_with_the_separator_is_in_the_branch() -> None:
    tree = Tree([b"a:", b"a:b"], opened=[b"a:"])
    assert [(row.label, row.keys) for row in tree.rows(0, 9)] == [(b"a:", 2), (b"", 0), (b"b", 0)]


@pytest.mark.parametrize("seed", range(20))
def test_pages_make_up_the_whole(seed: int) -> None:
    rng = random.Random(seed)
    names = list(
        {b":".join(rng.choices([b"a", b"b", b"", b"cc"], k=rng.randint(1, 5))) for _ in range(300)}
    )
    tree = Tree(names)
    tree.open_all()
    tree.opened = set(rng.sample(sorted(tree.opened), len(tree.opened) // 2))
    whole = tree.rows(0, 10_000)
    assert len(whole) == len(tree)
    size = rng.randint(1, 9)
    pages = [tree.rows(first, size) for first in range(0, len(tree), size)]
    assert all(len(page) == size for page in pages[:-1])
    assert [row for page in pages for row in page] == whole


def test_the_last_page_of_many_keys_is_in_order() -> None:
    names = [b"%05d" % place for place in range(5000)]
    random.Random(1).shuffle(names)
    tree = Tree(names)
    assert [row.name for row in tree.rows(0, 2)] == [b"00000", b"00001"]
    assert [row.name for row in tree.rows(4998, 9)] == [b"04998", b"04999"]


def test_patterns_are_those_of_keys_and_a_search_finds_parts_in_any_case() -> None:
    assert matching(NAMES, b"*") == NAMES
    assert matching(NAMES, b"user:1*") == [b"user:1:cart", b"user:1", b"user:10:cart"]
    assert matching(NAMES, b"user:?:*") == [b"user:2:cart", b"user:1:cart"]
    assert matching([b"a*b", b"axb"], rb"a\*b") == [b"a*b"]
    assert searched(NAMES, b"CART") == [name for name in NAMES if b"cart" in name]
    assert searched(NAMES, b"USER:?") == [b"user:1"]
    assert searched([b"\xff\x00cart"], b"cart") == [b"\xff\x00cart"]
