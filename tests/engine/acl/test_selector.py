"""A set of rights: keys read and written, channels, commands, and the rules that give them."""

from __future__ import annotations

import re

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.acl import Selector


def selector_of(*rules: str) -> Selector:
    selector = Selector()
    for rule in rules:
        selector.apply(rule.encode())
    return selector


def lacking(selector: Selector, call: str) -> str:
    """Tell what a call lacks; nothing if it is allowed."""
    words = [word.encode() for word in call.split()]
    denial = selector.denial(b"u", Engine().commands.find(words), words)
    return "" if denial is None else f"{denial.reason} {denial.object.decode()}"


@pytest.mark.parametrize(
    ("call", "lack"),
    [
        ("GET r", ""),
        ("GET w", "key w"),
        ("SET w 1", ""),
        ("SET r 1", "key r"),
        ("SET w 1 GET", "key w"),
        ("SET b 1 GET", ""),
        ("COPY r w", ""),
        ("COPY w r", "key w"),
        ("LMOVE r w LEFT LEFT", "key r"),
        ("LMOVE b w LEFT LEFT", ""),
        ("BITFIELD r GET u4 0", ""),
        ("BITFIELD w SET u4 0 1", "key w"),
        ("SORT r STORE w", ""),
        ("STRLEN w", ""),
        ("STRLEN x", "key x"),
        ("ZUNION 1 w", "key w"),
        # What the reference does not take for a number of keys shows it no more than some keys.
        ("ZUNION +1 w", ""),
        ("ZUNION 4294967297 w", ""),
        ("ZUNION +1 x", "key x"),
        ("ZUNIONSTORE r 01 w", ""),
    ],
)
def test_reading_and_writing_a_key_are_two_rights(call: str, lack: str) -> None:
    assert lacking(selector_of("+@all", "%R~r", "%W~w", "%RW~b"), call) == lack


def test_rights_of_two_patterns_do_not_add_up() -> None:
    assert lacking(selector_of("+@all", "%R~a*", "%W~*b"), "INCR ab") == "key ab"


@pytest.mark.parametrize(
    ("call", "lack"),
    [
        ("PUBLISH a1 m", ""),
        ("PUBLISH b m", "channel b"),
        ("SPUBLISH a1 m", ""),
        ("SUBSCRIBE a1 b", "channel b"),
        ("SSUBSCRIBE b", "channel b"),
        ("PSUBSCRIBE a*", ""),
        ("PSUBSCRIBE a1", "channel a1"),
        ("UNSUBSCRIBE b", ""),
    ],
)
def test_channels_have_rights_of_their_own(call: str, lack: str) -> None:
    assert lacking(selector_of("+@all", "&a*"), call) == lack


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (("~*", "~a"), "Adding a pattern after the * pattern (or the 'allkeys' flag)"),
        (("allchannels", "&a"), "Adding a pattern after the * pattern (or the 'allchannels' flag)"),
        (("~a b",), "Syntax error"),
        (("%~a",), "Syntax error"),
        (("%RR~a",), "Syntax error"),
        (("+select|",), "Syntax error"),
        (("-select|0",), "Unknown command or category name in ACL"),
        (("+config|get|x",), "Allowing first-arg of a subcommand is not supported"),
        (("on",), "Syntax error"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rules: tuple[str, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        selector_of(*rules)


def test_rules_are_shown_as_they_are_given() -> None:
    selector = selector_of("+@all", "-@write", "%R~a", "~b", "&c")
    assert selector.describe() == b"%R~a ~b resetchannels &c +@all -@write"
    assert selector_of("allkeys", "allchannels").describe() == b"~* &* -@all"
