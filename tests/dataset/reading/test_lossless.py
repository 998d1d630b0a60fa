"""Numbers are made of text only where the text can be had back."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.id_map import as_id_strings
from skrec_lite.dataset.reading.lossless import numbers_where_lossless, parse_numbers


def convert(cells):
    frame, notes = numbers_where_lossless(pa.table({"x": pa.array(cells, pa.string())}))
    return frame["x"], notes


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        (["1", "-2", "0"], "int64", [1, -2, 0]),
        (["9007199254740993", "1"], "int64", [9007199254740993, 1]),
        (["4.0", "3.5"], "float64", [4.0, 3.5]),
        (["17850.0", None], "float64", [17850.0, np.nan]),
        (["1", None], "float64", [1.0, np.nan]),
        (["1e-05", "0.5"], "float64", [1e-05, 0.5]),
        ([" 7", "8 "], "int64", [7, 8]),
        (["0.1", "0.30000000000000004"], "float64", [0.1, 0.30000000000000004]),
        (["0.0001", "0.5"], "float64", [0.0001, 0.5]),
    ],
)
def test_numbers(cells, dtype, values):
    column, _ = convert(cells)
    assert column.dtype == dtype
    np.testing.assert_array_equal(column.to_numpy(), np.array(values))


@pytest.mark.parametrize(
    "cells",
    [
        ["007", "8"],
        ["1e5", "2e7"],
        ["1E+05", "1"],
        ["1.10", "1.1"],
        ["+7", "8"],
        ["-0", "1"],
        ["0x1F", "1"],
        ["7", "7.0"],
        ["9007199254740993", None],
        ["9007199254740993", "1.5"],
        ["18446744073709551616", "1"],
        ["1_000", "2"],
        ["1,5", "2,5"],
        ["Infinity", "1.5"],
        ["-0.0", "0.0"],
        ["1e+15", "2.5"],
        ["1e-7", "2.5"],
        ["0.00001", "2.5"],
        ["a", "1"],
        ["1", ""],
        ["NA", "NA"],
        [None, None],
        ["\u0661", "1"],
    ],
)
def test_text_that_would_change_stays_text(cells):
    column, notes = convert(cells)
    assert column.dtype == "str"
    assert [None if pd.isna(cell) else cell for cell in column] == cells
    assert notes == ()


def test_words_for_missing_among_numbers_are_missing_and_reported():
    column, notes = convert(["1", "NA", r"\N", "2"])
    np.testing.assert_array_equal(column.to_numpy(), [1, np.nan, np.nan, 2])
    assert "'x'" in notes[0]
    assert "2 cells" in notes[0]


def test_a_bad_cell_far_down_keeps_the_column_text():
    column, _ = convert([*map(str, range(5000)), "x", "007"])
    assert column.iloc[-1] == "007"


DECIMALS = st.from_regex(r"[-+]?[0-9]{1,20}(\.[0-9]{1,3})?(e[-+]?[0-9]{1,2})?", fullmatch=True)


@given(st.lists(st.one_of(DECIMALS, st.text("ab01.-", min_size=1, max_size=4)), min_size=1, max_size=8))
def test_an_id_is_what_was_written(cells):
    column, _ = convert(cells)
    ids = as_id_strings(column).tolist()
    # The one liberty: a whole number loses the '.0' that pandas gives to columns with gaps.
    assert ids == [cell if column.dtype == "str" else cell.removesuffix(".0") for cell in cells]
    assert len(set(ids)) == len(set(cells))


def test_away_from_ids_numbers_may_be_written_in_any_way():
    table = pa.table({"id": ["007", "1.50"], "price": ["1.50", "007"], "text": ["1.50", "x"]})
    frame, _ = numbers_where_lossless(table, id_columns=["id"])
    assert frame["id"].tolist() == ["007", "1.50"]
    assert frame["price"].tolist() == [1.5, 7.0]
    assert frame["text"].tolist() == ["1.50", "x"]


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=10))
def test_floats_written_by_python_come_back_exactly(numbers):
    column, _ = convert([repr(number) for number in numbers])
    assert parse_numbers(column).tolist() == numbers


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1.50", " 7", None], [1.5, 7, np.nan]),
        (["3,5", "4", "1,25"], [3.5, 4, 1.25]),
        (["1,234", "2,345"], [np.nan, np.nan]),  # thousands or thousandths: not for us to say
        (["3,5", "x"], [np.nan, np.nan]),
        ([True, False], [1, 0]),
        (pd.array([1, None], dtype="Int64"), [1, np.nan]),
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), [np.nan, np.nan]),
        ([1, "x", None], [1, np.nan, np.nan]),
    ],
)
def test_reading_quantities(values, expected):
    np.testing.assert_array_equal(parse_numbers(pd.Series(values)), np.array(expected, dtype=float))
