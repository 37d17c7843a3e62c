"""All benchmarks, or those that are named, and then one table of what they have found.

    python -m tests.benchmarks [--readme] [speed scripts …]

With --readme what was found takes the place of what README.md's table says of it.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

from tests.benchmarks import report

#: In the order of the table.
BENCHMARKS = ("speed", "scripts", "libraries", "kernel", "sizes", "memory", "serve")

_README = Path(__file__).parents[2] / "README.md"
_BEGIN, _END = "<!-- benchmarks: made by make bench -->\n", "<!-- end of benchmarks -->\n"


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--readme", action="store_true", help="write the table of README.md")
    asked = parser.parse_args()
    unknown = set(asked.names).difference(BENCHMARKS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    for name in asked.names or BENCHMARKS:
        print(f"\n== {name}\n", flush=True)
        sys.argv = [name]  # some take words of their own
        import_module(f"tests.benchmarks.bench_{name}").main()
    print(f"\n{report.table(report.found())}")
    if asked.readme:
        report.keep()
        before, _, rest = _README.read_text().partition(_BEGIN)
        _, _, after = rest.partition(_END)
        _README.write_text(f"{before}{_BEGIN}{report.table(report.kept())}{_END}{after}")


if __name__ == "__main__":
    main()
