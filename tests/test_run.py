"""`run` prints what redis-cli --eval prints, on a terminal and in a pipe."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from redislua_kernel import __version__
from tests.servers import Server

SCRIPTS = [
    "return {KEYS[1], ARGV[1], {1, 2, {ok='fine'}, false}, #KEYS, #ARGV}",
    "return redis.error_reply('ERR boom')",
    "return {}",
    "return false",
    'return "a\\nb\\0c"',
    "redis.setresp(3); return {map={a={double=1.5}}}",
    "redis.setresp(3); return {set={x=true}}",
    "error('x')",
    "return tonumber('",
]
WORDS = ["k1", "k2", ",", "a1", ",", "-3"]


def run(*words: str, terminal: bool = False) -> tuple[bytes, bytes, int]:
    """Call `run`; give its output, its errors and its exit code."""
    return _call([sys.executable, "-m", "redislua_kernel", "run", *words], terminal)


@pytest.mark.parametrize("options", [[], ["-3"], ["-e"]])
@pytest.mark.parametrize("script", SCRIPTS)
def test_run_prints_what_redis_cli_prints(
    tmp_path: Path, redis_cli: Path, reference_server: Server, script: str, options: list[str]
) -> None:
    file = tmp_path / "script.lua"
    file.write_text(script)
    theirs = [str(redis_cli), *options, "-p", str(reference_server.port), "--eval", str(file)]
    for terminal in (True, False):
        ours = run(*options, str(file), *WORDS, terminal=terminal)
        assert ours == _call([*theirs, *WORDS], terminal)


@pytest.mark.parametrize(
    ("words", "counts"), [([], b"0 0"), (["a", "b"], b"2 0"), ([",", "a"], b"0 1")]
)
def test_a_lone_comma_parts_keys_from_arguments(
    tmp_path: Path, words: list[str], counts: bytes
) -> None:
    file = tmp_path / "script.lua"
    file.write_text("return #KEYS .. ' ' .. #ARGV")
    assert run(str(file), *words)[0] == counts + b"\n"


def test_a_file_may_include_others(tmp_path: Path) -> None:
    file = tmp_path / "script.lua"
    file.write_text('--- @include "one"\nreturn one + 1')
    output, errors, code = run(str(file))
    assert (output, code) == (b"", 1)
    assert errors.startswith(f"{file} line 1 → one.lua: no such file beside it".encode())
    (tmp_path / "one.lua").write_text("local one = 41\n")
    assert run(str(file))[0] == b"42\n"


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.lua")
    error = f"Can't open file '{missing}': No such file or directory\n"
    assert run(missing) == (b"", error.encode(), 1)


def test_an_interrupted_script_ends_quietly(tmp_path: Path) -> None:
    pipe = tmp_path / "endless.lua"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "redislua_kernel", "run", str(pipe)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        try:
            for _ in range(2):  # it is looked at, and read
                pipe.write_text("while true do redis.call('PING') end")
            running.send_signal(signal.SIGINT)
            assert running.communicate(timeout=60) == (b"", b"")
        finally:
            running.kill()
    assert running.returncode == 130


def _call(words: list[str], terminal: bool) -> tuple[bytes, bytes, int]:
    # FAKETTY makes redis-cli, and us, print into a pipe as on a terminal.
    environment = {**os.environ, "FAKETTY": "1"} if terminal else None
    done = subprocess.run(words, env=environment, capture_output=True, timeout=240, check=False)
    return done.stdout, done.stderr, done.returncode


def test_the_version_is_that_of_the_package() -> None:
    shown = _call([sys.executable, "-m", "redislua_kernel", "--version"], terminal=False)
    assert shown == (f"Redis Lua {__version__}\n".encode(), b"", 0)
