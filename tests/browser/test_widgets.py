"""All that is to be looked at, in both themes, by keyboard. Screenshots lie in pytest's tmp."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab, open_browser, write_notebook

DATA = """%%redis
HSET user:1 name Ann mail ann@example.org
ZADD board 10 ann 25 bob -12.5 cid 90 dan
XADD log 1700000000000-0 event login user ann
XADD log 1700000061234-0 event buy user ann item boots
GEOADD shops 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
HGETALL user:1
ZRANGE board 0 -1 WITHSCORES
XRANGE log - +
GEOPOS shops Palermo Catania
COMMAND INFO get"""

LIBRARY = """#!lua name=points
redis.register_function('add', function(keys, args)
  return redis.call('INCRBY', keys[1], args[1])
end)"""

PROFILED = """%%profile
for i = 1, 100 do
  if i > 50 then
    redis.call('SET', 'k', i)
  end
  if i > 200 then
    redis.call('DEL', 'k')
  end
end"""

#: A script's clock stands still, so it goes by number: some seconds.
LONG = "for i = 1, 600000 do redis.call('INCR', 'hits') end"

SOURCES = {
    "replies": DATA,
    "library": LIBRARY,
    "trace": "%%trace\nredis.call('SET', 'k', 1)\nreturn redis.call('GET', 'k')",
    "profile": PROFILED,
    "diff": "%%diff\nredis.call('HSET', 'user:1', 'name', 'Bob')\nredis.call('DEL', 'k')",
    "recorded": f"%%stats\n{LONG}",
    "stats": "%stats",
    "keyspace": "%keyspace",
    "functions": "%functions",
    "scripts": "%scripts",
}
#: The widgets by the class of the box around each.
WIDGETS = ("stats", "functions", "scripts")


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("widgets")


@pytest.fixture(scope="module")
def lab(lab_address: str, lab_directory: Path, chromium: Path, shots: Path) -> Iterator[Lab]:
    """A notebook that has shown all there is."""
    window = {"width": 1200, "height": 6000}
    with open_browser(chromium, shots / "profile", viewport=window) as page:
        write_notebook(lab_directory, "widgets.ipynb", *SOURCES.values())
        lab = Lab.open(page, lab_address, "widgets.ipynb")
        lab.run_all()
        yield lab


def output(lab: Lab, name: str) -> Locator:
    place = list(SOURCES).index(name)
    return lab.cells.nth(place).locator(".jp-Cell-outputWrapper")


def test_replies_are_pictures(lab: Lab) -> None:
    replies = output(lab, "replies")
    expect(replies.locator("td svg[aria-hidden]")).to_have_count(4)
    expect(replies.get_by_role("img", name="A map of 2 places")).to_be_visible()
    expect(replies.locator("th", has_text="time (UTC)")).to_be_visible()
    nested = replies.locator("details").first
    expect(nested).to_have_attribute("open", "")
    nested.locator("summary").first.click()
    expect(nested).not_to_have_attribute("open", "")


def test_figures_move_while_a_script_runs_and_the_picture_stays(lab: Lab) -> None:
    shown = lab.page.locator(".redislua-stats")
    expect(shown).to_have_count(2)
    recorded, live = shown.nth(0), shown.nth(1)
    expect(recorded.get_by_role("img", name="commands per second")).to_be_visible()
    expect(recorded.locator("polyline")).to_have_count(4)
    lab.add_cell("while true do redis.call('INCR', 'hits') end")
    lab.run()
    expect(live).to_contain_text("running: script")
    in_scripts = live.locator("figure", has_text="time in scripts").locator("figcaption")
    expect(in_scripts).to_contain_text(re.compile("(9.|100)%"))
    lab.interrupt()
    lab.wait_until_idle()
    expect(live).not_to_contain_text("running: script")


def test_every_control_is_reached_by_keyboard_and_has_a_name(lab: Lab) -> None:
    for kind in (*WIDGETS[1:], "keys"):
        widget = lab.page.locator(f".redislua-browser:has(.redislua-{kind}), .redislua-{kind}")
        controls = widget.first.locator("button:visible, input:visible, select:visible")
        count = controls.count()
        assert count > 3
        for place in range(count):
            control = controls.nth(place)
            name = control.evaluate(
                "each => each.title || each.textContent.trim() || each.labels?.[0]?.textContent"
                " || each.getAttribute('aria-label') || each.placeholder"
            )
            assert name, control.evaluate("each => each.outerHTML")
            if control.is_enabled():
                control.focus()
                expect(control).to_be_focused()
                assert control.evaluate("each => each.tabIndex") >= 0


def test_both_themes_can_be_read(lab: Lab, shots: Path) -> None:
    for theme in ("Light", "Dark"):
        lab.menu("Settings", "Theme", f"JupyterLab {theme}")
        is_light = str(theme == "Light").lower()
        lab.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{is_light}'")
        for name in SOURCES:
            output(lab, name).screenshot(path=shots / f"{name}-{theme.lower()}.png")
        text = output(lab, "replies").locator("td samp").first
        lightness = text.evaluate(
            "each => getComputedStyle(each.closest('td')).color.match(/\\d+/g)"
            ".slice(0, 3).reduce((sum, part) => sum + Number(part), 0)"
        )
        assert (lightness > 384) is (theme == "Dark")
