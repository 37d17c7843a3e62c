"""The points in which servers differ that run the same scripts: each once, with what each answers.

`Engine(dialect=…)` chooses. Who words an error or reads a format asks the engine's dialect for
that point; nobody asks which dialect it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["DIALECTS", "REDIS", "VALKEY", "Dialect"]


@dataclass(frozen=True, eq=False)
class Dialect:
    """How one server answers."""

    # The server

    #: As HELLO gives it, and as users choose it.
    name: str
    #: As texts have it.
    title: str
    version: str
    #: LOLWUT's one line.
    motto: bytes
    #: The fields of INFO that tell the version, and the field that tells the mode.
    version_fields: Mapping[str, str]
    mode_field: str
    #: The names of the loaded modules, for HELLO.
    modules: tuple[bytes, ...]
    #: Commands of the registry that it has not.
    absent_commands: frozenset[bytes]

    # Scripts and libraries

    #: The engine of a script's shebang is looked up in any case, after its flags were read.
    looks_up_engine: bool
    unknown_engine: str
    #: What is in quotes in a shebang may be a part of a word.
    joins_quoted: bool
    no_script: str
    #: SCRIPT LOAD keeps a script for good that EVAL had loaded before.
    load_keeps: bool
    #: The names of functions are checked once the library's code has run, not as it registers.
    checks_names_late: bool
    bad_function_name: str
    #: A function's description ends at its first zero byte, and a library's code as it is compiled.
    cuts_descriptions: bool
    cuts_code: bool
    #: The RDB version that DUMP and FUNCTION DUMP write, and those that both RESTOREs take.
    rdb_version: int
    rdb_versions: frozenset[int]

    # Lua

    #: What errors call the object `redis`, and the other names that it has in scripts.
    api: bytes
    api_aliases: tuple[bytes, ...]
    #: The names under which scripts see the error handler.
    error_handlers: tuple[bytes, ...]
    #: The fields of `redis` that tell the version.
    constants: Mapping[bytes, bytes | int]
    #: redis.error_reply takes the line ends off a text of one word, too.
    trims_lone_words: bool
    #: An error of a script, or of the engine its shebang names, is sent with its newlines.
    sends_newlines: bool

    # What a script is told

    #: What its mode forbids (see scripting.modes), in the order in which a call meets it.
    order_of_refusals: tuple[str, ...]

    no_command: bytes
    bad_argument: bytes
    wrong_count: bytes
    unknown_command: bytes
    #: Holes: subcommand, container.
    unknown_subcommand: bytes
    not_allowed: bytes
    #: A call whose keys are in several slots of a cluster. Hole: the command.
    cross_slot: str
    killed_script: bytes
    killed_function: bytes
    #: Follows an error's text. Holes: name (the script's digest, or the function), source, line.
    position: bytes


REDIS = Dialect(
    name="redis",
    title="Redis",
    version="8.2.3",
    motto=b"Redis ver. 8.2.3\n",
    version_fields={"redis_version": "8.2.3"},
    mode_field="redis_mode",
    modules=(),
    absent_commands=frozenset(),
    looks_up_engine=False,
    unknown_engine="Unexpected engine in script shebang: #!{}",
    joins_quoted=False,
    no_script="NOSCRIPT No matching script. Please use EVAL.",
    load_keeps=False,
    checks_names_late=False,
    bad_function_name="Library names can only contain letters, numbers, or underscores(_) "
    "and must be at least one character long",
    cuts_descriptions=False,
    cuts_code=False,
    rdb_version=12,
    rdb_versions=frozenset(range(13)),
    api=b"redis",
    api_aliases=(),
    error_handlers=(b"__redis__err__handler",),
    constants={b"REDIS_VERSION": b"8.2.3", b"REDIS_VERSION_NUM": 0x00080203},
    trims_lone_words=True,
    sends_newlines=True,
    order_of_refusals=(
        "STALE",
        "RESTRICTED",
        "READ_ONLY",
        "READ_ONLY_REPLICA",
        "RDB_ERROR",
        "AOF_ERROR",
        "TOO_FEW_REPLICAS",
        "OUT_OF_MEMORY",
    ),
    no_command=b"ERR Please specify at least one argument for this redis lib call",
    bad_argument=b"ERR Lua redis lib command arguments must be strings or integers",
    wrong_count=b"ERR Wrong number of args calling Redis command from script",
    unknown_command=b"ERR Unknown Redis command called from script",
    unknown_subcommand=b"ERR Unknown Redis command called from script",
    not_allowed=b"ERR This Redis command is not allowed from script",
    cross_slot="ERR Command '{}' in script attempted to access keys that don't hash to the same "
    "slot",
    killed_script=b"ERR Script killed by user with SCRIPT KILL...",
    killed_function=b"ERR Script killed by user with SCRIPT KILL...",
    position=b" script: %(name)s, on %(source)s:%(line)d.",
)

VALKEY = Dialect(
    name="valkey",
    title="Valkey",
    version="9.1.2",
    motto=b"Valkey ver.9.1.2\n",
    version_fields={
        "redis_version": "7.2.4",
        "server_name": "valkey",
        "valkey_version": "9.1.2",
        "valkey_release_stage": "ga",
    },
    mode_field="server_mode",
    modules=(b"lua",),
    absent_commands=frozenset({b"XACKDEL", b"XDELEX"}),
    looks_up_engine=True,
    unknown_engine="Could not find scripting engine '{}'",
    joins_quoted=True,
    no_script="NOSCRIPT No matching script.",
    load_keeps=True,
    checks_names_late=True,
    bad_function_name="Function names can only contain letters, numbers, or underscores(_) "
    "and must be at least one character long",
    cuts_descriptions=True,
    cuts_code=True,
    rdb_version=80,
    rdb_versions=frozenset({*range(1, 12), 80}),
    api=b"server",
    api_aliases=(b"server",),
    error_handlers=(b"__redis__err__handler", b"__server__err__handler"),
    constants={
        b"REDIS_VERSION": b"7.2.4",
        b"REDIS_VERSION_NUM": 0x00070204,
        b"SERVER_NAME": b"valkey",
        b"VALKEY_VERSION": b"9.1.2",
        b"VALKEY_VERSION_NUM": 0x00090102,
    },
    trims_lone_words=False,
    sends_newlines=False,
    order_of_refusals=(
        "OUT_OF_MEMORY",
        "RESTRICTED",
        "READ_ONLY",
        "TOO_FEW_REPLICAS",
        "RDB_ERROR",
        "AOF_ERROR",
        "READ_ONLY_REPLICA",
        "STALE",
    ),
    no_command=b"ERR Please specify at least one argument for this call",
    bad_argument=b"ERR Command arguments must be strings or integers",
    wrong_count=b"ERR Wrong number of args calling command from script",
    unknown_command=b"ERR Unknown command called from script",
    unknown_subcommand=b"ERR unknown subcommand '%(subcommand)s'. Try %(container)s HELP.",
    not_allowed=b"ERR This Valkey command is not allowed from script",
    cross_slot="ERR Attempted to access a non local key in a cluster node",
    killed_script=b"ERR Script killed by user with SCRIPT KILL.",
    killed_function=b"ERR Script killed by user with FUNCTION KILL.",
    position=b" script: on %(source)s:%(line)d.",
)

#: By the name that users choose.
DIALECTS = {dialect.name: dialect for dialect in (REDIS, VALKEY)}
