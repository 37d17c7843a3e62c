"""%clock: the engine's time, stopped, set and moved on by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.hand_clock import HandClock
from redislua_kernel.magics.offers import at_first
from redislua_kernel.magics.registry import WrongWords, magic
from redislua_kernel.render.outputs import Text
from redislua_kernel.session import Session
from redislua_kernel.testing.spans import microseconds

#: Redis keeps times in milliseconds, signed, and adds to them.
_LATEST = 2**62


@magic(
    "clock",
    usage="[stop [time] | +span | -span | run]",
    offers=at_first("option", ("stop", "run")),
    embedded=True,
)
def clock(session: Session, *words: bytes) -> Text:
    """Show the engine's time, stop it, let some of it pass at once, or let it run again.

    Expiry, TIME and whatever goes by the clock follow: a minute's wait takes no time, and a
    notebook shows the same each time it runs. A bare number means seconds.

        %clock
        %clock stop
        %clock stop 2026-03-01T12:00
        %clock +60
        %clock +1h
        %clock run
    """
    keyspace = session.engine.keyspace
    if not isinstance(keyspace.clock, HandClock):
        keyspace.clock = HandClock(keyspace.clock)
    _set(keyspace.clock, [word.decode("utf-8", "replace") for word in words])
    keyspace.look_at_clock()
    return Text(f"{_shown(keyspace.now_us)}{', stopped' * keyspace.clock.is_stopped}\n")


def _set(clock: HandClock, words: list[str]) -> None:
    match words:
        case []:
            pass
        case ["stop"]:
            clock.stop()
        case ["stop", at]:
            clock.stop(_time(at))
        case ["run"]:
            clock.run()
        case [step] if step[0] in "+-":
            clock.advance(_span(step))
        case _:
            raise WrongWords


def _span(text: str) -> int:
    """Read a span with a sign: seconds, or what tests take for `@advance`."""
    try:
        span = microseconds(text[1:])
    except (ValueError, OverflowError):
        return _microseconds(text)
    return _checked(-span if text[0] == "-" else span, text)


def _time(text: str) -> int:
    """Read a date with or without a time of day, in UTC, or seconds since the epoch."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _microseconds(text)
    return _microseconds(at.replace(tzinfo=at.tzinfo or UTC).timestamp())


def _microseconds(seconds: str | float) -> int:
    try:
        number = round(float(seconds) * 1e6)
    except (ValueError, OverflowError):
        raise UsageError(f"no time: {seconds}") from None
    return _checked(number, seconds)


def _checked(number: int, text: str | float) -> int:
    if abs(number) > _LATEST:
        raise UsageError(f"too far away: {text}")
    return number


def _shown(microseconds: int) -> str:
    try:
        moment = datetime.fromtimestamp(microseconds // 1_000_000, UTC)
    except (ValueError, OverflowError):
        return f"{microseconds // 1_000_000} s since 1970"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{microseconds % 1_000_000 // 1000:03d} UTC"
