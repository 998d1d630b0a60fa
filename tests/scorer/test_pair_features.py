"""What a tabular ranker is shown of a pair: right values, no hint of the label, new items included."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.dataset.features.numeric_features import lookup_features
from skrec_lite.dataset.id_map import IdMap
from skrec_lite.scorer.pair_features import PairFeatures
from skrec_lite.scorer.queries import Queries
from skrec_lite.scorer.training_pairs import given_pairs, has_both_labels, sampled_pairs

ITEMS = pd.DataFrame({"ITEM_ID": ["a", "b", "c"], "price": [1.0, 2.0, 6.0], "title": list("xyz")})
USERS = pd.DataFrame({"USER_ID": ["u", "v"], "age": [30.0, 50.0]})
SEEN = pd.DataFrame(
    {
        "USER_ID": ["u", "u", "v"],
        "ITEM_ID": ["a", "c", "a"],
        "OUTCOME": [5.0, 3.0, 4.0],
        "TIMESTAMP": [1.0, 2.0, 3.0],
        "hour": [9.0, 10.0, 11.0],
    }
)


def fitted(items=ITEMS):
    encoded = EncodedInteractions.from_frame(SEEN, items=IdMap(["a", "b", "c"]))
    return PairFeatures.fit(USERS, items, SEEN, encoded, with_mean_outcome=True), encoded


def test_columns_are_named_and_neither_time_nor_outcome_nor_ids_are_features():
    features, _ = fitted()
    assert features.names == (
        "user_age", "user_activity", "context_hour", "price", "item_popularity", "item_mean_outcome",
        "history_affinity",
    )  # fmt: skip


def test_values_by_hand():
    features, _ = fitted()
    queries = Queries.from_frames(pd.DataFrame({"USER_ID": ["v", "stranger"], "hour": [7.0, 8.0]}), None)
    table, vectors = features.query_tables(queries)
    row = features.matrix(table, vectors, np.array([[0, 1], [2, 0]], dtype=np.int32))
    shrunk_a = (5 + 4 + 10 * 4.0) / (2 + 10)
    # v has only a: with one feature its unit vector is -1 (cheaper than average), so a is at cosine 1.
    np.testing.assert_allclose(row[0], [50, np.log(2), 7, 1, np.log(3), shrunk_a, 1], rtol=1e-6)
    np.testing.assert_allclose(row[1], [50, np.log(2), 7, 2, 0, 4, 1], rtol=1e-6)
    np.testing.assert_allclose(row[2], [np.nan, 0, 8, 6, np.log(2), (3 + 40) / 11, 0], rtol=1e-6)


def test_user_features_of_the_request_replace_those_of_training():
    features, _ = fitted()
    asked = pd.DataFrame({"USER_ID": ["u", "stranger"]})
    now = pd.DataFrame({"USER_ID": ["stranger", "u"], "age": [20.0, 31.0]})
    table, _ = features.query_tables(Queries.from_frames(asked, now))
    assert table[:, 0].tolist() == [31.0, 20.0]


def test_extended_keeps_old_items_and_describes_new_ones():
    features, _ = fitted()
    more = features.extended(pd.DataFrame({"ITEM_ID": ["d", "b"], "price": [6.0, 9.0]}))
    assert more.items.ids.tolist() == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(more.item_table[[0, 2]], features.item_table[[0, 2]])
    assert more.item_table[1, 0] == 9.0
    np.testing.assert_allclose(more.item_table[3], [6.0, 0.0, 4.0], rtol=1e-6)
    np.testing.assert_array_equal(more.item_vectors[3], features.item_vectors[2])
    assert features.items.ids.tolist() == ["a", "b", "c"]  # the old view is as it was


def test_a_history_is_seen_without_the_item_it_is_asked_about():
    features, encoded = fitted()
    pairs = sampled_pairs(encoded, 1, 100, np.random.default_rng(0))
    vectors = pairs.history_vectors(features, slice(None))
    positive = (pairs.label == 1) & (pairs.user_index == 0) & (pairs.item_index == 0)
    # u had a (cheap, -1) and c (dear, +1); without a only c is left.
    assert vectors[positive][0].tolist() == [1.0]


def test_nothing_but_the_item_tells_a_sampled_negative_from_its_positive():
    """A ranker must not read the label off user-side features, whatever the history's length."""
    rng = np.random.default_rng(0)
    n = 4000
    items = pd.DataFrame(rng.normal(size=(300, 4)), columns=list("wxyz")).assign(ITEM_ID=np.arange(300))
    seen = pd.DataFrame(
        {"USER_ID": rng.zipf(1.5, n) % 500, "ITEM_ID": rng.integers(0, 300, n), "OUTCOME": 1.0}
    )
    encoded = EncodedInteractions.from_frame(seen, items=IdMap.from_values(items["ITEM_ID"]))
    features = PairFeatures.fit(None, items, seen, encoded, with_mean_outcome=False)
    pairs = sampled_pairs(encoded, 3, 10_000, rng)
    vectors = pairs.history_vectors(features, slice(None))
    for row in np.flatnonzero(pairs.label == 0)[:200]:
        positive = np.flatnonzero((pairs.source_row == pairs.source_row[row]) & (pairs.label == 1))[0]
        np.testing.assert_array_equal(vectors[row], vectors[positive])
        assert pairs.user_index[row] == pairs.user_index[positive]


def test_negatives_are_never_seen_items_and_come_from_the_whole_catalogue():
    rng = np.random.default_rng(1)
    seen = pd.DataFrame({"USER_ID": rng.integers(0, 20, 600), "ITEM_ID": rng.integers(0, 50, 600)})
    encoded = EncodedInteractions.from_frame(seen, items=IdMap.from_values(np.arange(60)))
    pairs = sampled_pairs(encoded, 4, 10_000, np.random.default_rng(0))
    had = set(zip(encoded.user_index.tolist(), encoded.item_index.tolist(), strict=True))
    negative = pairs.label == 0
    drawn = list(zip(pairs.user_index[negative].tolist(), pairs.item_index[negative].tolist(), strict=True))
    assert not had & set(drawn)
    assert {item for _, item in drawn} >= set(range(50, 60))
    assert negative.sum() == pytest.approx(4 * 600, rel=0.02)


def test_positives_are_sampled_down_evenly():
    seen = pd.DataFrame({"USER_ID": np.arange(1000) % 100, "ITEM_ID": np.arange(1000) % 97})
    encoded = EncodedInteractions.from_frame(seen)
    pairs = sampled_pairs(encoded, 1, 200, np.random.default_rng(0))
    assert (pairs.label == 1).sum() == 200


def test_labels_are_taken_as_given_where_there_are_both_kinds():
    mixed = EncodedInteractions.from_frame(SEEN.assign(OUTCOME=[1.0, 0.0, -2.0]))
    assert has_both_labels(mixed)
    assert given_pairs(mixed).label.tolist() == [1.0, 0.0, 0.0]
    assert not has_both_labels(EncodedInteractions.from_frame(SEEN))


def test_lookup_takes_the_first_row_of_an_id_and_nan_for_absent_ones():
    frame = pd.DataFrame({"ITEM_ID": [7, 7, 8], "f": [1.0, 2.0, 3.0]})
    ids = np.array(["8", "9", "7"], dtype=object)
    np.testing.assert_array_equal(
        lookup_features(frame, "ITEM_ID", ids, ["f", "g"]), [[3, np.nan], [np.nan] * 2, [1, np.nan]]
    )
