"""The widget of the keyspace, its controls used without a page."""

import threading

import ipywidgets
import pytest

from redislua_kernel import Engine
from redislua_kernel.widgets.keyspace import KeyspaceView
from tests.waiting import wait_until
from tests.widgets.controls import HOSTILE, button, field, html, seen


def names(view: KeyspaceView) -> list[str]:
    rows = (ipywidgets.Button,)
    return [each.description for each in seen(view.box, rows) if each.icon in ("caret-down", " ")]


def test_a_click_on_a_key_shows_what_is_in_it(engine: Engine) -> None:
    engine.execute("HSET", "user:1", "name", "Ann")
    view = KeyspaceView(engine, 0)
    button(view, "user:1").click()
    assert "Ann" in html(view)
    assert "listpack" in html(view)


def test_a_click_on_a_branch_closes_and_opens_it(engine: Engine) -> None:
    engine.execute("MSET", "a:1", "x", "a:2", "y", "b", "z")
    view = KeyspaceView(engine, 0)
    button(view, "Close a:").click()
    assert names(view) == ["b"]
    button(view, "Open a:").click()
    assert names(view) == ["a:", "1", "2", "b"]


def test_what_keys_and_values_hold_is_inert(engine: Engine) -> None:
    engine.execute("SET", HOSTILE, HOSTILE)
    engine.execute("HSET", f"h{HOSTILE}", HOSTILE, HOSTILE)
    engine.execute("ZADD", f"z{HOSTILE}", 1, HOSTILE, 2, "b")
    engine.execute("GEOADD", f"g{HOSTILE}", 13.36, 38.11, HOSTILE)
    engine.execute("XADD", f"x{HOSTILE}", "1-0", HOSTILE, HOSTILE)
    engine.execute("XGROUP", "CREATE", f"x{HOSTILE}", HOSTILE, "0")
    engine.execute("SET", f"j{HOSTILE}", f'{{"{HOSTILE}": "{HOSTILE}"}}')
    view = KeyspaceView(engine, 0, b"*<*")
    view.browser.separator = ""
    view.refresh()
    for row, _ in view.browser.rows:
        view._click(row)
        for action in ("Edit", "Expire", "Rename", "Delete"):
            button(view, action).click()
            assert "<img" not in html(view)
    assert "<img" not in view.mime_bundle(100)["text/html"]


def test_a_string_is_edited(engine: Engine) -> None:
    engine.execute("SET", "k", "old")
    view = KeyspaceView(engine, 0)
    button(view, "k").click()
    button(view, "Edit").click()
    assert field(view, "value").value == "old"
    field(view, "value").value = 'say "new"\n'
    button(view, "Save").click()
    assert engine.execute("GET", "k") == b'say "new"\n'
    with pytest.raises(StopIteration):
        field(view, "value")


def test_bytes_are_edited_in_quotes(engine: Engine) -> None:
    engine.execute("SET", "k", b"\x00\xff")
    view = KeyspaceView(engine, 0)
    button(view, "k").click()
    button(view, "Edit").click()
    assert field(view, "value").value == '"\\x00\\xff"'
    field(view, "value").value = '"\\x01'
    button(view, "Save").click()
    assert "Between double quotes" in html(view)
    field(view, "value").value = '"\\x01"'
    button(view, "Save").click()
    assert engine.execute("GET", "k") == b"\x01"


def test_a_field_is_set_and_taken_away(engine: Engine) -> None:
    engine.execute("HSET", "k", "f", "v", "g", "w")
    view = KeyspaceView(engine, 0)
    button(view, "k").click()
    button(view, "Edit").click()
    field(view, "field").value = "f"
    field(view, "value").value = "new"
    button(view, "Save").click()
    assert engine.execute("HGET", "k", "f") == b"new"
    button(view, "Edit").click()
    field(view, "field").value = "g"
    button(view, "Remove").click()
    assert engine.execute("HKEYS", "k") == [b"f"]
    assert ">w<" not in html(view)


def test_a_key_is_deleted_only_when_that_is_confirmed(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    view = KeyspaceView(engine, 0)
    button(view, "k").click()
    button(view, "Delete").click()
    assert "Delete k?" in html(view)
    button(view, "Cancel").click()
    assert engine.execute("EXISTS", "k") == 1
    button(view, "Delete").click()
    button(view, "Delete k").click()
    assert engine.execute("EXISTS", "k") == 0
    assert names(view) == []


def test_a_key_gets_a_time_to_live_and_another_name(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    view = KeyspaceView(engine, 0)
    button(view, "k").click()
    button(view, "Expire").click()
    field(view, "seconds").value = "100"
    button(view, "Set k").click()
    assert "--redislua-left:" in html(view)
    button(view, "Expire").click()
    button(view, "Never expire").click()
    assert engine.execute("TTL", "k") == -1
    button(view, "Rename").click()
    field(view, "new name").value = "other"
    button(view, "Rename k").click()
    assert names(view) == ["other"]


def test_other_keys_have_no_open_form(engine: Engine) -> None:
    engine.execute("MSET", "a", "x", "b", "y")
    view = KeyspaceView(engine, 0)
    button(view, "a").click()
    button(view, "Delete").click()
    button(view, "b").click()
    assert "Delete a?" not in html(view)
    button(view, "Edit").click()
    assert field(view, "value").value == "y"


def test_a_search_and_another_separator_are_heeded_while_one_types(engine: Engine) -> None:
    engine.execute("MSET", "a/1", "x", "b/1", "y")
    view = KeyspaceView(engine, 0)
    field(view, "Search").value = "A"
    wait_until(lambda: names(view) == ["a/1"])
    field(view, "Separator").value = "/"
    wait_until(lambda: view.browser.separator == "/" and "1 key of 2" in html(view))


def test_a_widget_that_is_seen_follows_the_data(engine: Engine) -> None:
    view = KeyspaceView(engine, 0)
    engine.execute("SET", "unseen", "x")
    assert engine.keyspace.unit_listeners == []
    view.box._view_count = 1
    wait_until(lambda: names(view) == ["unseen"])
    engine.execute("SET", "k", "v")
    wait_until(lambda: names(view) == ["k", "unseen"])
    engine.execute("SET", "soon", "gone")
    wait_until(lambda: "soon" in names(view))
    engine.execute("PEXPIRE", "soon", 300)
    wait_until(lambda: "soon" not in names(view))
    view.box._view_count = 0
    assert engine.keyspace.unit_listeners == []


def test_a_widget_that_was_made_while_a_script_runs_looks_when_it_has_ended(engine: Engine) -> None:
    engine.execute("SET", "k", "v")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with engine.lock:
            held.set()
            done.wait(30)

    script = threading.Thread(target=hold)
    script.start()
    held.wait(30)
    view = KeyspaceView(engine, 0)
    view.box._view_count = 1
    assert "A script is running" in html(view)
    assert "A script is running" in view.mime_bundle(100)["text/plain"]
    done.set()
    script.join()
    wait_until(lambda: names(view) == ["k"] and "A script is running" not in html(view))
    view.box._view_count = 0


def test_each_control_has_a_name_for_those_who_do_not_see_it(engine: Engine) -> None:
    engine.execute("MSET", "a:1", "x", "b", "y")
    view = KeyspaceView(engine, 0)
    button(view, "b").click()
    for action in ("Edit", "Expire", "Rename", "Delete"):
        button(view, action).click()
        for each in seen(view.box, ipywidgets.Button):
            assert each.tooltip or each.description
        for each in seen(view.box, (ipywidgets.Text, ipywidgets.Textarea)):
            assert each.description


def test_a_zset_is_drawn_and_a_place_is_mapped(engine: Engine) -> None:
    engine.execute("ZADD", "z", 1, "a", 3, "b")
    engine.execute("GEOADD", "g", 13.361389, 38.115556, "Palermo")
    view = KeyspaceView(engine, 0)
    button(view, "z").click()
    assert "Scores from 1 to 3" in html(view)
    button(view, "g").click()
    assert "A map of 1 place" in html(view)
    field(view, "as scores").value = True
    assert "3479099956230698" in html(view)
    button(view, "z").click()
    with pytest.raises(StopIteration):
        field(view, "as scores")
