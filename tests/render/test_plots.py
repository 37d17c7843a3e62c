"""Plots, as those hear them who do not see them."""

import pytest

from redislua_kernel.browsing.scores import Scores
from redislua_kernel.render.plots import scores_svg


@pytest.mark.parametrize(
    ("counts", "label", "bar"),
    [
        ([1, 0, 1], "Scores from 10 to 40; at most 1 member in a bar", "1 member from 10 to 20"),
        ([2, 1], "Scores from 10 to 40; at most 2 members in a bar", "2 members from 10 to 25"),
    ],
)
def test_the_scores_of_a_sorted_set_are_told(counts: list[int], label: str, bar: str) -> None:
    picture = scores_svg(Scores(10, 40, counts, None))
    assert f'aria-label="{label}"' in picture
    assert f"<title>{bar}</title>" in picture
