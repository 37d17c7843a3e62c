"""The arguments that are written down for COMMAND DOCS."""

from __future__ import annotations

from typing import Any

from redislua_kernel import Engine
from redislua_kernel.engine.introspection import arguments
from redislua_kernel.engine.introspection.arguments import written_arguments
from redislua_kernel.engine.introspection.describing import all_commands


def documented(*names: str) -> Any:
    return [doc[b"arguments"] for doc in Engine().execute("COMMAND", "DOCS", *names).values()]


def test_every_line_is_of_a_command_and_can_be_read() -> None:
    known = {command.full_name for command in all_commands(Engine().commands)}
    assert set(arguments._texts()) <= known
    assert all(written_arguments(name) is not None for name in arguments._texts())


def test_alternatives_blocks_tokens_and_versions_are_told() -> None:
    ((key, value, *options),) = documented("SET")
    assert (key[b"type"], value[b"type"]) == (b"key", b"string")
    expiration = next(each for each in options if each[b"name"] == b"expiration")
    assert expiration[b"type"] == b"oneof"
    assert expiration[b"flags"] == [b"optional"]
    assert expiration[b"arguments"][0] == {
        b"name": b"seconds",
        b"type": b"integer",
        b"display_text": b"seconds",
        b"token": b"EX",
        b"since": b"2.6.12",
    }


def test_what_a_signature_tells_is_not_written_down() -> None:
    assert written_arguments("lpush") is None
    ((key, element),) = documented("LPUSH")
    assert (key[b"name"], key[b"key_spec_index"]) == (b"key", 0)
    assert (element[b"name"], element[b"flags"]) == (b"element", [b"multiple"])


def test_keys_tell_which_specification_finds_them() -> None:
    ((source, destination, *_),) = documented("LMOVE")
    assert (source[b"key_spec_index"], destination[b"key_spec_index"]) == (0, 1)
