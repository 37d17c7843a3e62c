"""%effects: what the last cell would have sent to replicas and the append-only file."""

from __future__ import annotations

from collections.abc import Iterator

from redislua_kernel.engine.journal import REPLICATE_ALL, REPLICATE_TO_REPLICAS, Effect
from redislua_kernel.engine.words import quote_word
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Outputs, Text
from redislua_kernel.session import Session


@magic("effects")
def effects(session: Session) -> Outputs:
    """Show the commands that a server would replicate for the last cell that ran some.

    A comment tells where a command goes if a script chose that with redis.set_repl.

        %effects
    """
    if not session.effects:
        return Text("(no effects)\n")
    return Text("".join(f"{line}\n" for line in _lines(session.effects)))


def _lines(replicated: list[Effect]) -> Iterator[str]:
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
