"""A project's Lua files: their names, and what they include."""

from collections.abc import Callable
from pathlib import Path

import pytest

from redislua_kernel.engine import Engine
from redislua_kernel.projects import NamedScripts, ProjectError, read_path

Write = Callable[[dict[str, str]], Path]

PROJECT = {
    "release-1.lua": """-- Releases a lock.
--- @include "includes/owner"
--- @include "includes/get"
if not is_owner(KEYS[1], ARGV[1]) then return 0 end
return redis.call('DEL', KEYS[1])
""",
    "includes/owner.lua": """--- @include "get"
local function is_owner(key, who)
  return get(key) == who
end
""",
    "includes/get.lua": "local function get(key) return redis.call('GET', key) end\n",
    "queue/add.lua": "-- $include(get.lua)\nreturn get(KEYS[1])",
    "lib/points.lua": """#!lua name=points
redis.register_function('points', function(keys) return 7 end)
""",
    ".cache/old.lua": "return",
    "README.md": "no script",
}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    def write(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        return tmp_path

    monkeypatch.chdir(tmp_path)
    return write


def test_a_folder_gives_its_scripts_and_libraries_and_no_parts(write: Write) -> None:
    sources = read_path(write(PROJECT))
    assert [(each.library or each.name, each.key_count) for each in sources] == [
        (b"points", None),
        ("queue/add", None),
        ("release", 1),
    ]


def test_a_file_is_included_once_where_it_is_asked_for_first(write: Write) -> None:
    (release,) = read_path(write(PROJECT) / "release-1.lua")
    assert release.code.decode().split("\n") == [
        "-- Releases a lock.",
        "local function get(key) return redis.call('GET', key) end",
        "local function is_owner(key, who)",
        "  return get(key) == who",
        "end",
        "if not is_owner(KEYS[1], ARGV[1]) then return 0 end",
        "return redis.call('DEL', KEYS[1])",
        "",
    ]


def test_a_file_without_includes_is_taken_byte_for_byte(write: Write) -> None:
    (source,) = read_path(write({"a.lua": "return 1\n\n"}) / "a.lua")
    assert source.code == b"return 1\n\n"
    assert source.origin(1) == (source.path, 1)


def test_a_line_is_known_by_the_file_it_comes_from(write: Write) -> None:
    root = write(PROJECT)
    (release,) = read_path(root / "release-1.lua")
    origins = [release.origin(line) for line in (1, 2, 4, 6, 99)]
    assert [origin and (origin[0].name, origin[1]) for origin in origins] == [
        ("release-1.lua", 1),
        ("get.lua", 1),
        ("owner.lua", 3),
        ("release-1.lua", 4),
        None,
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"a.lua": '--- @include "b"', "b.lua": '\n--- @include "a"'},
            "a.lua line 1 → b.lua line 2 → a.lua: a file includes itself",
        ),
        (
            {"a.lua": "-- $include(b)", "b.lua": "-- $include(c.lua)"},
            "a.lua line 1 → b.lua line 1 → c.lua: no such file beside it, in . or in includes",
        ),
        ({"a-1.lua": "return 1", "a-2.lua": "return 2"}, "have the same name: a"),
        ({"a.txt": ""}, "holds no Lua files"),
    ],
)
def test_what_cannot_be_put_together_is_told_with_the_way_to_it(
    write: Write, files: dict[str, str], message: str
) -> None:
    with pytest.raises(ProjectError) as raised:
        read_path(write(files))
    assert message in str(raised.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"none.lua cannot be read: No such file"):
        read_path(tmp_path / "none.lua")


# Calling them


@pytest.fixture
def scripts(write: Write) -> tuple[NamedScripts, Engine]:
    named, engine = NamedScripts(), Engine()
    for source in read_path(write(PROJECT)):
        named.load(engine.execute, source)
    return named, engine


def test_scripts_are_called_by_name_also_when_the_cache_was_flushed(
    scripts: tuple[NamedScripts, Engine],
) -> None:
    named, engine = scripts
    engine.execute("SET", "lock", "ann")
    assert named.call(engine.execute, "release", ["lock"], ["bob"]) == 0
    engine.execute("SCRIPT", "FLUSH")
    assert named.call(engine.execute, "release", ["lock"], ["ann"]) == 1
    assert engine.execute("FCALL", "points", 0) == 7


def test_a_call_with_another_number_of_keys_than_the_name_says_is_refused(
    scripts: tuple[NamedScripts, Engine],
) -> None:
    named, engine = scripts
    with pytest.raises(ProjectError, match="release takes 1 key, as its name says, and got 2"):
        named.call(engine.execute, "release", ["a", "b"])
    with pytest.raises(ProjectError, match="no script is called x; there are: queue/add, release"):
        named.call(engine.execute, "x", [])


def test_a_name_stands_for_its_digest_where_a_command_takes_one(
    scripts: tuple[NamedScripts, Engine],
) -> None:
    named, _ = scripts
    digest = named.scripts["release"].digest
    assert named.expand((b"evalsha", b"$release", 1)) == (b"evalsha", digest, 1)
    assert named.expand(("EVALSHA", "$other", 0)) == ("EVALSHA", "$other", 0)
    assert named.expand((b"GET", b"$release")) == (b"GET", b"$release")


def test_an_error_of_loading_names_the_line_of_the_file(write: Write) -> None:
    files = {"a.lua": '--- @include "b"\nreturn', "b.lua": "local x = 1\nlocal = 2\n"}
    (source,) = read_path(write(files) / "a.lua")
    with pytest.raises(ProjectError, match=r"^b.lua line 2: '<name>' expected near '='"):
        NamedScripts().load(Engine().execute, source)


def test_an_error_that_names_no_line_is_told_with_the_one_that_ran(write: Write) -> None:
    files = {"a.lua": '#!lua name=a\n--- @include "b"\n', "b.lua": "\nredis.register_function(1)\n"}
    (source,) = read_path(write(files) / "a.lua")
    with pytest.raises(ProjectError, match=r"^b.lua line 2: ERR Error registering functions"):
        NamedScripts().load(Engine().execute, source)
