"""Interactions as dense integers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.encoded import EncodedInteractions, outcomes_of, require_ids
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError


def frame(rows, columns=("USER_ID", "ITEM_ID", "OUTCOME")):
    return pd.DataFrame(rows, columns=list(columns))


def test_a_small_table_by_hand():
    data = EncodedInteractions.from_frame(
        frame([("b", "y", 2), ("a", "x", 1), ("b", "y", 3), ("b", "x", -1)])
    )
    assert data.users.ids.tolist() == ["a", "b"]
    assert data.items.ids.tolist() == ["x", "y"]
    assert data.user_index.tolist() == [1, 0, 1, 1]
    assert data.item_index.tolist() == [1, 0, 1, 0]
    assert data.outcome.tolist() == [2, 1, 3, -1]
    assert (data.user_index.dtype, data.outcome.dtype) == (np.int32, np.float32)
    assert data.by_user.toarray().tolist() == [[1, 0], [-1, 5]]
    assert data.item_counts.tolist() == [1, 2]  # the negative outcome is no vote for x
    assert len(data) == 4


def test_without_outcome_everything_counts_one():
    data = EncodedInteractions.from_frame(frame([("a", "x"), ("a", "x")], ("USER_ID", "ITEM_ID")))
    assert data.by_user.toarray().tolist() == [[2]]


def test_given_maps_decide_the_rows_and_drop_strangers():
    users, items = IdMap(["b", "a", "idle"]), IdMap(["y", "x"])
    data = EncodedInteractions.from_frame(frame([("a", "x", 1), ("b", "?", 1), ("?", "y", 1)]), users, items)
    assert (data.user_index.tolist(), data.item_index.tolist()) == ([1], [1])
    assert data.by_user.shape == (3, 2)
    assert data.item_counts.tolist() == [0, 1]


def test_an_empty_map_is_a_map():
    data = EncodedInteractions.from_frame(frame([("a", "x", 1)]), users=IdMap([]))
    assert len(data) == 0
    assert len(data.users) == 0
    assert data.by_user.shape == (0, 1)


def test_no_rows_at_all():
    data = EncodedInteractions.from_frame(frame([]))
    assert data.by_user.shape == (0, 0)
    assert data.item_counts.tolist() == []


def test_the_matrix_can_be_multiplied_though_its_index_types_differ():
    matrix = EncodedInteractions.from_frame(frame([("a", "x", 2), ("b", "y", 3)])).by_user
    assert (matrix.indices.dtype, matrix.indptr.dtype) == (np.int32, np.int64)
    assert (matrix @ np.array([1.0, 10.0])).tolist() == [2, 30]
    assert (matrix @ matrix.T).toarray().tolist() == [[4, 0], [0, 9]]


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(-3, 5)), min_size=1, max_size=40
    )
)  # fmt: skip
def test_the_matrix_is_the_pivot_table(rows):
    table = frame([(f"u{u}", f"i{i}", float(y)) for u, i, y in rows])
    data = EncodedInteractions.from_frame(table)
    pivot = table.pivot_table(
        index="USER_ID", columns="ITEM_ID", values="OUTCOME", aggfunc="sum", fill_value=0
    )
    assert data.by_user.toarray().tolist() == pivot.to_numpy().tolist()
    votes = table[table["OUTCOME"] > 0]["ITEM_ID"].value_counts()
    assert data.item_counts.tolist() == [votes.get(name, 0) for name in data.items.ids]
    for start, stop in zip(data.by_user.indptr, data.by_user.indptr[1:], strict=False):
        row = data.by_user.indices[start:stop]
        assert (np.diff(row) > 0).all()


def test_it_can_be_a_key():
    data = EncodedInteractions.from_frame(frame([("a", "x", 1)]))
    assert {data: 1}[data] == 1
    assert data != EncodedInteractions.from_frame(frame([("a", "x", 1)]))


def test_missing_column_is_named():
    with pytest.raises(InvalidDataError, match="must contain the column 'ITEM_ID'") as caught:
        EncodedInteractions.from_frame(pd.DataFrame({"USER_ID": ["a"], "item": ["x"]}))
    assert caught.value.column == "ITEM_ID"
    assert "USER_ID, item" in caught.value.repair


def test_null_ids_are_counted():
    with pytest.raises(InvalidDataError, match="empty in 2 of 3 rows") as caught:
        require_ids(pd.DataFrame({"USER_ID": ["a", None, np.nan]}), "USER_ID", "interactions")
    assert (caught.value.column, caught.value.rows) == ("USER_ID", 2)


@pytest.mark.parametrize(
    "bad",
    [
        ["good", 1],
        [None, 1],
        [np.inf, 1],
        [1e39, 1],  # finite, but not as float32
        pd.array([None, 1], dtype="Int64"),
        pd.to_datetime(["2020-01-01", "2020-01-02"]),
    ],
    ids=["text", "none", "inf", "huge", "nullable", "dates"],
)
def test_outcomes_that_are_no_numbers_are_refused(bad):
    with pytest.raises(InvalidDataError, match="finite numbers") as caught:
        outcomes_of(pd.DataFrame({"OUTCOME": bad}))
    assert caught.value.column == "OUTCOME"
    assert caught.value.rows == (2 if isinstance(bad, pd.DatetimeIndex) else 1)


def test_numbers_as_text_and_flags_are_outcomes():
    assert outcomes_of(pd.DataFrame({"OUTCOME": ["1.50", " 2"]})).tolist() == [1.5, 2]
    assert outcomes_of(pd.DataFrame({"OUTCOME": [True, False]})).tolist() == [1, 0]
    assert outcomes_of(pd.DataFrame({"OUTCOME": pd.array([3, 4], dtype="Int64")})).tolist() == [3, 4]
