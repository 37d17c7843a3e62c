"""%%compare: the embedded engine beside a real server that the notebook has started."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.notebook import Notebook, Outcome

pytestmark = [pytest.mark.reference, pytest.mark.valkey]


@pytest.fixture(scope="module")
def notebook(kernelspec: str, reference_program: object) -> Iterator[Notebook]:
    with Notebook.start(kernelspec) as notebook:
        yield notebook


def said(notebook: Notebook, cell: str) -> str:
    """Run a cell, and give what its comparison says."""
    return shown(notebook.run(cell))


def shown(outcome: Outcome) -> str:
    """Give the text of a cell's last display."""
    text: str = outcome.of("display_data")[-1]["data"]["text/plain"]
    return text


def test_a_script_that_does_the_same_on_both_is_equal(notebook: Notebook) -> None:
    notebook.run("%%redis\nFLUSHALL\nHSET h a 1 b 2\nSET n 5 EX 100\nZADD z 1.5 m")
    text = said(
        notebook,
        "%%compare\n%%eval n h , 3\nredis.call('HSET', KEYS[2], 'c', ARGV[1])\n"
        "redis.call('SADD', 's', 'x', 'y', 'z')\nreturn {redis.call('INCR', KEYS[1]), false, 'x'}",
    )
    assert text == "embedded and redis 8.2.3: equal (1 reply, 4 keys, 3 effects)"


def test_a_cached_script_is_there_on_both(notebook: Notebook) -> None:
    notebook.run("%%script load add\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])")
    assert "equal (1 reply" in said(notebook, "%%compare\n%call add n , 2")


def test_what_differs_is_shown_side_by_side(notebook: Notebook) -> None:
    text = said(notebook, "%%compare valkey\nreturn redis.REDIS_VERSION")
    assert "1 different" in text
    assert '"8.2.3"' in text
    assert '"7.2.4"' in text


def test_effects_are_compared_but_for_the_moment(notebook: Notebook) -> None:
    cell = "redis.call('SET', 'timed', 'x', 'EX', 100)\nredis.call('INCRBYFLOAT', 'f', 0.1)"
    text = said(notebook, f"%%compare\n{cell}")
    assert "equal (1 reply" in text
    assert text.endswith(" 2 effects)")
    # A stream's own effect names its command as we spell it.
    text = said(notebook, "%%compare\nredis.call('xadd', 'log', '1-1', 'f', 'v')")
    assert "equal (1 reply" in text
    text = said(notebook, "%%compare valkey\nredis.call('SET', 'who', redis.REDIS_VERSION)")
    assert "1) SET who 8.2.3" in text
    assert "1) SET who 7.2.4" in text


def test_errors_are_compared_to_their_last_word(notebook: Notebook) -> None:
    notebook.run("%redis HSET h a 1")
    outcome = notebook.run(
        "%%compare\nredis.call('SET', 'half', 'done')\nreturn redis.call('INCR', 'h')"
    )
    assert outcome.reply["status"] == "error"
    assert ": equal (1 reply" in shown(outcome)


def test_functions_are_there_too_and_the_notebooks_own_server_is_left_alone(
    notebook: Notebook,
) -> None:
    notebook.run("%connect --spawn redis")
    notebook.run("%redis SET mine 1")
    notebook.run("%connect embedded")
    notebook.run(
        "#!lua name=lib\nredis.register_function('twice', function(k, a) return a[1] * 2 end)"
    )
    assert "equal (1 reply" in said(notebook, "%%compare\n%fcall twice , 21")
    notebook.run("%connect --spawn redis")
    assert notebook.run("%redis GET mine").result == '"1"'
    notebook.run("%connect embedded")


def test_a_library_and_a_transaction_are_compared_as_well(notebook: Notebook) -> None:
    library = "#!lua name=one\nredis.register_function('one', function() return 1 end)"
    assert "equal (1 reply" in said(notebook, f"%%compare\n{library}")
    text = said(notebook, "%%compare\n%%redis\nMULTI\nSET a 1\nINCR a\nEXEC")
    assert "equal (4 replies" in text
    assert text.endswith(" 2 effects)")


def test_with_many_keys_those_that_a_command_names_are_compared(notebook: Notebook) -> None:
    notebook.run("for i = 1, 2500 do redis.call('SET', 'many:' .. i, i) end")
    text = said(notebook, "%%compare\n%%eval many:7\nreturn redis.call('INCR', KEYS[1])")
    assert text == "embedded and redis 8.2.3: equal (1 reply, 1 key, 1 effect)"
    notebook.run("%redis FLUSHALL")


def test_the_last_comparison_is_shown_again(notebook: Notebook) -> None:
    text = said(notebook, "%%compare\nreturn 1")
    assert said(notebook, "%compare") == text
