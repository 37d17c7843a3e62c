"""What is known about names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import redislua_kernel
from redislua_kernel.engine.commands import load_commands
from redislua_kernel.engine.registry import COMMANDS
from redislua_kernel.engine.scripting.shebang import FLAGS
from redislua_kernel.language.documentation import (
    Documentation,
    command_usage,
    document,
    find_command,
    name_at,
)
from redislua_kernel.language.error_codes import ERROR_CODES
from redislua_kernel.language.library import GLOBALS, LIBRARIES
from redislua_kernel.language.script_flags import SCRIPT_FLAGS
from redislua_kernel.language.syntax import SYNTAX

load_commands()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("redis.ca|ll('GET', 'x')", "redis.call"),
        ("re|dis.call('GET', 'x')", "redis"),
        ("redis.call('GE|T', 'x')", "GET"),
        ("redis.call('GET', |KEYS[1])", "KEYS"),
        ("redis.call('GET', x[|", "x"),
        ("redis.call('GET', |", "GET"),
        ("string.format(|", "string.format"),
        ("redis.call('CONFIG', 'GE|T')", "CONFIG GET"),
        ("redis.call('ZADD', 'k'|)", "ZADD"),
        ("redis.call('ZADD', 'ge|t', 1)", "ZADD"),
        ("redis.call('CONFIG', 'GET', 'sa|ve')", "CONFIG GET"),
        ("redis.call('GETT|')", "redis.call"),
        ("string.rep('te|xt', 3)", "string.rep"),
        ("local name = 'GE|T'", "GET"),
        ("x = 1 |+ 2", ""),
        ("redis.register_function{flags={'allow-oom', 'no-wr|ites'}}", "no-writes"),
        ("#!lua flags=no-writes,allow|-oom\nreturn 1", "allow-oom"),
        ("#!lua flags=|no-writes,allow-oom", "no-writes"),
        ("#!lua name=li|b\nlocal f", "lib"),
    ],
)
def test_the_name_at_a_place(code: str, name: str) -> None:
    cursor = code.index("|")
    found = name_at(code.replace("|", ""), cursor)
    assert found == name or (name == "x" and found in ("x", "GET"))


def _codes_of_the_engine() -> Iterator[str]:
    """Find the first words of the texts that errors are made of."""
    for path in (Path(redislua_kernel.__file__).parent / "engine").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_error = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error")
            for argument in node.args if is_error else ():
                code = re.match(r"f?['\"]([A-Z]{3,}) ", ast.unparse(argument))
                yield from [code[1]] if code is not None else []


def test_every_code_of_the_engines_errors_is_explained() -> None:
    codes = set(_codes_of_the_engine())
    assert len(codes) > 15
    assert codes - set(ERROR_CODES) == set()
    for code in ERROR_CODES:
        found = document(code.lower())
        assert found is not None
        assert found.usage == code


def test_every_flag_is_explained() -> None:
    assert list(SCRIPT_FLAGS) == list(FLAGS)
    for flag in FLAGS:
        assert document(flag) == Documentation(flag, SCRIPT_FLAGS[flag])


def test_a_command_is_documented_from_the_registry() -> None:
    found = document("set")
    assert found is not None
    assert found.usage.startswith("SET key value [NX | XX] [GET] [EX seconds | ")
    assert ("complexity", "O(1)") in found.facts


def test_a_library_function_is_documented() -> None:
    found = document("redis.sha1hex")
    assert found is not None
    assert found.usage == "redis.sha1hex(text)"


@pytest.mark.parametrize("name", ["", "nope", "redis.nope", "nope.call", "CONFIG NOPE"])
def test_the_unknown_is_not(name: str) -> None:
    assert document(name) is None


def test_everything_has_a_summary() -> None:
    for name in [n.decode() for n in COMMANDS] + list(GLOBALS):
        found = document(name)
        assert found is not None, name
        assert found.text, name
    for library, members in LIBRARIES.items():
        for usage, summary in members.values():
            assert summary.endswith("."), (library, usage)


def test_every_syntax_stated_apart_is_that_of_a_command() -> None:
    for name in SYNTAX:
        command = find_command(name)
        assert command is not None, name
        assert command_usage(command) == f"{name} {SYNTAX[name]}"


def test_no_signature_shows_a_name_that_only_the_code_understands() -> None:
    for command in COMMANDS.values():
        for each in command.subcommands.values() or [command]:
            usage = command_usage(each)
            assert not any(word in usage for word in ("more", "rest", "_and_", "options")), usage


def test_what_is_nested_without_end_is_nothing_at_all() -> None:
    assert name_at("(" * 3000, 3000) == ""
    assert name_at("tonumber(" + "(" * 3000, 3009) == "tonumber"
