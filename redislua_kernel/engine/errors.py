"""The reference's error texts, each once, named for what they say.

A constant is ready to raise: `raise SYNTAX_ERROR`. Texts with a hole are functions. The
wording is that of redis-server 8.2.3.
"""

from __future__ import annotations

from redislua_kernel.errors import ResponseError


class CommandError(ResponseError):
    """An error reply of the embedded engine."""


WRONGTYPE = CommandError("WRONGTYPE Operation against a key holding the wrong kind of value")
SYNTAX_ERROR = CommandError("ERR syntax error")
NOT_AN_INTEGER = CommandError("ERR value is not an integer or out of range")
NOT_A_FLOAT = CommandError("ERR value is not a valid float")
OUT_OF_RANGE = CommandError("ERR value is out of range")
MUST_BE_POSITIVE = CommandError("ERR value is out of range, must be positive")
INDEX_OUT_OF_RANGE = CommandError("ERR index out of range")
NO_SUCH_KEY = CommandError("ERR no such key")
INCREMENT_OVERFLOW = CommandError("ERR increment or decrement would overflow")
INCREMENT_NOT_FINITE = CommandError("ERR increment would produce NaN or Infinity")
SAME_OBJECT = CommandError("ERR source and destination objects are the same")
DATABASE_OUT_OF_RANGE = CommandError("ERR DB index is out of range")
INVALID_CURSOR = CommandError("ERR invalid cursor")
NO_AUTHENTICATION = CommandError("NOAUTH Authentication required.")
OUT_OF_MEMORY = CommandError("OOM command not allowed when used memory > 'maxmemory'.")
AOF_ERROR = CommandError("MISCONF Errors writing to the AOF file: No space left on device")
READ_ONLY_REPLICA = CommandError("READONLY You can't write against a read only replica.")
MASTER_DOWN = CommandError(
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
)
TOO_FEW_REPLICAS = CommandError("NOREPLICAS Not enough good replicas to write.")
CROSS_SLOT = CommandError("CROSSSLOT Keys in request don't hash to the same slot")
TOO_MANY_KEYS = CommandError("ERR Number of keys can't be greater than number of args")
TIMEOUT_NEGATIVE = CommandError("ERR timeout is negative")
TIMEOUT_NOT_AN_INTEGER = CommandError("ERR timeout is not an integer or out of range")
TIMEOUT_NOT_A_FLOAT = CommandError("ERR timeout is not a float or out of range")
TIMEOUT_OUT_OF_RANGE = CommandError("ERR timeout is out of range")
#: What COMMAND GETKEYS says of a call in which it finds no keys.
NO_KEYS_FOUND = CommandError("ERR Invalid arguments specified for command")
STRING_TOO_LONG = CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)")

MODULES_OFF = CommandError(
    'ERR MODULE command not allowed. If the enable-module-command option is set to "local", you '
    "can run it from a local connection, otherwise you need to set this option in the "
    "configuration file, and then restart the server."
)


def shown(word: bytes) -> str:
    """Give bytes as an error holds them, up to the first zero byte; see `ResponseError`."""
    return word.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def rdb_error(title: str) -> CommandError:
    """Give the error for a write while snapshots fail; a server speaks of itself by its title."""
    return CommandError(
        f"MISCONF {title} is configured to save RDB snapshots, but it's currently unable to "
        "persist to disk. Commands that may modify the data set are disabled, because this "
        "instance is configured to report errors during writes if RDB snapshotting fails "
        "(stop-writes-on-bgsave-error option). Please check the "
        f"{title} logs for details about the RDB error."
    )


def wrong_arity(name: str) -> CommandError:
    """Give the error for a command called with too few or too many arguments."""
    text = f"wrong number of arguments for '{name}' command"
    # Whatever keeps EXEC from running ends the transaction.
    return refused(name, text)


def refused(name: str, text: str) -> CommandError:
    """Give the error of a command that is not let in; EXEC says more than others."""
    return transaction_discarded(text) if name == "exec" else CommandError(f"ERR {text}")


def transaction_discarded(reason: str) -> CommandError:
    """Give the error of an EXEC that is refused for a reason of its own."""
    return CommandError(f"EXECABORT Transaction discarded because of: {reason}")


def invalid_expire_time(name: str) -> CommandError:
    """Give the error for an expire time that is not positive or overflows."""
    return CommandError(f"ERR invalid expire time in '{name}' command")


def out_of_range_between(least: int, most: int) -> CommandError:
    """Give the error for an integer outside the range a command takes."""
    return CommandError(f"ERR value is out of range, value must between {least} and {most}")


def unknown_subcommand(name: bytes, container: str) -> CommandError:
    """Give the error for a container command's unknown subcommand."""
    return CommandError(
        f"ERR unknown subcommand '{shown(name[:128])}'. Try {container.upper()} HELP."
    )


def subcommand_syntax(name: bytes, container: str) -> CommandError:
    """Give the error for a subcommand, as it was typed, with words it does not take."""
    return CommandError(
        f"ERR unknown subcommand or wrong number of arguments for '{shown(name[:128])}'. "
        f"Try {container.upper()} HELP."
    )


def unknown_command(name: bytes, args: list[bytes] | tuple[bytes, ...]) -> CommandError:
    """Give the error for a command that does not exist, with the start of its arguments."""
    beginning = b""
    for arg in args:
        if len(beginning) >= 128:
            break
        beginning += b"'%s' " % arg[: 128 - len(beginning)].partition(b"\0")[0]
    text = (
        f"ERR unknown command '{shown(name[:128])}', with args beginning with: {shown(beginning)}"
    )
    return CommandError(text.replace("\r", " ").replace("\n", " "))


class CountedError(CommandError):
    """An error of a command inside a script that the script hands on: it is counted already."""


class VerbatimError(CommandError):
    """An error whose text the reference sends as it is, with its newlines."""


class LibraryError(VerbatimError):
    """A library's code failed; `line` is the one that ran, where one did."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class CountedVerbatimError(CountedError, VerbatimError):
    """Such an error that a command had given."""


class Interrupted(CommandError):
    """A command or a script was stopped from outside; what its unit had changed is undone.

    `undone` counts the operations that were undone. A script that `was_abandoned` was stuck in
    one step: Lua has begun anew, with the same data, libraries and scripts. A `reason` tells why it
    was, if not because somebody wished it.
    """

    def __init__(self, undone: int = 0, *, reason: str = "", was_abandoned: bool = False) -> None:
        super().__init__(reason or "ERR Interrupted")
        self.undone = undone
        self.was_abandoned = was_abandoned
