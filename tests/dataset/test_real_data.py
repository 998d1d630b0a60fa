"""Public data sets, as their publishers wrote them; they lie beside the repository, if anywhere."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset import (
    apply_interaction_mapping,
    apply_item_mapping,
    check_interactions,
    check_items,
    guess_interaction_columns,
    guess_item_columns,
    prepare_item_features,
    read_table,
    summarise,
)
from skrec_lite.exceptions import InvalidDataError

DATA = Path(os.environ.get("SKREC_LITE_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="no public data sets beside the repository (set SKREC_LITE_DATA)"
)


def load(interactions, items, drop=False):
    read = read_table(DATA / interactions).frame
    mapping = guess_interaction_columns(read)
    mapping.drop_bad_rows = drop
    events = apply_interaction_mapping(read, mapping).frame
    read = read_table(DATA / items).frame
    catalogue = apply_item_mapping(read, guess_item_columns(read, events["ITEM_ID"])).frame
    return mapping, events, catalogue


def errors(events, catalogue):
    findings = check_interactions(events, catalogue) + check_items(catalogue, events)
    return [finding for finding in findings if finding.severity == "error"]


def test_ml_100k_needs_no_manual_fix():
    mapping, events, catalogue = load("ml-100k/u.data", "ml-100k/u.item")
    assert (mapping.user, mapping.item, mapping.outcome, mapping.timestamp) == tuple(
        f"column_{i}" for i in range(1, 5)
    )
    summary = summarise(events, catalogue)
    assert (summary.n_users, summary.n_items, summary.n_interactions) == (943, 1682, 100_000)
    assert (str(summary.first.date()), str(summary.last.date())) == ("1997-09-20", "1998-04-22")
    assert events.iloc[0].tolist() == ["196", "242", 3.0, pd.Timestamp(881250949, unit="s")]
    assert catalogue["TITLE"].iloc[0] == "Toy Story (1995)"
    assert errors(events, catalogue) == []
    features = prepare_item_features(catalogue)
    assert len(features.feature_names) == 20  # 19 genres and the year
    assert features.frame["ITEM_ID"].tolist() == [str(i) for i in range(1, 1683)]
    genres = features.frame.drop(columns=["ITEM_ID", "column_3"])
    assert sorted(set((genres > 0).sum(axis=1))) == [1, 2, 3, 4, 5, 6]


def test_ml_latest_small_needs_no_manual_fix():
    mapping, events, catalogue = load("ml-latest-small/ratings.csv", "ml-latest-small/movies.csv")
    assert (mapping.user, mapping.item, mapping.outcome, mapping.timestamp) == (
        "userId", "movieId", "rating", "timestamp",
    )  # fmt: skip
    summary = summarise(events, catalogue)
    assert (summary.n_users, summary.n_items, summary.n_interactions) == (610, 9742, 100_836)
    assert summary.n_items_without_interactions == 18
    assert (summary.outcome_low, summary.outcome_high) == (0.5, 5.0)
    assert errors(events, catalogue) == []
    features = prepare_item_features(catalogue)
    assert features.kinds == {"genres": "tags", "TITLE": "year"}
    assert "genres=Film-Noir" in features.feature_names
    assert not any("no genres" in name for name in features.feature_names)
    assert features.frame.shape == (9742, 1 + 19 + 1)


def test_imdb_ids_keep_their_zeros():
    assert read_table(DATA / "ml-latest-small/links.csv").frame["imdbId"].iloc[0] == "0114709"


def test_a_tag_in_quotation_marks_keeps_them():
    tags = read_table(DATA / "ml-latest-small/tags.csv").frame["tag"]
    assert '"artsy"' in set(tags)


def test_groceries():
    mapping, events, catalogue = load(
        "completejourney/transactions_sample.csv.gz", "completejourney/products.csv.gz"
    )
    assert (mapping.user, mapping.item, mapping.outcome, mapping.timestamp) == (
        "household_id", "product_id", "quantity", "transaction_timestamp",
    )  # fmt: skip
    assert len(events) == 75_000
    assert errors(events, catalogue) == []
    assert "900000" in set(catalogue["ITEM_ID"])  # written 9e+05 there
    assert prepare_item_features(catalogue).kinds["department"] == "category"


def test_invoices_need_their_empty_customers_dropped():
    with pytest.raises(InvalidDataError, match="'CustomerID' has no user id in 135,080 of 541,909 rows"):
        load("online-retail/online_retail.csv.gz", "online-retail/online_retail.csv.gz")
    mapping, events, catalogue = load(
        "online-retail/online_retail.csv.gz", "online-retail/online_retail.csv.gz", drop=True
    )
    assert (mapping.user, mapping.item, mapping.outcome, mapping.timestamp) == (
        "CustomerID", "StockCode", "Quantity", "InvoiceDate",
    )  # fmt: skip
    assert (len(events), events["USER_ID"].nunique(), len(catalogue)) == (406_829, 4372, 4070)
    assert events["USER_ID"].iloc[0] == "17850"
    assert catalogue["TITLE"].iloc[0] == "WHITE HANGING HEART T-LIGHT HOLDER"
    assert errors(events, catalogue) == []


def test_what_is_no_table_of_columns_is_said():
    with pytest.raises(InvalidDataError, match="only one column"):
        read_table(DATA / "ml-100k/u.occupation")


def test_lines_of_adjacency_are_pairs():
    pairs = read_table(DATA / "gowalla/train.txt").frame
    assert len(pairs) == 810_128
    assert pairs["user"].nunique() == 29_858


@pytest.mark.parametrize(
    ("interactions", "items"),
    [("ml-100k/u.data", "ml-100k/u.item"), ("ml-latest-small/ratings.csv", "ml-latest-small/movies.csv")],
)
def test_features_find_held_out_items_better_than_chance(interactions, items):
    """The last item of each user among the 100 nearest to the mean of the others, in cosine."""
    _, events, catalogue = load(interactions, items)
    features = prepare_item_features(catalogue).frame
    x = features.drop(columns="ITEM_ID").to_numpy(dtype=np.float64)
    x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    item = pd.Index(features["ITEM_ID"]).get_indexer(events["ITEM_ID"])
    user = pd.factorize(events["USER_ID"])[0]
    order = np.lexsort((events["TIMESTAMP"].to_numpy(), user))
    user, item = user[order], item[order]
    last = np.append(user[1:] != user[:-1], True)
    profiles = np.zeros((user.max() + 1, x.shape[1]))
    np.add.at(profiles, user[~last], x[item[~last]])
    scores = profiles @ x.T
    scores[user[~last], item[~last]] = -np.inf
    target = scores[user[last], item[last]][:, None]
    # Ties count half, so that items with equal features gain nothing.
    rank = (scores > target).sum(axis=1) + ((scores == target).sum(axis=1) - 1) / 2
    seen = np.bincount(user[~last], minlength=len(profiles))
    by_chance = np.mean(100 / (len(x) - seen))
    assert np.mean(rank < 100) > 2 * by_chance
