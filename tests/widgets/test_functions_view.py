"""The widget of functions, its controls used without a page."""

from pathlib import Path

import ipywidgets

from redislua_kernel import Engine
from redislua_kernel.browsing.caller import Caller
from redislua_kernel.engine.worker import Worker
from redislua_kernel.widgets.functions import FunctionsView
from tests.waiting import wait_until
from tests.widgets.controls import HOSTILE, button, field, html, seen


def code(name: str, function: str, result: str = "1") -> str:
    return (
        f"#!lua name={name}\n"
        f"redis.register_function('{function}', function() return {result} end)\n"
    )


def show(engine: Engine) -> FunctionsView:
    return FunctionsView(Caller(engine, "functions-widget"))


def names(engine: Engine) -> list[bytes]:
    return [each[b"library_name"] for each in engine.execute("FUNCTION", "LIST")]


def test_functions_are_shown_with_their_code_and_what_is_hostile_is_inert(engine: Engine) -> None:
    engine.execute("FUNCTION", "LOAD", code("lib", "f", f"'{HOSTILE}'"))
    engine.execute("FCALL", "f", 0)
    view = show(engine)
    shown = html(view)
    assert "1 library, 1 function" in shown
    assert "&lt;img" in shown
    assert "<img" not in shown + view.mime_bundle()["text/html"]
    assert "f         1" in view.mime_bundle()["text/plain"]


def test_a_new_library_is_written_and_loaded(engine: Engine) -> None:
    view = show(engine)
    assert button(view, "Edit").disabled
    button(view, "Load").click()
    field(view, "Code").value = code("fresh", "f")
    seen(view.box.children[5], ipywidgets.Button)[0].click()
    assert names(engine) == [b"fresh"]
    assert field(view, "Library").value == b"fresh"
    assert "Library fresh is loaded." in html(view)
    assert not seen(view.box, ipywidgets.Textarea)


def test_a_library_is_replaced_once_its_difference_was_seen(engine: Engine) -> None:
    engine.execute("FUNCTION", "LOAD", code("lib", "f"))
    engine.execute("FCALL", "f", 0)
    view = show(engine)
    button(view, "Edit").click()
    field(view, "Code").value = code("lib", "f", "2")
    seen(view.box.children[5], ipywidgets.Button)[0].click()
    assert "-redis.register_function(&#x27;f&#x27;, function() return 1 end)" in html(view)
    assert engine.execute("FCALL", "f", 0) == 1
    button(view, "Replace").click()
    assert engine.execute("FCALL", "f", 0) == 2
    assert "Library lib is replaced." in html(view)


def test_what_does_not_load_is_not_lost(engine: Engine) -> None:
    view = show(engine)
    for text, error in (
        ("return 1", "Missing library metadata"),
        ("#!lua name=x\nx(", "compiling"),
    ):
        button(view, "Load").click()
        field(view, "Code").value = text
        seen(view.box.children[5], ipywidgets.Button)[0].click()
        assert error in html(view)
        assert field(view, "Code").value == text
    assert names(engine) == []


def test_a_library_is_deleted_only_when_that_is_confirmed(engine: Engine) -> None:
    engine.execute("FUNCTION", "LOAD", code("lib", "f"))
    view = show(engine)
    button(view, "Delete").click()
    assert "with 1 function?" in html(view)
    button(view, "Cancel").click()
    assert names(engine) == [b"lib"]
    button(view, "Delete").click()
    seen(view.box.children[5], ipywidgets.Button)[0].click()
    assert names(engine) == []
    assert "0 libraries, 0 functions; a cell that begins with #!lua name=… makes one" in html(view)


def test_libraries_are_dumped_to_a_file_and_restored(engine: Engine, tmp_path: Path) -> None:
    engine.execute("FUNCTION", "LOAD", code("lib", "f"))
    view = show(engine)
    file = str(tmp_path / "libraries.fn")
    for act in ("Dump", "Restore"):
        button(view, act).click()
        field(view, "File").value = file
        seen(view.box.children[5], ipywidgets.Button)[0].click()
    assert "already exists" in html(view)
    field(view, "Policy").value = "replace"
    seen(view.box.children[5], ipywidgets.Button)[0].click()
    assert "The libraries are restored." in html(view)
    button(view, "Restore").click()
    field(view, "File").value = file + ".none"
    seen(view.box.children[5], ipywidgets.Button)[0].click()
    assert "cannot read" in html(view)


def test_a_running_function_is_shown_and_killed(engine: Engine, worker: Worker) -> None:
    engine.execute("FUNCTION", "LOAD", code("lib", "spin", "(function() while true do end end)()"))
    view = FunctionsView(Caller(engine, "w", submit=worker.submit, insist=worker.insist))
    assert button(view, "Kill").disabled
    future = worker.submit(lambda: engine.execute("FCALL", "spin", 0))
    wait_until(lambda: engine.scripting.running)
    # A page that shows the widget lets it look by itself.
    view.box._view_count = 1
    wait_until(lambda: "running: function spin for" in html(view))
    button(view, "Refresh").click()
    button(view, "Delete").click()
    seen(view.box.children[5], ipywidgets.Button)[0].click()
    assert "A script is running" in html(view)
    button(view, "Kill").click()
    assert "killed by user" in str(future.exception(20))
    wait_until(lambda: "running: nothing" in html(view))
    assert button(view, "Kill").disabled
    view.box._view_count = 0
