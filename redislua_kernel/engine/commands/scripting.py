"""EVAL and its kin, FCALL, and SCRIPT."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.counts import KeysAfterCount
from redislua_kernel.engine.errors import NOT_AN_INTEGER, TOO_MANY_KEYS, CommandError, wrong_arity
from redislua_kernel.engine.registry import command, help_reply
from redislua_kernel.engine.signature import Words, parse_int
from redislua_kernel.reply import OK, Reply, Status

BAD_KEY_COUNT = CommandError("ERR Bad number of keys provided")

_EVAL = "noscript stale skip_monitor no_mandatory_keys movablekeys"
_EVAL_COST = "Depends on the script that is executed."

_SHA1_DIGITS = 40

#: How many keys there are, as nearly every script is told.
_COUNTS = {b"%d" % count: count for count in range(16)}
#: Where the keys begin among the words of a command that runs a script.
_KEYS = 3


def _count(words: Sequence[bytes], bad_count: CommandError) -> int:
    """Read how many of the words are keys."""
    count = _COUNTS.get(words[2])
    if count is None:
        try:
            count = parse_int(words[2])
        except CommandError:
            raise bad_count from None
    if count > len(words) - _KEYS:
        raise TOO_MANY_KEYS
    if count < 0:
        raise CommandError("ERR Number of keys can't be negative")
    return count


_find_keys = KeysAfterCount(1, optional=True)


# Who runs a script has its words taken apart here, once: to hand them on costs as much as the rest.


def _eval(client: Client, words: Sequence[bytes], *, read_only: bool = False) -> Reply:
    if len(words) < _KEYS:
        raise wrong_arity("eval_ro" if read_only else "eval")
    count = _count(words, NOT_AN_INTEGER)
    scripting = client.engine.scripting
    script = scripting.scripts.by_body.get(words[1])
    if script is None or script.enter is None:
        script = scripting.scripts.eval(words[1], scripting.runtime)
    return scripting.run(client, script, count, words, read_only)


def _eval_ro(client: Client, words: Sequence[bytes]) -> Reply:
    return _eval(client, words, read_only=True)


def _evalsha(client: Client, words: Sequence[bytes], *, read_only: bool = False) -> Reply:
    if len(words) < _KEYS:
        raise wrong_arity("evalsha_ro" if read_only else "evalsha")
    scripting = client.engine.scripting
    if len(words[1]) != _SHA1_DIGITS:  # what can be no digest is refused before keys are counted
        raise CommandError(scripting.dialect.no_script)
    if client.debug_mode != "no" and client.link is not None:
        raise CommandError("ERR Please use EVAL instead of EVALSHA for debugging")
    count = _count(words, NOT_AN_INTEGER)
    script = scripting.scripts.find(words[1], scripting.runtime)
    return scripting.run(client, script, count, words, read_only)


def _evalsha_ro(client: Client, words: Sequence[bytes]) -> Reply:
    return _evalsha(client, words, read_only=True)


def _fcall(client: Client, words: Sequence[bytes], *, read_only: bool = False) -> Reply:
    if len(words) < _KEYS:
        raise wrong_arity("fcall_ro" if read_only else "fcall")
    scripting = client.engine.scripting
    functions = scripting.functions
    found = functions.by_name.get(words[1]) or functions.find(words[1])
    count = _count(words, BAD_KEY_COUNT)
    return scripting.run(client, found, count, words, read_only)


def _fcall_ro(client: Client, words: Sequence[bytes]) -> Reply:
    return _fcall(client, words, read_only=True)


@command(
    "EVAL",
    flags=f"{_EVAL} may_replicate",
    group="scripting",
    since="2.6.0",
    complexity=_EVAL_COST,
    find_keys=_find_keys,
    runner=_eval,
)
def eval_(client: Client, script: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Run a Lua script on the server."""
    return _eval(client, (b"EVAL", script, numkeys, *keys_and_arguments))


@command(
    "EVAL_RO",
    flags=f"readonly {_EVAL}",
    group="scripting",
    since="7.0.0",
    complexity=_EVAL_COST,
    find_keys=_find_keys,
    runner=_eval_ro,
)
def eval_ro(client: Client, script: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Run a Lua script that may not write."""
    return _eval_ro(client, (b"EVAL_RO", script, numkeys, *keys_and_arguments))


@command(
    "EVALSHA",
    flags=f"{_EVAL} may_replicate",
    group="scripting",
    since="2.6.0",
    complexity=_EVAL_COST,
    find_keys=_find_keys,
    runner=_evalsha,
)
def evalsha(client: Client, sha1: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Run a cached Lua script by its SHA1 digest."""
    return _evalsha(client, (b"EVALSHA", sha1, numkeys, *keys_and_arguments))


@command(
    "EVALSHA_RO",
    flags=f"readonly {_EVAL}",
    group="scripting",
    since="7.0.0",
    complexity=_EVAL_COST,
    find_keys=_find_keys,
    runner=_evalsha_ro,
)
def evalsha_ro(client: Client, sha1: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Run a cached Lua script that may not write, by its SHA1 digest."""
    return _evalsha_ro(client, (b"EVALSHA_RO", sha1, numkeys, *keys_and_arguments))


@command(
    "FCALL",
    flags=f"{_EVAL} may_replicate",
    group="scripting",
    since="7.0.0",
    complexity="Depends on the function that is executed.",
    find_keys=_find_keys,
    runner=_fcall,
)
def fcall(client: Client, function: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Call a function of a loaded library."""
    return _fcall(client, (b"FCALL", function, numkeys, *keys_and_arguments))


@command(
    "FCALL_RO",
    flags=f"readonly {_EVAL}",
    group="scripting",
    since="7.0.0",
    complexity="Depends on the function that is executed.",
    find_keys=_find_keys,
    runner=_fcall_ro,
)
def fcall_ro(client: Client, function: bytes, numkeys: bytes, *keys_and_arguments: Words) -> Reply:
    """Call a function that does not write."""
    return _fcall_ro(client, (b"FCALL_RO", function, numkeys, *keys_and_arguments))


# SCRIPT


@command(
    "SCRIPT LOAD",
    flags="noscript stale",
    group="scripting",
    since="2.6.0",
    complexity="O(N) with N the length of the script.",
)
def script_load(client: Client, script: bytes) -> bytes:
    """Put a script into the cache without running it; give its SHA1 digest."""
    scripting = client.engine.scripting
    return scripting.scripts.load(script, scripting.runtime).sha


@command(
    "SCRIPT EXISTS",
    flags="noscript",
    group="scripting",
    since="2.6.0",
    complexity="O(N) with N the number of digests.",
)
def script_exists(client: Client, *sha1: bytes) -> list[int]:
    """Tell for each digest whether its script is cached."""
    scripts = client.engine.scripting.scripts.scripts
    return [int(digest.lower() in scripts) for digest in sha1]


@command(
    "SCRIPT FLUSH",
    flags="noscript",
    group="scripting",
    since="2.6.0",
    complexity="O(N) with N the number of cached scripts.",
)
def script_flush(client: Client, *mode: Words) -> Reply:
    """Forget all cached scripts."""
    if len(mode) > 1 or (mode and mode[0].upper() not in (b"SYNC", b"ASYNC")):
        raise CommandError("ERR SCRIPT FLUSH only support SYNC|ASYNC option")
    engine = client.engine
    engine.scripting.scripts.flush(engine.keyspace.journal)
    engine.scripting.runtime.reset_scripts()
    return OK


@command(
    "SCRIPT KILL", flags="noscript allow_busy", group="scripting", since="2.6.0", complexity="O(1)"
)
def script_kill(client: Client) -> Reply:
    """Stop the running script, if it has not written yet."""
    client.engine.scripting.kill(function=False)
    return OK


@command("SCRIPT DEBUG", flags="noscript", group="scripting", since="3.2.0", complexity="O(1)")
def script_debug(client: Client, mode: bytes) -> Reply:
    """Set how this connection's next scripts are debugged: YES, SYNC or NO."""
    if client.in_exec or (client.link is not None and client.link.owes_replies()):
        raise CommandError("ERR SCRIPT DEBUG must be called outside a pipeline")
    if mode.upper() not in (b"YES", b"SYNC", b"NO"):
        raise CommandError("ERR Use SCRIPT DEBUG YES/SYNC/NO")
    client.debug_mode = mode.lower().decode()
    return OK


@command("SCRIPT HELP", flags="loading stale", group="scripting", since="5.0.0", complexity="O(1)")
def script_help(client: Client) -> list[Status]:
    """List the subcommands of SCRIPT."""
    return help_reply("SCRIPT")
