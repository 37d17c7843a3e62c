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
