"""Registering the kernel with a Jupyter that lives in another environment."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.usefixtures("kernelspec")
def test_the_installed_kernelspec_names_this_python(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "redislua_kernel", "install", "--prefix", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    installed = tmp_path / "share/jupyter/kernels/redislua"
    spec = json.loads((installed / "kernel.json").read_text())
    assert spec["argv"][:3] == [sys.executable, "-m", "redislua_kernel"]
    assert (installed / "logo-svg.svg").is_file()


@pytest.mark.usefixtures("kernelspec")
def test_a_place_that_takes_no_files_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    prefix = str(tmp_path / "file" / "below")
    command = [sys.executable, "-m", "redislua_kernel", "install", "--prefix", prefix]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 1)
    (line,) = done.stderr.splitlines()
    assert line.startswith("Could not install the kernelspec: ")
