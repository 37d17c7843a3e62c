"""Effects as text: the commands that a server would replicate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redislua_kernel.engine.journal import REPLICATE_ALL, REPLICATE_TO_REPLICAS, Effect
from redislua_kernel.engine.words import quote_word

__all__ = ["effect_lines"]


def effect_lines(replicated: Iterable[Effect]) -> Iterator[str]:
    """Give the lines of some effects; comments tell where they go if not to both."""
    database, targets = 0, REPLICATE_ALL
    for effect in replicated:
        if effect.targets != targets:
            targets = effect.targets
            yield f"# {_TARGETS[targets]}"
        if effect.database != database:
            database = effect.database
            yield f"SELECT {database}"
        yield b" ".join(map(quote_word, effect.words)).decode("utf-8", "replace")


_TARGETS = {
    REPLICATE_ALL: "to the append-only file and to replicas",
    REPLICATE_ALL - REPLICATE_TO_REPLICAS: "to the append-only file alone",
    REPLICATE_TO_REPLICAS: "to replicas alone",
}
