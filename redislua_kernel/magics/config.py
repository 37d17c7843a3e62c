"""%config: how this notebook talks to the engine and shows its replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.conditions import DiskError
from redislua_kernel.engine.dialect import DIALECTS
from redislua_kernel.engine.memory.limits import LEAST_LUA, LEAST_PROCESS
from redislua_kernel.engine.recovery import CrashJournal, Sync
from redislua_kernel.errors import ResponseError
from redislua_kernel.magics.offers import Offer
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.documentation import table_bundle
from redislua_kernel.render.outputs import Display, Outputs, Text
from redislua_kernel.session import Session


@dataclass(frozen=True)
class Option:
    """One option: how to read it, how to set it, what it does, and its values if they are few."""

    get: Callable[[Session], str]
    set: Callable[[Session, str], None]
    help: str
    values: tuple[str, ...] = ()
    #: Whether it is one of the embedded engine, whatever is connected.
    embedded: bool = True


def _offers(session: Session, before: Sequence[str], start: str) -> Offer | None:
    if not before:
        return Offer("option", OPTIONS)
    option = OPTIONS.get(before[0].lower())
    return None if option is None or len(before) > 1 else Offer("value", option.values)


@magic("config", offers=_offers)
def config(session: Session, option: bytes | None = None, value: bytes | None = None) -> Outputs:
    """Show or set an option of this notebook; the engine's settings are `%redis CONFIG SET`.

    Without words: all options, with their values and what they do.

        %config
        %config resp 3
        %config strict yes
    """
    if option is None:
        rows = [(f"{name} {each.get(session)}", each.help) for name, each in OPTIONS.items()]
        return Display(table_bundle(rows))
    name = option.decode("utf-8", "replace").lower()
    chosen = OPTIONS.get(name)
    if chosen is None:
        raise UsageError(f"unknown option {name}: there is {', '.join(OPTIONS)}")
    if value is not None:
        new = value.decode("utf-8", "replace").lower()
        if chosen.values and new not in chosen.values:
            *others, last = chosen.values
            raise UsageError(f"{name} is {', '.join(others)} or {last}")
        if chosen.embedded:
            session.require_embedded(f"%config {name}")
        chosen.set(session, new)
        return ()
    return Text(f"{name} {chosen.get(session)}\n")


def _set_resp(session: Session, value: str) -> None:
    session.execute("HELLO", value)


def _number_option(name: str, field: str, help: str) -> Option:
    """Make an option that is a number above 0, a field of the session's options."""

    def set_it(session: Session, value: str) -> None:
        if not value.isdecimal() or not int(value):
            raise UsageError(f"{name} is a number above 0")
        setattr(session.options, field, int(value))

    return Option(lambda s: str(getattr(s.options, field)), set_it, help, embedded=False)


def _memory_option(name: str, field: str, least: int, help: str) -> Option:
    """Make an option that is one of the engine's limits, in MB."""

    def set_it(session: Session, value: str) -> None:
        if not value.isdecimal() or int(value) << 20 < least:
            raise UsageError(f"{name} is a number of megabytes, at least {least >> 20}")
        engine = session.engine
        engine.limits = replace(engine.limits, **{field: int(value) << 20})

    return Option(lambda s: str(getattr(s.engine.limits, field) >> 20), set_it, help)


def _set_dialect(session: Session, value: str) -> None:
    try:
        session.engine.change_dialect(value)
    except ResponseError as error:
        reason = error.message.removeprefix("ERR ")
        raise UsageError(f"{reason}\nThe dialect is still {session.engine.dialect.name}") from None


_DISK_ERRORS = {"no": None, "yes": DiskError.RDB, "rdb": DiskError.RDB, "aof": DiskError.AOF}


def _set_disk_error(session: Session, value: str) -> None:
    session.engine.conditions.break_disk(_DISK_ERRORS[value])


def _disk_error(session: Session) -> str:
    broken = session.engine.conditions.broken
    return "no" if broken is None else broken.name.lower()


def _set_lint(session: Session, value: str) -> None:
    session.options.lint = value


_YES_OR_NO = ("yes", "no")


def _switch(is_on: bool) -> str:
    return "yes" if is_on else "no"


def _journal(session: Session) -> CrashJournal:
    journal = session.crash_journal
    if journal is None:
        raise UsageError("there is no crash journal here: Jupyter has not started this kernel")
    return journal


def _set_journal(session: Session, value: str) -> None:
    journal = _journal(session)
    journal.switch(value != "off")
    journal.recorder.sync = Sync.FULL if value == "fsync" else Sync.NO


def _journal_state(session: Session) -> str:
    journal = session.crash_journal
    if journal is None or not journal.recorder.is_on:
        return "off"
    return "fsync" if journal.recorder.sync is Sync.FULL else "on"


def _set_journal_limit(session: Session, value: str) -> None:
    if not value.isdecimal() or not int(value):
        raise UsageError("journal-limit is a number of megabytes above 0")
    _journal(session).recorder.limit = int(value) << 20


def _journal_limit(session: Session) -> str:
    journal = session.crash_journal
    return "none" if journal is None else str(journal.recorder.limit >> 20)


def _set_recover(session: Session, value: str) -> None:
    _journal(session).is_automatic = value == "auto"


def _recover(session: Session) -> str:
    journal = session.crash_journal
    return "auto" if journal is None or journal.is_automatic else "manual"


OPTIONS = {
    "dialect": Option(
        lambda s: s.engine.dialect.name,
        _set_dialect,
        "whose answers the engine gives: redis (8.2.3) or valkey (9.1.2)",
        tuple(DIALECTS),
    ),
    "resp": Option(
        lambda s: str(s.backend.resp),
        _set_resp,
        "the RESP version of replies: 2 or 3",
        ("2", "3"),
        embedded=False,
    ),
    "rows": _number_option("rows", "rows", "how many rows an HTML table shows"),
    "reply-limit": _number_option(
        "reply-limit", "reply_limit", "how many bytes of a reply's text are shown"
    ),
    "output-limit": _number_option(
        "output-limit", "output_limit", "how many characters of a cell's other output are shown"
    ),
    "lua-memory": _memory_option(
        "lua-memory", "lua_memory", LEAST_LUA, "how many MB a script may hold in Lua"
    ),
    "process-memory": _memory_option(
        "process-memory",
        "process_memory",
        LEAST_PROCESS,
        "how many MB the kernel may take: a cell that goes beyond is interrupted, and undone",
    ),
    "lint": Option(
        lambda s: s.options.lint,
        _set_lint,
        "warnings about a cell before it first runs: off, on, strict (undeclared keys, too)",
        ("off", "on", "strict"),
        embedded=False,
    ),
    "cluster": Option(
        lambda s: _switch(s.engine.conditions.is_cluster),
        lambda s, value: s.engine.conditions.join_cluster(value == "yes"),
        "the engine is the only node of a cluster: yes or no",
        _YES_OR_NO,
    ),
    "disk-error": Option(
        _disk_error,
        _set_disk_error,
        "the disk fails, so writes are refused: no, yes (or rdb: snapshots fail), aof",
        tuple(_DISK_ERRORS),
    ),
    "strict": Option(
        lambda s: _switch(s.engine.conditions.is_strict),
        lambda s, value: s.engine.conditions.be_strict(value == "yes"),
        "scripts touch only the keys they declare, all of one slot: yes or no",
        _YES_OR_NO,
    ),
    "journal": Option(
        _journal_state,
        _set_journal,
        "write each cell's changes to a file, from which a kernel that died has them again: on, "
        "off, fsync (also should the machine die)",
        ("on", "off", "fsync"),
    ),
    "journal-limit": Option(
        _journal_limit, _set_journal_limit, "how large that file may grow, in MB"
    ),
    "recover": Option(
        _recover,
        _set_recover,
        "what a kernel that died had comes back by itself (auto), or by %recover (manual)",
        ("auto", "manual"),
    ),
}
