"""What commands do with their keys, and which rights that asks for."""

from __future__ import annotations

import pytest

from redislua_kernel import Engine
from redislua_kernel.engine.introspection.describing import all_commands
from redislua_kernel.engine.introspection.key_flags import _FLAGS, Access, access_of, key_flags


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("GET a", ["RO access"]),
        ("INCR a", ["RW access update"]),
        ("SET a 1", ["OW update"]),
        ("SET a 1 EX 5 get", ["RW access update"]),
        ("BITFIELD a OVERFLOW WRAP GET u4 0", ["RO access"]),
        ("BITFIELD a GET u4 0 SET u4 0 1", ["RW access update"]),
        ("COPY a b", ["RO access", "OW update"]),
        ("SORT a STORE b", ["RO access", "OW update"]),
        ("BITOP AND a b c", ["OW update", "RO access", "RO access"]),
        ("HLEN a", ["RO"]),
        ("EVAL x 1 a", ["RW access update"]),
        ("SPUBLISH a m", ["not_key"]),
    ],
)
def test_each_key_of_a_call_has_its_flags(call: str, expected: list[str]) -> None:
    words = [word.encode() for word in call.split()]
    assert [flags for _, flags in key_flags(Engine().commands.find(words), words)] == expected


@pytest.mark.parametrize(
    ("flags", "access"),
    [
        ("RO", Access.NONE),
        ("RO access", Access.READ),
        ("RW insert", Access.WRITE),
        ("RW access delete", Access.READ | Access.WRITE),
    ],
)
def test_flags_ask_for_rights(flags: str, access: Access) -> None:
    assert access_of(flags) is access


def test_the_table_names_commands_that_exist() -> None:
    Engine()
    valkeys = {command.full_name for command in all_commands(Engine(dialect="valkey").commands)}
    known = {command.full_name for command in all_commands()} | valkeys
    assert _FLAGS.keys() <= known
