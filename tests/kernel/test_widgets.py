"""Widgets over comms, without a browser."""

from typing import Any

import pytest

from tests.kernel.notebook import Notebook

VIEW = "application/vnd.jupyter.widget-view+json"


def open_keyspace(notebook: Notebook) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Show the keyspace; give what was displayed, and the state of each model by its id."""
    outcome = notebook.run("%keyspace")
    models = {each["comm_id"]: each["data"]["state"] for each in outcome.of("comm_open")}
    for message in outcome.of("comm_msg"):
        models[message["comm_id"]].update(message["data"].get("state", {}))
    return outcome.of("display_data")[0]["data"], models


def model(models: dict[str, dict[str, Any]], name: str) -> str:
    return next(key for key, state in models.items() if state["_model_name"] == name)


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


def test_the_refresh_button_looks_again(notebook: Notebook) -> None:
    _, models = open_keyspace(notebook)
    notebook.run("%redis SET later 1")
    states = updates(notebook, click(notebook, model(models, "ButtonModel")))
    assert "later" in states[model(models, "HTMLModel")]["value"]


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
    click(notebook, model(models, "ButtonModel"))
    while True:
        message = notebook.client.get_iopub_msg(timeout=10)
        if message["msg_type"] == "comm_msg" and "value" in message["content"]["data"]["state"]:
            break
    assert "A script is running" in message["content"]["data"]["state"]["value"]
    notebook.manager.interrupt_kernel()
    notebook.finish(request)


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
