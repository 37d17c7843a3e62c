"""%export: the files that a project keeps of a notebook."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from redislua_kernel.cells import UsageError, parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call
from redislua_kernel.render.outputs import Text
from redislua_kernel.session import Session

Run = Callable[..., str]

LIBRARY = """#!lua name=locks
redis.register_function('release', function(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then return 0 end
  return redis.call('DEL', keys[1])
end)
"""
TEST = """%%test only a lock's owner releases it
> SET lock:a ann EX 10
> FCALL release 1 lock:a bob
(integer) 0
> EVALSHA $owner 1 lock:a
"ann"
> EVALSHA $bye 0
"bye, \\"Ann\\""
> @advance 11s
> EXISTS lock:a
(integer) 0
"""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session with a library and two scripts, one of them from a file."""
    session = Session(Engine())
    session.execute("FUNCTION", "LOAD", LIBRARY)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "owner-1.lua").write_text("return redis.call('GET', KEYS[1])")
    return session


@pytest.fixture
def run(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(text: str) -> str:
        cell = parse(text)
        given = call(session, cell.head, cell.body) if cell.head else call(session, cell.magics[0])
        return "".join(output.text for output in given if isinstance(output, Text))

    run("%load src")
    run("%%script load bye-0\nreturn 'bye, \"Ann\"'")
    return run


def run_pytest(folder: Path) -> tuple[int, str]:
    """Run what was written there as a project does, with the plugin of the package."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "redislua_kernel.testing.plugin"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, str(folder)],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_a_library_is_written_as_it_was_loaded(run: Run, tmp_path: Path) -> None:
    assert run("%export locks.lua") == f"locks.lua: library locks, {len(LIBRARY)} bytes\n"
    assert (tmp_path / "locks.lua").read_text() == LIBRARY


def test_the_tests_run_under_pytest_and_tell_what_fails(run: Run, tmp_path: Path) -> None:
    run(TEST)
    run('%%test the same_name!\n> EVAL "return {1}" 0\n1) (integer) 1')
    run("%%test the same name\n> PING\nPONG")
    (tmp_path / "tests").mkdir()
    assert run("%export tests tests/test_locks.py") == (
        "tests/test_locks.py: 3 tests, of locks.lua, ../src, bye-0.lua\n"
    )
    assert sorted(path.name for path in (tmp_path / "tests").iterdir()) == [
        "bye-0.lua",
        "locks.lua",
        "test_locks.py",
    ]
    (tmp_path / "tests" / "locks.lua").write_text(LIBRARY.replace("~=", "=="))
    code, output = run_pytest(tmp_path / "tests")
    assert code == 1, output
    assert "def test_only_a_locks_owner_releases_it(redis):" in output
    assert "E       line 3 | > FCALL release 1 lock:a bob\n" in output
    assert "1 failed, 2 passed" in output


def test_a_test_that_needs_the_notebooks_data_is_left_out(run: Run, session: Session) -> None:
    session.execute("SET", "greeting", "hello")
    run(TEST)
    run('%%test the greeting\n> GET greeting\n"hello"')
    assert run("%export tests test_it.py").splitlines() == [
        "test_it.py: 1 test, of locks.lua, src, bye-0.lua",
        "left out, as they fail without the notebook's data: the greeting",
    ]


def test_what_somebody_else_has_written_stays(run: Run, tmp_path: Path) -> None:
    run(TEST)
    (tmp_path / "test_mine.py").write_text("import redis")
    with pytest.raises(UsageError, match=r"test_mine.py is there already, and %export has not"):
        run("%export tests test_mine.py")
    (tmp_path / "locks.lua").write_text("-- mine")
    with pytest.raises(UsageError, match=r"locks.lua is there already, and differs"):
        run("%export tests test_it.py")
    assert not (tmp_path / "test_it.py").exists()


@pytest.mark.parametrize("line", ["%export x.txt", "%export tests x.txt", "%export tests x.py"])
def test_what_cannot_be_exported_is_an_error(run: Run, line: str) -> None:
    with pytest.raises(UsageError, match=r"is no Lua file|usage:|there are no tests"):
        run(line)
