"""Libraries with their functions, and cached scripts, as text and as HTML."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

from redislua_kernel.browsing.programs import (
    FunctionFacts,
    LibraryFacts,
    RunFacts,
    RunningFacts,
    ScriptFacts,
)
from redislua_kernel.browsing.text import cut, name_of
from redislua_kernel.quantities import count_of, memory, seconds_text
from redislua_kernel.render.html import page, table
from redislua_kernel.render.outputs import Bundle

__all__ = [
    "functions_bundle",
    "functions_html",
    "functions_title",
    "running_text",
    "scripts_bundle",
    "scripts_html",
    "scripts_title",
]

_RUNS = ("calls", "errors", "total", "mean", "p99", "last run")
_FUNCTIONS = ("function", *_RUNS, "flags", "description")
_SCRIPTS = ("sha", "size", "loaded by", *_RUNS, "first line")
#: What may be evicted was loaded by EVAL.
_LOADED_BY = {True: "EVAL", False: "SCRIPT LOAD", None: ""}
_SHORT_SHA = 8
_ONE_LINE = "white-space:nowrap"
_LONGEST = 60
_DAY = 86_400


def functions_bundle(
    libraries: Sequence[LibraryFacts], running: RunningFacts | None, code_html: str, *, rows: int
) -> Bundle:
    """Give libraries, and what runs; of a single library its code too, in HTML as it is given."""
    lines = [functions_title(libraries), *([running_text(running)] if running else [])]
    for library in libraries[:rows]:
        lines += ["", f"library {name_of(library.name)} ({memory(len(library.code))})"]
        lines += _text(_FUNCTIONS, [_function_row(each) for each in library.functions])
    if len(libraries) > rows:
        lines.append(f"… {len(libraries) - rows} more")
    if len(libraries) == 1:
        lines += ["", *_numbered(libraries[0].code)]
    runs = f"<div>{escape(running_text(running))}</div>" if running else ""
    return {
        "text/plain": "\n".join(lines),
        "text/html": page(f"{runs}{functions_html(libraries, rows=rows)}{code_html}"),
    }


def functions_title(libraries: Sequence[LibraryFacts]) -> str:
    """Count libraries and functions; where there are none, tell how one is made."""
    functions = sum(len(library.functions) for library in libraries)
    counted = f"{count_of(len(libraries), 'library')}, {count_of(functions, 'function')}"
    return counted if libraries else f"{counted}; a cell that begins with #!lua name=… makes one"


def functions_html(libraries: Sequence[LibraryFacts], *, rows: int) -> str:
    """Give a table of the functions, each beside its library."""
    made = [
        [f"<samp>{escape(name_of(library.name))}</samp>", *_html_row(_function_row(each))]
        for library in libraries
        for each in library.functions
    ]
    title = f"<div>{escape(functions_title(libraries))}</div>"
    if not made:
        return title
    return title + table(("library", *_FUNCTIONS), made[:rows], max(len(made) - rows, 0))


def running_text(running: RunningFacts) -> str:
    """Tell what runs, and for how long it has."""
    what = "function" if running.is_function else "script"
    name = name_of(running.name) if running.is_function else running.name[:_SHORT_SHA].decode()
    stopping = ", told to stop" if running.is_stopping else ""
    return f"running: {what} {name} for {running.seconds:.1f} s{stopping}"


def scripts_bundle(
    scripts: Sequence[ScriptFacts], evicted: int | None, code_html: str, *, rows: int
) -> Bundle:
    """Give cached scripts, and how many were evicted; of a single one its code too."""
    title = scripts_title(scripts, evicted)
    lines = [title, *_text(_SCRIPTS, [_script_row(each) for each in scripts[:rows]])]
    if len(scripts) > rows:
        lines.append(f"… {len(scripts) - rows} more")
    if len(scripts) == 1:
        lines += ["", scripts[0].sha, *_numbered(scripts[0].body)]
    return {
        "text/plain": "\n".join(lines),
        "text/html": page(f"{scripts_html(scripts, evicted, rows=rows)}{code_html}"),
    }


def scripts_title(scripts: Sequence[ScriptFacts], evicted: int | None) -> str:
    """Count scripts; tell how many may be dropped, and how many were, if that is known."""
    loose = sum(script.is_evictable is True for script in scripts)
    title = f"{count_of(len(scripts), 'script')}, {memory(sum(len(s.body) for s in scripts))}"
    if evicted is None:
        return title
    return f"{title}; {loose} by EVAL alone, which may be evicted; {evicted:,} evicted so far"


def scripts_html(scripts: Sequence[ScriptFacts], evicted: int | None, *, rows: int) -> str:
    """Give a table of scripts."""
    made = [_html_row(_script_row(each)) for each in scripts[:rows]]
    title = f"<div>{escape(scripts_title(scripts, evicted))}</div>"
    return title + table(_SCRIPTS, made, max(len(scripts) - rows, 0)) if made else title


def _function_row(function: FunctionFacts) -> list[str]:
    return [
        name_of(function.name),
        *_run_cells(function.runs),
        " ".join(function.flags),
        cut(function.description, _LONGEST) if function.description else "",
    ]


def _script_row(script: ScriptFacts) -> list[str]:
    return [
        script.sha[:_SHORT_SHA],
        memory(len(script.body)),
        _LOADED_BY[script.is_evictable],
        *_run_cells(script.runs),
        cut(script.title, _LONGEST) if script.title else "",
    ]


def _run_cells(runs: RunFacts | None) -> list[str]:
    if runs is None:
        return [""] * len(_RUNS)
    if not runs.calls:
        return ["0", "", "", "", "", "never"]
    times = (runs.seconds, runs.mean, runs.p99)
    return [
        f"{runs.calls:,}",
        f"{runs.failed:,}",
        *map(seconds_text, times),
        _moment(runs.last or 0),
    ]


def _moment(seconds: float) -> str:
    """Give the local time of day; the date too if that was long ago."""
    form = "%H:%M:%S" if time.time() - seconds < _DAY else "%Y-%m-%d %H:%M:%S"
    return time.strftime(form, time.localtime(seconds))


def _html_row(cells: Sequence[str]) -> list[str]:
    first, *facts, last = map(escape, cells)
    return [
        f'<samp style="{_ONE_LINE}">{first}</samp>',
        *(f'<span style="{_ONE_LINE}">{fact}</span>' for fact in facts),
        last,
    ]


def _text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *rows)
    ]


def _numbered(code: bytes) -> list[str]:
    lines = code.decode("utf-8", "replace").removesuffix("\n").split("\n")
    return [f"{number:>4}  {line}".rstrip() for number, line in enumerate(lines, 1)]
