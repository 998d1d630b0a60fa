"""The border between ids outside and rows inside."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.id_map import IdMap, as_id_strings, count_distinct
from skrec_lite.exceptions import InvalidDataError

ANY_TEXT = st.text(min_size=1, max_size=12)


@pytest.mark.parametrize(
    "values",
    [
        [7, 8],
        (7, 8),
        ["7", "8"],
        [7, "8"],
        [7.0, 8.0],
        [np.int64(7), np.float32(8)],
        np.array([7, 8]),
        np.array([7.0, 8.0]),
        np.array(["7", "8"]),
        np.array([7, "8"], dtype=object),
        pd.Series([7, 8]),
        pd.Series([7, 8], dtype="Int64"),
        pd.Series([7, 8], dtype="Float64"),
        pd.Series([7.0, 8.0], dtype="category"),
        pd.Series(["7", "8"]),
        pd.Series(["7", "8"], dtype="category"),
        pd.Index([7, 8]),
        pd.array([7, 8], dtype="Int64"),
        {7: 0, 8: 0}.keys(),
    ],
    ids=lambda values: f"{type(values).__name__}-{getattr(values, 'dtype', '')}",
)
def test_every_way_to_write_the_same_ids_gives_the_same_strings(values):
    strings = as_id_strings(values)
    assert strings.dtype == object
    assert strings.tolist() == ["7", "8"]
    assert all(type(name) is str for name in strings)
    assert IdMap(["x", "8", "7"]).encode(values).tolist() == [2, 1]


def test_a_generator_is_read_once():
    assert as_id_strings(str(i) for i in range(3)).tolist() == ["0", "1", "2"]


def test_ids_beyond_float_precision_survive():
    big = 2**53 + 1
    assert as_id_strings([big, None]).tolist() == [str(big), None]
    assert as_id_strings(pd.Series([big, big + 1])).tolist() == [str(big), str(big + 1)]
    assert as_id_strings(pd.Series([2**63], dtype="uint64")).tolist() == [str(2**63)]


def test_fractions_and_infinities_keep_their_text():
    assert as_id_strings(np.array([1.5, np.inf, -0.0, -3.0])).tolist() == ["1.5", "inf", "0", "-3"]


@pytest.mark.parametrize(
    "values",
    [
        ["a", None],
        ["a", np.nan],
        ["a", pd.NaT],
        pd.Series(["a", None]),
        pd.Series(["a", pd.NA], dtype="string"),
        np.array(["a", None], dtype=object),
    ],
)
def test_a_missing_id_is_never_the_text_nan(values):
    assert as_id_strings(values).tolist() == ["a", None]
    # An item may really be called so; a missing id must not find it.
    assert IdMap(["a", "nan", "None", "NaT", "<NA>"]).encode(values).tolist() == [0, -1]


def test_missing_numbers_are_missing():
    assert as_id_strings(pd.Series([1, None])).tolist() == ["1", None]
    assert as_id_strings(pd.Series([1, None], dtype="Int64")).tolist() == ["1", None]


def test_dates_may_be_ids():
    assert as_id_strings([datetime.date(2020, 1, 2)]).tolist() == ["2020-01-02"]


def test_true_and_one_are_two_ids():
    assert IdMap(["True", "1"]).encode([1, True, 1.0]).tolist() == [1, 0, 1]
    assert IdMap(["True", "1"]).encode(pd.Series([1, True], dtype=object)).tolist() == [1, 0]


def test_rows_are_those_of_the_given_order_and_unknown_is_minus_one():
    ids = IdMap(["b", "a", "c"])
    rows = ids.encode(["c", "zzz", "b"])
    assert rows.dtype == np.int32
    assert rows.tolist() == [2, -1, 0]
    assert len(ids) == 3
    assert "a" in ids
    assert "A" not in ids
    assert None not in ids


def test_contains_agrees_with_encode_for_numbers():
    ids = IdMap([7, 8])
    assert 7 in ids
    assert 7.0 in ids
    assert "7" in ids
    assert 7.5 not in ids


def test_decode_keeps_the_shape_and_marks_padding():
    ids = IdMap(["a", "b"])
    assert ids.decode(np.array([[0, -1], [1, 0]])).tolist() == [["a", None], ["b", "a"]]
    assert IdMap([]).decode(np.array([-1, -1])).tolist() == [None, None]
    with pytest.raises(IndexError):
        ids.decode(np.array([2]))


def test_decoding_padding_leaves_the_ids_alone():
    ids = IdMap(["a", "b"])
    ids.decode(np.array([0, -1]))
    assert ids.ids.tolist() == ["a", "b"]


def test_ids_cannot_be_written_to():
    source = np.array(["a", "b"], dtype=object)
    ids = IdMap(source)
    with pytest.raises(ValueError, match="read-only"):
        ids.ids[0] = "z"
    source[0] = "z"
    assert ids.ids[0] == "a"


@pytest.mark.parametrize("values", [["1", 1], ["a", "a"], [1, 1.0]])
def test_two_equal_ids_are_refused(values):
    with pytest.raises(InvalidDataError, match="distinct"):
        IdMap(values)


def test_a_missing_id_is_refused():
    with pytest.raises(InvalidDataError, match="1 of 2 ids are missing"):
        IdMap(["a", None])


def test_from_values_sorts_merges_and_skips_missing():
    ids = IdMap.from_values(pd.Series([10, 9]), ["9", "b", None])
    assert ids.ids.tolist() == ["10", "9", "b"]
    assert IdMap.from_values().ids.tolist() == []


def test_from_values_keeps_what_fixed_width_text_would_lose():
    assert IdMap.from_values(["a\x00", "a"]).ids.tolist() == ["a", "a\x00"]


def test_from_values_of_one_huge_id_among_many_stays_small():
    column = pd.Series(["x" * 100_000, *map(str, range(20_000))])
    assert len(IdMap.from_values(column)) == 20_001  # as fixed-width text this would take 8 GB


def test_rows_in_another_map():
    assert IdMap(["a", "b", "c"]).rows_in(IdMap(["c", "a"])).tolist() == [1, -1, 0]
    ids = IdMap(["a", "b"])
    assert ids.rows_in(ids).tolist() == [0, 1]


def test_equality_is_that_of_ids_and_order():
    assert IdMap(["a", "b"]) == IdMap(["a", "b"])
    assert IdMap(["a", "b"]) != IdMap(["b", "a"])
    assert IdMap(["a"]) != ["a"]


@given(st.lists(ANY_TEXT, unique=True, max_size=30), st.randoms(use_true_random=False))
def test_encode_and_decode_are_inverse(names, random):
    ids = IdMap(names)
    shuffled = list(names)
    random.shuffle(shuffled)
    for column in (shuffled, pd.Series(shuffled, dtype="str"), pd.Series(shuffled, dtype=object)):
        assert ids.decode(ids.encode(column)).tolist() == shuffled


@given(st.lists(st.one_of(ANY_TEXT, st.integers(), st.none()), max_size=30))
def test_the_map_does_not_depend_on_row_order_or_repetition(values):
    once = IdMap.from_values(values)
    assert once == IdMap.from_values(values[::-1] + values)
    assert once.ids.tolist() == sorted({str(value) for value in values if value is not None})


@given(st.lists(st.one_of(st.integers(-5, 20), st.none(), st.sampled_from(["7", "a", "A"])), max_size=30))
def test_encoding_is_from_values_and_encode_in_one(values):
    for column in (values, pd.Series(values, dtype=object), pd.Series([str(v) for v in values], dtype="str")):
        ids, rows = IdMap.encoding(column)
        assert ids == IdMap.from_values(column)
        np.testing.assert_array_equal(rows, ids.encode(column))
        assert rows.dtype == np.int32


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 5), st.text("ab", max_size=2), st.sampled_from([1.0, 2.5])))
)
def test_ids_are_counted_as_the_map_of_them_counts(values):
    assert count_distinct(values) == len(IdMap.from_values(values))


@pytest.mark.parametrize(
    ("values", "n"),
    [
        (pd.Series(["7", "7", None, "8"], dtype="str"), 2),
        (pd.Series([7.0, 7, None, 8], dtype="float64"), 2),
        (pd.Series([7, 7, -8]), 2),
        (pd.Series([7, 7, None, 8], dtype="Int64"), 2),
        (pd.Series([7, "7", 7.0, None, "8"], dtype=object), 2),
        (pd.Series([], dtype="str"), 0),
        (pd.Series(["b", "a", "b"], dtype="category"), 2),
    ],
)
def test_ids_are_counted_once_whatever_their_type(values, n):
    assert count_distinct(values) == n
