"""The tour as a person meets it: in JupyterLab, in a browser. Screenshots lie in pytest's tmp."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab, open_browser

READY = "redis.log(redis.LOG_NOTICE, 'ready')"


@pytest.fixture(scope="module")
def lab(
    lab_address: str, chromium: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """The tour in JupyterLab, all its cells run, in a window tall enough to hold it whole."""
    directory = tmp_path_factory.mktemp("tour")
    window = {"width": 1200, "height": 8000}
    with open_browser(chromium, directory / "profile", viewport=window) as page:
        lab = Lab.open(page, lab_address, "00-tour.ipynb")
        lab.run_all()
        page.screenshot(path=directory / "tour.png")
        yield lab
        page.screenshot(path=directory / "end.png")


def test_all_cells_run_and_only_those_fail_that_are_meant_to(lab: Lab) -> None:
    failed = lab.page.locator(
        ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
    )
    expect(failed).to_contain_text(
        ["WRONGTYPE", "Error compiling", "SOLDOUT no boots left", "too late", "Can not execute"]
    )
    expect(failed.first).to_contain_text("line 2 | return redis.call('INCR', 'tasks')")


def test_replies_are_shown_as_html(lab: Lab) -> None:
    expect(lab.output_of("6 * 7")).to_have_text("(integer) 42")
    expect(lab.output_of("MGET").locator("table td samp")).to_have_text(['"5"', '"1"'])
    text = lab.output_of("MGET").locator("td samp").first
    assert text.evaluate("each => getComputedStyle(each.parentElement).textAlign") == "left"


def test_tab_completes_a_name(lab: Lab) -> None:
    lab.add_cell("redis.")
    lab.page.keyboard.press("Tab")
    popup = lab.page.locator(".jp-Completer")
    expect(popup).to_be_visible()
    expect(popup.get_by_text("sha1hex", exact=True)).to_be_visible()
    lab.page.keyboard.press("Escape")


def test_the_stop_button_ends_a_script_and_takes_its_writes_back(lab: Lab) -> None:
    cell = lab.add_cell(f"redis.call('SET', 'greeting', 'never')\n{READY}\nwhile true do end")
    lab.run()
    expect(cell.locator(".jp-OutputArea")).to_contain_text("ready")
    lab.interrupt()
    expect(cell.locator(".jp-OutputArea")).to_contain_text("The cell's writes were undone: 1.")
    after = lab.run_new_cell("redis.call('GET', 'greeting')")
    expect(after).not_to_contain_text("never")


def test_the_dark_theme_has_light_text(lab: Lab) -> None:
    lab.menu("Settings", "Theme", "JupyterLab Dark")
    lab.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    number = lab.output_of("6 * 7").locator("samp")
    expect(number).not_to_have_css("color", "rgb(0, 0, 0)")


def test_the_stop_button_ends_a_script_that_is_stuck_in_one_call(lab: Lab) -> None:
    cell = lab.add_cell(
        f"redis.call('SET', 'greeting', 'never')\n{READY}\n"
        "return string.find(('a'):rep(40), ('a-'):rep(40) .. 'b')"
    )
    lab.run()
    expect(cell.locator(".jp-OutputArea")).to_contain_text("ready")
    lab.interrupt()
    expect(cell.locator(".jp-OutputArea")).to_contain_text("Lua has begun anew")
    after = lab.run_new_cell("redis.call('GET', 'greeting')")
    expect(after).not_to_contain_text("never")
