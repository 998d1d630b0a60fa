"""Features of items that a cosine can compare."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.features.item_features import prepare_item_features
from skrec_lite.dataset.features.weights import weigh_flags
from skrec_lite.exceptions import InvalidDataError


def prepare(allow_empty=False, feature_columns=None, **columns):
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"ITEM_ID": [f"i{k}" for k in range(n)], **columns})
    return prepare_item_features(frame, feature_columns, allow_empty=allow_empty)


def values(features):
    return features.frame.drop(columns="ITEM_ID").to_numpy()


def test_a_number_is_standardised():
    features = prepare(price=[1.0, 2.0, 3.0, 4.0])
    # Mean 2.5, standard deviation sqrt(1.25)
    np.testing.assert_allclose(
        values(features)[:, 0], np.array([-1.5, -0.5, 0.5, 1.5]) / np.sqrt(1.25), rtol=1e-6
    )
    assert features.frame["price"].dtype == np.float32
    assert features.kinds == {"price": "number"}


def test_gaps_in_a_number_take_the_median_and_are_counted():
    features = prepare(price=[1.0, np.nan, 3.0, 8.0, np.inf], genre=list("ababa"))
    column = features.frame["price"]
    assert column[1] == column[2] == column[4]  # the median of 1, 3, 8
    assert any("'price'" in note and "2 missing" in note for note in features.notes)


def test_a_long_tail_is_shortened_and_an_outlier_cut():
    price = np.r_[np.linspace(1, 2, 99), 1e6]
    features = prepare(price=price)
    assert any("logarithm" in note for note in features.notes)
    column = features.frame["price"].to_numpy()
    assert (np.diff(column) >= 0).all()
    assert np.isclose(np.mean(column**2), 1, rtol=1e-5)
    assert (
        column.max() <= 10
    )  # as it stands it would lie 9.9 deviations out with everything else at one point
    assert column[98] - column[0] > 0.05


def test_flags_stay_zero_and_one_when_there_is_one():
    assert prepare(is_new=[0, 1, 0, 1]).frame["is_new"].tolist() == [0, 1, 0, 1]
    assert prepare(is_new=[False, True, True]).frame["is_new"].tolist() == [0, 1, 1]
    assert prepare(is_new=["yes", "No", None, "YES"]).frame["is_new"].tolist() == [1, 0, 0, 1]
    assert prepare(is_new=pd.array([True, None, False], dtype="boolean")).frame["is_new"].tolist() == [
        1,
        0,
        0,
    ]


def test_many_flags_are_one_block_weighed_by_rarity():
    features = prepare(drama=[1, 1, 1, 0], noir=[0, 0, 1, 1])
    common, rare = np.log(5 / 4) + 1, np.log(5 / 3) + 1
    length = np.hypot(common, rare)
    expected = [[1, 0], [1, 0], [common / length, rare / length], [0, 1]]
    np.testing.assert_allclose(values(features), expected, rtol=1e-6)
    assert any("2 columns of 0 and 1 are weighed as one block" in note for note in features.notes)


def test_tags_become_one_flag_each():
    features = prepare(genres=["Action|Drama", "Drama", "(no genres listed)", "Action", "Drama|Action"])
    assert features.feature_names == ["genres=Action", "genres=Drama"]
    assert features.kinds == {"genres": "tags"}
    half = np.sqrt(0.5)
    np.testing.assert_allclose(
        values(features), [[half, half], [0, 1], [0, 0], [1, 0], [half, half]], rtol=1e-6
    )


@pytest.mark.parametrize("separator", ["|", ";", ", ", ","])
def test_tags_may_be_separated_in_several_ways(separator):
    cells = [separator.join(tags) for tags in (["a", "b"], ["b", "c"], ["c", "a"], ["a"], ["b"], ["c"])]
    assert prepare(tags=cells).feature_names == ["tags=a", "tags=b", "tags=c"]


def test_lists_as_pandas_writes_them_are_tags():
    assert prepare(tags=["['a', 'b']", "['b', 'a']", "['a']", "[]"]).feature_names == ["tags=a", "tags=b"]


def test_a_tag_named_twice_counts_once():
    assert prepare(tags=["a|a", "b|a", "b|b", "a"]).frame["tags=a"].tolist()[0] == 1


def test_few_texts_become_categories():
    features = prepare(kind=["x", "y", "x", None, "y"])
    assert features.kinds == {"kind": "category"}
    assert values(features).tolist() == [[1, 0], [0, 1], [1, 0], [0, 0], [0, 1]]


def test_dates_become_days():
    # Days 0, 1, 5 and the median 1: mean 7/4, and the deviations are those of the days.
    days = np.array([0, 1, 5, 1])
    expected = (days - 1.75) / days.std()
    for dates in (
        ["01-Jan-1995", "02-Jan-1995", "06-Jan-1995", None],
        pd.to_datetime(["1995-01-01", "1995-01-02", "1995-01-06", None]),
        pd.to_datetime(["1995-01-01", "1995-01-02", "1995-01-06", None]).tz_localize("UTC"),
    ):
        features = prepare(released=dates)
        assert features.kinds == {"released": "date"}
        np.testing.assert_allclose(features.frame["released"], expected, atol=1e-3)
        assert "1 missing values set to the median" in features.notes[0]


def test_a_column_of_years_is_a_year_and_takes_no_logarithm():
    features = prepare(year=[1900] + [2020] * 30)
    assert features.kinds == {"year": "year"}
    assert "logarithm" not in features.notes[0]


def test_numbers_written_as_text_are_numbers():
    assert prepare(price=["1.50", "2.25", "9"]).kinds == {"price": "number"}
    assert prepare(price=["1,5", "2,25", "9,0"]).kinds == {"price": "number"}


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ([5, 5, 5, 5], "same value everywhere"),
        (["a", "a", "a", "a"], "same value everywhere"),
        ([None] * 4, "is empty"),
        ([np.nan] * 4, "is empty"),
        ([f"http://x/{i}" for i in range(4)], "holds links"),
        ([f"a plot about thing {i}" for i in range(4)], "same value everywhere as far as its words go"),
        (["one thing", "another", "a third", "or so"], "hardly repeats (4 different in 4 cells)"),
        ([f"word{i}" for i in range(200)], "hardly repeats (200 different in 200 cells)"),
        (['{"a": 1}', '{"a": 2}', '{"a": 3}', '{"a": 1}'], "holds records"),
        (range(1, 31), "numbers the rows"),
    ],
)
def test_what_cannot_be_used_is_skipped_with_the_reason(column, reason):
    features = prepare(thing=list(column), price=np.arange(len(list(column))) ** 2.0)
    assert features.kinds["thing"] == "skipped"
    assert "thing" not in " ".join(features.feature_names)
    assert any("'thing'" in note and reason in note and "not used" in note for note in features.notes)


def test_an_identifier_is_no_quantity():
    ids = np.arange(200) * 7 % 199
    features = prepare(brand_id=ids, price=np.arange(200) ** 2.0)
    assert features.kinds["brand_id"] == "skipped"
    few = prepare(brand_id=np.arange(200) % 3)
    assert few.feature_names == ["brand_id=0", "brand_id=1", "brand_id=2"]


def test_the_year_of_a_title_is_used_where_no_other_year_is():
    titles = ["Heat (1995)", "Up (2009)", "M (1931)", "Untitled"]
    assert prepare(TITLE=titles).feature_names == ["year"]
    assert prepare(TITLE=titles, year=[1, 2, 3, 4.5]).kinds == {"year": "number"}
    dated = prepare(TITLE=titles, released=["1995-01-02", "2009-01-02", "1931-01-02", None])
    assert dated.feature_names == ["released"]
    assert prepare(TITLE=["Heat (1995)", "Up", "M", "A"], allow_empty=True).feature_names == []
    assert prepare(TITLE=["Room (237)", "Up (9999)", "M"], allow_empty=True).feature_names == []


def test_each_block_has_the_same_say():
    rng = np.random.default_rng(0)
    n = 500
    features = prepare(
        price=rng.lognormal(size=n),
        weight=rng.normal(1e6, 10, size=n),
        kind=rng.choice(list("abcdefghij"), n),
        tags=["|".join(rng.choice(list("pqrstuv"), rng.integers(1, 5), replace=False)) for _ in range(n)],
    )
    squares = features.frame.drop(columns="ITEM_ID").pow(2).mean()
    blocks = squares.groupby(squares.index.str.split("=").str[0]).sum()
    np.testing.assert_allclose(blocks, 1, rtol=1e-5)


def test_items_with_the_same_tags_are_nearer_than_others():
    features = prepare(genres=["a|b", "a|b", "c", "c|a", "b"], price=[1, 1.1, 5, 3, 2.0])
    x = values(features)
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    assert np.argsort(-(x @ x[0]), kind="stable")[1] == 1


def test_items_without_features_are_counted():
    features = prepare(genres=["a|b", None, "a|b", "b", "a"], price=[1, None, 3, None, 2.0])
    assert features.n_bare == 1
    assert any(note.startswith("1 of 5 items have no feature") for note in features.notes)
    np.testing.assert_array_equal(np.isnan(values(features)), False)


def test_an_item_whose_flags_are_all_zero_says_nothing():
    assert prepare(a=[1, 0, 0, 1], b=[0, 1, 0, 0]).n_bare == 1


def test_choosing_columns():
    columns = {"a": [1, 2, 4.0], "b": [3, 5, 4.0], "TITLE": ["x (1990)", "y (1991)", "z (1992)"]}
    assert prepare(feature_columns=["b"], **columns).feature_names == ["b"]
    with pytest.raises(InvalidDataError, match=r"no column 'pirce'.*Did you mean 'price'") as caught:
        prepare(feature_columns=["pirce"], price=[1, 2, 3.5])
    assert caught.value.column == "pirce"
    with pytest.raises(InvalidDataError, match="name of an item"):
        prepare(feature_columns=["ITEM_ID"], price=[1, 2, 3.5])


def test_nothing_usable_is_an_error_unless_allowed():
    with pytest.raises(
        InvalidDataError, match=r"no usable feature.*'plot' is text that hardly repeats"
    ) as caught:
        prepare(plot=["one thing", "another", "a third"])
    assert "price, year, genre" in caught.value.repair
    features = prepare(plot=["one thing", "another", "a third"], allow_empty=True)
    assert features.frame.columns.tolist() == ["ITEM_ID"]
    assert len(features.frame) == 3
    with pytest.raises(InvalidDataError, match=r"no usable feature.*no column besides"):
        prepare_item_features(pd.DataFrame({"ITEM_ID": ["a"]}))


def test_ids_are_needed():
    with pytest.raises(InvalidDataError, match="'ITEM_ID'"):
        prepare_item_features(pd.DataFrame({"price": [1, 2]}))
    with pytest.raises(InvalidDataError, match="empty in 1 of 2"):
        prepare_item_features(pd.DataFrame({"ITEM_ID": ["a", None], "price": [1, 2]}))


def test_the_source_is_not_changed_and_its_row_numbers_do_not_matter():
    frame = pd.DataFrame(
        {"ITEM_ID": ["a", "b", "c", "d"], "tags": ["x|y", "x|y", "x", "y"], "price": [1, 2, 4, None]}
    )
    frame = frame.set_axis([5, 5, 1, 0])
    before = frame.copy(deep=True)
    features = prepare_item_features(frame)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(features.frame, prepare_item_features(frame.reset_index(drop=True)).frame)


def test_feature_names_never_clash():
    features = prepare(**{"k": ["a", "b", "a", "b"], "k=a": [1.0, 2.0, 4.0, 8.0]})
    assert len(set(features.feature_names)) == 3


def test_enormous_and_tiny_numbers():
    x = values(prepare(a=[1e308, -1e308, 5e307, 0], b=[1e-300, 2e-300, 4e-300, 8e-300]))
    assert np.isfinite(x).all()
    np.testing.assert_allclose((x**2).mean(axis=0), 1, rtol=1e-5)


CELLS = st.one_of(st.none(), st.integers(-5, 5), st.floats(), st.text("ab|, 01.-", max_size=6), st.booleans())


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=15))
def test_anything_gives_finite_numbers_or_is_skipped(rows):
    frame = pd.DataFrame(rows, columns=["a", "b"])
    frame.insert(0, "ITEM_ID", [f"i{k}" for k in range(len(frame))])
    features = prepare_item_features(frame, allow_empty=True)
    assert np.isfinite(values(features)).all()
    assert len(features.frame) == len(frame)
    assert set(features.kinds) >= {"a", "b"}


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=12))
def test_weighed_rows_have_length_one_or_zero(flags):
    array = np.array(flags, dtype=float)
    lengths = np.linalg.norm(weigh_flags(array).toarray(), axis=1)
    np.testing.assert_allclose(lengths, array.any(axis=1).astype(float), atol=1e-12)
