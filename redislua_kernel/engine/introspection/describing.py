"""What COMMAND and ACL tell about a command, made from the registry (and see `arguments`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redislua_kernel.engine.introspection.arguments import written_arguments
from redislua_kernel.engine.introspection.key_specs import key_specifications
from redislua_kernel.engine.introspection.tips import tips_of
from redislua_kernel.engine.registry import COMMANDS, Command, CommandTable
from redislua_kernel.engine.signature import Parameter, Token
from redislua_kernel.reply import Reply, SetReply, Status

__all__ = ["CATEGORIES", "all_commands", "categories_of", "describe", "document", "find_by_name"]

#: The ACL categories in the reference's order.
CATEGORIES = (
    *("keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap"),
    *("hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking"),
    *("dangerous", "connection", "transaction", "scripting"),
)

#: The categories that a flag, or a group, brings along.
_OF_FLAG = {
    "write": {"write"},
    "admin": {"admin", "dangerous"},
    "pubsub": {"pubsub"},
    "blocking": {"blocking"},
}
_OF_GROUP = {
    "generic": "keyspace",
    "sorted-set": "sortedset",
    "transactions": "transaction",
    "server": "",
    "cluster": "",
    "pubsub": "",
}

#: COMMAND INFO's flags in the reference's order; others (may_replicate, protected) are not shown.
_FLAGS = (
    *("write", "readonly", "denyoom", "module", "admin", "pubsub", "noscript", "blocking"),
    *("loading", "stale", "skip_monitor", "skip_slowlog", "asking", "fast", "no_auth"),
    *("no_mandatory_keys", "no_async_loading", "no_multi", "movablekeys"),
    *("allow_busy", "touches_arbitrary_keys"),
)

#: Commands for tests of the server itself.
_SYSTEM_COMMANDS = {"debug", "pfdebug", "pfselftest", "replconf", "restore-asking"}

#: Since when a command is deprecated, and what does the same.
_DEPRECATED = {
    "brpoplpush": ("6.2.0", "`BLMOVE ... RIGHT LEFT`"),
    "cluster|slaves": ("5.0.0", "`CLUSTER REPLICAS`"),
    "cluster|slots": ("7.0.0", "`CLUSTER SHARDS`"),
    "georadius": ("6.2.0", "`GEOSEARCH ... BYRADIUS`, `GEOSEARCHSTORE ... BYRADIUS`"),
    "georadius_ro": ("6.2.0", "`GEOSEARCH ... BYRADIUS`"),
    "georadiusbymember": ("6.2.0", "`GEOSEARCH ... FROMMEMBER`, `GEOSEARCHSTORE ... FROMMEMBER`"),
    "georadiusbymember_ro": ("6.2.0", "`GEOSEARCH ... FROMMEMBER`"),
    "getset": ("6.2.0", "`SET ... GET`"),
    "hmset": ("4.0.0", "`HSET`"),
    "psetex": ("2.6.12", "`SET ... PX`"),
    "quit": ("7.2.0", "closing the connection"),
    "rpoplpush": ("6.2.0", "`LMOVE ... RIGHT LEFT`"),
    "setex": ("2.6.12", "`SET ... EX`"),
    "setnx": ("2.6.12", "`SET ... NX`"),
    "slaveof": ("5.0.0", "`REPLICAOF`"),
    "substr": ("2.0.0", "`GETRANGE`"),
    "zrangebylex": ("6.2.0", "`ZRANGE ... BYLEX`"),
    "zrangebyscore": ("6.2.0", "`ZRANGE ... BYSCORE`"),
    "zrevrange": ("6.2.0", "`ZRANGE ... REV`"),
    "zrevrangebylex": ("6.2.0", "`ZRANGE ... REV BYLEX`"),
    "zrevrangebyscore": ("6.2.0", "`ZRANGE ... REV BYSCORE`"),
}


def all_commands(commands: CommandTable = COMMANDS) -> Iterator[Command]:
    """Give every command, each followed by its subcommands."""
    for command in commands.values():
        yield command
        yield from command.subcommands.values()


def find_by_name(commands: CommandTable, name: bytes) -> Command | None:
    """Find a command by its name as COMMAND INFO takes it: `get`, `config|get`."""
    container, bar, subcommand = name.upper().partition(b"|")
    found = commands.get(container)
    if found is None or not bar:
        return found
    return found.subcommands.get(subcommand)


def categories_of(command: Command) -> list[str]:
    """Give a command's ACL categories: its own, or its group's, and those its flags imply."""
    found = set(command.categories) or {_OF_GROUP.get(command.group, command.group)}
    for flag in command.flags:
        found |= _OF_FLAG.get(flag, set())
    if "readonly" in command.flags and "scripting" not in found:
        found.add("read")
    found.add("fast" if "fast" in command.flags else "slow")
    return [category for category in CATEGORIES if category in found]


def describe(command: Command) -> list[Reply]:
    """Give COMMAND INFO's entry."""
    keys = command.keys
    flags = [flag for flag in _FLAGS if flag in command.flags]
    return [
        command.full_name.encode(),
        command.arity,
        _statuses(flags),
        keys.first,
        keys.last,
        keys.step,
        _statuses(f"@{category}" for category in categories_of(command)),
        SetReply(tip.encode() for tip in tips_of(command)),
        SetReply(key_specifications(command)),
        SetReply(map(describe, command.subcommands.values())),
    ]


def document(command: Command) -> dict[bytes, Reply]:
    """Give COMMAND DOCS' entry."""
    entry: dict[bytes, Reply] = {
        b"summary": command.summary.encode(),
        b"since": _since(command).encode(),
        b"group": command.group.encode(),
        b"complexity": command.complexity.encode(),
    }
    if command.full_name in _SYSTEM_COMMANDS:
        entry[b"doc_flags"] = _statuses(["syscmd"])
    if command.full_name in _DEPRECATED:
        version, better = _DEPRECATED[command.full_name]
        entry |= {
            b"doc_flags": _statuses(["deprecated"]),
            b"deprecated_since": version.encode(),
            b"replaced_by": better.encode(),
        }
    arguments = _arguments(command)
    if arguments:
        entry[b"arguments"] = arguments
    if command.subcommands:
        entry[b"subcommands"] = {
            subcommand.full_name.encode(): document(subcommand)
            for subcommand in command.subcommands.values()
        }
    return entry


def _since(command: Command) -> str:
    """Give the version that first had a command; a container is as old as what it contains."""
    versions = [command.since, *(inner.since for inner in command.subcommands.values())]
    return command.since if command.is_runnable else min(versions, key=_version)


def _version(text: str) -> list[int]:
    return [int(part) for part in text.split(".")]


def _arguments(command: Command) -> list[dict[bytes, Reply]]:
    written = written_arguments(command.full_name)
    if written is not None:
        return written
    signature = command.signature
    arguments = [_argument(parameter) for parameter in signature.positional]
    if signature.variadic is not None:
        # Python names them all, the documentation one of them: `*keys` is key, repeated.
        one = signature.variadic._replace(name=signature.variadic.name.removesuffix("s"))
        arguments.append(_argument(one, "multiple"))
    last = max(len(key_specifications(command)) - 1, 0)
    for index, argument in enumerate(each for each in arguments if each[b"type"] == b"key"):
        argument[b"key_spec_index"] = min(index, last)
    arguments += [_option(option, token) for option, (_, token) in signature.options.items()]
    return arguments


def _argument(parameter: Parameter, *flags: str) -> dict[bytes, Reply]:
    name = parameter.name.strip("_").replace("_", "-").encode()
    kind = parameter.word.type
    entry: dict[bytes, Reply] = {b"name": name, b"type": kind.encode(), b"display_text": name}
    if parameter.word.is_key:
        entry[b"key_spec_index"] = 0
    shown = flags if parameter.required else ("optional", *flags)
    if shown:
        entry[b"flags"] = _statuses(shown)
    return entry


def _option(option: bytes, token: Token) -> dict[bytes, Reply]:
    name = option.lower()
    kind = b"pure-token" if token.word is None else token.word.type.encode()
    return {
        b"name": name,
        b"type": kind,
        b"display_text": name,
        b"token": option,
        b"flags": _statuses(["optional"]),
    }


def _statuses(words: Iterable[str]) -> SetReply:
    return SetReply(Status(word.encode()) for word in words)
