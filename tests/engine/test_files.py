"""Files that people name: an odd name is refused, and an endless file can be interrupted."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from redislua_kernel.engine import interrupts
from redislua_kernel.engine.files import FileError, path_of, read_file


@pytest.mark.parametrize("name", [b"a\0b", b"~nobody-of-that-name/x", b"x" * 5000])
def test_what_is_no_path_is_refused(name: bytes) -> None:
    with pytest.raises(FileError, match="is no path"):
        path_of(name)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 40_000)
    assert read_file(path_of(str(path).encode())) == path.read_bytes()


def test_reading_what_has_no_end_can_be_interrupted() -> None:
    interrupts.ask(threading.get_ident())
    try:
        with pytest.raises(interrupts.Stopped):
            read_file(Path("/dev/zero"))
    finally:
        interrupts.forget()
