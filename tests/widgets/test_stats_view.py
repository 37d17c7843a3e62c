"""The widget of the engine's figures, without a page."""

from typing import Any

from redislua_kernel import Engine
from redislua_kernel.browsing.stats import History
from redislua_kernel.engine.worker import Worker
from redislua_kernel.widgets import stats
from redislua_kernel.widgets.stats import StatsView
from tests.waiting import wait_until
from tests.widgets.controls import html


def test_it_looks_only_while_it_is_seen(engine: Engine) -> None:
    view = StatsView(History(engine))
    assert view.history.moments == []
    assert "<polyline" not in html(view)
    view.box._view_count = 1
    wait_until(lambda: len(view.history.moments) > 1 and "<polyline" in html(view))
    view.box._view_count = 0
    count = len(view.history.moments)
    view._tick()  # which was on its way
    assert len(view.history.moments) == count


def test_it_looks_while_a_script_runs_and_keeps_a_picture_of_it(
    engine: Engine, worker: Worker, monkeypatch: Any
) -> None:
    monkeypatch.setattr(stats, "_LONG", 2)
    kept: list[Any] = []
    view = StatsView(History(engine), kept.append)
    view.box._view_count = 1
    future = worker.submit(
        lambda: engine.execute("EVAL", "while true do redis.call('GET', 'k') end", 0)
    )
    wait_until(lambda: "running: script" in html(view))
    wait_until(lambda: any(each.commands_per_second > 100 for each in view.history.moments))
    wait_until(lambda: view._seen_running > 2)
    worker.interrupt()
    assert future.exception(20)
    wait_until(lambda: kept)
    view.box._view_count = 0
    assert "<polyline" in kept[0]["text/html"]
    assert any(each.in_scripts > 0.5 for each in view.history.moments)


def test_what_is_recorded_is_there_without_a_page(engine: Engine) -> None:
    view = StatsView(History(engine, keeps_all=True))
    with view.recording():
        engine.execute("SET", "k", 1)
    assert view.history.moments[-1].keys == 1
    assert "application/vnd.jupyter.widget-view+json" in view.mime_bundle()
