"""The visual debugger as a person meets it, in JupyterLab. Screenshots lie in pytest's tmp."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.debugging import CELLS, DebuggerPanel
from tests.browser.lab import Lab, open_browser, write_notebook


@pytest.fixture(scope="module")
def lab(
    lab_address: str, lab_directory: Path, chromium: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """A notebook with a library, all its cells run."""
    directory = tmp_path_factory.mktemp("debugger")
    window = {"width": 1400, "height": 1600}
    with open_browser(chromium, directory / "profile", viewport=window) as page:
        write_notebook(lab_directory, "debugger.ipynb", *CELLS)
        lab = Lab.open(page, lab_address, "debugger.ipynb")
        lab.run_all()
        yield lab


def test_a_function_is_stepped_through_in_its_librarys_cell(lab: Lab, tmp_path: Path) -> None:
    panel = DebuggerPanel.switch_on(lab)
    lab.page.screenshot(path=tmp_path / "1-on.png")
    expect(panel.variable("Libraries")).to_have_text("shop")

    library, call = lab.cell_with("#!lua name=shop"), lab.cell_with("%fcall order")
    panel.click_gutter(library, 10)
    lab.page.screenshot(path=tmp_path / "2-breakpoint.png")

    call.locator(".cm-content").click()
    lab.run()
    expect(panel.highlighted).to_have_text("  local cost = discount(price, count) * count")
    expect(panel.variable("price")).to_have_text("80")
    expect(panel.variable("item")).to_have_text('"item:boots"')
    expect(panel.variable("keys")).to_have_text('{"item:boots"}')
    lab.page.screenshot(path=tmp_path / "3-stopped.png")

    panel.press("stepIn")
    expect(panel.highlighted).to_have_text("  local rate = count >= 10 and 0.25 or 0")
    expect(panel.frames).to_have_text([r"discountCell [2]:3", "orderCell [2]:10"])
    panel.press("next")
    expect(panel.highlighted).to_have_text("  return price * (1 - rate)")
    expect(panel.variable("rate")).to_have_text("0.25")
    lab.page.screenshot(path=tmp_path / "4-stepped.png")

    panel.press("stepOut")
    expect(panel.highlighted).to_have_text(
        "  local left = redis.call('HINCRBY', item, 'stock', -count)"
    )
    expect(panel.variable("cost")).to_have_text("720")
    panel.choose_scope("redis.call log")
    expect(panel.variable("1: HGET item:boots price")).to_have_text('"80"')
    lab.page.screenshot(path=tmp_path / "5-calls.png")

    panel.press("continue")
    lab.wait_until_idle()
    expect(panel.highlighted).to_have_count(0)
    expect(call.locator(".jp-OutputArea-output").last).to_contain_text("item:boots")
    lab.page.screenshot(path=tmp_path / "6-done.png")


def test_the_stop_button_ends_a_stop_too(lab: Lab) -> None:
    panel = DebuggerPanel(lab)
    call = lab.cell_with("%fcall order")
    call.locator(".cm-content").click()
    lab.run()
    expect(panel.highlighted).to_have_count(1)
    lab.interrupt()
    expect(call.locator(".jp-OutputArea")).to_contain_text("The cell had written nothing.")
    expect(panel.highlighted).to_have_count(0)
