"""Samples of an engine, and the course that they make."""

import pytest

from redislua_kernel import Engine
from redislua_kernel.browsing import stats
from redislua_kernel.browsing.stats import History, Sample
from redislua_kernel.render.stats import stats_bundle


def sample(at: float, commands: int = 0, script_seconds: float = 0.0, keys: int = 0) -> Sample:
    return Sample(at, commands, 0, 0, script_seconds, keys, 1 << 20)


@pytest.fixture
def history(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> History:
    """A history that is given a number of samples, one a second, 100 commands between two."""
    given = (sample(second, second * 100, second / 4, second) for second in range(1000))
    monkeypatch.setattr(stats, "read_sample", lambda engine: next(given))
    return History(engine, most=8)


def test_a_sample_counts_commands_runs_and_keys(engine: Engine) -> None:
    engine.execute("EVAL", "for i = 1, 10 do redis.call('SET', i, i) end", 0)
    with pytest.raises(Exception, match="no"):
        engine.execute("EVAL", "error('no')", 0)
    read = stats.read_sample(engine)
    assert (read.commands, read.runs, read.failed, read.keys) == (12, 2, 1, 10)
    assert 0 < read.script_seconds < 10
    assert read.memory > 1_000_000


def test_a_moment_gives_rates_and_the_share_of_scripts(history: History) -> None:
    history.look()
    (moment,) = history.moments
    assert moment == (0.0, 1.0, 100.0, 0.25, 1, 1 << 20)


def test_a_history_forgets_what_is_old(history: History) -> None:
    for _ in range(20):
        history.look()
    assert [moment.keys for moment in history.moments] == [14, 15, 16, 17, 18, 19, 20]


def test_a_history_of_all_time_keeps_fewer_samples_of_it(
    engine: Engine, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = History(engine, most=8, keeps_all=True)
    first = kept.last.keys
    for _ in range(100):
        kept.look()
    moments = kept.moments
    assert kept.last.keys == first + 100
    assert 4 <= len(moments) <= 8
    assert moments[-1].ended == 100.0
    assert {round(moment.commands_per_second) for moment in moments} == {100}


def test_counts_that_begin_anew_are_no_negative_rates(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = iter([sample(0, 1000, 9.0), sample(1, 3, 0.5)])
    monkeypatch.setattr(stats, "read_sample", lambda engine: next(given))
    history = History(engine)
    history.look()
    assert history.moments[0][2:4] == (0.0, 0.0)


def test_the_figures_are_shown_as_text_and_as_pictures(history: History) -> None:
    before = stats_bundle(history)
    assert "commands per second    …" in before["text/plain"]
    for _ in range(3):
        history.look()
    bundle = stats_bundle(history)
    lines = bundle["text/plain"].splitlines()
    assert lines[0].startswith("300 commands; 0 runs of scripts and functions")
    assert lines[1].split() == ["commands", "per", "second", "100", "at", "most", "100", "███"]
    assert lines[3].split() == ["keys", "3", "at", "most", "3", "▃▆█"]
    assert "25%" in lines[2]
    assert bundle["text/html"].count('<svg role="img"') == 4
    assert 'aria-label="keys: 3, at most 3"' in bundle["text/html"]
