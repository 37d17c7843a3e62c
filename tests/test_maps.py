"""The docstrings of packages that are maps: a table of what is in them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGES = sorted(
    page.parent for page in (Path(__file__).parent.parent / "redislua_kernel").rglob("__init__.py")
)


def map_of(package: Path) -> str:
    return ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""


def modules_of(package: Path) -> set[str]:
    modules = {each.stem for each in package.glob("*.py")} - {"__init__"}
    return modules | {each.parent.name for each in package.glob("*/__init__.py")}


def is_mapped(package: Path) -> bool:
    return any(re.search(rf"(?m)^ *{name} {{2,}}", map_of(package)) for name in modules_of(package))


@pytest.mark.parametrize(
    "package", [each for each in PACKAGES if is_mapped(each)], ids=lambda package: package.name
)
def test_a_map_names_all_that_is_there(package: Path) -> None:
    named = set(re.findall(r"\w+", map_of(package)))
    assert modules_of(package) <= named
