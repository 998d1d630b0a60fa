"""Who belongs to which segment: bands of numbers, most frequent labels, tags."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from skrec_lite.dataset.features import prepare_item_features
from skrec_lite.experiment.segments.columns import by_column, number_words, usable_columns
from skrec_lite.experiment.segments.membership import MOST_LABELS, by_bands, by_label, by_tags


@given(st.lists(st.one_of(st.none(), st.floats(-50, 50), st.integers(0, 4)), min_size=1, max_size=60))
def test_bands_hold_equal_numbers_together_and_in_order(numbers):
    values = np.array([np.nan if number is None else float(number) for number in numbers])
    segments = by_bands(values, number_words, "What")
    codes = segments.members.argmax(axis=1)
    assert (segments.members.sum(axis=1) == 1).all()
    told = np.isfinite(values)
    assert [segments.names[code] for code in codes[~told]] == ["no value"] * int((~told).sum())
    order = np.argsort(values[told], kind="stable")
    assert (np.diff(codes[told][order]) >= 0).all()
    for number in set(values[told].tolist()):
        assert len(set(codes[values == number].tolist())) == 1


def test_bands_of_many_numbers_are_quarters_and_few_whole_ones_stand_alone():
    quarters = by_bands(np.arange(1, 101) / 2, number_words, "What")
    assert quarters.names == ("0.5 to 12.5", "13 to 25", "25.5 to 37.5", "38 to 50")
    assert quarters.members.sum(axis=0).tolist() == [25] * 4
    alone = by_bands(np.array([1.0, 18, 18, 25, np.nan]), number_words, "What")
    assert alone.names == ("1", "18", "25", "no value")
    assert alone.members.sum(axis=0).tolist() == [1, 2, 1, 1]


@given(st.lists(st.lists(st.sampled_from([f"t{place}" for place in range(20)] + ["other (8)"]), unique=True)))
def test_tags_are_kept_by_frequency_and_nothing_is_lost(tags):
    segments = by_tags(tags, "What")
    counts = pd.Series([tag for own in tags for tag in own], dtype=object).value_counts().to_dict()
    kept = sorted(counts, key=lambda tag: (-counts[tag], tag))[:MOST_LABELS]
    assert len(set(segments.names)) == len(segments.names)
    assert list(segments.names[: len(kept)]) == kept
    assert segments.members.sum(axis=0).tolist()[: len(kept)] == [counts[tag] for tag in kept]
    assert not len(tags) or segments.members.any(axis=1).all()


def test_labels_of_a_file_may_be_written_as_other_segments_are():
    labels = pd.Series([*"abcdefghijkl", "m", "no value", None, "other (2)", "other (2)"], dtype=object)
    segments = by_label(labels, "What")
    assert segments.names == ("other (2)", *"abcdefghijk", "other (3)", "no value")
    assert segments.members.sum(axis=0).tolist() == [2, *[1] * 11, 3, 1]
    clash = by_label(pd.Series(["no value", None], dtype=object), "What")
    assert clash.names == ("no value", "no value (2)")


def test_columns_are_read_as_the_features_are():
    """Years of titles, dates, codes that are numbers, flags of any wording; what is unknown has no value."""
    n = 40
    number = np.arange(n)
    items = pd.DataFrame(
        {
            "ITEM_ID": number,
            "TITLE": [f"Film {place} ({1990 + place % 3})" for place in number],
            "shelf_code": 100.0 + number % 4,
            "added": [f"2024-{1 + place % 9:02d}-01" for place in number],
            "in_print": np.where(number % 5 == 0, "yes", "no"),
            "summary": [f"a long story of a word{place} and of another word{place % 7}" for place in number],
        }
    )
    ids = np.array(["7", "7", "10", "12", "no such"], dtype=object)
    table = items.drop(columns="ITEM_ID").set_axis(items["ITEM_ID"].astype(str))

    def names(source, features):
        column = next(column for column in usable_columns(features) if column.source == source)
        segments = by_column(column, table, ids)
        assert segments.note.count(f"'{source}'") == 1
        return [segments.names[place] for place in segments.members.argmax(axis=1)]

    dated, undated = prepare_item_features(items), prepare_item_features(items.drop(columns="added"))
    sources = {column.source for column in usable_columns(dated)}
    assert sources == {"shelf_code", "added", "in_print"}, "texts do not part items"
    # Where nothing else tells of years, those in titles do.
    assert names("TITLE", undated) == ["1991", "1991", "1991", "1990", "no value"]
    assert names("shelf_code", dated) == ["103", "103", "102", "100", "no value"]
    assert names("in_print", dated) == ["no", "no", "yes", "no", "no value"]
    # Days are whole numbers, and these few stand alone.
    assert names("added", dated) == ["2024-08-01", "2024-08-01", "2024-02-01", "2024-04-01", "no value"]
