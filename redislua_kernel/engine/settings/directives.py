"""The table of settings: default, range and wording of each, as redis-server 8.2.3 has them.

Most settings are only kept, so that tools which read and write them work; `config` says
which have an effect. Those of things the engine has none of are in `idle_directives`.
"""

from __future__ import annotations

import re

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.settings.directive import (
    IMMUTABLE,
    INT,
    LONG,
    PROTECTED,
    UINT,
    Directive,
    buffer_limits,
    choice,
    choices,
    fixed,
    memory,
    memory_or_percent,
    number,
    switch,
    text,
)
from redislua_kernel.engine.settings.idle_directives import IDLE, IDLE_ALIASES

__all__ = ["ALIASES", "DIRECTIVES", "HIDDEN"]

#: The letters of notify-keyspace-events in the order in which the reference shows them; `A`
#: stands for the first ten.
_EVENT_ALL = b"g$lshzxetd"
_EVENT_ORDER = _EVENT_ALL + b"KEmn"
_LOCALE = rb"|(C|POSIX|[a-z]{2,3}_[A-Z]{2})(\.[\w-]+)?"
_TITLE_PARTS = {
    *(b"{title}", b"{listen-addr}", b"{server-mode}", b"{port}", b"{tls-port}"),
    *(b"{unixsocket}", b"{config-file}"),
}


def _read_events(value: bytes) -> bytes:
    if set(value) - set(_EVENT_ORDER + b"A"):
        raise CommandError("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
    classes = set(value) | (set(_EVENT_ALL) if b"A" in value else set())
    if classes >= set(_EVENT_ALL):
        return b"A" + bytes(char for char in b"KEmn" if char in classes)
    return bytes(char for char in _EVENT_ORDER if char in classes)


def _read_save(value: bytes) -> bytes:
    words = value.split()
    if len(words) % 2 or not all(word.isdigit() and word.strip(b"0") for word in words):
        raise CommandError("Invalid save parameters")
    return b" ".join(words)


def _read_hz(value: bytes) -> bytes:
    return b"%d" % min(max(int(number(10).read(value)), 1), 500)


def _read_backlog_size(value: bytes) -> bytes:
    return b"%d" % max(int(memory(1 << 20, least=1).read(value)), 16 << 10)


def _read_locale(value: bytes) -> bytes:
    if not re.fullmatch(_LOCALE, value):
        raise CommandError("Invalid locale name")
    return value


def _read_title(value: bytes) -> bytes:
    if not value or set(re.findall(rb"{[^}]*}", value)) - _TITLE_PARTS:
        raise CommandError("template format is invalid or contains unknown variables")
    return value


def _read_percentiles(value: bytes) -> bytes:
    name = "latency-tracking-info-percentiles"
    try:
        percentiles = list(map(float, value.split()))
    except ValueError:
        raise CommandError(f"Invalid {name} parameters") from None
    if not all(0 <= percentile <= 100 for percentile in percentiles):
        raise CommandError(f"{name} parameters should sit between [0.0,100.0]")
    return " ".join(
        f"{percentile:.6f}".rstrip("0").rstrip(".") for percentile in percentiles
    ).encode()


def _shutdown_options() -> Directive:
    words = choices(b"default", "default save nosave now force")

    def read(value: bytes) -> bytes:
        given = words.read(value)
        if {b"save", b"nosave"} <= set(given.split()):
            raise CommandError("shutdown options SAVE and NOSAVE can't be used simultaneously")
        return given

    return Directive(words.default, read)


#: Second names, as the reference has them.
ALIASES: dict[bytes, bytes] = {
    **IDLE_ALIASES,
    b"hash-max-ziplist-entries": b"hash-max-listpack-entries",
    b"hash-max-ziplist-value": b"hash-max-listpack-value",
    b"list-max-ziplist-size": b"list-max-listpack-size",
    b"lua-time-limit": b"busy-reply-threshold",
    b"min-slaves-max-lag": b"min-replicas-max-lag",
    b"min-slaves-to-write": b"min-replicas-to-write",
    b"repl-ping-slave-period": b"repl-ping-replica-period",
    b"slave-announce-ip": b"replica-announce-ip",
    b"slave-announce-port": b"replica-announce-port",
    b"slave-ignore-maxmemory": b"replica-ignore-maxmemory",
    b"slave-lazy-flush": b"replica-lazy-flush",
    b"slave-priority": b"replica-priority",
    b"slave-read-only": b"replica-read-only",
    b"slave-serve-stale-data": b"replica-serve-stale-data",
    b"slaveof": b"replicaof",
    b"zset-max-ziplist-entries": b"zset-max-listpack-entries",
    b"zset-max-ziplist-value": b"zset-max-listpack-value",
}

#: Shown only to who asks for them by their full names.
HIDDEN = {b"key-load-delay", b"rdb-key-save-delay"}

DIRECTIVES: dict[bytes, Directive] = {
    **IDLE,
    # Scripts and clients
    b"bind": fixed(b"127.0.0.1"),
    b"busy-reply-threshold": number(5000, most=LONG),
    b"client-output-buffer-limit": buffer_limits(
        b"normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"
    ),
    b"client-query-buffer-limit": memory(1 << 30, least=1 << 20, unsigned=True),
    b"cluster-announce-ip": text(),
    b"cluster-enabled": fixed(b"no"),
    b"databases": fixed(b"16"),
    b"crash-log-enabled": switch(True),
    b"crash-memcheck-enabled": switch(True),
    b"daemonize": fixed(b"no"),
    b"enable-debug-command": fixed(b"local"),
    b"enable-module-command": fixed(b"no"),
    b"enable-protected-configs": fixed(b"no"),
    b"io-threads": fixed(b"1"),
    b"locale-collate": Directive(b"", _read_locale),
    b"logfile": fixed(b""),
    b"loglevel": choice(b"notice", "debug verbose notice warning nothing"),
    b"maxclients": number(10000, least=1, most=UINT, unsigned=True),
    b"notify-keyspace-events": Directive(b"", _read_events),
    b"port": number(0, most=65535)._replace(refusal=IMMUTABLE),
    b"proto-max-bulk-len": memory(512 << 20, least=1 << 20),
    b"pidfile": fixed(b""),
    b"proc-title-template": Directive(b"{title} {listen-addr} {server-mode}", _read_title),
    b"protected-mode": switch(True),
    b"requirepass": text(),
    b"shutdown-on-sigint": _shutdown_options(),
    b"shutdown-on-sigterm": _shutdown_options(),
    b"shutdown-timeout": number(10),
    b"tcp-backlog": fixed(b"511"),
    b"tcp-keepalive": number(300),
    b"timeout": number(0),
    b"tracking-table-max-keys": number(1_000_000, most=LONG, unsigned=True),
    b"unixsocket": fixed(b""),
    # Access control
    b"acl-pubsub-default": choice(b"resetchannels", "allchannels resetchannels"),
    b"aclfile": fixed(b""),
    b"acllog-max-len": number(128, most=LONG),
    # Memory, eviction and expiry
    b"active-expire-effort": number(1, least=1, most=10),
    b"activerehashing": switch(True),
    b"dynamic-hz": switch(True),
    b"hz": Directive(b"10", _read_hz),
    b"lazyfree-lazy-eviction": switch(False),
    b"lazyfree-lazy-expire": switch(False),
    b"lazyfree-lazy-server-del": switch(False),
    b"lazyfree-lazy-user-del": switch(False),
    b"lazyfree-lazy-user-flush": switch(False),
    b"lfu-decay-time": number(1),
    b"lfu-log-factor": number(10),
    b"maxmemory": memory(0, unsigned=True),
    b"maxmemory-clients": memory_or_percent(0),
    b"maxmemory-eviction-tenacity": number(10, most=100),
    b"maxmemory-policy": choice(
        b"noeviction",
        "volatile-lru volatile-lfu volatile-random volatile-ttl"
        " allkeys-lru allkeys-lfu allkeys-random noeviction",
    ),
    b"maxmemory-samples": number(5, least=1, most=64),
    # Encodings
    b"hash-max-listpack-entries": number(512, most=LONG, unsigned=True),
    b"hash-max-listpack-value": memory(64, unsigned=True),
    b"hll-sparse-max-bytes": memory(3000, unsigned=True),
    b"list-compress-depth": number(0),
    b"list-max-listpack-size": number(-2, least=-INT - 1),
    b"set-max-intset-entries": number(512, most=LONG, unsigned=True),
    b"set-max-listpack-entries": number(128, most=LONG, unsigned=True),
    b"set-max-listpack-value": number(64, most=LONG, unsigned=True),
    b"stream-node-max-bytes": memory(4096, unsigned=True),
    b"stream-node-max-entries": number(100, most=LONG),
    b"zset-max-listpack-entries": number(128, most=LONG, unsigned=True),
    b"zset-max-listpack-value": memory(64, unsigned=True),
    # Observation
    b"latency-monitor-threshold": number(0, most=LONG),
    b"latency-tracking": switch(True),
    b"latency-tracking-info-percentiles": Directive(b"50 99 99.9", _read_percentiles),
    b"slowlog-log-slower-than": number(10000, least=-1, most=LONG),
    b"slowlog-max-len": number(128, most=LONG),
    # Persistence, which the engine has none of by itself
    b"aof-load-truncated": switch(True),
    b"aof-rewrite-incremental-fsync": switch(True),
    b"aof-timestamp-enabled": switch(False),
    b"aof-use-rdb-preamble": switch(True),
    b"appenddirname": fixed(b"appendonlydir"),
    b"appendfilename": fixed(b"appendonly.aof"),
    b"appendfsync": choice(b"everysec", "everysec always no"),
    b"appendonly": switch(False),
    b"auto-aof-rewrite-min-size": memory(64 << 20),
    b"auto-aof-rewrite-percentage": number(100),
    b"dbfilename": fixed(b"dump.rdb", PROTECTED),
    b"dir": fixed(b".", PROTECTED),
    b"key-load-delay": number(0, least=-INT - 1),
    b"no-appendfsync-on-rewrite": switch(False),
    b"rdbchecksum": fixed(b"yes"),
    b"rdb-del-sync-files": switch(False),
    b"rdb-key-save-delay": number(0, least=-INT - 1),
    b"rdb-save-incremental-fsync": switch(True),
    b"rdbcompression": switch(True),
    b"sanitize-dump-payload": choice(b"no", "no yes clients"),
    b"save": Directive(b"", _read_save),
    b"stop-writes-on-bgsave-error": switch(True),
    # Replication, of which there is none either
    b"masterauth": text(),
    b"masteruser": text(),
    b"min-replicas-max-lag": number(10),
    b"min-replicas-to-write": number(0),
    b"propagation-error-behavior": choice(b"ignore", "ignore panic panic-on-replicas"),
    b"repl-backlog-size": Directive(b"1048576", _read_backlog_size),
    b"repl-backlog-ttl": number(3600, most=LONG),
    b"repl-disable-tcp-nodelay": switch(False),
    b"repl-diskless-load": choice(b"disabled", "disabled on-empty-db swapdb"),
    b"repl-diskless-sync": switch(True),
    b"repl-diskless-sync-delay": number(5),
    b"repl-diskless-sync-max-replicas": number(0),
    b"repl-ping-replica-period": number(10, least=1),
    b"repl-timeout": number(60, least=1),
    b"replica-announce-ip": text(),
    b"replica-announce-port": number(0, most=65535),
    b"replica-announced": switch(True),
    b"replica-ignore-disk-write-errors": switch(False),
    b"replica-ignore-maxmemory": switch(True),
    b"replica-lazy-flush": switch(False),
    b"replica-priority": number(100),
    b"replica-read-only": switch(True),
    b"replica-serve-stale-data": switch(True),
    b"replicaof": fixed(b""),
}
