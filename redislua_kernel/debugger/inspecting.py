"""The requests that look at a script which has stopped, and at what there is otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

from redislua_kernel.debugger.keyspace import value_of
from redislua_kernel.debugger.overview import overview
from redislua_kernel.debugger.panel import Panel
from redislua_kernel.debugger.pause import Pause
from redislua_kernel.debugger.requests import Asked, Body, RequestError, request
from redislua_kernel.debugger.scopes import scopes as scopes_of
from redislua_kernel.debugger.sources import SourceText
from redislua_kernel.debugger.values import text_of
from redislua_kernel.debugger.variables import Contents, References
from redislua_kernel.engine.debugging.stop import EvaluationError, Frame, LuaValue


@request("stackTrace", on_stop=True)
def stack_trace(asked: Asked) -> Body:
    """Give the frames of what has stopped."""
    pause = asked.pause
    source = asked.panel.sources.add_code(pause.stop.source.code, pause.name)
    frames = list(_frames(pause, source))
    first = max(asked.number("startFrame", 0), 0)
    levels = asked.number("levels", 0) or len(frames)
    return {"stackFrames": frames[first : first + levels], "totalFrames": len(frames)}


def _frames(pause: Pause, source: SourceText) -> Iterator[Body]:
    stop = pause.stop
    for number, frame in enumerate(pause.frames, 1):
        if stop.left_out and number == len(pause.frames) // 2 + 1:
            label = {"id": 0, "line": 0, "column": 0, "presentationHint": "label"}
            yield label | {"name": f"… {stop.left_out} more"}
        shown: Body = {"id": number, "name": pause.name_of(frame), "column": 1}
        if frame.chunk == stop.source.chunk:
            shown["line"] = frame.line + source.offset
            shown["source"] = {"name": source.name, "path": source.path}
        else:  # of loadstring
            shown |= {"line": 0, "presentationHint": "subtle"}
        yield shown


@request("scopes", on_stop=True)
def scopes(asked: Asked) -> Body:
    """Give what can be looked into at a frame."""
    pause = asked.pause
    frame = _frame(asked)
    return {
        "scopes": [
            _scope(pause.references, name, contents)
            for name, contents in scopes_of(asked.panel, pause, frame)
        ]
    }


def _scope(references: References, name: str, contents: Contents) -> Body:
    indexed, named = contents.sizes()
    shown: Body = {
        "name": name,
        "variablesReference": references.add(contents),
        "namedVariables": named,
        "indexedVariables": indexed,
        "expensive": name == "Keyspace",
    }
    return shown | ({"presentationHint": "locals"} if name == "Locals" else {})


@request("variables", on_stop_if_any=True)
def variables(asked: Asked) -> Body:
    """Give what is in a scope or a variable."""
    number = asked.number("variablesReference")
    if asked.stopped is not None:
        return {"variables": _page(asked, asked.stopped.references, number)}
    return {"variables": _with_engine(asked.panel, lambda: _page(asked, asked.panel.idle, number))}


def _page(asked: Asked, references: References, number: int) -> list[Body]:
    contents = references.at(number)
    if contents is None:
        return []
    first, most = max(asked.number("start", 0), 0), max(asked.number("count", 0), 0)
    return references.page(contents, asked.arguments.get("filter"), first, most)


@request("inspectVariables", on_stop_if_any=True)
def inspect_variables(asked: Asked) -> Body:
    """Give what there is to see of the engine."""
    panel = asked.panel
    if asked.stopped is not None:
        references = asked.stopped.references
        return {"variables": [references.show(child) for child in overview(panel)]}

    def look() -> list[Body]:
        panel.idle = References(None, panel.type_name)
        return [panel.idle.show(child) for child in overview(panel)]

    return {"variables": _with_engine(panel, look)}


@request("evaluate", on_stop_if_any=True)
def evaluate(asked: Asked) -> Body | Future[Body]:
    """Run a piece of Lua in a frame, or while nothing runs as a cell would run it."""
    code = asked.code("expression")
    whole = asked.arguments.get("context") == "clipboard"
    pause = asked.stopped
    if pause is None:
        return _evaluate_idle(asked.panel, code, whole)
    value = pause.stop.evaluate(code, _frame_if_any(asked, pause))
    return _result(pause.references, value, code, whole=whole)


def _evaluate_idle(panel: Panel, code: bytes, whole: bool) -> Future[Body]:
    if panel.running is not None:
        raise RequestError("a script is running: pause it first")

    def run() -> Body:
        return _result(panel.idle, panel.host.evaluate(code), None, whole=whole)

    return panel.host.run(run)


def _result(references: References, value: LuaValue, code: bytes | None, *, whole: bool) -> Body:
    path = None if code is None else code.decode("utf-8", "replace")
    shown = references.describe(value, path, whole=whole)
    return {"result": shown.pop("value"), **shown}


@request("setVariable", on_stop=True)
def set_variable(asked: Asked) -> Body:
    """Set a variable of a frame, or an entry of a table."""
    pause = asked.pause
    contents = pause.references.at(asked.number("variablesReference"))
    if contents is None:
        raise RequestError("there is no such variable any more")
    value = _value(asked, pause)
    contents.assign(asked.text("name"), value)
    return pause.references.describe(value, None)


@request("setExpression", on_stop=True)
def set_expression(asked: Asked) -> Body:
    """Set what an expression names."""
    pause = asked.pause
    value = _value(asked, pause)
    target = asked.text("expression")
    code = b"%b = %b" % (asked.code("expression"), asked.code("value"))
    pause.stop.evaluate(code, _frame_if_any(asked, pause))
    return pause.references.describe(value, target)


def _value(asked: Asked, pause: Pause) -> LuaValue:
    return pause.stop.evaluate(asked.code("value"), _frame_if_any(asked, pause))


@request("exceptionInfo", on_stop=True)
def exception_info(asked: Asked) -> Body:
    """Tell of the error at which a script has stopped."""
    pause = asked.pause
    if not pause.is_error:
        raise RequestError("it has not stopped at an error")
    text = pause.stop.text
    code = text.partition(" ")[0]
    return {
        "exceptionId": code if code.isupper() else "error",
        "description": text,
        "breakMode": "unhandled",
        "details": {"message": text},
    }


@request("source")
def source(asked: Asked) -> Body:
    """Give the text of a cell, or of code that no cell holds."""
    wanted = asked.arguments.get("source")
    path = wanted.get("path") if isinstance(wanted, dict) else None
    found = asked.panel.sources.at(str(path))
    if found is None:
        raise RequestError("this source is not known")
    return {"content": found.text, "mimeType": "text/x-lua"}


@request("modules")
def modules(asked: Asked) -> Body:
    """Give the libraries that are loaded."""
    panel = asked.panel
    libraries = list(panel.host.engine.scripting.functions.libraries.values())
    shown = []
    for library in libraries:
        name = library.name.decode()
        source = panel.sources.add_code(library.code, f"library {name}")
        shown.append({"id": name, "name": name, "path": source.path})
    return {"modules": shown, "totalModules": len(shown)}


@request("richInspectVariables", on_stop_if_any=True)
def rich_inspect_variables(asked: Asked) -> Body:
    """Give a variable, or a key, as a page would show it."""
    name, code = asked.text("variableName"), asked.code("variableName")
    pause = asked.stopped
    if pause is not None:
        try:
            value = pause.stop.evaluate(code, _frame_if_any(asked, pause))
            return {"data": {"text/plain": text_of(value, pause.stop, whole=True)}, "metadata": {}}
        except EvaluationError:
            pass
    found = value_of(asked.panel.database, code)
    if found is None:
        raise RequestError(f"{name} cannot be shown")
    text = found.text if isinstance(found, Contents) else text_of(found, whole=True)
    return {"data": {"text/plain": text}, "metadata": {}}


def _frame(asked: Asked) -> Frame:
    found = asked.pause.frame(asked.number("frameId"))
    if found is None:
        raise RequestError("there is no such frame any more")
    return found


def _frame_if_any(asked: Asked, pause: Pause) -> Frame | None:
    number = asked.arguments.get("frameId")
    return pause.frame(number) if number is None else _frame(asked)


def _with_engine(panel: Panel, look: Callable[[], list[Body]]) -> list[Body]:
    """Look at the data, unless a script is at work on them."""
    lock = panel.host.engine.lock
    if not lock.acquire(blocking=False):
        return [{"name": "…", "value": "a script is running", "variablesReference": 0}]
    try:
        return look()
    finally:
        lock.release()
