"""The settings of what there is none of here: TLS, the bus of a cluster, defragmentation, ...

Tools read them, and some set them: they have the defaults, ranges and refusals of redis-server
8.2.3, and are only kept. What would have TLS work is refused, as where certificates are missing.
"""

from __future__ import annotations

import re

from redislua_kernel.engine.errors import CommandError
from redislua_kernel.engine.settings.directive import (
    LONG,
    Directive,
    choice,
    fixed,
    memory,
    number,
    switch,
    text,
)

__all__ = ["IDLE", "IDLE_ALIASES"]

_NO_TLS = "Unable to update TLS configuration. Check server logs."
_HOST_NAME = re.compile(rb"[A-Za-z0-9.-]*")
_LONGEST_HOST_NAME = 255
_SCORES = 3


def _read_host_name(value: bytes) -> bytes:
    if len(value) > _LONGEST_HOST_NAME:
        raise CommandError("Hostnames must be less than 256 characters")
    if not _HOST_NAME.fullmatch(value):
        raise CommandError("Hostnames may only contain alphanumeric characters, hyphens or dots")
    return value


def _read_scores(value: bytes) -> bytes:
    words = value.split(b" ")
    if len(words) != _SCORES:
        raise CommandError("wrong number of arguments")
    try:
        is_fine = all(-2000 <= int(word) <= 2000 for word in words)
    except ValueError:
        is_fine = False
    if not is_fine:
        raise CommandError("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")
    return value


#: Second names.
IDLE_ALIASES: dict[bytes, bytes] = {
    b"aof_rewrite_cpulist": b"aof-rewrite-cpulist",
    b"bgsave_cpulist": b"bgsave-cpulist",
    b"bio_cpulist": b"bio-cpulist",
    b"cluster-slave-no-failover": b"cluster-replica-no-failover",
    b"cluster-slave-validity-factor": b"cluster-replica-validity-factor",
    b"server_cpulist": b"server-cpulist",
}

IDLE: dict[bytes, Directive] = {
    # Defragmentation
    b"active-defrag-cycle-max": number(25, least=1, most=99),
    b"active-defrag-cycle-min": number(1, least=1, most=99),
    b"active-defrag-ignore-bytes": memory(100 << 20, least=1, unsigned=True),
    b"active-defrag-max-scan-fields": number(1000, least=1, most=LONG),
    b"active-defrag-threshold-lower": number(10, most=1000),
    b"active-defrag-threshold-upper": number(100, most=1000),
    b"activedefrag": switch(False),
    b"jemalloc-bg-thread": switch(True),
    # The process and its machine
    b"always-show-logo": fixed(b"no"),
    b"aof-rewrite-cpulist": fixed(b""),
    b"bgsave-cpulist": fixed(b""),
    b"bind-source-addr": text(),
    b"bio-cpulist": fixed(b""),
    b"disable-thp": fixed(b"yes"),
    b"hide-user-data-from-log": switch(False),
    b"ignore-warnings": text(),
    b"max-new-connections-per-cycle": number(10, least=1, most=1000, unsigned=True),
    b"oom-score-adj": choice(b"no", "no yes relative absolute"),
    b"oom-score-adj-values": Directive(b"0 200 800", _read_scores),
    b"server-cpulist": fixed(b""),
    b"set-proc-title": fixed(b"yes"),
    b"socket-mark-id": fixed(b"0"),
    b"supervised": fixed(b"no"),
    b"syslog-enabled": fixed(b"no"),
    b"syslog-facility": fixed(b"local0"),
    b"syslog-ident": fixed(b"redis"),
    b"unixsocketperm": fixed(b"0"),
    # The bus of a cluster, and replicas
    b"cluster-allow-pubsubshard-when-down": switch(True),
    b"cluster-allow-reads-when-down": switch(False),
    b"cluster-allow-replica-migration": switch(True),
    b"cluster-announce-bus-port": number(0, most=65535),
    b"cluster-announce-hostname": Directive(b"", _read_host_name),
    b"cluster-announce-human-nodename": text(),
    b"cluster-announce-port": number(0, most=65535),
    b"cluster-announce-tls-port": number(0, most=65535),
    b"cluster-compatibility-sample-ratio": number(0, most=100),
    b"cluster-config-file": fixed(b"nodes.conf"),
    b"cluster-link-sendbuf-limit": memory(0, unsigned=True),
    b"cluster-migration-barrier": number(1),
    b"cluster-node-timeout": number(15000, most=LONG),
    b"cluster-port": fixed(b"0"),
    b"cluster-preferred-endpoint-type": choice(b"ip", "ip hostname unknown-endpoint"),
    b"cluster-replica-no-failover": switch(False),
    b"cluster-replica-validity-factor": number(10),
    b"cluster-require-full-coverage": switch(True),
    b"cluster-slot-stats-enabled": switch(False),
    b"replica-full-sync-buffer-limit": memory(0),
    # TLS
    b"max-new-tls-connections-per-cycle": number(1, least=1, most=1000, unsigned=True),
    b"tls-auth-clients": choice(b"yes", "no yes optional"),
    b"tls-ca-cert-dir": text(),
    b"tls-ca-cert-file": text(),
    b"tls-cert-file": text(),
    b"tls-ciphers": text(),
    b"tls-ciphersuites": text(),
    b"tls-client-cert-file": text(),
    b"tls-client-key-file": text(),
    b"tls-client-key-file-pass": text(),
    b"tls-cluster": fixed(b"no", _NO_TLS),
    b"tls-dh-params-file": text(),
    b"tls-key-file": text(),
    b"tls-key-file-pass": text(),
    b"tls-port": fixed(b"0", _NO_TLS),
    b"tls-prefer-server-ciphers": switch(False),
    b"tls-protocols": text(),
    b"tls-replication": fixed(b"no", _NO_TLS),
    b"tls-session-cache-size": number(20480),
    b"tls-session-cache-timeout": number(300),
    b"tls-session-caching": switch(True),
}
