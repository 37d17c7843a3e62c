"""%save and %load: data as files."""

from pathlib import Path

import pytest

from redislua_kernel.cells import MagicLine, UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call
from redislua_kernel.render.outputs import Display, Result, Text
from redislua_kernel.session import Session


def run(session: Session, line: str) -> str:
    magic: MagicLine = parse(line).magics[0]
    return "".join(out.text for out in call(session, magic) if isinstance(out, Text))


def test_data_come_back_from_a_file(tmp_path: Path) -> None:
    session = Session(Engine())
    session.execute("SET", "k", "v")
    path = tmp_path / "two words.rdb"
    assert run(session, f'%save "{path}"').startswith(f"{path}: ")
    session.execute("FLUSHALL")
    assert run(session, f'%load "{path}"') == f"{path}: 1 key\n"
    assert session.execute("GET", "k") == b"v"


@pytest.mark.parametrize("line", ["%save {}/x.txt", "%load {}/none.rdb", "%save {}/no/x.rdb"])
def test_a_file_that_cannot_be_is_a_clear_error(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError, match=r"no RDB file|cannot be"):
        run(Session(Engine()), line.format(tmp_path))


# Lua files


def texts(session: Session, text: str) -> str:
    cell = parse(text)
    given = call(session, cell.head, cell.body) if cell.head else call(session, cell.magics[0])
    shown = []
    for output in given:
        if isinstance(output, Text):
            shown.append(output.text)
        elif isinstance(output, Result):
            shown.append(str(output.reply))
        elif isinstance(output, Display):
            shown.append(output.bundle["text/plain"])
    return "".join(shown)


LIBRARY = "#!lua name=points\nredis.register_function('top', function() return 3 end)"


def test_a_library_goes_to_a_file_and_comes_back(tmp_path: Path) -> None:
    session, path = Session(Engine()), tmp_path / "points.lua"
    session.execute("FUNCTION", "LOAD", LIBRARY)
    assert texts(session, f"%save {path}") == f"{path}: library points, {len(LIBRARY)} bytes\n"
    assert path.read_text() == LIBRARY
    path.write_text(LIBRARY.replace("'top'", "'best'"))
    assert texts(session, f"%load {path}").startswith(
        "library points replaced: added best; removed top\n"
    )


def test_a_script_with_a_name_goes_to_a_file(tmp_path: Path) -> None:
    session = Session(Engine())
    texts(session, "%%script load get-1\nreturn redis.call('GET', KEYS[1])")
    texts(session, f"%save {tmp_path / 'get-1.lua'}")
    texts(session, f"%save {tmp_path / 'other.lua'} get")
    fresh = Session(Engine())
    shown = texts(fresh, f"%load {tmp_path}")
    assert [line.split()[:2] for line in shown.splitlines()] == [
        ["script", "get"],
        ["script", "other"],
    ]
    fresh.execute("SET", "k", "v")
    assert texts(fresh, "%call get k") == texts(fresh, "%call other k ,") == "b'v'"


def test_a_folder_that_is_loaded_again_shows_what_has_changed(tmp_path: Path) -> None:
    (tmp_path / "part.lua").write_text("local function three() return 3 end")
    (tmp_path / "one.lua").write_text("return 1")
    (tmp_path / "three.lua").write_text('--- @include "part"\nreturn three()')
    (tmp_path / "lib.lua").write_text(LIBRARY)
    session = Session(Engine())

    def changed() -> list[str]:
        lines = texts(session, f"%load {tmp_path}").splitlines()
        return [line.split()[1] for line in lines if line.endswith("changed")]

    assert changed() == []
    (tmp_path / "part.lua").write_text("local function three() return 4 end")
    (tmp_path / "lib.lua").write_text(LIBRARY.replace("'top'", "'best'"))
    assert changed() == ["points", "three"]
    assert changed() == []


def test_what_cannot_be_loaded_is_told_and_the_rest_is_there(tmp_path: Path) -> None:
    (tmp_path / "bad.lua").write_text("return return")
    (tmp_path / "good.lua").write_text("return ARGV[1]")
    session = Session(Engine())
    with pytest.raises(UsageError, match=r"bad.lua line 1: unexpected symbol near 'return'$"):
        texts(session, f"%load {tmp_path}")
    assert texts(session, "%call good , x") == "b'x'"


def test_a_name_that_nothing_has_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no library and no script is called x"):
        texts(Session(Engine()), f"%save {tmp_path / 'x.lua'}")
