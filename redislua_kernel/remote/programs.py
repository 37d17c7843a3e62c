"""The libraries and scripts of a server, as `browsing.programs` has those of the engine.

A server counts no runs, and lists no scripts: of those whose code is known here it is asked
whether it has them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from redislua_kernel.browsing.programs import FunctionFacts, LibraryFacts, RunningFacts, ScriptFacts
from redislua_kernel.errors import RedisError
from redislua_kernel.remote.remote import Remote
from redislua_kernel.reply import ResponseError, as_dict

__all__ = ["count_scripts", "read_libraries", "read_running", "read_scripts"]

_COUNT = re.compile(rb"^number_of_cached_scripts:(\d+)", re.M)


def read_libraries(remote: Remote, pattern: bytes = b"*") -> list[LibraryFacts]:
    """Give the libraries whose names fit a glob pattern."""
    listed = remote.ask("FUNCTION", "LIST", "LIBRARYNAME", pattern, "WITHCODE")
    libraries = []
    for each in map(as_dict, listed):
        functions = map(as_dict, each[b"functions"])
        facts = tuple(
            FunctionFacts(
                function[b"name"],
                tuple(sorted(bytes(flag).decode() for flag in function[b"flags"])),
                function[b"description"],
                None,
            )
            for function in functions
        )
        libraries.append(LibraryFacts(each[b"library_name"], each[b"library_code"], facts))
    return sorted(libraries, key=lambda library: library.name)


def read_running(remote: Remote) -> RunningFacts | None:
    """Give the function that runs now, whoever called it; None: none, or it is a script."""
    try:
        running = as_dict(remote.ask("FUNCTION", "STATS")).get(b"running_script")
    except ResponseError:
        return None
    if not running:
        return None
    facts = as_dict(running)
    return RunningFacts(facts[b"name"], True, facts[b"duration_ms"] / 1000, False)


def read_scripts(remote: Remote, bodies: Iterable[bytes], prefix: bytes) -> list[ScriptFacts]:
    """Give those of some scripts that the server has, and whose digests begin so."""
    known = {hashlib.sha1(body).hexdigest(): body for body in bodies}
    shas = [sha for sha in known if sha.startswith(prefix.decode("utf-8", "replace").lower())]
    if not shas:
        return []
    asked = [b"SCRIPT", b"EXISTS", *map(str.encode, shas)]
    # In a cluster, each node has scripts of its own.
    there = map(any, zip(*(probe.call(asked) for probe in remote.probes()), strict=True))
    found = [sha for sha, is_there in zip(shas, there, strict=True) if is_there]
    return [ScriptFacts(sha, known[sha], None, None) for sha in found]


def count_scripts(remote: Remote) -> int | None:
    """Give how many scripts the server has cached; None: it does not tell."""
    try:
        texts = [bytes(probe.call([b"INFO", b"memory"])) for probe in remote.probes()]
    except RedisError:
        return None
    counts = [_COUNT.search(text) for text in texts]
    return sum(int(count[1]) for count in counts if count) if all(counts) else None
