"""What an installation brings: the kernelspec, its logos, the files of the package."""

import ast
import json
import re
import shutil
import struct
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

ROOT = Path(__file__).parent.parent
KERNELSPEC = "share/jupyter/kernels/redislua"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """The wheel that `pip install .` builds, read back."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = target.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        yield archive


@pytest.fixture(scope="module")
def spec() -> KernelSpec:
    """The kernelspec as Jupyter finds it in this environment."""
    manager = KernelSpecManager(kernel_dirs=[str(Path(sys.prefix, KERNELSPEC).parent)])
    return manager.get_kernel_spec("redislua")


def test_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    package = ROOT / "redislua_kernel"
    files = {
        path.relative_to(ROOT).as_posix()
        for path in package.rglob("*")
        if path.suffix in {".css", ".lua", ".py", ".txt", ".typed"}
    }
    assert files <= set(wheel.namelist())


def own_files() -> Iterator[Path]:
    """Give the modules of the package but for those that other programs find in it."""
    package = ROOT / "redislua_kernel"
    for file in package.rglob("*.py"):
        if "integrations" not in file.parts and file != package / "testing" / "plugin.py":
            yield file


def imported_by(file: Path) -> Iterator[str]:
    """Give the names of others' packages that a module imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in {module.partition(".")[0] for module in modules}:
            if name not in sys.stdlib_module_names and name != "redislua_kernel":
                yield name


def test_what_the_package_imports_it_asks_for() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.match(r"[\w-]+", each)[0].replace("-", "_") for each in declared}
    assert {name for file in own_files() for name in imported_by(file)} == names


def test_wheel_registers_the_kernelspec(wheel: zipfile.ZipFile) -> None:
    data = [name for name in wheel.namelist() if f".data/data/{KERNELSPEC}/" in name]
    assert {Path(name).name for name in data} == {
        "kernel.json",
        "logo-32x32.png",
        "logo-64x64.png",
        "logo-svg.svg",
    }


def test_wheel_brings_what_pytest_papermill_and_nbconvert_find(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    read = ConfigParser()
    read.read_string(wheel.read(name).decode())
    targets = {group: dict(read[group]) for group in read.sections()}
    assert targets.keys() == {"nbconvert.exporters.script", "papermill.engine", "pytest11"}
    import_module("papermill")  # it imports its engines itself, and comes first where they are used
    for target in [each for entries in targets.values() for each in entries.values()]:
        module, _, attribute = target.partition(":")
        assert not attribute or hasattr(import_module(module), attribute)


def test_jupyter_finds_the_kernel_in_the_environment_it_is_installed_in(spec: KernelSpec) -> None:
    assert Path(spec.resource_dir) == Path(sys.prefix, KERNELSPEC)
    assert spec.display_name == "Redis Lua"
    assert spec.language == "lua"
    assert spec.interrupt_mode == "message"


def test_jupyter_kernelspec_list_names_the_kernel() -> None:
    jupyter = shutil.which("jupyter", path=Path(sys.executable).parent)
    assert jupyter
    command = [jupyter, "kernelspec", "list", "--json"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert "redislua" in listed["kernelspecs"]


@pytest.mark.parametrize("size", [32, 64])
def test_logo_has_the_size_in_its_name(spec: KernelSpec, size: int) -> None:
    png = Path(spec.resource_dir, f"logo-{size}x{size}.png").read_bytes()
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (size, size)
