"""The widget of the script cache, its controls used without a page."""

import ipywidgets

from redislua_kernel import Engine
from redislua_kernel.browsing.caller import Caller
from redislua_kernel.widgets.scripts import ScriptsView
from tests.widgets.controls import button, field, html, seen


def show(engine: Engine, prefix: bytes = b"") -> ScriptsView:
    return ScriptsView(Caller(engine, "scripts-widget"), prefix)


def test_scripts_are_shown_and_what_is_hostile_is_inert(engine: Engine) -> None:
    engine.execute("EVAL", "return '<img src=x>'", 0)
    view = show(engine)
    assert "1 script, 20 B; 1 by EVAL alone, which may be evicted" in html(view)
    assert "<img" not in html(view) + view.mime_bundle()["text/html"]


def test_one_script_shows_its_code_as_text_too(engine: Engine) -> None:
    sha = engine.execute("SCRIPT", "LOAD", "local a = 1\nreturn a")
    engine.execute("EVAL", "return 2", 0)
    text = show(engine, sha[:6]).mime_bundle()["text/plain"]
    assert text.endswith(f"\n\n{sha.decode()}\n   1  local a = 1\n   2  return a")
    assert "SCRIPT LOAD" in text
    assert "return 2" not in text


def test_a_script_is_run_with_keys_and_arguments(engine: Engine) -> None:
    engine.execute("SCRIPT", "LOAD", "return {KEYS[1], ARGV[1]}")
    view = show(engine)
    field(view, "Keys").value = '"two words"'
    field(view, "Arguments").value = "<b> 2"
    button(view, "Run").click()
    assert "two words" in html(view)
    assert "&lt;b&gt;" in html(view)
    assert "running: nothing" in html(view)
    field(view, "Keys").value = '"open'
    button(view, "Run").click()
    assert "quotes" in html(view)


def test_a_script_that_fails_says_so(engine: Engine) -> None:
    engine.execute("SCRIPT", "LOAD", "return redis.error_reply('NO \\255')")
    view = show(engine)
    button(view, "Run").click()
    assert 'role="alert"' in html(view)
    assert "NO \ufffd" in html(view)


def test_the_cache_is_flushed_only_when_that_is_confirmed(engine: Engine) -> None:
    engine.execute("EVAL", "return 1", 0)
    view = show(engine)
    button(view, "Flush").click()
    button(view, "Cancel").click()
    assert field(view, "Script").value is not None
    button(view, "Flush").click()
    assert "Forget 1 script?" in html(view)
    seen(view.box.children[-2], ipywidgets.Button)[0].click()
    assert "The script cache is empty." in html(view)
    assert field(view, "Script").value is None
    assert button(view, "Run").disabled
