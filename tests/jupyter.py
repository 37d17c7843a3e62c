"""Jupyter on this working copy: its kernelspec and its package are found before installed ones."""

import os
from pathlib import Path

import nbclient
import nbformat
from nbformat import NotebookNode

KERNEL_NAME = "redislua"
ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

#: What a page would show instead of the HTML: the live widget, which is gone, and JSON.
_NOT_STORED = ("application/vnd.jupyter.widget-view+json", "application/json")


def kernel_environment(directory: Path) -> dict[str, str]:
    """Give the variables with which Jupyter finds this kernel; the directory will hold its spec."""
    kernels = directory / "kernels"
    kernels.mkdir(parents=True)
    (kernels / KERNEL_NAME).symlink_to(ROOT / "kernelspec")
    path = os.environ.get("PYTHONPATH")
    return {
        "JUPYTER_PATH": str(directory),
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": str(ROOT) + (os.pathsep + path if path else ""),
    }


def run_notebook(path: Path) -> NotebookNode:
    """Run a copy of a notebook from top to bottom, as it is to be stored.

    Raises CellExecutionError for an error in a cell without the tag raises-exception. Nothing
    that changes from run to run is kept (no times), and only what pages are to show.
    """
    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        notebook,
        kernel_name=KERNEL_NAME,
        timeout=60,
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for kind in _NOT_STORED:
                output.get("data", {}).pop(kind, None)
    return notebook
