"""Take the README's picture, the tour in JupyterLab: python -m tests.docs.make_screenshot"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.lab import Lab, open_browser, run_lab
from tests.jupyter import kernel_environment

_PICTURE = Path(__file__).parents[2] / "notebooks" / "images" / "tour.png"
_WINDOW = {"width": 1160, "height": 1150}
#: The heading that stands at the picture's top.
_TOP = "A library of functions"


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
            lab = Lab.open(page, address, "00-tour.ipynb")
            lab.run_all()
            lab.menu("View", "Appearance", "Show Left Sidebar")
            lab.show_heading(_TOP)
            page.screenshot(path=_PICTURE)
    print(f"{_PICTURE.name}: {_PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
