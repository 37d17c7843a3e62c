"""The script cache: every subcommand of SCRIPT, in redis-cli's words."""

from __future__ import annotations

from redislua_kernel.magics.registry import magic
from redislua_kernel.render.outputs import Outputs, Result
from redislua_kernel.session import Session


@magic("script", while_busy=True)
def script(session: Session, subcommand: bytes, *argument: bytes) -> Outputs:
    """Look after the script cache: EXISTS, FLUSH, KILL, DEBUG, LOAD, HELP.

    %script exists e0e1f9fabfc9d4800c877a703b823ac0578ff8db
    %script help
    """
    return Result(session.execute("SCRIPT", subcommand, *argument), session.backend.resp)


@magic("script load")
def load(session: Session, *, body: bytes) -> Outputs:
    """Keep the cell's body in the script cache, without running it, and give its digest.

    %%script load
    return redis.call('GET', KEYS[1])
    """
    return Result(session.execute("SCRIPT", "LOAD", body), session.backend.resp)
