"""Widgets over comms, without a browser."""

import hashlib
from typing import Any

import pytest

from tests.kernel.debugging import DebugClient
from tests.kernel.notebook import Notebook

VIEW = "application/vnd.jupyter.widget-view+json"


def open_keyspace(notebook: Notebook) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    return open_widget(notebook, "%keyspace")


def open_widget(notebook: Notebook, magic: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Show a widget; give what was displayed, and the state of each model by its id."""
    outcome = notebook.run(magic)
    models = {each["comm_id"]: each["data"]["state"] for each in outcome.of("comm_open")}
    for message in outcome.of("comm_msg"):
        if message["comm_id"] in models:  # not an older widget's, which refreshes itself
            models[message["comm_id"]].update(message["data"].get("state", {}))
    return outcome.of("display_data")[0]["data"], models


def button(models: dict[str, dict[str, Any]], tooltip: str) -> str:
    return next(key for key, state in models.items() if state.get("tooltip") == tooltip)


def whole(models: dict[str, dict[str, Any]]) -> str:
    """Give the model of the box around all, which counts how often it is seen."""
    return next(key for key, state in models.items() if state.get("_view_count") is not None)


def click(notebook: Notebook, button: str) -> str:
    data = {"method": "custom", "content": {"event": "click"}}
    return notebook.send("comm_msg", {"comm_id": button, "data": data})


def updates(notebook: Notebook, request: str) -> dict[str, dict[str, Any]]:
    """Give the states that a comm message changed, by model, once it is handled."""
    states: dict[str, dict[str, Any]] = {}
    while True:
        kind, content = notebook.next_message(request)
        if kind == "status" and content["execution_state"] == "idle":
            return states
        if kind == "comm_msg" and content["data"]["method"] == "update":
            states.setdefault(content["comm_id"], {}).update(content["data"]["state"])


def wait_for_state(notebook: Notebook, name: str, value: str) -> None:
    """Wait until a model's state has something in it."""
    while True:
        message = notebook.client.get_iopub_msg(timeout=60)
        if message["msg_type"] == "comm_msg":
            state = message["content"]["data"].get("state", {})
            if value in str(state.get(name, "")):
                return


def test_the_widget_carries_a_snapshot_as_text_and_html(notebook: Notebook) -> None:
    notebook.run("%%redis\nSET greeting hello EX 100\nRPUSH <list> a b")
    bundle, models = open_keyspace(notebook)
    assert bundle[VIEW]["model_id"] in models
    title, header, *rows = [line.split() for line in bundle["text/plain"].splitlines()]
    assert " ".join(title) == "database 0: 2 keys"
    assert header == ["key", "type", "ttl", "size"]
    assert rows[0] == ["<list>", "list", "none", "2", "elements"]
    assert rows[1][:2] == ["greeting", "string"]
    assert "&lt;list&gt;" in bundle["text/html"]


def test_the_snapshot_of_many_keys_shows_branches(notebook: Notebook) -> None:
    notebook.run("for i = 1, 300 do redis.call('SET', 'user:' .. i, i) end")
    bundle, _ = open_keyspace(notebook)
    lines = bundle["text/plain"].splitlines()
    assert lines[0] == "database 0: 300 keys"
    assert lines[2].split() == ["user:", "branch", "300", "keys"]


def test_a_pattern_limits_the_keys(notebook: Notebook) -> None:
    notebook.run("%redis MSET user:1 a user:2 b cart:1 c")
    text = notebook.run("%keyspace user:*").displayed[0]
    assert text.splitlines()[0] == "database 0: 2 keys that fit user:*"
    assert "cart" not in text


def test_the_refresh_button_looks_again(notebook: Notebook) -> None:
    _, models = open_keyspace(notebook)
    notebook.run("%redis SET later 1")
    states = updates(notebook, click(notebook, button(models, "Refresh")))
    assert "later" in [state.get("description") for state in states.values()]


def test_a_widget_that_is_seen_follows_what_cells_change(notebook: Notebook) -> None:
    _, models = open_keyspace(notebook)
    box = whole(models)
    for count, key in ((1, "followed"), (0, "")):
        state = {"method": "update", "state": {"_view_count": count}, "buffer_paths": []}
        updates(notebook, notebook.send("comm_msg", {"comm_id": box, "data": state}))
        if count:
            notebook.begin(f"redis.call('SET', '{key}', 1)")
            wait_for_state(notebook, "description", key)
    notebook.quiet()


READY = "redis.log(redis.LOG_NOTICE, 'ready')"


@pytest.mark.parametrize(
    "code",
    [f"{READY} while true do end", f'%%redis\nEVAL "{READY}" 0\nDEBUG POPULATE 1000000000'],
    ids=["script", "command"],
)
def test_the_widget_answers_while_a_cell_runs(notebook: Notebook, code: str) -> None:
    _, models = open_keyspace(notebook)
    request = notebook.begin(code)
    notebook.wait_for_stream(request, "ready\n")
    # A comm message that comes while a cell runs has no status messages of its own.
    click(notebook, button(models, "Refresh"))
    wait_for_state(notebook, "value", "A script is running")
    notebook.manager.interrupt_kernel()
    notebook.finish(request)


def test_the_widget_answers_while_a_script_is_stopped_in_the_debugger(notebook: Notebook) -> None:
    notebook.run("%redis SET k v")
    _, models = open_keyspace(notebook)
    client = DebugClient(notebook)
    client.start()
    script = "%%eval\nlocal n = 1\nreturn n"
    client.break_at(script, 3)
    request = notebook.begin(script)
    client.event("stopped")
    click(notebook, button(models, "Refresh"))
    wait_for_state(notebook, "value", "A script is running")
    client.ask("continue", threadId=1)
    notebook.finish(request)
    client.stop()
    notebook.quiet()


def test_a_reloaded_page_gets_its_widgets_back(notebook: Notebook) -> None:
    _, models = open_keyspace(notebook)
    info = notebook.client.comm_info(reply=True)["content"]["comms"]
    assert set(models) <= set(info)
    opened = {"comm_id": "page", "target_name": "jupyter.widget.control", "data": {}}
    notebook.send("comm_open", opened, version="1.0.0")
    asked = {"comm_id": "page", "data": {"method": "request_states"}}
    request = notebook.send("comm_msg", asked)
    while True:
        kind, content = notebook.next_message(request)
        if kind == "comm_msg":
            break
    assert content["data"]["method"] == "update_states"
    assert set(models) <= set(content["data"]["states"])


SPIN = "redis.register_function('spin', function() while true do end end)"


def test_a_function_that_a_cell_runs_is_killed_from_the_widget(notebook: Notebook) -> None:
    notebook.run(f"#!lua name=lib\n{SPIN}")
    _, models = open_widget(notebook, "%functions")
    request = notebook.begin("%fcall spin")
    seen = {"method": "update", "state": {"_view_count": 1}, "buffer_paths": []}
    notebook.send("comm_msg", {"comm_id": whole(models), "data": seen})
    wait_for_state(notebook, "value", "running: function spin for")
    click(notebook, button(models, "Stop what is running"))
    wait_for_state(notebook, "value", "running: nothing")
    assert "killed by user" in notebook.reply_to(request)["evalue"]
    calls = notebook.run("%functions").displayed[0].splitlines()[4].split()
    assert calls[:3] == ["spin", "1", "1"]


def test_a_script_that_the_widget_runs_is_stopped_there_too(notebook: Notebook) -> None:
    notebook.run("%script load 'while true do end'")
    sha = hashlib.sha1(b"while true do end").hexdigest()
    _, models = open_widget(notebook, f"%scripts {sha}")
    click(notebook, button(models, "Run the script with these keys and arguments"))
    seen = {"method": "update", "state": {"_view_count": 1}, "buffer_paths": []}
    notebook.send("comm_msg", {"comm_id": whole(models), "data": seen})
    wait_for_state(notebook, "value", "running: script")
    click(notebook, button(models, "Stop what is running"))
    wait_for_state(notebook, "value", "killed by user")
    assert notebook.run("1 + 1").result == "(integer) 2"
