"""Run every notebook and store it with its outputs: python -m tests.docs.run_notebooks"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from tests.jupyter import NOTEBOOKS, kernel_environment, run_notebook


def main() -> None:
    with TemporaryDirectory() as directory:
        os.environ.update(kernel_environment(Path(directory)))
        for path in NOTEBOOKS:
            nbformat.write(run_notebook(path), path)
            print(path.name)


if __name__ == "__main__":
    main()
