"""%lint: what a script or a library says and probably does not mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from redislua_kernel.cells import UsageError
from redislua_kernel.engine.debugging.losses import Loss
from redislua_kernel.engine.files import path_of, read_file
from redislua_kernel.engine.interrupts import interruptible
from redislua_kernel.errors import ResponseError
from redislua_kernel.language.lint import Finding, Level, Setting, lint
from redislua_kernel.magics.offers import Offer, paths
from redislua_kernel.magics.registry import magic
from redislua_kernel.render.lint import Place, Remark, lint_bundle
from redislua_kernel.render.outputs import Display, Output, Outputs, Text
from redislua_kernel.session import Session

__all__ = ["losses", "news", "warnings"]


def _offers(session: Session, before: Sequence[str], start: str) -> Offer:
    return Offer("file", paths(start, ".lua"))


@magic("lint", offers=_offers)
def lint_(session: Session, *file: bytes, cell: Iterable[Output] | None = None) -> Outputs:
    """Look for mistakes in this cell without running it, in the last cell, or in files.

    Warnings come by themselves when a cell first runs; this gives hints, too. A comment silences
    a rule on its line, or from the line above; `%help nil-reply` explains one. `%config lint
    strict` asks for what a cluster needs, `%config lint off` for nothing.

        %%lint
        x = redis.call('GET', KEYS[1]) == nil  -- lint: ignore nil-reply

        %lint
        %lint unlock.lua
        %lint scripts/
    """
    if file:
        if cell is not None:
            raise UsageError("usage: %%lint, %lint or %lint file ...")
        paths = [path for each in file for path in _paths(each)]
        return _show_all([remark for path in paths for remark in _of_file(session, path)])
    code = session.lua if cell is not None else session.last_lua
    if code is None:
        raise UsageError(
            "there is no Lua to look at" if cell is not None else "no cell ran Lua yet"
        )
    _refuse_broken(session, code.body)
    text = _text(code.body)
    return _show_all(_remarks(lint(text, _level(session), _setting(session)), text, code.offset))


def news(session: Session) -> list[Finding]:
    """Give what there is to say about the Lua of the cell that runs, and was not said yet."""
    if session.options.lint == "off" or session.lua is None or session.is_busy:
        return []
    level = Level.STRICT if _is_strict(session) else Level.WARNING
    setting = Setting(session.dialect, session.remote is None)
    code = _text(session.lua.body)
    try:
        if not session.reviewer.has_read(code, level, setting):
            _refuse_broken(session, session.lua.body)  # it may take long to parse
        return session.reviewer.news(code, level, setting)
    except ResponseError:
        return []  # running it says why
    except Exception as error:  # a fault of a rule must not keep the cell from running
        session.engine.report_bug(error)
        return []


def warnings(session: Session, found: list[Finding]) -> list[Output]:
    """Say it; it is not said of the same code again."""
    if not found or session.lua is None:
        return []
    text = _text(session.lua.body)
    session.reviewer.said(text, found)
    return _show(_remarks(found, text, session.lua.offset))


def losses(session: Session, cell: str, found: Sequence[Loss]) -> list[Output]:
    """Say what a reply lost, unless the cell's code has been told of that already."""
    if session.options.lint == "off":
        return []
    code = cell if session.lua is None else _text(session.lua.body)
    new = session.reviewer.lost(code, found)
    session.reviewer.said(code, new)
    return _show([Remark(each.rule, each.message, each.advice) for each in new])


def _show(remarks: list[Remark]) -> list[Output]:
    return [Display(lint_bundle(remarks))] if remarks else []


def _show_all(remarks: list[Remark]) -> list[Output]:
    """Show what was asked for, also where that is nothing."""
    return _show(remarks) or [Text("nothing found\n")]


def _remarks(findings: Iterable[Finding], code: str, offset: int, file: str = "") -> list[Remark]:
    lines = code.split("\n")
    return [
        Remark(
            each.rule, each.message, each.advice, each.fix, each.is_hint,
            Place(each.line + offset, each.column, lines[each.line - 1], file),
        )
        for each in findings
    ]  # fmt: skip


def _paths(name: bytes) -> list[Path]:
    """Give a file, or the Lua files of a folder and of those in it."""
    path = path_of(name)
    return sorted(interruptible(path.rglob("*.lua"))) if path.is_dir() else [path]


def _of_file(session: Session, path: Path) -> list[Remark]:
    try:
        body = read_file(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    try:
        _refuse_broken(session, body)
    except ResponseError as error:
        return [Remark("no-lua", f"{path}: {error}", "until then nothing else can be said of it")]
    code = _text(body)
    return _remarks(lint(code, _level(session), _setting(session)), code, 0, str(path))


def _refuse_broken(session: Session, body: bytes) -> None:
    """Raise the error of code that does not compile: nothing can be said of it."""
    code = session.bodies.as_script(body)
    error = session.engine.scripting.compile_error(b"--" + code if code[:2] == b"#!" else code)
    if error is not None:
        raise error


def _is_strict(session: Session) -> bool:
    return session.options.lint == "strict"


def _level(session: Session) -> Level:
    return Level.STRICT if _is_strict(session) else Level.HINT


def _setting(session: Session) -> Setting:
    scripts = session.engine.scripting.scripts.scripts.values()
    others = tuple(_text(script.body) for script in scripts)
    return Setting(session.dialect, session.remote is None, others)


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
