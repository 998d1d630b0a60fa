"""Lorenz curve, Gini coefficient, histories and activity over time."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.report.profile import gini, history_histogram, interactions_over_time, lorenz_curve

counts_of = st.lists(st.integers(0, 50), min_size=1, max_size=60)


def test_lorenz_and_gini_by_hand():
    x, y = lorenz_curve([3, 1, 0, 4])
    np.testing.assert_allclose(x, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(y, [0, 0, 1 / 8, 4 / 8, 1])
    # Twice the area between the diagonal and that polygon: 1 - 2 * (1/4) * (0 + 1/8 + 1/2 + 1/2).
    assert gini([3, 1, 0, 4]) == pytest.approx(1 - 0.5 * (1 / 8 + 1 / 2 + 1 / 2))
    assert gini([7, 7, 7]) == 0
    assert gini([0, 0, 0, 9]) == pytest.approx(3 / 4)
    assert gini([]) == gini([0, 0]) == 0
    assert [side.tolist() for side in lorenz_curve([])] == [[0, 1], [0, 1]]


@given(counts_of)
def test_gini_by_its_definition_and_by_the_area(counts):
    values = np.array(counts, dtype=float)
    if not values.sum():
        assert gini(counts) == 0
        return
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert gini(counts) == pytest.approx(differences / (2 * values.mean()), abs=1e-12)
    x, y = lorenz_curve(counts)
    assert gini(counts) == pytest.approx(1 - 2 * np.trapezoid(y, x), abs=1e-12)


@given(counts_of, st.integers(2, 400))
def test_a_lorenz_curve_has_few_points_all_on_the_curve(counts, times):
    counts = (counts * times)[:5000]
    x, y = lorenz_curve(counts)
    assert 2 <= len(x) == len(y) <= 200
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert (np.diff(x) > 0).all()
    assert (np.diff(y) >= 0).all()
    assert (y <= x + 1e-9).all()
    if sum(counts):
        ascending = np.append(0, np.cumsum(np.sort(counts))) / sum(counts)
        np.testing.assert_allclose(y, ascending[(x * len(counts)).round().astype(int)], atol=1e-12)


def test_the_steep_head_of_a_long_tail_has_points():
    x, _ = lorenz_curve(np.append(np.ones(100_000), np.full(100, 10_000)))
    assert ((x > 0.999) & (x < 1)).sum() > 50


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=80))
def test_histories_fall_into_one_bin_each(lengths):
    edges, counts = history_histogram(lengths)
    assert len(edges) == len(counts) + 1 <= 25
    assert (np.diff(edges) > 0).all()
    assert (edges[0], edges[-1]) == (min(lengths), max(lengths) + 1)
    assert counts.tolist() == [sum(a <= n < b for n in lengths) for a, b in itertools.pairwise(edges)]


def test_no_histories():
    edges, counts = history_histogram([])
    assert (len(edges), len(counts)) == (1, 0)


def activity(*stamps):
    return interactions_over_time(pd.DataFrame({"TIMESTAMP": pd.to_datetime(list(stamps), format="ISO8601")}))


def test_days_by_hand():
    edges, counts = activity("2020-02-28 23:59", "2020-03-01", "2020-03-01 23:59:59.9", "2020-03-03")
    assert edges.astype(str).tolist() == [
        f"2020-{day}T00:00:00" for day in ("02-28", "02-29", "03-01", "03-02", "03-03", "03-04")
    ]
    assert counts.tolist() == [1, 0, 2, 0, 1]


def test_weeks_begin_on_monday():
    edges, counts = activity("2024-01-01", "2024-01-07 23:00", "2024-01-08", "2024-12-31")
    assert str(edges[0]) == "2024-01-01T00:00:00"  # a Monday
    assert counts[:2].tolist() == [2, 1]
    assert set(pd.DatetimeIndex(edges).day_of_week) == {0}
    early, _ = activity("1969-12-01", "1970-06-05")
    assert set(pd.DatetimeIndex(early).day_of_week) == {0}


def test_months_and_years_are_those_of_the_calendar():
    edges, counts = activity("2020-01-31", "2020-02-29", "2023-12-31 23:59")
    assert (str(edges[0]), str(edges[-1]), len(counts)) == ("2020-01-01T00:00:00", "2024-01-01T00:00:00", 48)
    assert counts[[0, 1, 47]].tolist() == [1, 1, 1]
    edges, counts = activity("1900-05-05", "2020-05-05")
    assert (str(edges[0]), len(counts), counts.sum()) == ("1900-01-01T00:00:00", 121, 2)


@settings(deadline=None)
@given(
    st.lists(st.datetimes(pd.Timestamp("1960-01-01"), pd.Timestamp("2030-01-01")), min_size=1, max_size=30)
)
def test_every_interaction_lies_in_its_bin(stamps):
    frame = pd.DataFrame({"TIMESTAMP": pd.Series(stamps).astype("datetime64[ns]")})
    edges, counts = interactions_over_time(frame)
    expected, _ = np.histogram(
        frame["TIMESTAMP"].to_numpy().astype("datetime64[us]").astype(np.int64),
        edges.astype("datetime64[us]").astype(np.int64),
    )
    inside = frame["TIMESTAMP"].to_numpy()
    assert edges[0] <= inside.min()
    assert inside.max() < edges[-1]
    np.testing.assert_array_equal(counts, expected)
    assert len(counts) <= 620


def test_no_times():
    for frame in (pd.DataFrame({"USER_ID": ["a"]}), pd.DataFrame({"TIMESTAMP": [1.0]})):
        edges, counts = interactions_over_time(frame)
        assert (len(edges), len(counts)) == (0, 0)
    assert len(activity(None)[1]) == 0
