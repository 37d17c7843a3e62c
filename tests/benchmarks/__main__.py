"""All benchmarks, or those that are named, and then one table of what they have found.

    python -m tests.benchmarks [--readme] [speed scripts …]

With --readme the table takes the place of the one in README.md.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from tests.benchmarks import report

#: In the order of the table.
BENCHMARKS = ("speed", "scripts", "libraries", "kernel", "sizes", "memory", "serve")

_README = Path(__file__).parents[2] / "README.md"
_BEGIN, _END = "<!-- benchmarks: made by make bench -->\n", "<!-- end of benchmarks -->\n"


def main() -> None:
    words = sys.argv[1:]
    writes = "--readme" in words
    for name in [word for word in words if word != "--readme"] or BENCHMARKS:
        print(f"\n== {name}\n", flush=True)
        sys.argv = [name]
        import_module(f"tests.benchmarks.bench_{name}").main()
    text = f"{report.machine()}:\n\n{report.table()}"
    print(f"\n{text}")
    if writes:
        before, _, rest = _README.read_text().partition(_BEGIN)
        _, _, after = rest.partition(_END)
        _README.write_text(f"{before}{_BEGIN}{text}{_END}{after}")


if __name__ == "__main__":
    main()
