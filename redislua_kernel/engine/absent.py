"""INFO's fields about what there is none of here, with what a server shows that has none either.

Tools add such fields up, or draw them. They stand in runs, as INFO shows them side by side.
"""

from __future__ import annotations

__all__ = [
    "AOF_REWRITES",
    "DEFRAGMENTATION",
    "FORKS",
    "IO_THREADS",
    "MODULE_FORKS",
    "REPLICATION_RATES",
    "REPLICATION_TRAFFIC",
    "SNAPSHOT_FORKS",
    "SYNCS",
]

Fields = dict[str, str | int]

#: No child process saves: what is saved in the background is a view.
SNAPSHOT_FORKS: Fields = {
    "current_cow_peak": 0,
    "current_cow_size": 0,
    "current_cow_size_age": 0,
    "current_fork_perc": "0.00",
    "current_save_keys_processed": 0,
    "current_save_keys_total": 0,
}
AOF_REWRITES: Fields = {
    "aof_rewrite_in_progress": 0,
    "aof_rewrite_scheduled": 0,
    "aof_last_rewrite_time_sec": -1,
    "aof_current_rewrite_time_sec": -1,
    "aof_last_bgrewrite_status": "ok",
    "aof_rewrites": 0,
    "aof_rewrites_consecutive_failures": 0,
}
MODULE_FORKS: Fields = {"module_fork_in_progress": 0, "module_fork_last_cow_size": 0}
REPLICATION_TRAFFIC: Fields = {"total_net_repl_input_bytes": 0, "total_net_repl_output_bytes": 0}
REPLICATION_RATES: Fields = {
    "instantaneous_input_repl_kbps": "0.00",
    "instantaneous_output_repl_kbps": "0.00",
}
SYNCS: Fields = {"sync_full": 0, "sync_partial_ok": 0, "sync_partial_err": 0}
FORKS: Fields = {"latest_fork_usec": 0, "total_forks": 0}
DEFRAGMENTATION: Fields = {
    "active_defrag_hits": 0,
    "active_defrag_misses": 0,
    "active_defrag_key_hits": 0,
    "active_defrag_key_misses": 0,
    "total_active_defrag_time": 0,
    "current_active_defrag_time": 0,
}
IO_THREADS: Fields = {
    "io_threaded_reads_processed": 0,
    "io_threaded_writes_processed": 0,
    "io_threaded_total_prefetch_batches": 0,
    "io_threaded_total_prefetch_entries": 0,
}
