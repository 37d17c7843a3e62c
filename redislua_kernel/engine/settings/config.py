"""The settings that CONFIG GET and CONFIG SET know, with their values.

These have an effect: busy-reply-threshold, loglevel, proto-max-bulk-len, hll-sparse-max-bytes,
notify-keyspace-events, rdbcompression (DUMP), requirepass (AUTH), and those that `conditions`
reads, maxmemory and the replicas' for two; so have those of eviction, SLOWLOG and
latency-tracking, and where a server listens, port and the limits of connections
(`server.limits`). The others are kept for those who ask.
"""

from __future__ import annotations

from collections.abc import Callable

from redislua_kernel.engine.errors import CommandError, shown
from redislua_kernel.engine.glob import compile_glob
from redislua_kernel.engine.settings.directives import ALIASES, DIRECTIVES, HIDDEN
from redislua_kernel.engine.settings.log_levels import LEVELS

__all__ = ["Config"]


class Config:
    """The current value of every setting, as CONFIG GET shows it."""

    def __init__(self) -> None:
        self.values = {name: directive.default for name, directive in DIRECTIVES.items()}
        #: Carry out the change of a setting that could not be set without them; may refuse with
        #: a CommandError. A server brings them along: it is who listens on a port.
        self.appliers: dict[bytes, Callable[[bytes], None]] = {}
        #: Called after settings have changed.
        self.listeners: list[Callable[[], None]] = []
        self.changed()

    def integer(self, name: bytes) -> int:
        """Give a numeric setting."""
        return int(self.values[name])

    def is_on(self, name: bytes) -> bool:
        """Tell whether a switch is on."""
        return self.values[name] == b"yes"

    def get(self, patterns: tuple[bytes, ...]) -> dict[bytes, bytes]:
        """Give the settings whose names match one of the glob patterns."""
        named = {pattern.lower() for pattern in patterns}
        matchers = [compile_glob(pattern, ignore_case=True) for pattern in patterns]
        return {
            name: self.values[ALIASES.get(name, name)]
            for name in (*DIRECTIVES, *ALIASES)
            if name in named or (name not in HIDDEN and any(match(name) for match in matchers))
        }

    def set(self, pairs: list[tuple[bytes, bytes]]) -> None:
        """Set several settings at once: all of them, or none and the reference's error."""
        for name, _ in pairs:
            if _canonical(name) not in DIRECTIVES:
                raise CommandError(
                    f"ERR Unknown option or number of arguments for CONFIG SET - '{shown(name)}'"
                )
        accepted: dict[bytes, bytes] = {}
        given: set[bytes] = set()
        for name, value in pairs:
            key = _canonical(name)
            directive = DIRECTIVES[key]
            if directive.refusal and key not in self.appliers:
                raise _failed(name, directive.refusal)
            if name.lower() in given:  # two names of one setting are let through
                raise _failed(name, "duplicate parameter")
            given.add(name.lower())
            try:
                accepted[key] = directive.merge(self.values[key], directive.read(value))
            except CommandError as error:
                raise _failed(name, error.message) from None
        self._apply(accepted)
        self.values.update(accepted)
        self.changed()

    def _apply(self, accepted: dict[bytes, bytes]) -> None:
        """Carry out the changes that need it: all of them, or none and the reference's error."""
        applied: list[bytes] = []
        for name, value in accepted.items():
            if name not in self.appliers or value == self.values[name]:
                continue
            try:
                self.appliers[name](value)
            except CommandError as error:
                for earlier in applied:
                    self.appliers[earlier](self.values[earlier])
                raise _failed(name, error.message) from None
            applied.append(name)

    def put(self, name: bytes, value: bytes) -> None:
        """Set a setting that CONFIG SET may not."""
        self.values[name] = value
        self.changed()

    def restore(self, values: dict[bytes, bytes]) -> None:
        """Take back what was set since; but what was carried out stays as it is."""
        if values != self.values:
            carried_out = {name: self.values[name] for name in self.appliers}
            self.values = {**values, **carried_out}
            self.changed()

    def copy(self, other: Config) -> None:
        """Take over another engine's settings."""
        self.values = dict(other.values)
        self.changed()

    def changed(self) -> None:
        """Read again what is looked at often."""
        self.maxmemory = self.integer(b"maxmemory")
        self.hll_sparse_max_bytes = self.integer(b"hll-sparse-max-bytes")
        self.busy_reply_threshold = self.integer(b"busy-reply-threshold")
        self.log_level = LEVELS.index(self.values[b"loglevel"])
        for listener in self.listeners:
            listener()


def _canonical(name: bytes) -> bytes:
    key = name.lower()
    return ALIASES.get(key, key)


def _failed(name: bytes, reason: str) -> CommandError:
    return CommandError(
        f"ERR CONFIG SET failed (possibly related to argument '{shown(name)}') - {reason}"
    )
