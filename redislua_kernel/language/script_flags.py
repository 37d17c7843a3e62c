"""What each flag of scripts and functions lets them do, and what it forbids."""

from __future__ import annotations

__all__ = ["SCRIPT_FLAGS", "flag_at"]

#: Each flag, and its explanation.
SCRIPT_FLAGS = {
    "no-writes": "It only reads: EVAL_RO and FCALL_RO take it, and replicas, a failing disk and a "
    "full memory do not keep it from running. A command that writes is an error in it, and so are "
    "PUBLISH, SPUBLISH and PFCOUNT, which replicas are told of.",
    "allow-oom": "It runs although memory is full (maxmemory), and may call any command then.",
    "allow-stale": "It runs on a replica that has lost its master and serves no stale data "
    "(replica-serve-stale-data). Commands that need data are refused in it nonetheless.",
    "no-cluster": "A cluster does not run it.",
    "allow-cross-slot-keys": "In a cluster, its calls may touch keys of several slots. The keys "
    "that it is given must be of one slot all the same.",
}


def flag_at(code: str, cursor: int) -> str:
    """Give the flag at a place in a shebang; nothing if there is none."""
    line = code.partition("\n")[0]
    if not line.startswith("#!") or cursor > len(line):
        return ""
    start = max(line.rfind(each, 0, cursor) for each in " ,=") + 1
    word = line[start:].replace(" ", ",").partition(",")[0]
    return word if word in SCRIPT_FLAGS else ""
