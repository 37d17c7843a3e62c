"""Streams: managing consumer groups."""

from __future__ import annotations

from collections.abc import Sequence

from redislua_kernel.engine.client import Client
from redislua_kernel.engine.commands.stream_words import no_such_group, parse_bound, parse_id
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import CommandError, subcommand_syntax
from redislua_kernel.engine.introspection.help import help_reply
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.signature import Key, Words, parse_int
from redislua_kernel.engine.types.stream import MIN_ID, Stream
from redislua_kernel.engine.types.stream_group import Group, Id
from redislua_kernel.reply import OK, Reply

KEY_REQUIRED = CommandError(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use"
    " the MKSTREAM option to create an empty stream automatically."
)
GROUP_EXISTS = CommandError("BUSYGROUP Consumer Group name already exists")
BAD_ENTRIES_READ = CommandError("ERR value for ENTRIESREAD must be positive or -1")


@command("XGROUP HELP", flags="loading stale", group="stream", since="5.0.0", complexity="O(1)")
def xgroup_help(client: Client) -> Reply:
    """Describe the subcommands of XGROUP."""
    return help_reply("XGROUP")


#: MKSTREAM, ENTRIESREAD and its number: whoever repeats one gives too many words.
_MOST_OPTIONS = 3


@command("XGROUP CREATE", flags="write denyoom", group="stream", since="5.0.0", complexity="O(1)")
def xgroup_create(client: Client, key: Key, group: bytes, start: bytes, *options: Words) -> Reply:
    """Make a consumer group that reads a stream from an id on."""
    db = client.db
    make_stream, read = _parse_group_options(client, options, may_make=True)
    stream = db.edit(key, Stream)
    if stream is None and not make_stream:
        raise KEY_REQUIRED
    if len(options) > _MOST_OPTIONS:
        raise subcommand_syntax(client.words[1], "xgroup")
    last_id = _parse_place(stream, start)
    if stream is None:
        stream = db.edit_or_create(key, Stream)
    if not stream.create_group(group, last_id, _cap(read, stream)):
        raise GROUP_EXISTS
    db.changed(key, b"xgroup-create")
    return OK


@command("XGROUP SETID", flags="write", group="stream", since="5.0.0", complexity="O(1)")
def xgroup_setid(client: Client, key: Key, group: bytes, start: bytes, *options: Words) -> Reply:
    """Set what a consumer group has read: entries after an id are new to it."""
    db = client.db
    _, read = _parse_group_options(client, options, may_make=False)
    stream, found = _existing_group(db, key, group)
    if len(options) > _MOST_OPTIONS - 1:
        raise subcommand_syntax(client.words[1], "xgroup")
    last_id = stream.last_id if start == b"$" else parse_bound(start)
    found.move(last_id, _cap(read, stream))
    db.changed(key, b"xgroup-setid")
    return OK


@command(
    "XGROUP DESTROY",
    flags="write",
    group="stream",
    since="5.0.0",
    complexity="O(N) where N is the number of entries pending in the group.",
)
def xgroup_destroy(db: Database, key: Key, group: bytes) -> int:
    """Delete a consumer group; tell whether it was there."""
    stream = db.edit(key, Stream)
    if stream is None:
        raise KEY_REQUIRED
    if not stream.delete_group(group):
        return 0
    db.changed(key, b"xgroup-destroy")
    return 1


@command(
    "XGROUP CREATECONSUMER", flags="write denyoom", group="stream", since="6.2.0", complexity="O(1)"
)
def xgroup_createconsumer(db: Database, key: Key, group: bytes, consumer: bytes) -> int:
    """Make a consumer in a group; tell whether the name was free."""
    _, found = _existing_group(db, key, group)
    if found.create_consumer(consumer, db.keyspace.now) is None:
        return 0
    db.changed(key, b"xgroup-createconsumer")
    return 1


@command("XGROUP DELCONSUMER", flags="write", group="stream", since="5.0.0", complexity="O(1)")
def xgroup_delconsumer(db: Database, key: Key, group: bytes, consumer: bytes) -> int:
    """Delete a consumer of a group; give how many entries it had pending."""
    _, found = _existing_group(db, key, group)
    pending = found.delete_consumer(consumer)
    if pending is None:
        return 0
    db.changed(key, b"xgroup-delconsumer")
    return pending


def _existing_group(db: Database, key: bytes, name: bytes) -> tuple[Stream, Group]:
    stream = db.edit(key, Stream)
    if stream is None:
        raise KEY_REQUIRED
    group = stream.groups.get(name)
    if group is None:
        raise no_such_group(key, name)
    return stream, group


def _parse_place(stream: Stream | None, word: bytes) -> Id:
    if word != b"$":
        return parse_id(word)
    return MIN_ID if stream is None else stream.last_id


def _parse_group_options(
    client: Client, words: Sequence[bytes], *, may_make: bool
) -> tuple[bool, int | None]:
    make_stream, read = False, None
    place = 0
    while place < len(words):
        option = words[place].upper()
        if option == b"MKSTREAM" and may_make:
            make_stream = True
            place += 1
        elif option == b"ENTRIESREAD" and place + 1 < len(words):
            number = parse_int(words[place + 1])
            if number < -1:
                raise BAD_ENTRIES_READ
            read = None if number == -1 else number
            place += 2
        else:
            raise subcommand_syntax(client.words[1], "xgroup")
    return make_stream, read


def _cap(read: int | None, stream: Stream) -> int | None:
    return None if read is None else min(read, stream.entries_added)
