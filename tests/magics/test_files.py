"""%save and %load: data as files."""

from pathlib import Path

import pytest

from redislua_kernel.cells import MagicLine, UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call
from redislua_kernel.render.outputs import Text
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
    with pytest.raises(UsageError, match=r"is no RDB file|cannot be"):
        run(Session(Engine()), line.format(tmp_path))
