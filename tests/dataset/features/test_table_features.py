"""What items and users share: reports, order, bounds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.features import preparation, selection
from skrec_lite.dataset.features.item_features import prepare_item_features
from skrec_lite.dataset.features.user_features import UserFeatures, prepare_user_features
from skrec_lite.exceptions import InvalidDataError

USERS = pd.DataFrame(
    {
        "USER_ID": ["007", " 7", "a", "A"],
        "age": [20, 30, 40, 50],
        "income": ["35-49K", "50-74K", "35-49K", "Under 15K"],
        "sex": ["M", "F", "F", "M"],
        "TITLE": ["Dr", "Dr", "Ms", "Mr"],
    }
)


def catalogue(n=120, seed=0):
    rng = np.random.default_rng(seed)
    words = np.array([f"w{k}" for k in range(40)])
    return pd.DataFrame(
        {
            "ITEM_ID": [f"i{k}" for k in range(n)],
            "TITLE": [f"Film {k % 9} (19{10 + k % 90})" for k in range(n)],
            "price": rng.lognormal(3, 2, n),
            "brand": [f"b{k}" for k in rng.zipf(1.5, n) % 130],
            "genres": [
                "|".join(rng.choice(list("abcdef"), rng.integers(1, 4), replace=False)) for _ in range(n)
            ],
            "plot": [" ".join(rng.choice(words, 12)) for _ in range(n)],
            "new": rng.random(n) < 0.5,
            "old": rng.random(n) < 0.3,
            "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), unit="D"),
        }
    )


def test_users_are_prepared_like_items():
    features = prepare_user_features(USERS)
    assert isinstance(features, UserFeatures)
    assert features.frame["USER_ID"].tolist() == ["007", " 7", "a", "A"]
    assert features.kinds == {"age": "number", "income": "category", "sex": "category", "TITLE": "category"}
    np.testing.assert_allclose(
        features.frame["age"], np.array([-1.5, -0.5, 0.5, 1.5]) / np.sqrt(1.25), rtol=1e-6
    )
    assert features.frame["income=35-49K"].tolist() == [1, 0, 1, 0]
    late = features.transform(pd.DataFrame({"USER_ID": ["new"], "sex": ["X"], "age": [20]}))
    assert isinstance(late, UserFeatures)
    assert late.frame["age"][0] == features.frame["age"][0]
    assert "The new users have no column 'income': they have none of it." in late.notes
    assert "'sex' has values that training did not know (X): they count as none." in late.notes


def test_users_without_features():
    with pytest.raises(InvalidDataError, match="'USER_ID'"):
        prepare_user_features(USERS.drop(columns="USER_ID"))
    with pytest.raises(InvalidDataError, match=r"no usable feature\. There is no column besides 'USER_ID'\."):
        prepare_user_features(USERS[["USER_ID"]])
    assert prepare_user_features(USERS[["USER_ID"]], allow_empty=True).feature_names == []
    with pytest.raises(InvalidDataError, match="is the name of a user"):
        prepare_user_features(USERS, ["USER_ID"])


def test_the_report_has_one_line_a_source_column_in_their_order():
    items = pd.DataFrame(
        {
            "ITEM_ID": list("abcd"),
            "TITLE": ["Heat (1995)", "Up (2009)", None, "M (1931)"],
            "price": ["12.99", "1.00", None, "5"],
            "genres": ["Action|Drama", "Drama", "Drama|Action", None],
            "plot": ["a red dragon", "the red castle", "castle dragon", None],
            "new": [0, 1, 1, 0],
            "link": ["http://a", "http://b", "http://c", "http://d"],
            "day": ["2020-01-01", "2020-01-02", "2020-01-09", None],
        }
    )
    features = prepare_item_features(items, kinds={"plot": "text"})
    report = {line.column: line for line in features.report}
    assert list(report) == list(items.columns[1:])
    assert sum(line.n_features for line in report.values()) == len(features.feature_names)
    found = [(line.kind, line.n_features, line.n_missing) for line in report.values()]
    assert found == [("skipped", 0, 1), ("number", 1, 1), ("tags", 2, 1), ("text", 3, 1), ("flag", 1, 0),
                     ("skipped", 0, 0), ("date", 1, 1)]  # fmt: skip
    # Median 5: the mean of 12.99, 1, 5, 5 is 5.9975 and their deviation 4.3467.
    assert report["price"].example == "'12.99' became 1.61: standard deviations above the average"
    assert report["genres"].example == "'Action|Drama' became Action 0.78, Drama 0.63"
    assert report["plot"].example == "'a red dragon' became 3 numbers by these words: red, dragon"
    assert report["new"].example == "'1' became 1"
    assert report["day"].example.startswith("'2020-01-01' became -")
    assert report["day"].example.endswith("before the average date")
    assert report["link"].example == ""
    assert report["link"].note == "'link' holds links; it is not used."
    assert "not used unless asked for" in report["TITLE"].note


def test_the_order_of_rows_makes_no_difference():
    items = catalogue()
    first = prepare_item_features(items)
    assert set(first.kinds.values()) == {"number", "category", "tags", "text", "flag", "date"}
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(items))
        again = prepare_item_features(items.iloc[order])
        expected = first.frame.iloc[order].reset_index(drop=True)
        pd.testing.assert_frame_equal(again.frame, expected, check_exact=True)
        assert again.notes == first.notes


def test_the_order_of_columns_makes_no_difference():
    items = catalogue()
    first = prepare_item_features(items)
    order = np.random.default_rng(0).permutation(items.columns)
    again = prepare_item_features(items[order])
    pd.testing.assert_frame_equal(again.frame[first.frame.columns], first.frame, check_exact=True)
    assert again.kinds == first.kinds


CELLS = st.one_of(
    st.none(), st.integers(-5, 5), st.floats(), st.text("ab|, 01.-[]", max_size=6), st.booleans()
)


@settings(max_examples=40)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_table_in_any_order_is_the_same(rows, random):
    table = pd.DataFrame(rows, columns=["a", "b", "a=1"])
    table.insert(0, "ITEM_ID", [f"i{k}" for k in range(len(table))])
    first = prepare_item_features(table, allow_empty=True)
    order, columns = list(range(len(table))), list(table.columns)
    random.shuffle(order)
    random.shuffle(columns)
    again = prepare_item_features(table.iloc[order][columns], allow_empty=True)
    expected = first.frame.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(again.frame[expected.columns], expected, check_exact=True)
    assert again.kinds == first.kinds


def test_later_rows_of_every_kind_read_alone_are_the_same():
    items = catalogue()
    features = prepare_item_features(items)
    pd.testing.assert_frame_equal(features.transform(items).frame, features.frame, check_exact=True)
    for place in (0, 7, 119):
        alone = features.transform(items.iloc[[place]]).frame
        pd.testing.assert_frame_equal(
            alone, features.frame.iloc[[place]].reset_index(drop=True), check_exact=True
        )


def test_later_rows_of_anything_new_keep_the_columns():
    features = prepare_item_features(catalogue())
    late = features.transform(
        pd.DataFrame(
            {"ITEM_ID": ["x"], "brand": ["never"], "genres": ["zz"], "plot": ["unheard"], "price": [np.inf]}
        )
    )
    assert late.feature_names == features.feature_names
    assert np.isfinite(late.frame.drop(columns="ITEM_ID").to_numpy()).all()
    assert late.report == features.report


def test_of_many_columns_the_first_are_used_and_those_asked_for(monkeypatch):
    monkeypatch.setattr(preparation, "MAX_COLUMNS", 10)
    wide = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 300))).add_prefix("c")
    wide.insert(0, "ITEM_ID", [f"i{k}" for k in range(50)])
    features = prepare_item_features(wide, kinds={"c299": "number"})
    assert features.feature_names == [*(f"c{k}" for k in range(10)), "c299"]
    assert len(features.report) == len(features.kinds) == 300
    assert features.kinds["c50"] == features.report[50].kind == "skipped"
    assert any(
        "Only the first 10 columns were looked at; 289 more were not." in note for note in features.notes
    )
    assert prepare_item_features(wide, ["c50", "c51"]).feature_names == ["c50", "c51"]


def test_only_the_longest_texts_are_used_unless_asked_for(monkeypatch):
    monkeypatch.setattr(selection, "MAX_TEXTS", 1)
    short, long = catalogue()["plot"].str.slice(0, 20), catalogue()["plot"]
    table = pd.DataFrame({"ITEM_ID": catalogue()["ITEM_ID"], "short": short, "long": long})
    features = prepare_item_features(table)
    assert features.kinds == {"short": "skipped", "long": "text"}
    assert any("'short' is text, and the 1 columns with the longest texts" in note for note in features.notes)
    assert prepare_item_features(table, kinds={"short": "text"}).kinds == {"short": "text", "long": "text"}


def test_too_many_features_cost_the_widest_columns(monkeypatch):
    monkeypatch.setattr(selection, "MAX_FEATURES", 10)
    features = prepare_item_features(catalogue())
    assert len(features.feature_names) <= 10
    assert features.kinds["price"] == "number"
    assert features.kinds["plot"] == features.kinds["brand"] == "skipped"
    assert any("the table has 10 at most" in note for note in features.notes)


def test_column_names_may_be_numbers():
    table = pd.DataFrame({"ITEM_ID": list("abc"), 0: [1, 2, 4.0]})
    features = prepare_item_features(table)
    assert features.kinds == {"0": "number"}
    assert features.transform(table).frame.equals(features.frame)
