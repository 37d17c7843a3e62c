"""Tab, Shift-Tab and warnings, as a notebook's page asks for them and gets them."""

from typing import Any

import pytest

from tests.kernel.notebook import Notebook


def reply(notebook: Notebook, kind: str, **content: Any) -> dict[str, Any]:
    return notebook.reply_to(notebook.send(kind, content))


def complete(notebook: Notebook, code: str) -> list[dict[str, Any]]:
    content = reply(notebook, "complete_request", code=code, cursor_pos=len(code))
    kinds: list[dict[str, Any]] = content["metadata"]["_jupyter_types_experimental"]
    assert [each["text"] for each in kinds] == content["matches"]
    assert all(each["start"] == content["cursor_start"] for each in kinds)
    assert all(each["end"] == content["cursor_end"] for each in kinds)
    return kinds


def shown(notebook: Notebook, code: str) -> str:
    content = reply(notebook, "inspect_request", code=code, cursor_pos=len(code), detail_level=0)
    return content["data"]["text/plain"] if content["found"] else ""


def test_tab_gives_kinds_and_signatures(notebook: Notebook) -> None:
    notebook.run("%redis HSET user:1 name Ann")
    notebook.run("%redis SET user:2 x")
    (key,) = complete(notebook, "return redis.call('HGET', 'us")
    assert (key["text"], key["type"], key["signature"]) == ("user:1", "key", "hash")
    (command,) = complete(notebook, "return redis.call('HGETA")
    assert (command["text"], command["type"]) == ("HGETALL", "command")
    assert command["signature"].startswith("HGETALL key")
    (local,) = complete(notebook, "local function add(a, b) return a + b end\nreturn ad")
    assert (local["type"], local["signature"]) == ("function", "add(a, b)")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("redis.call('EXPIRE'", "EXPIRE key seconds"),
        ("local total = 5\nreturn total", "declared on line 1"),
        ("%lint", "Look for mistakes"),
        ("return cjson.encode", "cjson.encode(value)"),
    ],
)
def test_shift_tab_explains(notebook: Notebook, code: str, text: str) -> None:
    assert text in shown(notebook, code)


def test_a_warning_is_displayed_above_the_result(notebook: Notebook) -> None:
    code = "return redis.call('GET', 'k') == nil -- displayed"
    outcome = notebook.run(code)
    assert [kind for kind, _ in outcome.messages] == ["display_data", "execute_result"]
    assert outcome.displayed[0].startswith("warning nil-reply: ")
    assert outcome.result == "(nil)"
    assert notebook.run(code).displayed == []


def test_the_wrapper_runs_nothing_and_the_line_looks_back(notebook: Notebook) -> None:
    outcome = notebook.run("%%lint\nif redis.call('INCR', 'n') then return 1 end")
    assert "always-true" in outcome.displayed[0]
    assert outcome.result is None
    assert notebook.run("%redis EXISTS n").result == "(integer) 0"
    notebook.run("return redis.call('GET', 'k')")
    assert "missing-no-writes" in notebook.run("%lint").displayed[0]
