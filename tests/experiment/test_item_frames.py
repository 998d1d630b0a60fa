"""Tables of items: the same as by looking each list up in the items file, whatever it lacks."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.experiment import LabData
from skrec_lite.experiment.users.item_frames import described, described_parts, list_of, pool_frame
from skrec_lite.experiment.users.tables import table_of

INTERACTIONS = pd.DataFrame({"USER_ID": ["u", "u", "v"], "ITEM_ID": ["a", "new", "7"], "OUTCOME": [1, 1, 1]})
ITEMS = pd.DataFrame(
    {
        "ITEM_ID": ["c", "a", 7, "b", "a"],
        "price": [3, 1, 7, 2, 99],
        "TITLE": ["Sea", "Ay", None, "Bee", "again"],
        "kind": pd.Categorical(["x", "y", "x", "y", "x"]),
        "score": [0.5, 0.25, 0.0, 1.0, 2.0],
        "tags": [["p"], ["q", "r"], [], ["p"], ["p"]],
    }
)


def by_hand(data, ids):
    """Look a list up as it was said to be: the titles, then a row of the items file for each."""
    named = pd.DataFrame({"ITEM_ID": ids, "TITLE": data.titles_of(ids)})
    if data.item_table is None:
        return named
    details = data.item_table.drop(columns="TITLE").reindex(ids).reset_index(drop=True)
    return pd.concat([named, details], axis=1)


@pytest.fixture(scope="module", params=["listed", "without a list"])
def data(request):
    return LabData(INTERACTIONS, ITEMS if request.param == "listed" else None, name="by hand")


@given(
    parts=st.lists(st.lists(st.sampled_from(["a", "b", "c", "7", "new", "nowhere"]), max_size=6), max_size=4)
)
def test_each_list_is_described_as_by_itself(data, parts):
    parts = [np.array(part, dtype=object) for part in parts]
    told = described_parts(data, parts)
    assert len(told) == len(parts)
    for part, columns in zip(parts, told, strict=True):
        if len(part):
            pd.testing.assert_frame_equal(described(data, part), by_hand(data, part))
            # Beside others with gaps a whole number may be told as a fraction.
            pd.testing.assert_frame_equal(table_of(columns), by_hand(data, part), check_dtype=False)


def test_a_pool_has_its_own_columns_whatever_the_items_file_calls_its(data):
    items = np.array(["b", "7", None], dtype=object)
    scores, hits = np.array([0.9, 0.1, 0.0], dtype=np.float32), np.array([False, True, False])
    pool = pool_frame(data, items, scores, hits, np.array(["7"], dtype=object), {"p": np.array([2, 0, 0])})
    assert pool.columns[0] == "rank"
    assert pool["rank"].tolist() == [1, 2]
    assert pool["score"].tolist() == pytest.approx([0.9, 0.1])
    assert pool["hit"].tolist() == [False, True]
    assert pool["final_rank"].tolist() == [0, 1]
    assert pool["found_by_p"].tolist() == [2, 0]
    lists = list_of(described_parts(data, [items[:2]])[0], items, scores, hits, np.array([5, 6, 0]))
    assert lists.columns[0] == "position"
    assert lists[["position", "pool_rank"]].to_numpy().tolist() == [[1, 5], [2, 6]]
    assert lists["score"].tolist() == pytest.approx([0.9, 0.1])


def test_tables_of_the_same_columns_do_not_spoil_each_other():
    first, second = (table_of({"a": np.arange(3), "b": np.arange(3.0)}) for _ in range(2))
    first["c"] = 1
    first.loc[0, "a"] = 9
    renamed = second.rename(columns={"a": "z"})
    assert list(first.columns) == ["a", "b", "c"]
    assert list(second.columns) == ["a", "b"]
    assert second["a"].tolist() == [0, 1, 2]
    assert list(renamed.columns) == ["z", "b"]
    assert list(table_of({"a": np.arange(2), "b": np.arange(2)}).columns) == ["a", "b"]
    assert table_of({}).empty
