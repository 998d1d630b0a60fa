"""Content-based retrieval: the seed's rules, a slow oracle, and the ways it falls back."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.retriever import ContentBasedRetriever

ITEMS = pd.DataFrame(
    {
        "ITEM_ID": ["a", "b", "c", "d", "e"],
        "x": [1.0, 2.0, 0.0, 0.0, -1.0],
        "y": [0.0, 0.1, 1.0, 3.0, 0.0],
        "name": list("ABCDE"),
    }
)
SEEN = pd.DataFrame(
    {
        "USER_ID": ["u", "u", "v", "w", "w"],
        "ITEM_ID": ["a", "c", "d", "gone", "gone"],
        "OUTCOME": [5.0, 1.0, 4.0, 1.0, 1.0],
    }
)


def built(**options):
    retriever = ContentBasedRetriever(top_k=5, **options)
    retriever.build_index(interactions=SEEN, items=ITEMS)
    return retriever


def test_order_is_cosine_with_the_mean_of_unit_vectors_by_hand():
    # u has a = (1, 0) and c = (0, 1): the profile is the diagonal; b is nearly along x.
    pool = built().retrieve_batch(["u"], 5)
    ids = pool.items.decode(pool.item_index)[0].tolist()
    scores = dict(zip(ids, pool.scores[0], strict=True))
    assert ids[-1] == "e"
    assert scores["b"] == pytest.approx((2 + 0.1) / np.sqrt(4.01) / np.sqrt(2), abs=1e-6)
    assert scores["a"] == pytest.approx(1 / np.sqrt(2), abs=1e-6)
    # a, c and d tie at 45 degrees; the lower id comes first.
    assert ids == ["b", "a", "c", "d", "e"]


def test_outcome_weighting_pulls_the_profile_to_what_was_liked():
    pool = built(weight_by_outcome=True).retrieve_batch(["u"], 5)
    profile = np.array([5.0, 1.0]) / np.sqrt(26)
    scores = dict(zip(pool.items.decode(pool.item_index)[0], pool.scores[0], strict=True))
    assert scores["a"] == pytest.approx(profile[0], abs=1e-6)
    assert scores["c"] == pytest.approx(profile[1], abs=1e-6)


def test_a_zero_weight_sum_means_uniform_weights():
    seen = SEEN.assign(OUTCOME=[2.0, -2.0, 4.0, 1.0, 1.0])
    weighted = ContentBasedRetriever(weight_by_outcome=True)
    weighted.build_index(interactions=seen, items=ITEMS)
    plain = ContentBasedRetriever()
    plain.build_index(interactions=seen, items=ITEMS)
    assert weighted.retrieve(["u"], 5) == plain.retrieve(["u"], 5)


def test_a_net_dislike_pushes_the_profile_away():
    seen = pd.DataFrame({"USER_ID": ["u"], "ITEM_ID": ["a"], "OUTCOME": [-3.0]})
    retriever = ContentBasedRetriever(weight_by_outcome=True)
    retriever.build_index(interactions=seen, items=ITEMS)
    # Dividing by the (negative) weight sum would turn the dislike into a like and put "a" first.
    assert retriever.retrieve(["u"], 1)["u"] == ["e"]


@pytest.mark.parametrize("user", ["unheard of", "w"])
def test_no_history_and_a_vanished_history_fall_back_to_popular(user):
    pool = built().retrieve_batch([user, "u"], 3)
    # a, c and d were chosen once each; "gone" is not in the catalogue.
    assert pool.items.decode(pool.item_index)[0].tolist() == ["a", "c", "d"]
    assert pool.fallback.tolist() == [True, False]


def test_a_zero_profile_falls_back_to_popular():
    seen = pd.DataFrame({"USER_ID": ["u", "u", "v"], "ITEM_ID": ["a", "e", "d"], "OUTCOME": 1.0})
    retriever = ContentBasedRetriever()
    retriever.build_index(interactions=seen, items=ITEMS)  # a and e are opposite
    pool = retriever.retrieve_batch(["u"], 2)
    assert pool.fallback[0]
    assert pool.items.decode(pool.item_index)[0].tolist() == ["a", "d"]


def test_agrees_with_a_slow_oracle_on_random_data():
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(80, 6)), columns=list("pqrstu"))
    items = features.assign(ITEM_ID=[f"i{n:03d}" for n in range(80)])
    seen = pd.DataFrame(
        {
            "USER_ID": rng.integers(0, 30, 600),
            "ITEM_ID": [f"i{n:03d}" for n in rng.integers(0, 80, 600)],
            "OUTCOME": rng.integers(1, 6, 600).astype(float),
        }
    )
    retriever = ContentBasedRetriever(weight_by_outcome=True)
    retriever.build_index(interactions=seen, items=items)
    unit = features.to_numpy() / np.linalg.norm(features.to_numpy(), axis=1, keepdims=True)
    pools = retriever.retrieve(list(range(30)), 20)
    for user in range(30):
        mine = seen[seen["USER_ID"] == user]
        rows = [int(item[1:]) for item in mine["ITEM_ID"]]
        profile = (unit[rows] * mine["OUTCOME"].to_numpy()[:, None]).sum(axis=0)
        expected = np.argsort(-(unit @ profile), kind="stable")[:20]
        assert pools[user] == [f"i{n:03d}" for n in expected]


def test_new_items_are_retrievable_after_rebuilding_alone():
    retriever = built()
    extended = pd.concat([ITEMS, pd.DataFrame({"ITEM_ID": ["new"], "x": [1.0], "y": [1.0]})])
    retriever.build_index(interactions=SEEN, items=extended)
    assert retriever.retrieve(["u"], 1) == {"u": ["new"]}


@pytest.mark.parametrize(
    ("options", "items", "message"),
    [
        ({}, None, "non-empty items"),
        ({}, ITEMS.head(0), "non-empty items"),
        ({}, ITEMS.drop(columns="ITEM_ID"), "'ITEM_ID'"),
        ({}, ITEMS[["ITEM_ID", "name"]], "no numeric feature"),
        ({"feature_columns": ["x", "ITEM_ID"]}, ITEMS, "must not include 'ITEM_ID'"),
        ({"feature_columns": ["z"]}, ITEMS, "lack the feature column 'z'"),
        ({"feature_columns": ["name"]}, ITEMS, "'name' is not numeric"),
        ({"feature_columns": []}, ITEMS, "feature_columns is empty"),
        ({}, ITEMS.assign(y=[1.0, np.nan, np.nan, 0, 0]), "'y' is NaN or infinite in 2 of 5 rows"),
        ({}, ITEMS.assign(ITEM_ID=["a", None, "c", "d", "e"]), "empty in 1 of 5 rows"),
    ],
)
def test_unusable_items_are_refused_with_the_place_named(options, items, message):
    with pytest.raises(ValueError, match=message):
        ContentBasedRetriever(**options).build_index(interactions=SEEN, items=items)
