"""The script cache: every subcommand of SCRIPT, in redis-cli's words."""

from __future__ import annotations

from redislua_kernel.magics.registry import magic
from redislua_kernel.projects.source import Source, split_name
from redislua_kernel.render.outputs import Outputs
from redislua_kernel.session import Session


@magic("script", while_busy=True)
def script(session: Session, subcommand: bytes, *argument: bytes) -> Outputs:
    """Look after the script cache: EXISTS, FLUSH, KILL, DEBUG, LOAD, HELP.

    %script exists e0e1f9fabfc9d4800c877a703b823ac0578ff8db
    %script help
    """
    return session.result(session.execute("SCRIPT", subcommand, *argument))


@magic("script load")
def load(session: Session, name: bytes | None = None, *, body: bytes) -> Outputs:
    """Keep the cell's body in the script cache, without running it, and give its digest.

    With a name, %call calls it, and $name stands for its digest in EVALSHA and SCRIPT. A number at
    the name's end, as in release-1, says how many keys it takes.

        %%script load release-1
        return redis.call('GET', KEYS[1])

        %redis EVALSHA $release 1 lock:a
    """
    if name is None:
        return session.result(session.execute("SCRIPT", "LOAD", body))
    source = Source(*split_name(name.decode("utf-8", "replace")), code=body)
    return session.result(session.scripts.load(session.execute, source))
