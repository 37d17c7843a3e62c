"""INFO shows the fields that redis-server 8.2.3 shows, in its order, as far as they are known."""

from __future__ import annotations

import pytest

from tests.differential.both import Both, both_sides, normal
from tests.servers import Server

pytestmark = pytest.mark.reference

#: What was counted, and what differs from machine to machine.
_COUNTED = {"Commandstats", "Errorstats", "Latencystats"}
#: What is not counted, or is the matter of the reference's allocator, compiler, threads, modules.
_NOT_HERE = {
    *("redis_build_id", "atomicvar_api", "gcc_version", "listener0", "listener1", "module"),
    *("allocator_allocated", "allocator_active", "allocator_resident", "allocator_muzzy"),
    *("allocator_frag_ratio", "allocator_frag_bytes", "allocator_rss_ratio"),
    *("allocator_rss_bytes", "rss_overhead_ratio", "rss_overhead_bytes"),
    *("expired_subkeys", "expired_stale_perc", "expired_time_cap_reached_count"),
    *("expire_cycle_cpu_milliseconds", "total_eviction_exceeded_time"),
    *("current_eviction_exceeded_time", "keyspace_hits", "keyspace_misses"),
    *("dump_payload_sanitizations", "total_reads_processed", "total_writes_processed"),
    *("reply_buffer_shrinks", "reply_buffer_expands"),
    *("used_cpu_sys_main_thread", "used_cpu_user_main_thread"),
}


def _sections(text: str) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    for part in text.split("# ")[1:]:
        title, *lines = part.split("\r\n")
        sections[title] = dict(line.split(":", 1) for line in lines if line)
    return sections


def _info(both: Both, *words: str) -> list[dict[str, dict[str, str]]]:
    (pair,) = both.replies([("INFO", *words)])
    return [_sections(normal(reply)["v"]) for reply in pair]


@pytest.mark.parametrize("section", ["", "everything", "all", "default"])
def test_fields_are_the_same_in_the_same_order(reference_server: Server, section: str) -> None:
    with both_sides(reference_server) as both:
        theirs, ours = _info(both, *section.split())
        assert [name for name in theirs if name not in ("Threads", "Keysizes")] == [
            name for name in ours if name != "Keysizes"
        ]
        for title in ours.keys() - _COUNTED:
            expected = [name for name in theirs[title] if name not in _NOT_HERE]
            assert list(ours[title]) == expected, title


def test_sizes_of_keys_are_counted_the_same(reference_server: Server) -> None:
    with both_sides(reference_server) as both:
        commands = [
            *(("SET", f"string:{size}", "x" * size) for size in (0, 1, 2, 3, 4, 1023, 1024, 70000)),
            ("SET", "number", "12345"),
            ("APPEND", "string:1", "more"),
            *(("RPUSH", f"list:{size}", *"x" * size) for size in (1, 7, 300)),
            ("SADD", "set", *"abcde"),
            ("SADD", "numbers", "1", "2"),
            ("ZADD", "zset", "1", "a", "2", "b"),
            ("HSET", "hash", *"abcdef"),
            ("XADD", "stream", "1-1", "field", "value"),
            ("SELECT", "3"),
            ("PFADD", "hll", "a"),
            ("SELECT", "0"),
            ("INFO", "keysizes"),
        ]
        assert both.run(commands) == []
        both.run([("FLUSHALL",)])
