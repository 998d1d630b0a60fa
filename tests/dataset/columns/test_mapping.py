"""From a table as read to interactions and items."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.columns.mapping import (
    ColumnMapping,
    ItemMapping,
    apply_interaction_mapping,
    apply_item_mapping,
)
from skrec_lite.exceptions import InvalidDataError

ALL = ColumnMapping("u", "i", "r", "t")


def table(**columns):
    base = {"u": [1, 2, 1], "i": ["x", "y", "x"], "r": [4, 3.5, 5], "t": [881250949, 881250950, 881250951]}
    return pd.DataFrame(base | columns)


def test_by_hand():
    mapped = apply_interaction_mapping(table(extra=0), ALL)
    frame = mapped.frame
    assert frame.columns.tolist() == ["USER_ID", "ITEM_ID", "OUTCOME", "TIMESTAMP"]
    assert frame.dtypes.astype(str).tolist() == ["str", "str", "float64", "datetime64[ns]"]
    assert frame["USER_ID"].tolist() == ["1", "2", "1"]
    assert frame["OUTCOME"].tolist() == [4, 3.5, 5]
    assert frame["TIMESTAMP"].iloc[0] == pd.Timestamp("1997-12-04 15:55:49")
    text = " ".join(mapped.notes)
    assert "1 rows repeat a (user, item) pair; all are kept" in text
    assert "Unix seconds" in text
    assert "Not used: extra" in text


def test_only_ids():
    mapped = apply_interaction_mapping(table(), ColumnMapping("u", "i"))
    assert mapped.frame.columns.tolist() == ["USER_ID", "ITEM_ID", "OUTCOME"]
    assert mapped.frame["OUTCOME"].tolist() == [1, 1, 1]
    assert any("counts as 1" in note for note in mapped.notes)
    assert any("order of the rows" in note for note in mapped.notes)


def test_the_source_is_not_changed_and_its_row_numbers_do_not_matter():
    source = table().set_axis([7, 7, 3])
    before = source.copy(deep=True)
    mapped = apply_interaction_mapping(source, ALL).frame
    assert mapped.index.tolist() == [0, 1, 2]
    mapped.loc[0, "OUTCOME"] = -1
    pd.testing.assert_frame_equal(source, before)


@pytest.mark.parametrize(
    ("values", "ids"),
    [
        ([17850.0, np.nan, 13047.0], ["17850", None, "13047"]),
        (["007", "", "  "], ["007", None, None]),
        (pd.array([2**60 + 1, None, 3], dtype="Int64"), [str(2**60 + 1), None, "3"]),
        (pd.Categorical(["b", None, "a"]), ["b", None, "a"]),
        (np.array([1, True, "1"], dtype=object), ["1", "True", "1"]),
    ],
)
def test_ids_of_any_kind(values, ids):
    mapping = ColumnMapping("u", "i", drop_bad_rows=True)
    mapped = apply_interaction_mapping(table(u=values), mapping)
    assert mapped.frame["USER_ID"].tolist() == [name for name in ids if name is not None]


def test_round_numbers_as_r_writes_them():
    mapped = apply_interaction_mapping(table(i=["9e+05", "17", "1.25e+06"]), ColumnMapping("u", "i"))
    assert mapped.frame["ITEM_ID"].tolist() == ["900000", "17", "1250000"]
    assert any("2 ids in 'i' such as 9e+05" in note for note in mapped.notes)


@pytest.mark.parametrize("ids", [["9e+05", "a1", "3"], ["9e+05", "007", "3"], ["9e+05", "9e+05", "9e+05"],
                                 ["1.5e+00", "2", "3"]])  # fmt: skip
def test_other_ids_that_look_so_are_left_alone(ids):
    assert apply_interaction_mapping(table(i=ids), ColumnMapping("u", "i")).frame["ITEM_ID"].tolist() == ids


@pytest.mark.parametrize(
    ("column", "values", "rows", "words"),
    [
        ("u", [1, None, 2], 1, "no user id in 1 of 3 rows (the first is row 2, which is empty)"),
        ("i", ["x", " ", ""], 2, "no item id in 2 of 3 rows (the first is row 2, which holds ' ')"),
        ("r", [1, "good", "bad"], 2, "as outcome in 2 of 3 rows (the first is row 2, which holds 'good')"),
        ("r", [1, np.inf, 2], 1, "no finite number as outcome in 1 of 3 rows (the first is row 2"),
        ("r", ["a", "b", "c"], 3, "no finite number as outcome in 3 of 3 rows"),
        ("t", ["2020-01-01", "soon", None], 2, "no readable timestamp in 2 of 3 rows (the first is row 2"),
    ],
)
def test_bad_rows_are_refused_and_named(column, values, rows, words):
    with pytest.raises(InvalidDataError) as caught:
        apply_interaction_mapping(table(**{column: values}), ALL)
    assert f"'{column}'" in caught.value.problem
    assert words in caught.value.problem
    assert (caught.value.column, caught.value.rows) == (column, rows)
    assert "drop the rows" in caught.value.repair


def test_dropping_bad_rows_is_counted_per_reason_and_in_all():
    source = table(u=[None, 2, None], r=["x", 3, "y"], t=[1, 881250950, 881250951])
    mapped = apply_interaction_mapping(
        pd.concat([source, table()]), ColumnMapping("u", "i", "r", "t", drop_bad_rows=True)
    )
    assert len(mapped.frame) == 4
    note = next(note for note in mapped.notes if "dropped" in note)
    assert note.startswith("2 of 6 rows were dropped")
    assert "'u' has no user id in 2 rows" in note
    assert "'r' has no finite number as outcome in 2 rows" in note
    assert mapped.frame.index.tolist() == [0, 1, 2, 3]


def test_nothing_left_is_an_error_even_when_dropping():
    with pytest.raises(InvalidDataError, match="No row can be used") as caught:
        apply_interaction_mapping(table(r=["a", "b", "c"]), ColumnMapping("u", "i", "r", drop_bad_rows=True))
    assert caught.value.rows == 3


@pytest.mark.parametrize(
    ("mapping", "match", "column"),
    [
        (ColumnMapping("u", "u"), "'u' is chosen as user and as item", "u"),
        (ColumnMapping("u", "i", "r", "r"), "'r' is chosen as outcome and as timestamp", "r"),
        (ColumnMapping("user", "i"), "no column 'user'", "user"),
        (ColumnMapping("u", None), "No column is chosen for the item id", None),
    ],
)
def test_a_wrong_choice_is_named(mapping, match, column):
    with pytest.raises(InvalidDataError, match=match) as caught:
        apply_interaction_mapping(table(), mapping)
    assert caught.value.column == column
    assert caught.value.repair


def test_a_misspelt_column_gets_a_hint():
    with pytest.raises(InvalidDataError, match="Did you mean 'rating'"):
        apply_interaction_mapping(table(rating=1), ColumnMapping("u", "i", "ratting"))


def test_two_columns_of_one_name():
    with pytest.raises(InvalidDataError, match="Two columns are called 'u'"):
        apply_interaction_mapping(table().rename(columns={"i": "u"}), ColumnMapping("u", "r"))


def test_no_rows():
    with pytest.raises(InvalidDataError, match="no rows"):
        apply_interaction_mapping(table().iloc[:0], ALL)
    with pytest.raises(InvalidDataError, match="no rows"):
        apply_item_mapping(pd.DataFrame({"id": []}), ItemMapping("id"))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30))
def test_rows_order_and_repetition_survive(pairs):
    source = pd.DataFrame(pairs, columns=["u", "i"])
    mapped = apply_interaction_mapping(source, ColumnMapping("u", "i"))
    assert mapped.frame["USER_ID"].tolist() == [str(u) for u, _ in pairs]
    assert mapped.frame["ITEM_ID"].tolist() == [str(i) for _, i in pairs]
    repeated = len(pairs) - len(set(pairs))
    assert any(note.startswith(f"{repeated:,} rows repeat") for note in mapped.notes) == (repeated > 0)


def test_a_million_rows_are_mapped_row_by_row():
    rng = np.random.default_rng(0)
    n = 1_000_000
    source = pd.DataFrame(
        {
            "u": rng.integers(1, 6040, n),
            "i": rng.integers(1, 3706, n),
            "r": rng.integers(1, 6, n),
            "t": rng.integers(956703932, 1046454590, n),
        }
    )
    mapped = apply_interaction_mapping(source, ALL).frame
    np.testing.assert_array_equal(mapped["USER_ID"].astype(int), source["u"])
    np.testing.assert_array_equal(mapped["TIMESTAMP"], pd.to_datetime(source["t"], unit="s"))


def items(**columns):
    base = {"id": [7, 8, 9], "name": ["A", "B", "C"], "genre": ["x", "y", "x"]}
    return pd.DataFrame(base | columns)


def test_items_by_hand():
    mapped = apply_item_mapping(items(), ItemMapping("id", "name"))
    assert mapped.frame.columns.tolist() == ["ITEM_ID", "TITLE", "genre"]
    assert mapped.frame.to_numpy().tolist() == [["7", "A", "x"], ["8", "B", "y"], ["9", "C", "x"]]
    assert mapped.notes == ()


def test_items_without_title():
    assert apply_item_mapping(items(), ItemMapping("id")).frame.columns.tolist() == [
        "ITEM_ID",
        "name",
        "genre",
    ]


def test_of_repeated_items_the_first_is_kept_and_counted():
    mapped = apply_item_mapping(items(id=[7, 8, 7]), ItemMapping("id", "name"))
    assert mapped.frame["TITLE"].tolist() == ["A", "B"]
    assert mapped.frame.index.tolist() == [0, 1]
    assert any(note.startswith("1 rows repeat an item id ('7'") for note in mapped.notes)


def test_an_item_without_title_is_called_by_its_id():
    mapped = apply_item_mapping(items(name=["A", None, " "]), ItemMapping("id", "name"))
    assert mapped.frame["TITLE"].tolist() == ["A", "8", "9"]
    assert any(note.startswith("2 items without a title") for note in mapped.notes)


def test_items_without_id():
    with pytest.raises(InvalidDataError, match="no item id in 1 of 3 rows") as caught:
        apply_item_mapping(items(id=["a", None, "b"]), ItemMapping("id"))
    assert (caught.value.column, caught.value.rows) == ("id", 1)
    mapped = apply_item_mapping(items(id=["a", None, "b"]), ItemMapping("id", drop_bad_rows=True))
    assert mapped.frame["ITEM_ID"].tolist() == ["a", "b"]
    assert any("1 of 3 rows were dropped" in note for note in mapped.notes)


def test_columns_that_have_our_names_are_kept_under_another():
    source = items().rename(columns={"genre": "ITEM_ID"}).assign(TITLE="t")
    mapped = apply_item_mapping(source, ItemMapping("id", "name"))
    assert mapped.frame["ITEM_ID"].tolist() == ["7", "8", "9"]
    assert mapped.frame["ITEM_ID (source)"].tolist() == ["x", "y", "x"]
    assert mapped.frame["TITLE (source)"].tolist() == ["t"] * 3
    assert len(mapped.notes) == 2


def test_item_choice_errors():
    with pytest.raises(InvalidDataError, match="chosen as item and as title"):
        apply_item_mapping(items(), ItemMapping("id", "id"))
    with pytest.raises(InvalidDataError, match="no column 'sku'"):
        apply_item_mapping(items(), ItemMapping("sku"))
