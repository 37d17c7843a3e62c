"""The sessions that are held in every condition: commands, scripts, functions, transactions.

A session is a list of commands of one client. What it leaves behind is removed before the next
one; `PREPARATION` runs before the server gets into its condition.
"""

import hashlib
from collections.abc import Iterator, Sequence

from redislua_kernel import Engine
from redislua_kernel.engine.introspection.describing import all_commands

Words = Sequence[str]
Session = list[Words]

Flags = tuple[str, ...] | None

#: The flags of scripts and functions that are tried; None: a script without a shebang.
FLAG_SETS: tuple[Flags, ...] = (
    None,
    (),
    ("no-writes",),
    ("allow-oom",),
    ("allow-stale",),
    ("no-cluster",),
    ("allow-cross-slot-keys",),
    ("no-writes", "allow-stale"),
    ("allow-oom", "allow-stale", "allow-cross-slot-keys"),
    ("no-writes", "allow-oom", "no-cluster"),
)

#: Enough of them where several conditions meet.
FEW_FLAG_SETS: tuple[Flags, ...] = (None, (), ("no-writes", "allow-stale"), ("allow-oom",))

#: What scripts do: k, k2 and n are of different slots, {k}2 is of k's.
BODIES = {
    "nothing": "return 1",
    "reads": "return redis.call('GET', 'k')",
    "writes": "return redis.call('SET', 'k', 'v')",
    "deletes": "return redis.call('DEL', 'k')",
    "reads_then_writes": "return {redis.call('GET', 'k'), redis.call('SET', 'k2', 'v')}",
    "deletes_then_writes": "return {redis.pcall('DEL', 'none'), redis.pcall('SET', 'k', 'v')}",
    "writes_twice": "return {redis.pcall('SET', 'k', 'v'), redis.pcall('INCR', 'n')}",
    "writes_wrongly": (
        "return {redis.pcall('SET', 'k'), redis.pcall('DEL'), redis.pcall('DEL', {}), "
        "redis.pcall('INCR', 'k'), redis.pcall('SET', 'n', 'v')}"
    ),
    "publishes": "return redis.pcall('PUBLISH', 'c', 'm')",
    "publishes_to_shards": (
        "return {redis.pcall('SPUBLISH', 'c', 'm'), redis.pcall('SPUBLISH', 'd', 'm')}"
    ),
    "asks": (
        "return {redis.pcall('PING'), redis.pcall('ECHO', 'x'), redis.pcall('SELECT', 0), "
        "redis.pcall('SELECT', 1), redis.pcall('EXISTS', 'k'), redis.pcall('DBSIZE'), "
        "redis.pcall('TYPE', 'k'), redis.pcall('NOSUCH'), redis.pcall('REPLICAOF', 'no', 'one'), "
        "redis.pcall('CLUSTER', 'RESET'), redis.pcall('CLUSTER', 'KEYSLOT', 'k'), "
        "redis.pcall('CONFIG', 'GET', 'maxmemory'), redis.pcall('FLUSHALL')}"
    ),
    "goes_elsewhere": (
        "return {redis.pcall('GET', KEYS[1] or 'k'), redis.pcall('GET', 'k2'), "
        "redis.pcall('GET', '{k}2')}"
    ),
    "spreads": (
        "return {redis.pcall('MGET', 'k', 'k2'), redis.pcall('MGET', 'k', '{k}2'), "
        "redis.pcall('MSET', 'k', 1, 'k2', 2), redis.pcall('SET', 'k', 3), "
        "redis.pcall('SET', 'k2', 3)}"
    ),
    "sorts": (
        "return {redis.pcall('SORT', 'l', 'BY', 'w_*'), redis.pcall('SORT', 'l', 'STORE', 'k2'), "
        "redis.pcall('SORT_RO', 'l')}"
    ),
}

PREPARATION: Session = [("SET", "k", "1"), ("RPUSH", "l", "2", "1")]


def script(body: str, flags: Flags) -> str:
    """Write a script with its shebang."""
    if flags is None:
        return BODIES[body]
    return f"#!lua flags={','.join(flags)}\n{BODIES[body]}"


def function_name(body: str, flags: Sequence[str]) -> str:
    """Name the function that does the same."""
    return "_".join((body, *flags)).replace("-", "_")


def library() -> str:
    """Write a library with a function for every body and every set of flags."""
    lines = ["#!lua name=lib"]
    for flags in FLAG_SETS:
        if flags is None:
            continue
        listed = ", ".join(f"'{flag}'" for flag in flags)
        for body, code in BODIES.items():
            lines.append(
                f"redis.register_function{{function_name='{function_name(body, flags)}', "
                f"flags={{{listed}}}, callback=function(KEYS, ARGV) {code} end}}"
            )
    return "\n".join(lines)


#: Stand for the moments at which the server gets into its condition, and out of it.
ENTER, LEAVE = ("<enter>",), ("<leave>",)


def script_session(body: str, flags: Flags) -> Session:
    """Run one script in every way there is, at once and in transactions."""
    code = script(body, flags)
    digest = hashlib.sha1(code.encode()).hexdigest()
    runs: list[Words] = [
        ("EVAL", code, "0"),
        ("EVAL", code, "1", "k"),
        ("EVAL", code, "2", "k", "k2"),
        ("EVAL_RO", code, "0"),
        ("EVALSHA", digest, "1", "n"),
        ("EVALSHA_RO", digest.upper(), "0"),
    ]
    if flags is not None:
        name = function_name(body, flags)
        runs += [
            ("FCALL", name, "0"),
            ("FCALL", name.upper(), "1", "k"),
            ("FCALL_RO", name, "1", "n"),
        ]
    transactions: list[Words] = []
    for run in (runs[1], runs[3], runs[-1]):
        transactions += [("MULTI",), run, ("EXEC",)]
    return [
        ENTER,
        *runs,
        *transactions,
        *(("MULTI",), *runs, ("PING",), ("EXEC",)),
        # What is loaded in a transaction is not known yet when its call is queued.
        *(("SCRIPT", "FLUSH"), ("MULTI",), ("SCRIPT", "LOAD", code), runs[4], ("EXEC",)),
        # The condition begins between MULTI and EXEC, or ends.
        *(LEAVE, ("MULTI",), runs[1], ENTER, ("EXEC",)),
        *(("MULTI",), runs[-1], LEAVE, ("EXEC",)),
    ]


def sessions(flag_sets: Sequence[Flags] = FLAG_SETS) -> Iterator[Session]:
    """Give every session; those of scripts with some sets of flags."""
    for flags in flag_sets:
        for body in BODIES:
            yield script_session(body, flags)
    yield from OTHER_SESSIONS
    yield command_session()


LIBRARY = "#!lua name=other\nredis.register_function('other', function() return 1 end)"

OTHER_SESSIONS: list[Session] = [
    [
        ENTER,
        ("FUNCTION", "LOAD", LIBRARY),
        ("FUNCTION", "LOAD", "REPLACE", "#!lua"),
        ("FUNCTION", "RESTORE", "x"),
        ("FUNCTION", "DELETE", "none"),
        ("FUNCTION", "DUMP", "x"),
        ("FUNCTION", "STATS"),
        ("FUNCTION", "LIST", "LIBRARYNAME", "none"),
        ("FUNCTION", "KILL"),
        ("FUNCTION", "FLUSH", "X"),  # without the X 8.2.3 may crash in a cluster
        ("FCALL", "none", "0"),
        ("FCALL_RO", "none", "0"),
        ("FCALL",),
        ("SCRIPT", "LOAD", "return 1"),
        ("SCRIPT", "EXISTS", "x"),
        ("SCRIPT", "KILL"),
        ("SCRIPT", "FLUSH"),
        ("EVALSHA", "x", "0"),
        ("EVALSHA", "e" * 40, "0"),
        ("EVALSHA_RO", "e" * 40, "0"),
        ("EVAL", "#!lua flags=none\nreturn 1", "0"),
        ("EVAL", "#!lua\nreturn (", "0"),
        ("EVAL", "return (", "0"),
        ("EVAL", "return 1", "x"),
        ("EVAL", "return 1", "2", "k"),
        ("EVAL", "return redis.call('SET')", "0"),
        ("EVAL", "return redis.call('SET', {})", "0"),
        ("EVAL", "return redis.call('NOSUCH')", "0"),
        ("EVAL", "return redis.call('SUBSCRIBE', 'c')", "0"),
        ("EVAL", "\n\nreturn redis.call('SET', 'k', 'v')", "0"),
        ("EVAL", "#!lua flags=allow-stale\nreturn redis.call('GET', 'k')", "0"),
        ("EVAL", "redis.setresp(3) return redis.call('HGETALL', 'none')", "0"),
    ],
    [  # libraries and functions in one transaction
        ENTER,
        ("MULTI",),
        ("FUNCTION", "LOAD", LIBRARY),
        ("FCALL", "other", "0"),
        ("EXEC",),
        LEAVE,
        ("MULTI",),
        ("FUNCTION", "LOAD", LIBRARY),
        ENTER,
        ("FCALL", "other", "0"),
        ("EXEC",),
        ("FUNCTION", "DELETE", "other"),
    ],
    [  # what was queued before, and what is refused when it is queued
        ("MULTI",),
        ("SET", "k", "v"),
        ENTER,
        ("EXEC",),
        ("GET", "k"),
        ("MULTI",),
        ("SET", "k", "v"),
        ("GET", "k"),
        ("EXEC",),
        ("MULTI",),
        ("GET", "k"),
        ("GET", "k2"),
        ("EXEC",),
        ("MULTI",),
        ("PING",),
        ("ECHO", "x"),
        ("SELECT", "0"),
        ("EXEC",),
        ("MULTI",),
        ("NOSUCH",),
        ("DISCARD",),
        ("MULTI",),
        ("GET",),
        ("EXEC",),
        ("EXEC",),
        ("DISCARD",),
        ("WATCH", "k", "k2"),
        ("MULTI",),
        ("MULTI",),
        ("WATCH", "k"),
        ("EXEC",),
        ("UNWATCH",),
        ("MULTI",),
        ("DEL", "none"),
        ("EXEC",),
        ("MULTI",),
        ("SUBSCRIBE", "c"),
        ("DISCARD",),
    ],
    [  # blocking commands, which a key of another type keeps from waiting
        ENTER,
        ("BLPOP", "k", "0"),
        ("BLMPOP", "0", "1", "k", "RIGHT"),
        ("BZPOPMIN", "k", "0"),
        ("XREAD", "BLOCK", "0", "STREAMS", "k", "0"),
    ],
    [  # a transaction of scripts whose calls share, or do not share, a slot
        ENTER,
        ("MULTI",),
        ("GET", "k"),
        ("EVAL", "#!lua\nreturn redis.pcall('GET', 'k2')", "0"),
        ("EXEC",),
        ("MULTI",),
        ("EVAL", "#!lua flags=no-writes\nreturn redis.pcall('GET', 'k2')", "0"),
        ("EVAL", "#!lua flags=no-writes\nreturn redis.pcall('GET', 'k')", "0"),
        ("EXEC",),
        ("MULTI",),
        ("EVAL", "#!lua flags=no-writes\nredis.call('GET', 'k2') return redis.call('PING')", "0"),
        ("EVAL", "#!lua flags=no-writes\nreturn redis.pcall('GET', 'k')", "0"),
        ("EXEC",),
        ("MULTI",),
        ("EVAL", "return redis.pcall('GET', 'k2')", "0"),
        ("EVAL", "#!lua flags=no-writes\nreturn redis.pcall('GET', 'k')", "0"),
        ("EXEC",),
        ("MULTI",),
        ("GET", "k"),
        ("GET", "k2"),
        ("EXEC",),
        ("PING",),
        ("MULTI",),
        ("MGET", "k", "k2"),
        ("EXEC",),
    ],
    [  # commands with keys of one slot, and of several
        ENTER,
        ("MSET", "k", "1", "k2", "2"),
        ("MSET", "{k}1", "1", "{k}2", "2"),
        ("MGET", "k", "{k}"),
        ("RENAME", "k", "k2"),
        ("COPY", "k", "k2", "DB", "1"),
        ("COPY", "k", "{k}2", "DB", "1"),
        ("COPY", "k", "{k}2"),
        ("MOVE", "k", "1"),
        ("SWAPDB", "0", "1"),
        ("SWAPDB", "0", "0"),
        ("SELECT", "99"),
        ("SELECT", "1"),
        ("SELECT", "0"),
        ("SORT", "l", "BY", "w_*"),
        ("SORT", "l", "BY", "w_{l}*"),
        ("SORT", "l", "BY", "w_*{l}"),
        ("SORT", "l", "BY", "nosort", "GET", "#"),
        ("SORT", "l", "GET", "w_*"),
        ("SORT", "l", "GET", "{l}_*"),
        ("SORT_RO", "l", "BY", "w_*"),
        ("SORT", "l", "STORE", "k2"),
        ("SORT", "l", "STORE", "{l}2"),
        ("ZUNION", "2", "k", "k2"),
        ("ZUNIONSTORE", "{z}", "2", "{z}1", "{z}2"),
        ("ZUNIONSTORE", "z", "2", "{z}1", "a"),
        ("ZUNION", "9", "k", "k2"),
        ("XREAD", "STREAMS", "k", "k2", "0", "0"),
        ("XREAD", "STREAMS", "x1", "x2", "0", "0"),
        ("BITOP", "NOT", "k", "k2"),
        ("LMPOP", "2", "l", "l2", "LEFT"),
        ("LMPOP", "x", "l", "l2", "LEFT"),
        ("PFCOUNT", "a", "b"),
        ("DEL", "a", "b"),
        ("EXISTS", "a", "b"),
        ("TOUCH", "{a}1", "{a}2"),
        ("SINTERCARD", "2", "a", "b"),
        ("GEOSEARCHSTORE", "a", "b", "FROMLONLAT", "0", "0", "BYRADIUS", "1", "m"),
        ("OBJECT", "ENCODING", "k"),
        ("SPUBLISH", "c", "m"),
        ("PUBLISH", "c", "m"),
        ("EVAL", "return 1", "2", "a", "b"),
        ("EVAL", "return 1", "2", "{a}", "a"),
        ("EVAL", "return 1", "x", "a", "b"),
        ("WAIT", "0", "0"),
        ("SCAN", "0", "MATCH", "none"),
        ("DBSIZE",),
        ("READONLY",),
        ("READWRITE",),
        ("ASKING",),
        ("REPLICAOF", "127.0.0.1", "x"),
        ("FLUSHDB",),
        ("SUBSCRIBE", "c"),
        ("SET", "k", "v"),
        ("GET", "k"),
        ("PING",),
    ],
]

#: Commands whose reply depends on more than the condition, or that end the connection or the
#: server; and those that sessions above have.
LEFT_OUT = {
    *("ACL", "AUTH", "BGREWRITEAOF", "BGSAVE", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DEBUG"),
    *("DISCARD", "EXEC", "FAILOVER", "FUNCTION", "HELLO", "INFO", "LASTSAVE", "LATENCY", "LOLWUT"),
    *("MEMORY", "MODULE", "MONITOR", "MULTI", "PSUBSCRIBE", "PUNSUBSCRIBE", "QUIT", "RANDOMKEY"),
    *("REPLICAOF", "RESET", "ROLE", "SAVE", "SCRIPT", "SHUTDOWN", "SLAVEOF", "SLOWLOG"),
    *("SSUBSCRIBE", "SUBSCRIBE", "SUNSUBSCRIBE", "SYNC", "TIME", "UNSUBSCRIBE", "UNWATCH", "WAIT"),
    *("WAITAOF", "WATCH"),
}


def command_session() -> Session:
    """Call every command, with as many words as it must have: most of them make no sense."""
    Engine()
    session: Session = [ENTER]
    for found in all_commands():
        name = found.name.split()
        if name[0] in LEFT_OUT or "blocking" in found.flags or not found.is_runnable:
            continue
        words = ("k", "9000", "k2", "l", "5", "6")[: abs(found.arity) - len(name)]
        session.append((*name, *words))
    return session
