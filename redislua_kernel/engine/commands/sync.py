"""SYNC and REPLCONF: the data as an RDB file over a connection.

So `redis-cli --rdb`, `--functions-rdb` and `--cluster backup` fetch them. Nothing is replicated:
a replica, who waits for the commands that follow the file, is refused.
"""

from __future__ import annotations

from redislua_kernel.engine.client import Client, FileWish
from redislua_kernel.engine.errors import SYNTAX_ERROR, CommandError, out_of_range_between, shown
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Words, parse_int
from redislua_kernel.engine.words import split_words
from redislua_kernel.reply import NO_REPLY, OK, FileReply, Reply

_NO_LINK = CommandError("NOMASTERLINK Can't SYNC while not connected with my master")
_NO_REPLICAS = CommandError(
    "ERR nothing is replicated here: no commands would follow the file, see REPLCONF rdb-only 1"
)
_LONGEST_ADDRESS = 255


@command(
    "REPLCONF",
    flags="admin noscript loading stale allow_busy",
    group="server",
    since="3.0.0",
    complexity="O(1)",
)
def replconf(client: Client, *settings: Words) -> Reply:
    """Say what a replica, or who wants the data as one does, is and takes."""
    if len(settings) % 2:
        raise SYNTAX_ERROR
    if client.file_wish is None:
        client.file_wish = FileWish()
    for name, value in zip(settings[::2], settings[1::2], strict=True):
        lower = name.lower()
        if lower in (b"ack", b"getack"):
            return NO_REPLY  # both are for replicas
        if lower == b"listening-port":
            parse_int(value)
            client.file_wish.is_of_replica = True
        elif lower == b"ip-address":
            _check_address(value)
        elif lower == b"capa":
            client.file_wish.knows_marks |= value.lower() == b"eof"
        elif lower == b"rdb-only":
            client.file_wish.is_alone = _switch(value)
        elif lower == b"rdb-filter-only":
            _choose_parts(client.file_wish, value)
        else:
            raise CommandError(f"ERR Unrecognized REPLCONF option: {shown(name)}")
    return OK


def _check_address(value: bytes) -> None:
    if len(value) > _LONGEST_ADDRESS:
        raise CommandError(
            f"ERR REPLCONF ip-address provided by replica instance is too long: {len(value)} bytes"
        )


def _switch(value: bytes) -> bool:
    number = parse_int(value)
    if number not in (0, 1):
        raise out_of_range_between(0, 1)
    return bool(number)


def _choose_parts(wish: FileWish, value: bytes) -> None:
    parts = split_words(value)
    if parts is None:
        raise CommandError("ERR Missing rdb-filter-only values")
    wish.has_data = wish.has_functions = False
    for part in parts:
        if part.lower() != b"functions":
            raise CommandError(f"ERR Unsupported rdb-filter-only option: {shown(part)}")
        wish.has_functions = True


@command(
    "SYNC",
    flags="admin noscript no_async_loading no_multi",
    group="server",
    since="1.0.0",
    complexity="O(N) where N is the number of keys.",
)
def sync(client: Client) -> Reply:
    """Send all data as an RDB file, and end the connection; refused for replicas."""
    wish = client.file_wish or FileWish()
    if client.engine.conditions.master is not None:
        raise _NO_LINK
    if not (wish.has_data and wish.has_functions) and not wish.knows_marks:
        raise CommandError("ERR Filtered replica requires EOF capability")
    if wish.is_of_replica and not wish.is_alone:
        raise _NO_REPLICAS
    client.closing = True
    return FileReply(
        client.engine.persistence.file(data=wish.has_data, functions=wish.has_functions)
    )
