"""A kernel's life as an editor leads it: cells in a row, restarts, the end."""

import time
from collections.abc import Iterator

import pytest

from tests.kernel.notebook import Notebook

ENDLESS = "redis.log(redis.LOG_NOTICE, 'ready') while true do end"


@pytest.fixture
def own_notebook(kernelspec: str) -> Iterator[Notebook]:
    with Notebook.start(kernelspec) as notebook:
        yield notebook


def test_cells_that_wait_run_in_their_order(notebook: Notebook) -> None:
    requests = [notebook.begin(f"redis.call('RPUSH', 'order', {n})") for n in range(1, 4)]
    assert [notebook.finish(request).result for request in requests] == [
        "(integer) 1", "(integer) 2", "(integer) 3",
    ]  # fmt: skip


def test_after_an_error_the_cells_that_wait_are_left_out(notebook: Notebook) -> None:
    first = notebook.begin(ENDLESS, stop_on_error=True)
    notebook.wait_for_stream(first, "ready\n")
    second = notebook.begin("redis.call('SET', 'k', 'v')", stop_on_error=True)
    notebook.ask_control()  # now the second is there, too
    notebook.manager.interrupt_kernel()
    assert notebook.finish(first).reply["status"] == "error"
    assert notebook.reply_to(second)["status"] == "aborted"
    notebook.quiet()
    assert notebook.run("%redis EXISTS k").result == "(integer) 0"


def test_a_restart_ends_the_script_and_forgets_the_data(own_notebook: Notebook) -> None:
    own_notebook.run("%redis SET k v")
    own_notebook.wait_for_stream(own_notebook.begin(ENDLESS), "ready\n")
    own_notebook.manager.restart_kernel()
    own_notebook.client.wait_for_ready(timeout=60)
    assert own_notebook.run("%redis EXISTS k").result == "(integer) 0"


@pytest.mark.parametrize("number", range(4))  # by chance, half of all waited for ten seconds
def test_a_kernel_shuts_down_without_waiting_for_itself(
    own_notebook: Notebook, number: int
) -> None:
    began = time.monotonic()
    assert own_notebook.shut_down() == 0
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("number", range(3))
def test_a_kernel_that_runs_a_script_answers_and_shuts_down(
    own_notebook: Notebook, number: int
) -> None:
    running = own_notebook.begin(ENDLESS)
    own_notebook.wait_for_stream(running, "ready\n")
    own_notebook.begin("redis.call('SET', 'k', 'v')")
    assert own_notebook.shut_down() == 0
    assert own_notebook.reply_to(running)["status"] == "error"
