"""Which commands run Lua, and therefore leave the loop's thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redislua_kernel.engine.client import Client

__all__ = ["is_debugged", "needs_worker", "quick_names"]

_SCRIPTS = frozenset({b"EVAL", b"EVALSHA", b"EVAL_RO", b"EVALSHA_RO", b"FCALL", b"FCALL_RO"})
_DEBUGGED = _SCRIPTS - {b"EVALSHA", b"EVALSHA_RO"}
_FUNCTION_LOADERS = frozenset({b"LOAD", b"RESTORE"})
_SUSPECTS = _SCRIPTS | {b"FUNCTION", b"EXEC"}
#: The longest name above: whatever is longer needs no closer look.
_LONGEST = max(map(len, _SUSPECTS))
_INITIALS = frozenset(b"EFef")


def quick_names(commands: Iterable[bytes]) -> frozenset[bytes]:
    """Give the names, in capitals and in small letters, that call for no closer look."""
    names = set(commands) - _SUSPECTS
    return frozenset(names | {name.lower() for name in names})


def needs_worker(client: Client, words: Sequence[bytes]) -> bool:
    """Tell whether a command runs Lua now: a script, a library's loading, EXEC with one."""
    name = words[0]
    if not name or name[0] not in _INITIALS or len(name) > _LONGEST:
        return False
    name = name.upper()
    if name not in _SUSPECTS:
        return False
    transaction = client.transaction
    if transaction is None:
        return _runs_lua(name, words)
    return name == b"EXEC" and any(
        _runs_lua(queued[0].upper(), queued) for queued in transaction.queue
    )


def is_debugged(client: Client, words: Sequence[bytes]) -> bool:
    """Tell whether a command runs under the debugger, as SCRIPT DEBUG has it.

    EVALSHA is refused then. What EXEC runs is never debugged.
    """
    if client.debug_mode == "no" or client.transaction is not None:
        return False
    return words[0].upper() in _DEBUGGED


def _runs_lua(name: bytes, words: Sequence[bytes]) -> bool:
    if name == b"FUNCTION":
        return len(words) > 1 and words[1].upper() in _FUNCTION_LOADERS
    return name in _SCRIPTS
