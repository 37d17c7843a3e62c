"""%functions and %scripts as a person uses them, in JupyterLab. Screenshots lie in pytest's tmp."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, open_browser, write_notebook

LIBRARY = """#!lua name=points
-- Points of <players>.
redis.register_function{
  function_name = 'add', description = 'Add <b>points</b>.',
  callback = function(keys, args) return redis.call('INCRBY', keys[1], args[1] or 1) end,
}
redis.register_function('spin', function() while true do end end)
"""

CALLS = "%%redis\nFCALL add 1 ann 5\nFCALL add 1 ann 2\nEVAL 'return {KEYS, 1.5}' 1 k"


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("functions")


@pytest.fixture(scope="module")
def lab(lab_address: str, lab_directory: Path, chromium: Path, shots: Path) -> Iterator[Lab]:
    """A notebook that has shown functions and scripts."""
    window = {"width": 1300, "height": 2000}
    with open_browser(chromium, shots / "profile", viewport=window) as page:
        sources = (LIBRARY, CALLS, "%functions", "%scripts")
        write_notebook(lab_directory, "functions.ipynb", *sources)
        lab = Lab.open(page, lab_address, "functions.ipynb")
        lab.run_all()
        yield lab


@pytest.fixture
def widget(lab: Lab) -> Locator:
    return lab.page.locator(".redislua-functions")


def test_functions_are_shown_with_what_they_did(lab: Lab, widget: Locator, shots: Path) -> None:
    row = widget.locator("tr", has_text="Add <b>points</b>.")
    expect(row.locator("td").nth(2)).to_have_text("2")
    expect(widget.get_by_role("region", name="code of library points")).to_contain_text("INCRBY")
    expect(lab.page.locator(".redislua-scripts tr", has_text="return {KEYS, 1.5}")).to_be_visible()
    lab.page.screenshot(path=shots / "shown.png")


def test_a_function_that_runs_is_seen_and_killed(lab: Lab, widget: Locator, shots: Path) -> None:
    lab.add_cell("%fcall spin")
    lab.run()
    expect(widget).to_contain_text("running: function spin for")
    widget.screenshot(path=shots / "running.png")
    widget.get_by_role("button", name="Kill").click()
    expect(lab.output_of("%fcall spin")).to_contain_text("killed by user")
    expect(widget).to_contain_text("running: nothing")
    lab.wait_until_idle()


def test_a_library_is_replaced_by_keyboard_once_the_difference_is_seen(
    lab: Lab, widget: Locator, shots: Path
) -> None:
    widget.get_by_role("button", name="Edit").press("Enter")
    editor = widget.get_by_role("textbox", name="Code")
    expect(editor).to_be_focused()
    editor.fill(LIBRARY.replace("or 1", "or 10"))
    widget.locator(".redislua-form").get_by_role("button", name="Load").press("Enter")
    expect(widget.get_by_role("region", name="what differs")).to_contain_text("args[1] or 10)")
    widget.screenshot(path=shots / "difference.png")
    widget.get_by_role("button", name="Replace").press("Enter")
    expect(widget.get_by_role("status")).to_have_text("Library points is replaced.")
    expect(lab.run_new_cell("%fcall add bob")).to_contain_text("(integer) 10")
    # Counts go by the function's name.
    row = widget.locator("tr", has_text="Add <b>points</b>.")
    expect(row.locator("td").nth(2)).to_have_text("3")


def test_a_script_is_run_from_the_cache(lab: Lab, shots: Path) -> None:
    scripts = lab.page.locator(".redislua-scripts")
    scripts.get_by_label("Keys").fill('"two words"')
    scripts.get_by_role("button", name="Run").click()
    expect(scripts).to_contain_text('"two words"')
    scripts.screenshot(path=shots / "run.png")
    lab.page.screenshot(path=shots / "end.png")
