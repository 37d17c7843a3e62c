"""Take the README's pictures, of JupyterLab: python -m tests.docs.make_screenshot"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import expect

from tests.browser.debugging import CELLS, DebuggerPanel
from tests.browser.lab import Lab, open_browser, run_lab, write_notebook
from tests.jupyter import kernel_environment

_IMAGES = Path(__file__).parents[2] / "notebooks" / "images"
_WINDOW = {"width": 1160, "height": 1150}
#: The heading that stands at the tour's top.
_TOP = "A library of functions"
#: What the picture of the keyspace shows.
_DATA = """%%redis
HSET user:1 name Ann mail ann@example.org
HSET user:2 name Bob mail bob@example.org
SET user:1:session '{"cart":["boots"]}' EX 1800
RPUSH queue:orders 17 18 19
SADD tags red green blue
ZADD board 10 ann 25 bob 12.5 cid 90 dan 55 eve 60 fay 61 gus 30 hal 58 ida
GEOADD shops 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
XADD log * event login user 1
"""
_WIDTH_OF_KEYSPACE = {"width": 1160, "height": 1000}
_LOW_WINDOW = {"width": 1280, "height": 620}


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is missing")
    with TemporaryDirectory() as name:
        directory = Path(name)
        os.environ.update(kernel_environment(directory / "jupyter"))
        with (
            run_lab(directory / "lab") as address,
            open_browser(Path(chromium), directory / "profile", viewport=_WINDOW) as page,
        ):
            _show_tour(Lab.open(page, address, "00-tour.ipynb"))
            page.screenshot(path=_IMAGES / "tour.png")
            page.set_viewport_size(_LOW_WINDOW)
            write_notebook(directory / "lab", "debugger.ipynb", *CELLS)
            _show_debugger(Lab.open(page, address, "debugger.ipynb"))
            page.screenshot(path=_IMAGES / "debugger.png")
            write_notebook(directory / "lab", "keyspace.ipynb", _DATA, "%keyspace")
            page.set_viewport_size(_WIDTH_OF_KEYSPACE)
            _show_keyspace(Lab.open(page, address, "keyspace.ipynb"))
            page.locator(".redislua-browser").screenshot(path=_IMAGES / "keyspace.png")
    for path in _IMAGES.iterdir():
        print(f"{path.name}: {path.stat().st_size // 1000} kB")


def _show_tour(lab: Lab) -> None:
    lab.run_all()
    lab.menu("View", "Appearance", "Show Left Sidebar")
    lab.show_heading(_TOP)


def _show_debugger(lab: Lab) -> None:
    """Stop in a function that another function calls."""
    lab.run_all()
    lab.menu("View", "Appearance", "Show Left Sidebar")
    panel = DebuggerPanel.switch_on(lab)
    panel.click_gutter(lab.cell_with("#!lua name=shop"), 4)
    lab.cell_with("%fcall order").locator(".cm-content").click()
    lab.run()
    expect(panel.highlighted).to_have_count(1)
    panel.frames.nth(1).click()
    expect(panel.variable("item")).to_be_visible()


def _show_keyspace(lab: Lab) -> None:
    """Choose a sorted set."""
    lab.run_all()
    lab.menu("View", "Appearance", "Show Left Sidebar")
    widget = lab.page.locator(".redislua-browser")
    widget.get_by_title("board, zset").click()
    expect(widget.get_by_role("img")).to_be_visible()


if __name__ == "__main__":
    main()
