"""A person says what a column is."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.features.choosing import FEATURE_KINDS
from skrec_lite.dataset.features.item_features import prepare_item_features
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError


def frame_of(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame({"ITEM_ID": [f"i{k}" for k in range(n)], **columns})


def prepare(kinds, **columns):
    return prepare_item_features(frame_of(**columns), kinds=kinds)


def column_of(features, name):
    return features.frame[name].to_numpy()


def test_a_number_may_be_taken_as_categories_and_back():
    assert prepare({"size": "category"}, size=[36, 38, 36, None]).feature_names == ["size=36", "size=38"]
    assert prepare({"size": "category"}, size=[1.5, 2.5, 1.5, 2.5]).feature_names == ["size=1.5", "size=2.5"]
    late = prepare({"size": "category"}, size=[36, 38, 36, 38]).transform(frame_of(size=["36", "38.0"]))
    np.testing.assert_array_equal(late.frame.drop(columns="ITEM_ID"), [[1, 0], [0, 1]])
    assert prepare({"brand_id": "number"}, brand_id=np.arange(100) * 7 % 99).kinds == {"brand_id": "number"}


def test_numbers_that_cannot_be_read_are_missing_if_they_are_few():
    features = prepare({"price": "number"}, price=["1", "$2.00", "dear", "6", None])
    # dear and the empty cell lie at the median 2: of 1, 2, 2, 6, 2 the mean is 2.6.
    values = np.array([1, 2, 2, 6, 2])
    np.testing.assert_allclose(column_of(features, "price"), (values - 2.6) / values.std(), rtol=1e-5)
    assert features.notes[0] == (
        "'price': number, standardised; 2 missing values set to the median. 1 of them are not numbers "
        "(the first is 'dear' in row 3)."
    )


@pytest.mark.parametrize(
    ("kind", "cells", "problem"),
    [
        ("number", ["1", "dear", None, "-"], "numbers: 2 of 3 cells are none (the first is 'dear' in"),
        ("date", ["soon", "a", "2020-01-01"], "dates: no usual notation of dates fits half of the 3 cells"),
        ("flag", ["a", "b", "c"], "yes or no: 3 of 3 cells are none (the first is 'a' in row 1)."),
        ("flag", [0, 1, 2, 3, 4], "yes or no: 3 of 5 cells are none (the first is '2' in row 3)."),
        ("text", ["one", "two", "three"], "text: it is text without a word that occurs in two"),
        ("category", [f"v{n}" for n in range(101)], "categories: it is text that never repeats (101"),
        ("tags", [f"v{n}" for n in range(101)], "tags: it holds 101 tags of which none repeats"),
    ],
)  # fmt: skip
def test_a_choice_that_cannot_be_made_names_the_cells(kind, cells, problem):
    with pytest.raises(InvalidDataError) as caught:
        prepare({"x": kind}, x=cells, price=np.arange(len(cells)) ** 2.0)
    assert caught.value.problem.startswith(f"'x' cannot be used as {problem}")
    assert caught.value.column == "x"
    assert caught.value.rows > 0
    assert caught.value.repair == "Choose another kind for it, or skip it."


def test_prices_are_numbers():
    features = prepare({}, price=["$1.00", "$2.00", "€ 6", "£1,002.00"])
    assert features.kinds == {"price": "number"}
    assert np.argsort(column_of(features, "price")).tolist() == [0, 1, 2, 3]


def test_flags_of_two_words():
    features = prepare({"sex": "flag"}, sex=["M", "F", "M", None])
    assert column_of(features, "sex").tolist() == [1, 0, 1, 0]
    assert "1 for 'M'" in features.notes[0]
    assert "1 for 'new'" in prepare({"state": "flag"}, state=["new", "no", "new", "new"]).notes[0]
    late = features.transform(frame_of(sex=["F", "M", "X"]))
    assert column_of(late, "sex").tolist() == [0, 1, 0]
    assert (
        prepare({"new": "flag"}, new=["yes", "no", "maybe", "no"])
        .notes[0]
        .endswith("1 missing values taken as 0. 1 of them are not yes or no (the first is 'maybe' in row 3).")
    )


def test_dates_of_numbers():
    days = prepare({"at": "date"}, at=[0, 86_400, 5 * 86_400])
    np.testing.assert_allclose(column_of(days, "at"), np.array([-2, -1, 3]) / np.sqrt(14 / 3), rtol=1e-5)
    years = prepare({"at": "date"}, at=[1990, 1991, 1995])
    np.testing.assert_allclose(column_of(years, "at"), np.array([-2, -1, 3]) / np.sqrt(14 / 3), rtol=1e-5)


def test_tags_with_the_likeliest_separator():
    features = prepare({"t": "tags"}, t=["a;b", "c", "d;e", "f"])
    assert features.feature_names == [f"t={tag}" for tag in "abcdef"]
    assert prepare({"t": "tags"}, t=["a", "b", "a", "b"]).feature_names == ["t=a", "t=b"]


def test_a_column_may_be_skipped():
    features = prepare({"price": "skip", "year": "auto"}, price=[1, 2, 4.0], year=[1, 2, 4.0])
    assert features.kinds == {"price": "skipped", "year": "number"}
    assert "'price' is left out, as chosen; it is not used." in features.notes


def test_titles_are_used_as_text_if_asked_for_and_their_years_besides():
    titles = ["Star Wars (1977)", "Star Trek (1979)", "Blue Wars (1980)", "Blue Velvet (1986)"]
    features = prepare({"TITLE": "text"}, TITLE=titles, price=[1, 2, 3, 4.5])
    assert features.kinds == {"TITLE": "text", "price": "number"}
    assert "year" in features.feature_names
    assert "TITLE~1" in features.feature_names
    assert prepare({}, TITLE=titles, price=[1, 2, 3, 4.5]).feature_names == ["price", "year"]
    assert prepare({"TITLE": "skip"}, TITLE=titles, price=[1, 2, 3, 4.5]).feature_names == ["price"]


def test_titles_are_used_where_nothing_else_can_be():
    titles = ["red mug", "blue mug", "red heart", "blue heart"]
    features = prepare({}, TITLE=titles)
    assert features.kinds == {"TITLE": "text"}
    assert any(
        note.startswith("No other column can be used, so the words of titles are.") for note in features.notes
    )
    late = features.transform(frame_of(TITLE=["blue mug"]))
    np.testing.assert_array_equal(late.frame.iloc[0, 1:], features.frame.iloc[1, 1:])


def test_nonsense_is_refused():
    with pytest.raises(
        InvalidParameterError, match=r"The kind of 'price' must be one of .*Did you mean 'number'"
    ):
        prepare({"price": "numbr"}, price=[1, 2])
    with pytest.raises(InvalidDataError, match=r"no such column.*Did you mean 'price'"):
        prepare({"pirce": "number"}, price=[1, 2])
    with pytest.raises(InvalidDataError, match="names items; it cannot be used as category"):
        prepare({"ITEM_ID": "category"}, price=[1, 2])
    with pytest.raises(InvalidDataError, match="more than one column 'a'") as caught:
        prepare_item_features(pd.DataFrame([["i", 1, 2]], columns=["ITEM_ID", "a", "a"]))
    assert caught.value.column == "a"


@pytest.mark.parametrize("kind", [kind for kind in FEATURE_KINDS if kind not in ("auto", "skip")])
@pytest.mark.parametrize(
    "cells",
    [[None] * 4, [5] * 4, ["a"] * 4, [np.inf, -np.inf, np.nan, 1.0],
     [True, None, "yes", 3], [b"x", b"y", b"x", b"y"],
     [{"a": 1}, {"b": 2}, {"a": 1}, {}], pd.to_timedelta([1, 2, 3, 4], unit="D"),
     pd.Categorical(list("abab")),
     pd.to_datetime(["2020-01-01", None, "2021-01-01", "2022-01-01"]),
     [2**70, -(2**70), 1, 0], ["\x00", "x y", "x", "y"]],
    ids=lambda cells: str(cells)[:20].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_any_kind_of_anything_is_finite_or_refused(kind, cells):
    frame = frame_of(x=cells)
    try:
        features = prepare_item_features(frame, kinds={"x": kind}, allow_empty=True)
    except InvalidDataError as refusal:
        said = refusal.column, refusal.repair
    else:
        said = "x", "Choose another kind for it, or skip it."
        assert np.isfinite(features.frame.drop(columns="ITEM_ID").to_numpy()).all()
        pd.testing.assert_frame_equal(features.transform(frame).frame, features.frame, check_exact=True)
    assert said == ("x", "Choose another kind for it, or skip it.")
