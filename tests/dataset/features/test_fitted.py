"""Items that come later are prepared as the first ones were: by their scales, flags and weights."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.features.item_features import prepare_item_features

FIRST = pd.DataFrame(
    {
        "ITEM_ID": list("abcdef"),
        "TITLE": [f"Title {n} (19{n}0)" for n in range(4, 10)],
        "price": [1.0, 2.0, 3.0, 4.0, np.nan, 2.5],
        "genres": ["Action|Drama", "Drama", "Action", "Drama|Comedy", "Comedy", "Action|Drama"],
        "kind": ["new", "old", "new", "old", "new", "old"],
        "boxed": ["yes", "no", "no", "yes", "no", None],
        "signed": [0, 1, 0, 0, 1, 0],
        "released": pd.to_datetime([f"20{n}1-05-01" for n in range(6)]),
    }
)


def later(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"ITEM_ID": [f"late {k}" for k in range(n)], **columns})


def test_the_first_items_read_again_give_the_same_numbers_to_the_bit():
    features = prepare_item_features(FIRST)
    assert set(features.kinds.values()) == {"number", "tags", "category", "flag", "date"}
    again = features.transform(FIRST)
    pd.testing.assert_frame_equal(again.frame, features.frame, check_exact=True)
    assert again.notes == ()
    for place in range(len(FIRST)):
        alone = features.transform(FIRST.iloc[[place]]).frame
        pd.testing.assert_frame_equal(
            alone, features.frame.iloc[[place]].reset_index(drop=True), check_exact=True
        )


CELLS = st.one_of(st.none(), st.integers(-5, 5), st.floats(), st.text("ab|, 01.-", max_size=6), st.booleans())


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=15), st.data())
def test_whatever_was_prepared_rows_of_it_read_again_in_any_order_are_the_same(rows, data):
    frame = pd.DataFrame(rows, columns=["a", "b"])
    frame.insert(0, "ITEM_ID", [f"i{k}" for k in range(len(frame))])
    features = prepare_item_features(frame, allow_empty=True)
    pd.testing.assert_frame_equal(features.transform(frame).frame, features.frame, check_exact=True)
    order = data.draw(st.permutations(range(len(frame))))
    shuffled = features.transform(frame.iloc[order]).frame.set_index("ITEM_ID").loc[frame["ITEM_ID"]]
    np.testing.assert_array_equal(shuffled.to_numpy(), features.frame.drop(columns="ITEM_ID").to_numpy())


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_anything_that_comes_later_gives_finite_numbers_in_the_same_columns(rows):
    features = prepare_item_features(FIRST)
    late = features.transform(
        later(price=[a for a, _ in rows], genres=[b for _, b in rows], boxed=[a for a, _ in rows])
    )
    assert late.feature_names == features.feature_names
    assert np.isfinite(late.frame.drop(columns="ITEM_ID").to_numpy()).all()


def test_numbers_take_the_scale_of_the_first_items_not_of_their_own():
    features = prepare_item_features(pd.DataFrame({"ITEM_ID": list("abcd"), "price": [1.0, 2.0, 3.0, 4.0]}))
    # Mean 2.5, standard deviation sqrt(1.25); beyond three deviations it is cut.
    late = features.transform(later(price=["3", "2.5", "1e9", None, "dear"]))
    expected = [0.5 / np.sqrt(1.25), 0.0, 3.0, 0.0, 0.0]
    np.testing.assert_allclose(late.frame["price"], expected, atol=1e-6)
    assert late.notes == (
        "'price' has cells that are no numbers (dear): the median stands in.",
        "2 of 5 new items have no feature that training knew.",
    )


def test_flags_keep_the_weights_of_the_first_items():
    first = pd.DataFrame({"ITEM_ID": list("abcd"), "drama": [1, 1, 1, 0], "noir": [0, 0, 1, 1]})
    late = prepare_item_features(first).transform(later(drama=[1, 1, 1], noir=[1, 1, 1]))
    common, rare = np.log(5 / 4) + 1, np.log(5 / 3) + 1
    length = np.hypot(common, rare)
    np.testing.assert_allclose(late.frame["drama"], [common / length] * 3, rtol=1e-6)
    np.testing.assert_allclose(late.frame["noir"], [rare / length] * 3, rtol=1e-6)


def test_unknown_categories_and_tags_count_as_none_and_are_told():
    features = prepare_item_features(FIRST)
    late = features.transform(later(genres=["Opera", "Drama|Opera", "Drama"], kind=["new", "rare", "used"]))
    flags = late.frame[[name for name in late.feature_names if name.startswith("genres=")]].to_numpy()
    assert not flags[0].any()
    np.testing.assert_array_equal(flags[1], flags[2])
    assert late.frame["kind=new"].tolist() == [1, 0, 0]
    assert late.frame["kind=old"].tolist() == [0, 0, 0]
    assert "'genres' has tags that training did not know (Opera): they count as none." in late.notes
    assert "'kind' has values that training did not know (rare, used): they count as none." in late.notes


def test_missing_columns_and_strange_ones_are_told():
    late = prepare_item_features(FIRST).transform(later(price=[2.0], mood=["good"]))
    assert "The new items have no column 'genres': they have none of it." in late.notes
    assert "The new items have no column 'released': the median stands in." in late.notes
    assert "'mood' was not used in training and cannot be now." in late.notes
    assert late.n_bare == 0


@pytest.mark.parametrize(
    ("cells", "expected"),
    [([1, 0, 1], [1, 0, 1]), (["YES", "No", "t"], [1, 0, 1]), ([True, False, True], [1, 0, 1])],
)
def test_a_yes_may_be_written_in_another_way(cells, expected):
    first = pd.DataFrame({"ITEM_ID": list("abc"), "boxed": ["yes", "no", "no"]})
    assert prepare_item_features(first).transform(later(boxed=cells)).frame["boxed"].tolist() == expected


def test_dates_may_be_written_in_another_way_and_years_stand_in_titles():
    features = prepare_item_features(FIRST)
    for dates in (
        ["01-May-2021"],
        ["2021-05-01"],
        ["2021/05/01"],
        [pd.Timestamp("2021-05-01")],
        ["20210501"],
    ):
        dated = features.transform(later(released=dates))
        assert set(dated.frame["released"]) == {features.frame["released"][2]}
    titled = prepare_item_features(FIRST[["ITEM_ID", "TITLE"]])
    late = titled.transform(later(TITLE=["Something (1960)", "Nothing"]))
    assert late.frame["year"][0] == titled.frame["year"][2]
    assert late.frame["year"][1] == pytest.approx(0, abs=1e-6)


def test_numbers_that_name_things_are_known_again_however_they_are_written():
    first = pd.DataFrame({"ITEM_ID": [f"i{n}" for n in range(12)], "brand_id": [7, 9, 11] * 4})
    late = prepare_item_features(first).transform(later(brand_id=["7", "9.0", "8", None]))
    assert late.frame["brand_id=7"].tolist() == [1, 0, 0, 0]
    assert late.frame["brand_id=9"].tolist() == [0, 1, 0, 0]


def test_ids_are_needed():
    with pytest.raises(ValueError, match="new items must contain the column 'ITEM_ID'"):
        prepare_item_features(FIRST).transform(pd.DataFrame({"price": [1.0]}))
