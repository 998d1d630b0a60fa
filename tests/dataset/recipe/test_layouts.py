"""Public data sets are known whole: dropped in as files or as an archive, they need no choice."""

import pandas as pd
import pytest

from skrec_lite.dataset.recipe import load
from tests.dataset.recipe import replicas
from tests.dataset.recipe.replicas import ITEMS, USERS, asin, pairs, reviewer

N = len(pairs())

KNOWN = {
    "MovieLens 100K": (replicas.ml_100k, "", "u.data"),
    "MovieLens 1M or 10M": (replicas.ml_1m, "ml-1m/", "ratings.dat"),
    "MovieLens 20M, 25M, 32M or latest": (replicas.ml_latest, "ml-25m/", "ratings.csv"),
    "Amazon ratings": (replicas.amazon_csv, "", "ratings_Books.csv"),
    "Amazon reviews 2018": (replicas.amazon_json, "", "Books_5.json.gz"),
    "Amazon reviews 2023": (replicas.amazon_2023, "", "Books.jsonl"),
    "RetailRocket": (replicas.retail_rocket, "", "events.csv"),
    "Steam reviews": (replicas.steam, "", "steam_reviews.json"),
    "Goodreads": (replicas.goodreads, "", "goodreads_interactions_poetry.json.gz"),
    "LightGCN's adjacency lines": (replicas.light_gcn, "gowalla/", "train.txt"),
    "RecBole": (replicas.recbole, "mine/", "mine.inter"),
}


@pytest.mark.parametrize("title", KNOWN)
@pytest.mark.parametrize("way", ["files", "archive", "other order"])
def test_known_layouts_are_read_without_a_choice(title, way):
    make, folder, _ = KNOWN[title]
    files = make()
    if way == "archive":
        files = [("set.zip", replicas.zipped(files, folder))]
    elif way == "other order":
        files = files[::-1]
    loaded = load(files)
    assert loaded.recipe.layout == title
    interactions = loaded.tables.interactions
    assert len(interactions) == N
    assert interactions["USER_ID"].nunique() == USERS
    assert interactions[["USER_ID", "ITEM_ID"]].duplicated().sum() == 0


def made_of(make, **options):
    return load(make(**options)).tables


def test_ml_100k():
    tables = made_of(replicas.ml_100k)
    assert tables.interactions["USER_ID"].tolist() == [str(u) for u, *_ in pairs()]
    assert tables.interactions["OUTCOME"].tolist() == [float(r) for _, _, r, _ in pairs()]
    assert tables.interactions["TIMESTAMP"].iloc[0] == pd.Timestamp(978_300_000, unit="s")
    assert tables.items["TITLE"].iloc[2] == "Fílm 3 (1993)"
    assert "Film-Noir" in tables.items.columns
    assert tables.users.columns.tolist() == ["USER_ID", "age", "gender", "occupation", "zip code"]


def test_ml_1m_keeps_leading_zeros_of_zip_codes():
    users = made_of(replicas.ml_1m).users
    assert users["zip code"].iloc[0] == "04001"


def test_ml_latest_joins_tags():
    items = made_of(replicas.ml_latest).items.set_index("ITEM_ID")
    assert items.loc["3", "tag"] == "funny|dark"
    assert items.loc["3", "TITLE"] == "Film 3, The (1999)"
    assert len(items) == ITEMS


@pytest.mark.parametrize("item_first", [False, True])
def test_amazon_ratings_of_both_orders(item_first):
    interactions = made_of(replicas.amazon_csv, item_first=item_first).interactions
    assert interactions["USER_ID"].tolist() == [reviewer(u) for u, *_ in pairs()]
    assert interactions["ITEM_ID"].tolist() == [asin(i) for _, i, *_ in pairs()]


def test_amazon_metadata_that_is_no_json():
    items = made_of(replicas.amazon_json).items
    assert items["TITLE"].tolist() == [f"Book {n}" for n in range(1, ITEMS + 1)]
    assert items["ITEM_ID"].iloc[1] == "000000002X"


def test_amazon_2023_in_milliseconds():
    interactions = made_of(replicas.amazon_2023).interactions
    assert interactions["TIMESTAMP"].iloc[0] == pd.Timestamp(978_300_000, unit="s")


def test_retail_rocket_weighs_events_and_spreads_properties():
    loaded = load(replicas.retail_rocket())
    weights = {0: 1.0, 1: 3.0, 2: 5.0}
    assert loaded.tables.interactions["OUTCOME"].tolist() == [weights[r % 3] for _, _, r, _ in pairs()]
    items = loaded.tables.items.set_index("ITEM_ID")
    assert len(items) == ITEMS
    assert items.loc["2", "categoryid"] in (2, "2")
    assert items.loc["1", "categoryid"] in (9, "9"), "the latest value counts"
    assert items.loc["7", "790"] == "n7.000"


def test_goodreads_zero_means_unrated():
    interactions = made_of(replicas.goodreads).interactions
    assert set(interactions["OUTCOME"]) == {1.0}
    assert interactions["TIMESTAMP"].iloc[0] == pd.Timestamp("2014-11-02 15:57:31")


def test_light_gcn_keeps_its_split():
    interactions = made_of(replicas.light_gcn).interactions
    assert interactions["SPLIT"].value_counts().to_dict() == {"train": N - USERS, "test": USERS}
    train = interactions[interactions["SPLIT"] == "train"]
    last = {u: i for u, i, *_ in pairs()}
    test = interactions[interactions["SPLIT"] == "test"]
    assert dict(zip(test["USER_ID"], test["ITEM_ID"], strict=True)) == {
        str(u - 1): str(i - 1) for u, i in last.items()
    }
    assert train.index.max() < test.index.min()


def test_recbole_ids_stay_text_and_benchmarks_keep_their_split():
    tables = made_of(replicas.recbole, split=True)
    assert tables.interactions["USER_ID"].str.fullmatch(r"\d\d").all()
    assert tables.interactions["ITEM_ID"].str.fullmatch(r"\d\d\d").all()
    assert set(tables.interactions["SPLIT"]) == {"train", "valid", "test"}
    assert tables.items["genre"].iloc[0] == "Action|Drama"
    assert tables.users["age"].iloc[0] == 31


def test_a_parted_set_beside_the_whole_is_not_counted_twice():
    loaded = load([*replicas.recbole(split=True), *replicas.recbole()[:1]])
    assert len(loaded.tables.interactions) == N
    whole = next(plan for plan in loaded.recipe.tables if plan.file == "mine.inter")
    assert whole.role == "ignored"


@pytest.mark.parametrize("title", KNOWN)
def test_a_file_of_another_kind_beside_it_is_named_and_not_used(title):
    make, *_ = KNOWN[title]
    loaded = load([*make(), ("notes.csv", b"a,b\n1,2\n3,4\n")])
    assert loaded.recipe.layout == title
    extra = next(plan for plan in loaded.recipe.tables if plan.file == "notes.csv")
    assert extra.role == "ignored"
    assert extra.why
