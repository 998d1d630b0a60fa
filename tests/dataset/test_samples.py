"""The built-in samples arrive in the library's own form."""

import gzip

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.columns.mapping import (
    apply_interaction_mapping,
    apply_item_mapping,
    guess_interaction_columns,
    guess_item_columns,
)
from skrec_lite.dataset.features.item_features import prepare_item_features
from skrec_lite.dataset.reading.tables import read_table
from skrec_lite.dataset.samples import SAMPLE_FOLDER, SAMPLES, SHOP_EVENT_WEIGHTS, load_sample
from skrec_lite.exceptions import InvalidDataError, InvalidParameterError
from skrec_lite.experiment import ExperimentConfig, LabData, run_experiment


@pytest.fixture(scope="module")
def shop() -> tuple[pd.DataFrame, pd.DataFrame]:
    return load_sample("shop")


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


def test_the_bookshop_is_what_comes_without_a_name():
    for unnamed, named in zip(load_sample(), load_sample("books"), strict=True):
        pd.testing.assert_frame_equal(unnamed, named)


def test_columns_types_and_sizes_of_the_shop(shop):
    interactions, items = shop
    assert interactions.columns.tolist() == ["USER_ID", "ITEM_ID", "OUTCOME", "TIMESTAMP"]
    assert items.columns.tolist() == [
        *("ITEM_ID", "TITLE", "category", "brand", "price", "avg_rating", "tags", "description", "listed_on")
    ]
    for ids in (interactions["USER_ID"], interactions["ITEM_ID"], items["ITEM_ID"], items["listed_on"]):
        assert pd.api.types.is_string_dtype(ids)
    assert pd.api.types.is_float_dtype(interactions["OUTCOME"])
    assert pd.api.types.is_datetime64_dtype(interactions["TIMESTAMP"])
    assert not interactions.isna().any().any()
    assert interactions["TIMESTAMP"].is_monotonic_increasing
    assert len(items) == 1_200


def test_every_event_of_the_shop_is_one_row_with_its_weight_and_its_ids_unaltered(shop):
    """Line by line against the raw text: leading zeros, milliseconds and all."""
    interactions, _ = shop
    lines = gzip.decompress((SAMPLE_FOLDER / "shop_events.csv.gz").read_bytes()).decode().splitlines()[1:]
    stamps, visitors, events, products = zip(*(line.split(",") for line in lines), strict=True)
    assert interactions["USER_ID"].tolist() == list(visitors)
    assert interactions["ITEM_ID"].tolist() == list(products)
    assert any(visitor.startswith("000") for visitor in visitors)
    weights = {"view": 1.0, "cart": 3.0, "purchase": 5.0}
    assert weights == SHOP_EVENT_WEIGHTS
    assert interactions["OUTCOME"].tolist() == [weights[event] for event in events]
    milliseconds = interactions["TIMESTAMP"].to_numpy().astype("datetime64[ms]").astype(np.int64)
    assert milliseconds.tolist() == [int(stamp) for stamp in stamps]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_interaction_is_about_an_item_of_the_catalogue(name):
    interactions, items = load_sample(name)
    assert items["ITEM_ID"].is_unique
    assert set(interactions["ITEM_ID"]) < set(items["ITEM_ID"])  # a proper subset: some items are cold


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_says_what_it_is_and_where_it_comes_from(name):
    sample = SAMPLES[name]
    assert sample.key == name
    assert sample.description.endswith(".")
    assert sample.description.count(". ") == 0  # one sentence
    assert sample.files == (sample.interactions, sample.items)
    assert all((SAMPLE_FOLDER / file).is_file() for file in (*sample.files, sample.script))
    interactions, items = load_sample(name)
    numbers = (interactions["USER_ID"].nunique(), len(items))
    assert all(f"{number:,}" in sample.description for number in numbers)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(InvalidParameterError, match=r"'books', 'shop'\. Got 'shops' instead.*'shop'\?"):
        load_sample("shops")


@pytest.mark.parametrize("name", SAMPLES)
def test_an_absent_folder_is_named_with_its_repair(tmp_path, name):
    sample = SAMPLES[name]
    with pytest.raises(InvalidDataError, match="The sample data is incomplete") as caught:
        load_sample(name, tmp_path / "nowhere")
    assert f"no file '{sample.interactions}'" in str(caught.value)
    assert f"data/{sample.script}" in str(caught.value)


def test_the_shop_can_be_compared_by_category_price_and_rating(shop):
    features = prepare_item_features(shop[1]).frame
    names = set(features.columns)
    assert {"price", "avg_rating"} <= names
    assert any("Kitchen" in name for name in names)
    assert any("Baking" in name for name in names)
    numbers = features.drop(columns="ITEM_ID")
    assert np.isfinite(numbers.to_numpy()).all()  # the new products' missing ratings are filled in
    assert numbers[["price", "avg_rating"]].std().min() > 0.5


def test_each_retriever_finds_something_in_the_shop_and_the_ranker_finds_more(shop):
    result = run_experiment(LabData(*shop), ExperimentConfig())
    assert not result.skipped
    assert result.split.summary.n_users_measured > 600
    recall = {key: curve[[49, 199]] for key, curve in result.recall_curves.items()}
    assert result.recall_difference("embedding", "content", 200).low > 0.15
    assert result.recall_difference("content", "popularity", 50).low > 0
    assert recall["content"][1] > recall["popularity"][1] > 1.5 * result.random_recall[199]
    assert result.ranker_gains["content"].low > 0.04
    assert result.ranker_gains["popularity"].low > 0.04


def test_the_raw_shop_files_read_by_guesses_alone_give_the_same_frames(shop):
    raw = read_table(SAMPLE_FOLDER / "shop_events.csv.gz").frame
    interactions = apply_interaction_mapping(raw, guess_interaction_columns(raw)).frame
    raw_items = read_table(SAMPLE_FOLDER / "shop_products.csv").frame
    items = apply_item_mapping(raw_items, guess_item_columns(raw_items)).frame
    pd.testing.assert_frame_equal(interactions, shop[0], check_dtype=False)
    for column in ("ITEM_ID", "TITLE", "category", "brand", "tags", "description"):
        assert items[column].tolist() == shop[1][column].tolist()
    for column in ("price", "avg_rating"):
        pd.testing.assert_series_equal(pd.to_numeric(items[column]), shop[1][column], check_dtype=False)
