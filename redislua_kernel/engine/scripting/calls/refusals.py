"""What refuses a call of a script, by what its mode forbids; dialects look in different orders."""

from __future__ import annotations

from typing import NamedTuple

from redislua_kernel.engine.dialect import Dialect
from redislua_kernel.engine.errors import (
    AOF_ERROR,
    OUT_OF_MEMORY,
    READ_ONLY_REPLICA,
    TOO_FEW_REPLICAS,
    rdb_error,
)
from redislua_kernel.engine.registry import Command
from redislua_kernel.engine.scripting.modes import Mode

__all__ = ["Refusal", "refusal_of"]

READ_ONLY = b"ERR Write commands are not allowed from read-only scripts."
STALE = b"ERR Can not execute the command on a stale replica"


class Refusal(NamedTuple):
    """Why a call is refused, whether only as long as the script has written nothing, and
    whether the user's rights are looked at first.
    """

    text: bytes
    before_writing: bool = False
    after_rights: bool = False


def refusal_of(dialect: Dialect, mode: Mode, command: Command) -> Refusal | None:
    """Tell what refuses a command in a mode; None: nothing."""
    if command.subcommands and not command.is_runnable:
        return Refusal(dialect.unknown_command)
    if "noscript" in command.flags and not mode & Mode.UNGUARDED:
        return Refusal(dialect.not_allowed)
    after_rights = False
    for name in dialect.order_of_refusals:
        each = Mode[name]
        if each is Mode.RESTRICTED:
            after_rights = True
        elif mode & each and _concerns(each, command):
            return _refusal(each, dialect)._replace(after_rights=after_rights)
    return None


def _concerns(forbidden: Mode, command: Command) -> bool:
    flags = command.flags
    if forbidden is Mode.STALE:
        return "stale" not in flags
    if forbidden is Mode.READ_ONLY:
        return command.is_write or "may_replicate" in flags
    return "denyoom" in flags if forbidden is Mode.OUT_OF_MEMORY else command.is_write


def _refusal(forbidden: Mode, dialect: Dialect) -> Refusal:
    if forbidden is Mode.STALE:
        return Refusal(STALE)
    if forbidden is Mode.READ_ONLY:
        return Refusal(READ_ONLY)
    errors = {
        Mode.READ_ONLY_REPLICA: READ_ONLY_REPLICA,
        Mode.RDB_ERROR: rdb_error(dialect.title),
        Mode.AOF_ERROR: AOF_ERROR,
        Mode.TOO_FEW_REPLICAS: TOO_FEW_REPLICAS,
        Mode.OUT_OF_MEMORY: OUT_OF_MEMORY,
    }
    return Refusal(errors[forbidden].payload, before_writing=True)
