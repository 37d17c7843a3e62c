"""INFO: what the engine knows about itself, section by section.

The names of sections and fields are the reference's. A field that the engine does not measure
is left out rather than made up.
"""

from __future__ import annotations

import os
import platform
import selectors
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice

from redislua_kernel.engine import absent
from redislua_kernel.engine.client import Client
from redislua_kernel.engine.conditions import Conditions, DiskError
from redislua_kernel.engine.database import Database
from redislua_kernel.engine.errors import shown
from redislua_kernel.engine.key_sizes import key_sizes
from redislua_kernel.engine.memory.clients import client_memory
from redislua_kernel.engine.memory.gauge import STARTUP
from redislua_kernel.engine.pushes.pubsub import Kind
from redislua_kernel.engine.registry import command
from redislua_kernel.engine.settings.config import Config
from redislua_kernel.engine.signature import Words
from redislua_kernel.reply import Verbatim

#: A section's fields in order.
Fields = Mapping[str, str | int]

#: Volatile keys that stand for all of a database in avg_ttl.
_TTL_SAMPLE = 20
#: The reference counts seconds in so many bits to tell how long ago a key was used.
_LRU_CLOCK = (1 << 24) - 1


@command(
    "INFO",
    flags="loading stale",
    group="server",
    since="1.0.0",
    complexity="O(N) where N is the number of keys, for the memory they take.",
    categories="dangerous",
)
def info(client: Client, *sections: Words) -> Verbatim:
    """Describe the engine: version, memory, counters, keyspace; all sections or those named."""
    wanted = {name.decode("utf-8", "replace").lower() for name in sections}
    if wanted & {"all", "everything"}:
        wanted |= SECTIONS.keys() - BY_NAME
    elif not wanted or "default" in wanted:
        wanted |= SECTIONS.keys() - ON_REQUEST - BY_NAME
    texts = [
        f"# {_TITLES.get(name, name.capitalize())}\r\n{_lines(section(client))}"
        for name, section in SECTIONS.items()
        if name in wanted
    ]
    return Verbatim("\r\n".join(texts).encode("utf-8", "surrogateescape"))


def _lines(fields: Fields) -> str:
    return "".join(f"{name}:{value}\r\n" for name, value in fields.items())


def _server(client: Client) -> Fields:
    engine = client.engine
    uptime = int(time.time() - engine.started)
    hz = engine.config.integer(b"hz")
    return {
        **engine.dialect.version_fields,
        "redis_git_sha1": "00000000",
        "redis_git_dirty": 0,
        engine.dialect.mode_field: "cluster" if engine.conditions.is_cluster else "standalone",
        "os": f"{platform.system()} {platform.release()} {platform.machine()}",
        "arch_bits": 64 if sys.maxsize > 1 << 32 else 32,
        "monotonic_clock": time.get_clock_info("monotonic").implementation,
        "multiplexing_api": selectors.DefaultSelector.__name__.removesuffix("Selector").lower(),
        "process_id": os.getpid(),
        "process_supervised": "no",
        "run_id": engine.run_id,
        "tcp_port": engine.config.integer(b"port"),
        "server_time_usec": engine.keyspace.now_us,
        "uptime_in_seconds": uptime,
        "uptime_in_days": uptime // 86400,
        "hz": hz,
        "configured_hz": hz,
        "lru_clock": engine.keyspace.now // 1000 & _LRU_CLOCK,
        "executable": sys.executable,
        "config_file": "",
        "io_threads_active": 0,
        **_listener(engine.config),
    }


def _listener(config: Config) -> Fields:
    port, addresses = config.integer(b"port"), config.values[b"bind"].decode().split()
    if not port:
        return {}
    bound = "".join(f"bind={address}," for address in addresses)
    return {"listener0": f"name=tcp,{bound}port={port}"}


def _clients(client: Client) -> Fields:
    engine = client.engine
    clients = list(engine.clients.values())  # the server's thread may add one meanwhile
    traffic = [client.link.traffic() for client in clients if client.link is not None]
    return {
        "connected_clients": len(clients),
        "cluster_connections": 0,
        "maxclients": engine.config.integer(b"maxclients"),
        "client_recent_max_input_buffer": max((each.query for each in traffic), default=0),
        "client_recent_max_output_buffer": max((each.unsent for each in traffic), default=0),
        "blocked_clients": sum(
            client.blocked is not None or client.is_postponed for client in clients
        ),
        "tracking_clients": len(engine.tracking.clients),
        "pubsub_clients": sum(client.subscribed for client in clients),
        "watching_clients": sum(bool(client.watched) for client in clients),
        "clients_in_timeout_table": sum(
            client.blocked is not None and client.blocked.until is not None for client in clients
        ),
        "total_watched_keys": len(engine.watches.clients),
        "total_blocking_keys": len(engine.blocked.waiting),
        "total_blocking_keys_on_nokey": engine.blocked.keys_watched_for_all,
    }


def _memory(client: Client) -> Fields:
    engine = client.engine
    memory, most = engine.memory.report(), engine.config.maxmemory
    scripts, functions, libraries = engine.scripting_counts()
    lua = engine.scripting.runtime.memory.used
    code = engine.scripting.scripts.memory(), engine.scripting.functions.memory()
    return {
        **_with_human_size("used_memory", memory.used),
        **_with_human_size("used_memory_rss", memory.resident),
        **_with_human_size("used_memory_peak", memory.peak),
        "used_memory_peak_time": memory.peak_time,
        "used_memory_peak_perc": f"{memory.peak_percentage:.2f}%",
        "used_memory_overhead": memory.overhead,
        "used_memory_startup": STARTUP,
        "used_memory_dataset": memory.dataset,
        "used_memory_dataset_perc": f"{memory.dataset_percentage:.2f}%",
        **_with_human_size("total_system_memory", _system_memory()),
        # One Lua state runs scripts and functions.
        "used_memory_lua": lua,
        "used_memory_vm_eval": lua,
        "used_memory_lua_human": human_size(lua),
        "used_memory_scripts_eval": code[0],
        "number_of_cached_scripts": scripts,
        "number_of_functions": functions,
        "number_of_libraries": libraries,
        "used_memory_vm_functions": 0,
        **_with_human_size("used_memory_vm_total", lua),
        "used_memory_functions": code[1],
        **_with_human_size("used_memory_scripts", sum(code)),
        **_with_human_size("maxmemory", most),
        "maxmemory_policy": engine.config.values[b"maxmemory-policy"].decode(),
        "mem_fragmentation_ratio": f"{memory.fragmentation:.2f}",
        "mem_fragmentation_bytes": memory.resident - memory.used,
        # There is nothing that could take any: no replicas, no append-only file.
        "mem_not_counted_for_evict": 0,
        "mem_replication_backlog": 0,
        "mem_total_replication_buffers": 0,
        "mem_replica_full_sync_buffer": 0,
        "mem_clients_slaves": 0,
        "mem_clients_normal": sum(
            client_memory(each, each.link.traffic())
            for each in list(engine.clients.values())
            if each.link is not None
        ),
        "mem_cluster_links": 0,
        "mem_aof_buffer": 0,
        "mem_allocator": "pymalloc",
        "mem_overhead_db_hashtable_rehashing": 0,
        "active_defrag_running": 0,
        "lazyfree_pending_objects": 0,
        "lazyfreed_objects": 0,
    }


def _with_human_size(name: str, size: int) -> Fields:
    return {name: size, f"{name}_human": human_size(size)}


def _system_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # not POSIX
        return 0


def human_size(size: int) -> str:
    """Give a number of bytes as INFO shows it to people: 1.50M."""
    number = float(size)
    for unit in "BKMGT":
        if number < 1024 or unit == "T":
            break
        number /= 1024
    return f"{size}B" if unit == "B" else f"{number:.2f}{unit}"


def _persistence(client: Client) -> Fields:
    engine = client.engine
    broken = engine.conditions.broken
    return {
        "loading": 0,
        "async_loading": 0,
        **absent.SNAPSHOT_FORKS,
        "rdb_changes_since_last_save": engine.persistence.changes,
        "rdb_bgsave_in_progress": int(engine.persistence.is_saving),
        "rdb_last_save_time": engine.persistence.saved_at,
        "rdb_last_bgsave_status": "err" if broken is DiskError.RDB else "ok",
        "rdb_last_bgsave_time_sec": engine.persistence.background_seconds,
        "rdb_current_bgsave_time_sec": engine.persistence.saving_seconds,
        "rdb_saves": engine.persistence.saves,
        "rdb_last_cow_size": 0,
        "rdb_last_load_keys_expired": engine.persistence.loaded_expired,
        "rdb_last_load_keys_loaded": engine.persistence.loaded,
        "aof_enabled": int(broken is DiskError.AOF),
        **absent.AOF_REWRITES,
        "aof_last_write_status": "err" if broken is DiskError.AOF else "ok",
        "aof_last_cow_size": 0,
        **absent.MODULE_FORKS,
    }


def _stats(client: Client) -> Fields:
    engine = client.engine
    subscribers = engine.pubsub.subscribers
    refused = engine.access_log.counts
    connections = engine.connections
    loop, rates = engine.loop_counts, engine.loop_counts.rates()
    return {
        "total_connections_received": connections.received,
        "total_commands_processed": engine.statistics.commands_processed,
        "instantaneous_ops_per_sec": rates.commands,
        "total_net_input_bytes": connections.bytes_received,
        "total_net_output_bytes": connections.bytes_sent,
        **absent.REPLICATION_TRAFFIC,
        "instantaneous_input_kbps": f"{rates.input_kilobytes:.2f}",
        "instantaneous_output_kbps": f"{rates.output_kilobytes:.2f}",
        **absent.REPLICATION_RATES,
        "rejected_connections": connections.refused,
        **absent.SYNCS,
        "expired_keys": engine.keyspace.expired,
        "evicted_keys": engine.eviction.evicted,
        "evicted_clients": connections.evicted,
        "evicted_scripts": engine.scripting.scripts.evicted,
        "pubsub_channels": len(subscribers[Kind.CHANNEL]),
        "pubsub_patterns": len(subscribers[Kind.PATTERN]),
        "pubsubshard_channels": len(subscribers[Kind.SHARD]),
        **absent.FORKS,
        "migrate_cached_sockets": 0,  # MIGRATE reaches nobody
        "slave_expires_tracked_keys": 0,
        **absent.DEFRAGMENTATION,
        "tracking_total_keys": len(engine.tracking.readers),
        "tracking_total_items": engine.tracking.count_items(),
        "tracking_total_prefixes": len(engine.tracking.prefixes),
        "unexpected_error_replies": 0,
        "total_error_replies": engine.statistics.errors.total,
        **absent.IO_THREADS,
        "client_query_buffer_limit_disconnections": connections.query_limit,
        "client_output_buffer_limit_disconnections": connections.output_limit,
        "eventloop_cycles": loop.turns,
        "eventloop_duration_sum": round(loop.seconds * 1e6),
        "eventloop_duration_cmd_sum": engine.statistics.microseconds,
        "instantaneous_eventloop_cycles_per_sec": rates.turns,
        "instantaneous_eventloop_duration_usec": rates.microseconds_a_turn,
        "acl_access_denied_auth": refused["auth"],
        "acl_access_denied_cmd": refused["command"],
        "acl_access_denied_key": refused["key"],
        "acl_access_denied_channel": refused["channel"],
    }


def _replication(client: Client) -> Fields:
    engine = client.engine
    return {
        **_role(engine.conditions, engine.config),
        "connected_slaves": 0,
        "master_failover_state": "no-failover",
        "master_replid": engine.run_id,
        "master_replid2": "0" * 40,
        "master_repl_offset": 0,
        "second_repl_offset": -1,
        "repl_backlog_active": 0,
        "repl_backlog_size": engine.config.integer(b"repl-backlog-size"),
        "repl_backlog_first_byte_offset": 0,
        "repl_backlog_histlen": 0,
    }


def _role(conditions: Conditions, config: Config) -> Fields:
    if conditions.master is None:
        return {"role": "master"}
    host, port = conditions.master
    return {
        "role": "slave",
        "master_host": shown(host),
        "master_port": port,
        "master_link_status": "down",
        "master_last_io_seconds_ago": -1,
        "master_sync_in_progress": 0,
        "slave_read_repl_offset": 0,
        "slave_repl_offset": 0,
        "master_link_down_since_seconds": -1,
        "slave_priority": config.integer(b"replica-priority"),
        "slave_read_only": int(config.is_on(b"replica-read-only")),
        "replica_announced": 1,
    }


def _cpu(client: Client) -> Fields:
    times = os.times()
    return {
        "used_cpu_sys": f"{times.system:.6f}",
        "used_cpu_user": f"{times.user:.6f}",
        "used_cpu_sys_children": f"{times.children_system:.6f}",
        "used_cpu_user_children": f"{times.children_user:.6f}",
    }


def _modules(client: Client) -> Fields:
    return {}


def _commandstats(client: Client) -> Fields:
    return {
        f"cmdstat_{command.full_name}": f"calls={counts.all_calls},usec={counts.microseconds},"
        f"usec_per_call={counts.microseconds / max(counts.all_calls, 1):.2f},"
        f"rejected_calls={counts.rejected},failed_calls={counts.failed}"
        for command, counts in client.engine.statistics.called()
        if counts.all_calls or counts.rejected or counts.failed
    }


def _errorstats(client: Client) -> Fields:
    return {
        f"errorstat_{_safe_name(kind)}": f"count={count}"
        for kind, count in sorted(client.engine.statistics.errors.kinds.items())
    }


def _latencystats(client: Client) -> Fields:
    engine = client.engine
    percents = engine.config.values[b"latency-tracking-info-percentiles"].decode().split()
    return {
        f"latency_percentiles_usec_{command.full_name}": ",".join(
            f"p{percent}={counts.latencies.percentile(float(percent)):.3f}" for percent in percents
        )
        for command, counts in engine.statistics.called()
        if counts.latencies.counts
    }


def _safe_name(kind: bytes) -> str:
    return kind.translate(_NO_FIELD_NAME).decode("utf-8", "surrogateescape")


def _cluster(client: Client) -> Fields:
    return {"cluster_enabled": int(client.engine.conditions.is_cluster)}


def _keyspace(client: Client) -> Fields:
    engine = client.engine
    return {
        f"db{db.index}": f"keys={len(db.entries)},expires={len(db.expires)},"
        f"avg_ttl={_average_ttl(db)},subexpiry=0"
        for db in engine.keyspace.databases
        if db.entries
    }


def _average_ttl(db: Database) -> int:
    sample = [at - db.keyspace.now for at in islice(db.expires.values(), _TTL_SAMPLE)]
    return max(sum(sample) // len(sample), 0) if sample else 0


def _keysizes(client: Client) -> Fields:
    databases = client.engine.keyspace.databases
    return {line: text for each in databases for line, text in key_sizes(each).items()}


def _debug(client: Client) -> Fields:
    loop = client.engine.loop_counts
    return {
        "eventloop_duration_aof_sum": 0,  # there is no append-only file
        "eventloop_duration_cron_sum": round(loop.regular_seconds * 1e6),
        "eventloop_duration_max": round(loop.longest * 1e6),
        "eventloop_cmd_per_cycle_max": loop.most_commands,
    }


SECTIONS: dict[str, Callable[[Client], Fields]] = {
    "server": _server,
    "clients": _clients,
    "memory": _memory,
    "persistence": _persistence,
    "stats": _stats,
    "replication": _replication,
    "cpu": _cpu,
    "modules": _modules,
    "commandstats": _commandstats,
    "errorstats": _errorstats,
    "latencystats": _latencystats,
    "cluster": _cluster,
    "keyspace": _keyspace,
    "keysizes": _keysizes,
    "debug": _debug,
}
_TITLES = {"cpu": "CPU"}
#: Sections that are shown to who names them or asks for all.
ON_REQUEST = {"commandstats", "latencystats", "keysizes"}
#: Sections that only who names them sees.
BY_NAME = {"debug"}
#: What would break the format in the name of a field.
_NO_FIELD_NAME = bytes.maketrans(b"#:\n\r", b"____")
