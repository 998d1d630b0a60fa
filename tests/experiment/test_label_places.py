"""Labels at line ends: apart, in order, and as near as can be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from skrec_lite.experiment.report.label_places import spread

HEIGHTS = st.lists(st.floats(0, 100), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([10, 50, 90], [10, 50, 90]),
        ([50, 50], [47, 53]),
        ([52, 50], [54, 48]),
        ([10, 12, 14], [6, 12, 18]),
        ([80, 20, 21], [80, 17.5, 23.5]),
    ],
)
def test_by_hand(wanted, expected):
    assert spread(wanted, 6) == pytest.approx(expected)


@settings(deadline=None)
@given(HEIGHTS, st.floats(0.5, 20))
def test_labels_are_apart_and_keep_their_order(wanted, gap):
    placed = np.array(spread(wanted, gap))
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(placed[order]) >= gap - 1e-9).all()


@settings(deadline=None)
@given(HEIGHTS, st.floats(0.5, 20))
def test_no_other_places_are_nearer_in_least_squares(wanted, gap):
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    best = isotonic_regression(np.array(wanted)[order] - steps) + steps
    assert np.array(spread(wanted, gap))[order] == pytest.approx(best, abs=1e-6)
