"""COMMAND INFO's tips for clients of a cluster, and for those who compare replies."""

from __future__ import annotations

from redislua_kernel.engine.registry import Command

__all__ = ["tips_of"]

_BY_CHANCE, _IN_ANY_ORDER = "nondeterministic_output", "nondeterministic_output_order"


def _request(policy: str) -> str:
    return f"request_policy:{policy}"


def _response(policy: str) -> str:
    return f"response_policy:{policy}"


_NODES, _SHARDS = _request("all_nodes"), _request("all_shards")
_SUM, _ALL_SUCCEEDED = _response("agg_sum"), _response("all_succeeded")
_SEVERAL_SHARDS = _request("multi_shard")

_TABLE: dict[tuple[str, ...], str] = {
    (_BY_CHANCE,): """
        CLIENT|INFO CLIENT|LIST CLUSTER|BUMPEPOCH CLUSTER|COUNT-FAILURE-REPORTS
        CLUSTER|GETKEYSINSLOT CLUSTER|INFO CLUSTER|LINKS CLUSTER|MYSHARDID CLUSTER|NODES
        CLUSTER|REPLICAS CLUSTER|SHARDS CLUSTER|SLAVES CLUSTER|SLOTS DUMP HPTTL HRANDFIELD HSCAN
        HTTL LASTSAVE MIGRATE OBJECT|ENCODING OBJECT|FREQ OBJECT|IDLETIME OBJECT|REFCOUNT PTTL
        SPOP SRANDMEMBER SSCAN TIME TTL XADD XAUTOCLAIM XCLAIM XINFO|CONSUMERS XPENDING XTRIM
        ZRANDMEMBER ZSCAN
        """,
    (_IN_ANY_ORDER,): """
        COMMAND COMMAND|DOCS COMMAND|INFO COMMAND|LIST FUNCTION|LIST HGETALL HKEYS HVALS
        MODULE|LIST SDIFF SINTER SMEMBERS SUNION
        """,
    (_BY_CHANCE, _SHARDS): "CLUSTER|SLOT-STATS",
    (_SHARDS, _IN_ANY_ORDER): "KEYS",
    (_SHARDS, _response("special"), _BY_CHANCE): "RANDOMKEY",
    (_BY_CHANCE, _request("special"), _response("special")): "SCAN",
    (_BY_CHANCE, _SHARDS, _response("special")): """
        FUNCTION|STATS INFO MEMORY|DOCTOR MEMORY|MALLOC-STATS MEMORY|STATS
        """,
    (_BY_CHANCE, _NODES, _response("special")): """
        LATENCY|DOCTOR LATENCY|GRAPH LATENCY|HISTOGRAM LATENCY|HISTORY LATENCY|LATEST
        """,
    (_NODES, _BY_CHANCE): "SLOWLOG|GET",
    (_NODES, _SUM, _BY_CHANCE): "SLOWLOG|LEN",
    (_NODES, _SUM): "LATENCY|RESET",
    (_NODES, _ALL_SUCCEEDED): """
        ACL|DELUSER ACL|SAVE ACL|SETUSER CLIENT|SETINFO CLIENT|SETNAME CONFIG|RESETSTAT
        CONFIG|REWRITE CONFIG|SET SCRIPT|FLUSH SCRIPT|LOAD SLOWLOG|RESET
        """,
    (_SHARDS, _SUM): "DBSIZE",
    (_SHARDS, _ALL_SUCCEEDED): """
        FLUSHALL FLUSHDB FUNCTION|DELETE FUNCTION|FLUSH FUNCTION|LOAD FUNCTION|RESTORE
        MEMORY|PURGE PING
        """,
    (_SHARDS, _response("one_succeeded")): "FUNCTION|KILL SCRIPT|KILL",
    (_SHARDS, _response("agg_logical_and")): "SCRIPT|EXISTS",
    (_SHARDS, _response("agg_min")): "WAIT WAITAOF",
    (_SEVERAL_SHARDS,): "MGET",
    (_SEVERAL_SHARDS, _SUM): "DEL EXISTS TOUCH UNLINK",
    (_SEVERAL_SHARDS, _ALL_SUCCEEDED): "MSET",
}
_TIPS = {name.lower(): tips for tips, names in _TABLE.items() for name in names.split()}


def tips_of(command: Command) -> tuple[str, ...]:
    """Give a command's tips."""
    return _TIPS.get(command.full_name, ())
