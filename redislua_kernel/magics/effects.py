"""%effects: what the last cell would have sent to replicas and the append-only file."""

from __future__ import annotations

from redislua_kernel.magics.registry import magic
from redislua_kernel.render.effects import effect_lines
from redislua_kernel.render.outputs import Outputs, Text
from redislua_kernel.session import Session


@magic("effects", embedded=True)
def effects(session: Session) -> Outputs:
    """Show the commands that a server would replicate for the last cell that ran some.

    A comment tells where a command goes if a script chose that with redis.set_repl.

        %effects
    """
    if not session.effects:
        return Text("(no effects)\n")
    return Text("".join(f"{line}\n" for line in effect_lines(session.effects)))
