"""The built-in sample arrives in the library's own form."""

import pandas as pd
import pytest

from skrec_lite.dataset.samples import SAMPLE_FOLDER, load_sample
from skrec_lite.exceptions import InvalidDataError


def test_columns_types_and_content_are_those_of_the_files():
    interactions, items = load_sample()
    assert interactions.columns.tolist() == ["USER_ID", "ITEM_ID", "OUTCOME", "TIMESTAMP"]
    assert items.columns.tolist() == [
        *("ITEM_ID", "TITLE", "author", "genres", "price", "avg_rating", "year", "pages")
    ]
    assert pd.api.types.is_string_dtype(interactions["USER_ID"])
    assert pd.api.types.is_float_dtype(interactions["OUTCOME"])
    assert pd.api.types.is_datetime64_dtype(interactions["TIMESTAMP"])
    raw = pd.read_csv(SAMPLE_FOLDER / "sample_interactions.csv.gz")
    last, raw_last = interactions.iloc[-1], raw.iloc[-1]
    assert (last["USER_ID"], last["ITEM_ID"]) == (str(raw_last["user_id"]), str(raw_last["item_id"]))
    assert last["OUTCOME"] == raw_last["rating"]
    assert last["TIMESTAMP"] == pd.Timestamp(raw_last["timestamp"])
    assert (len(interactions), len(items)) == (150_000, 1_500)


def test_every_interaction_is_about_an_item_of_the_catalogue():
    interactions, items = load_sample()
    assert set(interactions["ITEM_ID"]) < set(items["ITEM_ID"])  # a proper subset: some items are cold


def test_an_absent_folder_is_named_with_its_repair(tmp_path):
    with pytest.raises(InvalidDataError, match=r"no file 'sample_interactions\.csv\.gz'") as caught:
        load_sample(tmp_path / "nowhere")
    assert "data/make_sample.py" in str(caught.value)
