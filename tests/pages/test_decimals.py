"""Numbers of one column have the same decimals: enough for the greatest, or for all of what a file holds."""

import pytest

from pages.components.decimals import exact_decimals, number_format, shared_decimals


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([0.54, 0.4, 0.031], 3),
        ([12.34, 0.001], 1),
        ([5123.7, 2.0], 0),
        ([0.000123, 0.00001], 6),
        ([918.0, 71.0, -3.0], 0),
        ([float("nan"), 0.25], 3),
        ([float("inf"), -0.5], 3),
        ([], 0),
        ([0.0], 0),
        ([-0.999], 3),
    ],
)
def test_the_greatest_number_has_three_digits(values, places):
    assert shared_decimals(values) == places


@pytest.mark.parametrize(
    ("values", "places"),
    [([8.95, 11.5], 2), ([4.0, 3.0], 0), ([3.57, 1 / 3], 3), ([], 0), ([float("nan"), 0.5], 1)],
)
def test_what_a_file_holds_is_told_as_it_is(values, places):
    assert exact_decimals(values) == places


def test_counts_have_their_thousands_separated_and_scores_their_decimals():
    assert number_format([1918.0, 3.0]) == "localized"
    assert number_format([0.54, 0.4]) == "%.3f"
    assert number_format([0.54, 0.4], digits=2) == "%.2f"
