"""The table of settings: default, range and wording of each, as redis-server 8.2.3 has them.

What concerns things the engine has none of (TLS, core pinning, syslog, defragmentation,
output buffers) is left out. Most settings are only kept, so that tools which read and write
them work; `engine/config.py` says which have an effect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from redislua_kernel.engine.errors import CommandError

__all__ = ["ALIASES", "DIRECTIVES", "Directive"]

#: Reads a new value, or raises a CommandError with the reason alone.
Reader = Callable[[bytes], bytes]

_IMMUTABLE = "can't set immutable config"
_PROTECTED = "can't set protected config"

_INT = (1 << 31) - 1
_UINT = (1 << 32) - 1
_LONG = (1 << 63) - 1
_ULONG = (1 << 64) - 1

_UNITS = {
    b"": 1, b"b": 1,
    b"k": 1000, b"kb": 1024,
    b"m": 1000**2, b"mb": 1024**2,
    b"g": 1000**3, b"gb": 1024**3,
}  # fmt: skip

#: The letters of notify-keyspace-events in the order in which the reference shows them; `A`
#: stands for the first ten.
_EVENT_ALL = b"g$lshzxetd"
_EVENT_ORDER = _EVENT_ALL + b"KEmn"


@dataclass(frozen=True)
class Directive:
    """One setting: its default, how a new value is read, why it cannot be set (if so)."""

    default: bytes
    read: Reader
    refusal: str = ""


def _number(default: int, least: int = 0, most: int = _INT) -> Directive:
    def read(value: bytes) -> bytes:
        try:
            number = int(value)
        except ValueError:
            raise CommandError("argument couldn't be parsed into an integer") from None
        return b"%d" % _within(number, least, most)

    return Directive(b"%d" % default, read)


def _memory(default: int, least: int = 0, most: int = _LONG) -> Directive:
    def read(value: bytes) -> bytes:
        digits = value.rstrip(b"bkmgBKMG")
        unit = _UNITS.get(value[len(digits) :].lower())
        if unit is None or not digits.isdigit():
            raise CommandError("argument must be a memory value")
        return b"%d" % _within(int(digits) * unit, least, most)

    return Directive(b"%d" % default, read)


def _within(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise CommandError(f"argument must be between {least} and {most} inclusive")
    return number


def _switch(default: bool) -> Directive:
    def read(value: bytes) -> bytes:
        if value.lower() not in (b"yes", b"no"):
            raise CommandError("argument must be 'yes' or 'no'")
        return value.lower()

    return Directive(b"yes" if default else b"no", read)


def _choice(default: bytes, choices: str) -> Directive:
    def read(value: bytes) -> bytes:
        names = choices.split()
        if value.lower().decode("utf-8", "replace") not in names:
            listed = ", ".join(names)
            raise CommandError(f"argument(s) must be one of the following: {listed}")
        return value.lower()

    return Directive(default, read)


def _text(default: bytes = b"") -> Directive:
    return Directive(default, bytes)


def _fixed(default: bytes, refusal: str = _IMMUTABLE) -> Directive:
    return Directive(default, bytes, refusal)


def _read_events(value: bytes) -> bytes:
    if set(value) - set(_EVENT_ORDER + b"A"):
        raise CommandError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
    classes = set(value) | (set(_EVENT_ALL) if b"A" in value else set())
    if classes >= set(_EVENT_ALL):
        return b"A" + bytes(char for char in b"KEmn" if char in classes)
    return bytes(char for char in _EVENT_ORDER if char in classes)


def _read_save(value: bytes) -> bytes:
    words = value.split()
    if len(words) % 2 or not all(word.isdigit() and int(word) > 0 for word in words):
        raise CommandError("Invalid save parameters")
    return b" ".join(words)


def _read_hz(value: bytes) -> bytes:
    number = int(_number(10).read(value))
    return b"%d" % min(max(number, 1), 500)


#: Second names, as the reference has them.
ALIASES: dict[bytes, bytes] = {
    b"hash-max-ziplist-entries": b"hash-max-listpack-entries",
    b"hash-max-ziplist-value": b"hash-max-listpack-value",
    b"list-max-ziplist-size": b"list-max-listpack-size",
    b"lua-time-limit": b"busy-reply-threshold",
    b"min-slaves-max-lag": b"min-replicas-max-lag",
    b"min-slaves-to-write": b"min-replicas-to-write",
    b"repl-ping-slave-period": b"repl-ping-replica-period",
    b"slave-ignore-maxmemory": b"replica-ignore-maxmemory",
    b"slave-lazy-flush": b"replica-lazy-flush",
    b"slave-priority": b"replica-priority",
    b"slave-read-only": b"replica-read-only",
    b"slave-serve-stale-data": b"replica-serve-stale-data",
    b"slaveof": b"replicaof",
    b"zset-max-ziplist-entries": b"zset-max-listpack-entries",
    b"zset-max-ziplist-value": b"zset-max-listpack-value",
}

DIRECTIVES: dict[bytes, Directive] = {
    # Scripts and clients
    b"bind": _fixed(b"127.0.0.1"),
    b"busy-reply-threshold": _number(5000, most=_LONG),
    b"client-query-buffer-limit": _memory(1 << 30, least=1 << 20),
    b"cluster-enabled": _fixed(b"no"),
    b"databases": _fixed(b"16"),
    b"daemonize": _fixed(b"no"),
    b"enable-debug-command": _fixed(b"local"),
    b"enable-module-command": _fixed(b"no"),
    b"enable-protected-configs": _fixed(b"no"),
    b"io-threads": _fixed(b"1"),
    b"locale-collate": _text(),
    b"logfile": _fixed(b""),
    b"loglevel": _choice(b"notice", "debug verbose notice warning nothing"),
    b"maxclients": _number(10000, least=1, most=_UINT),
    b"notify-keyspace-events": Directive(b"", _read_events),
    b"port": _fixed(b"0"),
    b"proto-max-bulk-len": _memory(512 << 20, least=1 << 20),
    b"protected-mode": _switch(True),
    b"requirepass": _text(),
    b"tcp-backlog": _fixed(b"511"),
    b"tcp-keepalive": _number(300),
    b"timeout": _number(0),
    b"tracking-table-max-keys": _number(1_000_000, most=_LONG),
    b"unixsocket": _fixed(b""),
    # Access control
    b"acl-pubsub-default": _choice(b"resetchannels", "allchannels resetchannels"),
    b"aclfile": _fixed(b""),
    b"acllog-max-len": _number(128, most=_LONG),
    # Memory, eviction and expiry
    b"active-expire-effort": _number(1, least=1, most=10),
    b"activedefrag": _switch(False),
    b"activerehashing": _switch(True),
    b"dynamic-hz": _switch(True),
    b"hz": Directive(b"10", _read_hz),
    b"lazyfree-lazy-eviction": _switch(False),
    b"lazyfree-lazy-expire": _switch(False),
    b"lazyfree-lazy-server-del": _switch(False),
    b"lazyfree-lazy-user-del": _switch(False),
    b"lazyfree-lazy-user-flush": _switch(False),
    b"lfu-decay-time": _number(1),
    b"lfu-log-factor": _number(10),
    b"maxmemory": _memory(0, most=_ULONG),
    b"maxmemory-clients": _memory(0),
    b"maxmemory-eviction-tenacity": _number(10, most=100),
    b"maxmemory-policy": _choice(
        b"noeviction",
        "volatile-lru volatile-lfu volatile-random volatile-ttl"
        " allkeys-lru allkeys-lfu allkeys-random noeviction",
    ),
    b"maxmemory-samples": _number(5, least=1, most=64),
    # Encodings
    b"hash-max-listpack-entries": _number(512, most=_LONG),
    b"hash-max-listpack-value": _memory(64),
    b"hll-sparse-max-bytes": _memory(3000),
    b"list-compress-depth": _number(0),
    b"list-max-listpack-size": _number(-2, least=-_INT - 1),
    b"set-max-intset-entries": _number(512, most=_LONG),
    b"set-max-listpack-entries": _number(128, most=_LONG),
    b"set-max-listpack-value": _number(64, most=_LONG),
    b"stream-node-max-bytes": _memory(4096),
    b"stream-node-max-entries": _number(100, most=_LONG),
    b"zset-max-listpack-entries": _number(128, most=_LONG),
    b"zset-max-listpack-value": _memory(64),
    # Observation
    b"latency-monitor-threshold": _number(0, most=_LONG),
    b"latency-tracking": _switch(True),
    b"slowlog-log-slower-than": _number(10000, least=-1, most=_LONG),
    b"slowlog-max-len": _number(128, most=_LONG),
    # Persistence, which the engine has none of by itself
    b"aof-load-truncated": _switch(True),
    b"aof-use-rdb-preamble": _switch(True),
    b"appendfilename": _fixed(b"appendonly.aof"),
    b"appendfsync": _choice(b"everysec", "everysec always no"),
    b"appendonly": _switch(False),
    b"auto-aof-rewrite-min-size": _memory(64 << 20),
    b"auto-aof-rewrite-percentage": _number(100),
    b"dbfilename": _fixed(b"dump.rdb", _PROTECTED),
    b"dir": _fixed(b".", _PROTECTED),
    b"no-appendfsync-on-rewrite": _switch(False),
    b"rdbchecksum": _fixed(b"yes"),
    b"rdbcompression": _switch(True),
    b"sanitize-dump-payload": _choice(b"no", "no yes clients"),
    b"save": Directive(b"", _read_save),
    b"stop-writes-on-bgsave-error": _switch(True),
    # Replication, of which there is none either
    b"min-replicas-max-lag": _number(10),
    b"min-replicas-to-write": _number(0),
    b"propagation-error-behavior": _choice(b"ignore", "ignore panic panic-on-replicas"),
    b"repl-backlog-size": _memory(1 << 20, least=1),
    b"repl-backlog-ttl": _number(3600, most=_LONG),
    b"repl-diskless-load": _choice(b"disabled", "disabled on-empty-db swapdb flush-before-load"),
    b"repl-diskless-sync": _switch(True),
    b"repl-diskless-sync-delay": _number(5),
    b"repl-ping-replica-period": _number(10, least=1),
    b"repl-timeout": _number(60, least=1),
    b"replica-ignore-maxmemory": _switch(True),
    b"replica-lazy-flush": _switch(False),
    b"replica-priority": _number(100),
    b"replica-read-only": _switch(True),
    b"replica-serve-stale-data": _switch(True),
    b"replicaof": _fixed(b""),
}
