"""JupyterLab's debugger, as a person uses it."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.browser.lab import Lab

#: The cells of a notebook to debug: a library whose functions call each other, and a call.
CELLS = (
    "%redis HSET item:boots price 80 stock 25",
    """#!lua name=shop
local function discount(price, count)
  local rate = count >= 10 and 0.25 or 0
  return price * (1 - rate)
end

redis.register_function('order', function(keys, args)
  local item, count = keys[1], tonumber(args[1])
  local price = tonumber(redis.call('HGET', item, 'price'))
  local cost = discount(price, count) * count
  local left = redis.call('HINCRBY', item, 'stock', -count)
  return {item, cost, left}
end)""",
    "%fcall order item:boots , 12",
)

_DEBUGGED = "[data-jp-debugger='true']"


@dataclass
class DebuggerPanel:
    """The panel at the right, and what it does in the notebook."""

    lab: Lab

    @classmethod
    def switch_on(cls, lab: Lab) -> DebuggerPanel:
        """Click on the bug, and wait until the cells have room for breakpoints."""
        lab.page.locator(".jp-DebuggerBugButton").click()
        expect(lab.page.locator(_DEBUGGED).first).to_be_attached()
        expect(lab.page.locator(".cm-breakpoint-gutter").first).to_be_visible()
        return cls(lab)

    def click_gutter(self, cell: Locator, line: int) -> None:
        """Click left of a line's number, and wait for the dot."""
        # The first element is no line: it keeps the column wide.
        place = cell.locator(".cm-breakpoint-gutter .cm-gutterElement").nth(line)
        place.click()
        expect(place.locator(".cm-breakpoint-icon")).to_be_visible()

    def press(self, command: str) -> None:
        """Press a button: continue, next, stepIn, stepOut, terminate."""
        self.lab.page.locator(f".jp-SidePanel [data-command='debugger:{command}']").click()

    @property
    def highlighted(self) -> Locator:
        """The line where the script stands."""
        return self.lab.page.locator(".jp-DebuggerEditor-highlight")

    @property
    def frames(self) -> Locator:
        """The lines of the call stack."""
        return self.lab.page.locator(".jp-DebuggerCallstackFrame")

    def variable(self, name: str) -> Locator:
        """What the panel shows beside a variable's name."""
        row = self.lab.page.locator(".jp-DebuggerVariables .jp-TreeItem").filter(
            has=self.lab.page.locator(f".jp-DebuggerVariables-name:text-is('{name}')")
        )
        return row.locator("> .jp-DebuggerVariables-detail").last

    def choose_scope(self, name: str) -> None:
        """Choose what the panel lists."""
        self.lab.page.locator("select[aria-label='Scope']").select_option(name)
