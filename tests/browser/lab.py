"""JupyterLab in a headless Chromium, on copies of the notebooks."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.jupyter import KERNEL_NAME, NOTEBOOKS
from tests.jupyter_program import jupyter
from tests.ports import free_port

_TOKEN = "tour"
_SECONDS = 60
_PATIENCE = 20_000  # milliseconds: a busy machine is no failure

_LAB_FLAGS = [
    "--allow-root",
    "--no-browser",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    f"--IdentityProvider.token={_TOKEN}",
    # Nothing here may ask the network for news, updates or extensions.
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.news_url=None",
    "--LabApp.extension_manager=readonly",
    "--LabApp.expose_app_in_browser=True",
    "--JupyterNotebookApp.expose_app_in_browser=True",
]
_CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: The prompt of a cell that has run.
_NUMBERED = re.compile(r"\[\d+\]:")
_OUTPUT = ".jp-OutputArea-output"

#: Lab's light shows "idle" before a kernel is there; Lab itself knows better.
_IS_IDLE = """() => {
    const session = window.jupyterapp?.shell.currentWidget?.context?.sessionContext
    return session?.isReady && session.session?.kernel?.status === "idle"
}"""

#: What the notebook holds: Lab draws only the cells near the window.
_CODE_CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === "code")
    .map(cell => ({
        source: cell.model.sharedModel.getSource(),
        tags: cell.model.getMetadata("tags") ?? [],
        count: cell.model.executionCount,
        outputs: cell.model.outputs.toJSON(),
    }))
"""

_OPEN = """async path => {
    await window.jupyterapp.commands.execute("docmanager:open", {path})
}"""
_IS_OPEN = """path => window.jupyterapp.shell.currentWidget?.context?.path === path"""
_CLOSE = """async () => {
    const panel = window.jupyterapp.shell.currentWidget
    await panel.context.sessionContext.shutdown()
    panel.dispose()
}"""

#: What Run All Cells of the menu does.
_RUN_ALL = """() => { window.jupyterapp.commands.execute("notebook:run-all-cells") }"""
#: Lab calls it all done at the first cell that fails, also where that is expected and the others go
#: on: so look at the cells. All have run, or one failed unasked and kept the rest from running.
_HAS_RUN = """() => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets
        .map(cell => cell.model).filter(model => model.type === "code")
    const failed = model => !(model.getMetadata("tags") ?? []).includes("raises-exception")
        && model.outputs.toJSON().some(output => output.output_type === "error")
    return cells.every(model => model.executionCount !== null) || cells.some(failed)
}"""
#: Outputs that are stored would look like those of this run.
_CLEAR_ALL = """async () => {
    await window.jupyterapp.commands.execute("notebook:clear-all-cell-outputs")
}"""

#: A click beside the last cell would do the same, but a busy Lab now and then misses it.
_ADD_CELL = """async () => {
    const notebook = window.jupyterapp.shell.currentWidget.content
    notebook.activeCellIndex = notebook.widgets.length - 1
    await window.jupyterapp.commands.execute("notebook:insert-cell-below")
}"""


@contextmanager
def run_lab(directory: Path, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Serve JupyterLab on copies of the notebooks; give its address. All it writes is in there."""
    workspace = directory / "notebooks"
    workspace.mkdir(parents=True)
    for path in NOTEBOOKS:
        shutil.copy(path, workspace)
    home = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    _write_settings(directory / home["JUPYTERLAB_SETTINGS_DIR"])
    port = free_port()
    flags = [*_LAB_FLAGS, f"--ServerApp.port={port}", f"--ServerApp.root_dir={workspace}"]
    with (directory / "lab.log").open("wb") as log:
        server = subprocess.Popen(
            jupyter("jupyterlab", *flags),
            env={**environment, **{name: str(directory / path) for name, path in home.items()}},
            stdout=log,
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token={_TOKEN}", server)
        yield address
    finally:
        server.terminate()
        server.wait(_SECONDS)


def write_notebook(directory: Path, name: str, *sources: str) -> None:
    """Add a notebook to those of a Lab that serves a directory; small ones are drawn at once."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"name": KERNEL_NAME, "display_name": "Redis Lua"}
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(notebook, directory / "notebooks" / name)


@contextmanager
def open_browser(chromium: Path, directory: Path, **options: object) -> Iterator[Page]:
    """Give a page of a browser with a profile of its own."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            directory,
            executable_path=chromium,
            args=_CHROMIUM_FLAGS,
            **options,  # type: ignore[arg-type]
        )
        try:
            context.set_default_timeout(_PATIENCE)
            expect.set_options(timeout=_PATIENCE)
            yield context.pages[0] if context.pages else context.new_page()
        finally:
            context.close()


@dataclass
class Lab:
    """A notebook, open in JupyterLab: what a person sees and does there."""

    page: Page

    @classmethod
    def open(cls, page: Page, address: str, notebook: str, app: str = "lab/tree") -> "Lab":
        """Open a notebook and wait until its kernel is ready; Notebook's app is `notebooks`."""
        page.goto(f"{address}/{app}/{notebook}?token={_TOKEN}&reset")
        lab = cls(page)
        lab.wait_until_idle()
        return lab

    def open_beside(self, notebook: str) -> None:
        """Open another notebook in a tab of the same Lab: much faster than to load Lab again."""
        self.page.evaluate(_OPEN, notebook)
        self.page.wait_for_function(_IS_OPEN, arg=notebook, timeout=_SECONDS * 1000)
        self.wait_until_idle()

    @property
    def cells(self) -> Locator:
        """The code cells. Lab draws only those near the window: scroll to reach the others."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")

    def menu(self, *path: str) -> None:
        """Choose an entry of the menu bar."""
        bar, *entries = path
        self.page.locator(".lm-MenuBar-itemLabel", has_text=bar).first.click()
        for entry in entries:
            self.page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()

    def wait_until_idle(self) -> None:
        """Wait until the kernel is there and does nothing."""
        self.page.wait_for_function(_IS_IDLE, timeout=_SECONDS * 1000)

    def run_all(self) -> None:
        """Run all cells, and wait for their end."""
        self.page.evaluate(_CLEAR_ALL)
        self.page.evaluate(_RUN_ALL)
        self.page.wait_for_function(_HAS_RUN, timeout=3 * _SECONDS * 1000)
        self.wait_until_idle()

    def code_cells(self) -> list[dict[str, Any]]:
        """Give all code cells, those that are not drawn too: source, tags, count, outputs."""
        cells: list[dict[str, Any]] = self.page.evaluate(_CODE_CELLS)
        return cells

    def close(self) -> None:
        """End the notebook's kernel, and close its tab without saving."""
        self.page.evaluate(_CLOSE)

    def show_heading(self, title: str) -> None:
        """Scroll until a heading stands at the top."""
        heading = self.page.locator(".jp-MarkdownCell h2", has_text=title)
        # Lab draws the cells above it only now, which moves it down again.
        for _ in range(4):
            heading.evaluate("each => each.scrollIntoView({block: 'start'})")
            self.page.wait_for_timeout(300)

    def add_cell(self, source: str) -> Locator:
        """Add a cell at the end, type a source into it, and give it; its editor has the focus."""
        self.page.evaluate(_ADD_CELL)
        cell = self.page.locator(".jp-CodeCell.jp-mod-active")
        cell.locator(".cm-content").click()
        self.page.keyboard.insert_text(source)
        return cell

    def run(self) -> None:
        """Run the cell that has the focus."""
        self.page.keyboard.press("Control+Enter")

    def interrupt(self) -> None:
        """Press the stop button."""
        self.page.get_by_role("button", name="Interrupt the kernel").click()

    def run_new_cell(self, source: str) -> Locator:
        """Add a cell, run it, and give its output."""
        cell = self.add_cell(source)
        self.run()
        # Lab shows the number as soon as the cell begins; only the kernel's status tells the end.
        expect(cell.locator(".jp-InputPrompt")).to_have_text(_NUMBERED)
        self.wait_until_idle()
        return cell.locator(_OUTPUT).last

    def cell_with(self, source: str) -> Locator:
        """Give the first cell that contains a text."""
        return self.cells.filter(has=self.page.locator(".jp-InputArea", has_text=source)).first

    def output_of(self, source: str) -> Locator:
        """Give the last output of the first cell that contains a text."""
        return self.cell_with(source).locator(_OUTPUT).last


def _write_settings(directory: Path) -> None:
    """Keep Lab from asking for news, and from dropping completions that come late."""
    settings: dict[str, dict[str, object]] = {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "completer-extension/manager": {"providerTimeout": _PATIENCE},
    }
    for name, values in settings.items():
        path = directory / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, ConnectionError) as error:
            if time.monotonic() > end or server.poll() is not None:
                raise RuntimeError(f"JupyterLab did not start: {error}") from error
            time.sleep(0.1)
