"""Run notebooks and store them with their outputs: python -m tests.docs.run_notebooks [name ...]

Without names: all; one that shows the same text as before, but for times, stays as it is.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from tests.jupyter import NOTEBOOKS, kernel_environment, outputs_as_text, run_notebook


def main() -> None:
    names = tuple(sys.argv[1:])
    with TemporaryDirectory() as directory:
        os.environ.update(kernel_environment(Path(directory)))
        for path in NOTEBOOKS:
            if names and not path.stem.startswith(names):
                continue
            stored, fresh = nbformat.read(path, as_version=4), run_notebook(path)
            if names or outputs_as_text(fresh) != outputs_as_text(stored):
                nbformat.write(fresh, path)
                print(path.name)


if __name__ == "__main__":
    main()
