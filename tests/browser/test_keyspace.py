"""%keyspace as a person uses it, in JupyterLab. Screenshots lie in pytest's tmp."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, open_browser, write_notebook

DATA = r"""%%redis
HSET user:1 name Ann mail ann@example.org "<img src=x onerror=document.body.innerHTML=1>" "<b>x</b>"
HSET user:2 name Bob
SET user:1:session "{\"cart\": [\"boots\", null, 1.50]}" EX 125
ZADD board 10 ann 25 bob 12.5 cid 90 dan 55 eve 60 fay 61 gus 30 hal
GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 15.5547 38.1938 Messina
SET "bin\x00" "\x00\x01\xff"
"""

MANY = "for i = 1, 45 do redis.call('SET', 'many:' .. i, i) end"


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keyspace")


@pytest.fixture(scope="module")
def lab(lab_address: str, lab_directory: Path, chromium: Path, shots: Path) -> Iterator[Lab]:
    """A notebook that has shown the keyspace."""
    window = {"width": 1300, "height": 1300}
    with open_browser(chromium, shots / "profile", viewport=window) as page:
        write_notebook(lab_directory, "keys.ipynb", DATA, MANY, "%keyspace")
        lab = Lab.open(page, lab_address, "keys.ipynb")
        lab.run_all()
        yield lab


@pytest.fixture
def widget(lab: Lab) -> Locator:
    return lab.page.locator(".redislua-browser")


def line(widget: Locator, name: str) -> Locator:
    """Give the button of a line of the tree, by the beginning of its title."""
    return widget.locator(f".redislua-row button[title^='{name}']")


def test_a_branch_opens_and_shows_its_keys(lab: Lab, widget: Locator, shots: Path) -> None:
    expect(widget).to_contain_text("database 0 · 51 keys")
    expect(line(widget, "user:1,")).to_have_count(0)
    line(widget, "Open user:").click()
    expect(line(widget, "user:1,")).to_be_visible()
    # The keyboard does the same; the line keeps the focus.
    lab.page.keyboard.press("Enter")
    expect(line(widget, "user:1,")).to_have_count(0)
    lab.page.keyboard.press("Enter")
    expect(line(widget, "user:1,")).to_be_visible()


def test_a_key_shows_what_is_in_it_by_its_type(widget: Locator, shots: Path) -> None:
    value = widget.locator(".redislua-value")
    line(widget, "user:1,").click()
    expect(value).to_contain_text("3 fields")
    expect(value.locator("tr", has_text="mail")).to_have_text("mailann@example.org")
    expect(value.locator("tr", has_text="<img src=x")).to_contain_text("<b>x</b>")
    expect(widget.locator("img")).to_have_count(0)
    line(widget, "board,").click()
    expect(value.get_by_role("img", name="Scores from 10 to 90")).to_be_visible()
    widget.screenshot(path=shots / "scores.png")
    line(widget, "sicily,").click()
    expect(value.get_by_role("img", name="A map of 3 places")).to_be_visible()
    widget.screenshot(path=shots / "map.png")


def test_a_search_finds_keys_and_decoded_json_is_laid_out(widget: Locator, shots: Path) -> None:
    widget.get_by_label("Search").fill("SESSION")
    expect(widget).to_contain_text("1 key of 51")
    line(widget, "user:1:session").click()
    expect(widget.locator("pre")).to_contain_text('"boots"')
    # Two minutes and five seconds, counting down by itself.
    expect(widget.locator(".redislua-facts .redislua-ttl")).to_be_visible()
    widget.screenshot(path=shots / "search.png")
    widget.get_by_label("Search").fill("")
    expect(widget).to_contain_text("· 51 keys")


def test_pages_lead_through_many_keys(widget: Locator, shots: Path) -> None:
    line(widget, "Open many:").click()
    expect(widget).to_contain_text("lines 1 to 20 of")
    widget.get_by_role("button", name="Next page of keys").click()
    expect(widget).to_contain_text("lines 21 to 40 of")
    widget.screenshot(path=shots / "pages.png")
    widget.get_by_role("button", name="First page of keys").click()
    line(widget, "Close many:").click()


def test_it_follows_what_cells_change(lab: Lab, widget: Locator) -> None:
    expect(line(widget, "user:2,")).to_have_attribute("title", "user:2, hash, 1 field")
    lab.run_new_cell("redis.call('HSET', 'user:2', 'age', 42)")
    expect(line(widget, "user:2,")).to_have_attribute("title", "user:2, hash, 2 fields")


def test_a_key_is_deleted_once_that_is_confirmed(lab: Lab, widget: Locator, shots: Path) -> None:
    lab.menu("Settings", "Theme", "JupyterLab Dark")
    lab.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    line(widget, "user:2,").click()
    widget.get_by_title("Delete the key").click()
    expect(widget).to_contain_text("Delete user:2?")
    widget.screenshot(path=shots / "dark.png")
    widget.get_by_role("button", name="Cancel").click()
    expect(line(widget, "user:2,")).to_be_visible()
    widget.get_by_title("Delete the key").click()
    widget.get_by_title("Delete user:2").click()
    expect(line(widget, "user:2,")).to_have_count(0)
    assert "0" in lab.run_new_cell("redis.call('EXISTS', 'user:2')").inner_text()
