"""The settings that CONFIG GET and CONFIG SET know, with the reference's defaults.

Only settings that change what a script or a client sees have an effect; the others of this
table are kept so that tools which read and write them work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from redislua_kernel.engine.errors import CommandError

__all__ = ["DIRECTIVES", "Config", "Directive"]

_UNITS = {
    b"": 1, b"b": 1,
    b"k": 1000, b"kb": 1024,
    b"m": 1000**2, b"mb": 1024**2,
    b"g": 1000**3, b"gb": 1024**3,
}  # fmt: skip


@dataclass(frozen=True)
class Directive:
    """One setting: its default, how a new value is read, whether it can be set at run time."""

    default: bytes
    read: Callable[[bytes], bytes]
    immutable: bool = False


def _integer(least: int, most: int) -> Callable[[bytes], bytes]:
    def read(value: bytes) -> bytes:
        try:
            number = int(value)
        except ValueError:
            raise CommandError("argument couldn't be parsed into an integer") from None
        if not least <= number <= most:
            raise CommandError(f"argument must be between {least} and {most} inclusive")
        return b"%d" % number

    return read


def _memory(value: bytes) -> bytes:
    digits = value.rstrip(b"bkmgBKMG")
    unit = _UNITS.get(value[len(digits) :].lower())
    if unit is None or not digits.isdigit():
        raise CommandError("argument must be a memory value")
    return b"%d" % (int(digits) * unit)


def _choice(*choices: bytes) -> Callable[[bytes], bytes]:
    def read(value: bytes) -> bytes:
        if value.lower() not in choices:
            names = ", ".join(choice.decode() for choice in choices)
            raise CommandError(f"argument(s) must be one of the following: {names}")
        return value.lower()

    return read


def _yes_no(value: bytes) -> bytes:
    if value.lower() not in (b"yes", b"no"):
        raise CommandError("argument must be 'yes' or 'no'")
    return value.lower()


def _text(value: bytes) -> bytes:
    return value


_INT64 = _integer(-(1 << 63), (1 << 63) - 1)
_COUNT = _integer(0, (1 << 63) - 1)

DIRECTIVES: dict[bytes, Directive] = {
    b"appendonly": Directive(b"no", _yes_no),
    b"bind": Directive(b"127.0.0.1", _text),
    b"busy-reply-threshold": Directive(b"5000", _COUNT),
    b"databases": Directive(b"16", _COUNT, immutable=True),
    b"dbfilename": Directive(b"dump.rdb", _text),
    b"dir": Directive(b".", _text),
    b"hash-max-listpack-entries": Directive(b"512", _COUNT),
    b"hash-max-listpack-value": Directive(b"64", _COUNT),
    b"hz": Directive(b"10", _integer(1, 500)),
    b"lazyfree-lazy-eviction": Directive(b"no", _yes_no),
    b"lazyfree-lazy-expire": Directive(b"no", _yes_no),
    b"lazyfree-lazy-server-del": Directive(b"no", _yes_no),
    b"lazyfree-lazy-user-del": Directive(b"no", _yes_no),
    b"lazyfree-lazy-user-flush": Directive(b"no", _yes_no),
    b"list-compress-depth": Directive(b"0", _COUNT),
    b"list-max-listpack-size": Directive(b"-2", _INT64),
    b"loglevel": Directive(
        b"notice", _choice(b"debug", b"verbose", b"notice", b"warning", b"nothing")
    ),
    b"lua-time-limit": Directive(b"5000", _COUNT),
    b"maxclients": Directive(b"10000", _integer(1, (1 << 32) - 1)),
    b"maxmemory": Directive(b"0", _memory),
    b"maxmemory-policy": Directive(
        b"noeviction",
        _choice(
            b"volatile-lru",
            b"volatile-lfu",
            b"volatile-random",
            b"volatile-ttl",
            b"allkeys-lru",
            b"allkeys-lfu",
            b"allkeys-random",
            b"noeviction",
        ),
    ),  # fmt: skip
    b"maxmemory-samples": Directive(b"5", _integer(1, 64)),
    b"min-replicas-to-write": Directive(b"0", _COUNT),
    b"notify-keyspace-events": Directive(b"", _text),
    b"proto-max-bulk-len": Directive(b"536870912", _memory),
    b"requirepass": Directive(b"", _text),
    b"save": Directive(b"", _text),
    b"set-max-intset-entries": Directive(b"512", _COUNT),
    b"set-max-listpack-entries": Directive(b"128", _COUNT),
    b"set-max-listpack-value": Directive(b"64", _COUNT),
    b"slowlog-log-slower-than": Directive(b"10000", _INT64),
    b"slowlog-max-len": Directive(b"128", _COUNT),
    b"stream-node-max-bytes": Directive(b"4096", _memory),
    b"stream-node-max-entries": Directive(b"100", _COUNT),
    b"timeout": Directive(b"0", _COUNT),
    b"zset-max-listpack-entries": Directive(b"128", _COUNT),
    b"zset-max-listpack-value": Directive(b"64", _COUNT),
}

#: Two names for one setting, as the reference has them.
_ALIASES = {b"lua-time-limit": b"busy-reply-threshold", b"busy-reply-threshold": b"lua-time-limit"}


class Config:
    """The current value of every setting, as CONFIG GET shows it."""

    def __init__(self) -> None:
        self.values = {name: directive.default for name, directive in DIRECTIVES.items()}
        self.changed()

    def integer(self, name: bytes) -> int:
        """Give a numeric setting."""
        return int(self.values[name])

    def set(self, pairs: list[tuple[bytes, bytes]]) -> None:
        """Set several settings at once: all of them, or none and the reference's error."""
        accepted: dict[bytes, bytes] = {}
        for name, value in pairs:
            shown = name.decode("utf-8", "surrogateescape")
            key = name.lower()
            directive = DIRECTIVES.get(key)
            if directive is None:
                raise CommandError(
                    f"ERR Unknown option or number of arguments for CONFIG SET - '{shown}'"
                )
            if key in accepted:
                raise _failed(shown, "duplicate parameter")
            if directive.immutable:
                raise _failed(shown, "can't set immutable config")
            try:
                accepted[key] = directive.read(value)
            except CommandError as error:
                raise _failed(shown, error.message) from None
        for key, value in accepted.items():
            self.values[key] = value
            if key in _ALIASES:
                self.values[_ALIASES[key]] = value
        self.changed()

    def changed(self) -> None:
        """Read again what is looked at often."""
        self.maxmemory = self.integer(b"maxmemory")
        self.busy_reply_threshold = self.integer(b"busy-reply-threshold")


def _failed(name: str, reason: str) -> CommandError:
    return CommandError(f"ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}")
