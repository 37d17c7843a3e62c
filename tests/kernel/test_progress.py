"""Long work of a cell shows how far it is, and can be stopped."""

from tests.kernel.notebook import Notebook, Outcome

ENDLESS = "%redis DEBUG POPULATE 100000000"


def stop_when_shown(notebook: Notebook, request: str, kind: str) -> tuple[str, Outcome]:
    """Interrupt a cell once it has shown something of a kind; give what that was, and the rest."""
    while True:
        shown, content = notebook.next_message(request)
        if shown == kind:
            break
    notebook.manager.interrupt_kernel()
    said = content["text"] if kind == "stream" else content["data"]["text/html"]
    return said, notebook.finish(request)


def test_a_page_shows_a_bar_that_moves(notebook: Notebook) -> None:
    content = {"code": ENDLESS, "silent": False, "allow_stdin": False}
    request = notebook.send("execute_request", content, cellId="a page's cell")
    said, outcome = stop_when_shown(notebook, request, "update_display_data")
    assert '<progress aria-label="populating"' in said
    assert outcome.of("update_display_data")[-1]["data"]["text/plain"].startswith(
        "populating ended after"
    )
    assert "undone" in outcome.traceback
    assert notebook.run("%redis DBSIZE").result == "(integer) 0"


def test_a_console_rewrites_a_line(notebook: Notebook) -> None:
    request = notebook.begin(ENDLESS, allow_stdin=True)
    said, outcome = stop_when_shown(notebook, request, "stream")
    assert said.startswith("\rpopulating: adding keys, ")
    assert "\rpopulating ended after" in outcome.stream()


def test_a_program_is_shown_nothing_and_so_is_what_is_soon_over(notebook: Notebook) -> None:
    assert notebook.run("%redis DEBUG POPULATE 300", allow_stdin=True).stream() == ""
    outcome = notebook.run("%redis DEBUG POPULATE 250000", allow_stdin=False)
    assert outcome.stream() == ""
    assert not outcome.displayed
