"""What the README and the pages of docs/ say is true."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from redislua_kernel import ResponseError
from redislua_kernel.cells import keys_and_args, parse
from redislua_kernel.engine import Engine
from redislua_kernel.magics import call, magics
from redislua_kernel.session import Session
from tests.docs.commands_table import COMMANDS_PAGE, page
from tests.docs.lint_table import LINT_PAGE, rules_page
from tests.docs.magics_table import MAGICS_PAGE, magics_page

REPOSITORY = Path(__file__).parents[1]
TEXT = (REPOSITORY / "README.md").read_text()


def block(language: str, containing: str = "") -> str:
    """Give the first code block of a language that contains a text."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return next(each for each in blocks if containing in each)


def test_the_page_of_magics_is_the_registry() -> None:
    """If this fails: python -m tests.docs.magics_table"""
    assert MAGICS_PAGE.read_text() == magics_page()


def test_the_page_of_commands_is_the_registry() -> None:
    """If this fails: python -m tests.docs.commands_table"""
    assert COMMANDS_PAGE.read_text() == page()


def test_the_page_of_rules_is_the_registry() -> None:
    """If this fails: python -m tests.docs.lint_table"""
    assert LINT_PAGE.read_text() == rules_page()


PAGES = [REPOSITORY / "README.md", *sorted(REPOSITORY.glob("docs/*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^):]+)\)", page.read_text()):
        assert (page.parent / target).is_file(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_magic_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"(?<![\w%])%{1,2}([a-z_]+)", page.read_text()))
    assert named <= magics().keys()


def test_the_readme_s_pictures_are_small() -> None:
    assert (REPOSITORY / "notebooks/images/tour.png").stat().st_size < 300_000


def test_the_example_cell_sells_what_there_is() -> None:
    cell = parse(block("lua"))
    assert cell.head is not None
    session = Session(Engine())
    session.execute("SET", "stock:boots", 1)
    keys, args = keys_and_args(cell.head.words[1:])
    assert session.run_script(cell.body, keys, args) == 0
    assert session.execute("LRANGE", "orders", 0, -1) == [b"Ann"]
    with pytest.raises(ResponseError, match="SOLDOUT"):
        session.run_script(cell.body, keys, args)


def test_the_python_example_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    source = block("python")
    names: dict[str, Callable[..., object]] = {}
    exec(source, names)
    assert f"# {capsys.readouterr().out}" in source


@pytest.mark.parametrize("name", ["BGREWRITEAOF", "PSYNC", "JSON.GET"])
def test_what_is_said_to_be_missing_is_missing(name: str) -> None:
    with pytest.raises(ResponseError, match="unknown command"):
        Engine().execute(name)


def test_the_changelog_has_a_place_for_what_is_new() -> None:
    assert "## [Unreleased]" in (REPOSITORY / "CHANGELOG.md").read_text()


CONDITIONS = re.findall(
    r"^\| .* \| .*`%(.*?)`.* \| ([A-Z]+) \|$",
    (REPOSITORY / "docs" / "conditions.md").read_text(),
    re.MULTILINE,
)


@pytest.mark.parametrize(("line", "code"), CONDITIONS)
def test_a_condition_is_brought_about_as_it_says(line: str, code: str) -> None:
    session = Session(Engine())
    words: tuple[str | int, ...] = ("MSET", "a", 1, "b", 2)
    if code == "MASTERDOWN":
        session.execute("REPLICAOF", "host", 6379)
        words = ("GET", "a")
    for magic in parse(f"%{line}").magics:
        list(call(session, magic))
    with pytest.raises(ResponseError, match=rf"^{code} "):
        session.execute(*words)


def test_there_are_six_conditions() -> None:
    assert len(CONDITIONS) == 6
