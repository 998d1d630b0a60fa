"""The protocols of the quality runs on data whose answers are known, and against plain loops."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.quality.protocols import (
    Split,
    aligned,
    full_catalogue,
    inner,
    leave_last_out,
    load_gowalla,
    load_ml_100k,
    ncf_protocol,
    popularity,
)
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator
from tests.estimator.embedding_conformance import taste_data


@pytest.fixture(scope="module")
def split():
    data = taste_data(n_users=50, n_items=200, outcome="one")
    held = data.groupby("USER_ID").cumcount() < 3
    return Split.of("toy", data[~held], data[held])


def scores_of(split, seed=0):
    table = np.random.default_rng(seed).normal(size=(len(split.users), len(split.items))).astype(np.float32)
    return lambda rows: table[rows]


def test_a_constant_scorer_gets_what_chance_gives(split):
    figures = ncf_protocol(lambda rows: np.zeros((len(rows), len(split.items))), split)
    assert figures["hr@10"] == pytest.approx(0.10)
    assert figures["ndcg@10"] == pytest.approx(sum(1 / np.log2(rank + 1) for rank in range(1, 11)) / 100)


def test_one_who_knows_the_answer_gets_one(split):
    truth = split.held_out.toarray().astype(np.float32)
    assert ncf_protocol(lambda rows: truth[rows], split) == {"hr@10": 1.0, "ndcg@10": 1.0}
    assert full_catalogue(lambda rows: truth[rows], split, (5,)) == {"recall@5": 1.0, "ndcg@5": 1.0}
    # Even if what was seen scores higher still: it is left out.
    higher = truth + 2 * split.seen.toarray().astype(np.float32)
    assert full_catalogue(lambda rows: higher[rows], split, (5,)) == {"recall@5": 1.0, "ndcg@5": 1.0}
    assert ncf_protocol(lambda rows: -truth[rows], split) == {"hr@10": 0.0, "ndcg@10": 0.0}


def test_full_catalogue_is_the_definition_user_by_user(split):
    score_matrix = scores_of(split)
    recalls, gains = [], []
    for user, scores in enumerate(score_matrix(np.arange(len(split.users)))):
        relevant = set(split.held_out[[user]].indices)
        seen = set(split.seen[[user]].indices)
        ranked = [item for item in np.argsort(-scores) if item not in seen][:7]
        hits = [item in relevant for item in ranked]
        recalls.append(sum(hits) / len(relevant))
        ideal = sum(1 / np.log2(rank + 2) for rank in range(min(7, len(relevant))))
        gains.append(sum(hit / np.log2(rank + 2) for rank, hit in enumerate(hits)) / ideal)
    figures = full_catalogue(score_matrix, split, (7, 20))
    assert figures["recall@7"] == pytest.approx(np.mean(recalls), abs=1e-12)
    assert figures["ndcg@7"] == pytest.approx(np.mean(gains), abs=1e-12)
    assert figures["recall@20"] > figures["recall@7"]


def test_negatives_are_distinct_and_never_had(split):
    """With exactly 99 items left, the sampled protocol is the full ranking."""
    few = split.items.ids[:103]
    items = [item in set(few) for item in split.items.ids]
    user = split.users.ids[0]
    train = pd.DataFrame({"USER_ID": user, "ITEM_ID": few[:3]})
    other = pd.DataFrame({"USER_ID": "other", "ITEM_ID": few})
    small = Split.of(
        "small", pd.concat([train, other]), pd.DataFrame({"USER_ID": [user], "ITEM_ID": few[3:4]})
    )
    assert sum(items) == 103
    for seed in range(20):
        table = scores_of(small, seed)
        full = full_catalogue(table, small, (10,))
        assert ncf_protocol(table, small, seed=seed) == pytest.approx(
            {"hr@10": full["recall@10"], "ndcg@10": full["ndcg@10"]}
        )


def test_leave_last_out_holds_out_the_last_by_time_and_of_equal_times_the_last_row():
    frame = pd.DataFrame(
        {
            "USER_ID": ["a", "a", "a", "b", "b"],
            "ITEM_ID": ["x", "y", "z", "x", "z"],
            "OUTCOME": 1.0,
            "TIMESTAMP": [3, 9, 1, 5, 5],
        }
    )
    split = leave_last_out("toy", frame)
    users, items = split.held_out.tocoo().coords
    assert list(zip(split.users.decode(users), split.items.decode(items), strict=True)) == [
        ("a", "y"),
        ("b", "z"),
    ]
    assert len(split.train) == split.seen.nnz == 3


def test_a_held_out_pair_that_was_seen_does_not_count():
    pairs = pd.DataFrame({"USER_ID": ["a", "a", "b"], "ITEM_ID": ["x", "y", "x"]})
    split = Split.of(
        "toy", pairs, pd.concat([pairs.head(1), pd.DataFrame({"USER_ID": ["b"], "ITEM_ID": ["y"]})])
    )
    assert split.held_out.nnz == 1
    assert list(split.users.decode(split.test_users)) == ["b"]


def test_popularity_counts_users_and_is_the_same_for_all(split):
    scores = popularity(split)(np.arange(3, dtype=np.int32))
    counts = split.train.drop_duplicates(["USER_ID", "ITEM_ID"])["ITEM_ID"].astype(str).value_counts()
    np.testing.assert_array_equal(scores[0], counts.reindex(split.items.ids).fillna(0))
    np.testing.assert_array_equal(scores[0], scores[2])


def test_aligned_scores_follow_the_ids_whatever_rows_the_estimator_has(split):
    estimator = MatrixFactorizationEstimator(n_factors=4, epochs=3, random_state=0)
    estimator.fit_embedding_model(None, pd.DataFrame({"ITEM_ID": split.items.ids[::-1]}), split.train)
    rows = np.array([4, 0], dtype=np.int32)
    pairs = pd.DataFrame(
        {
            "USER_ID": np.repeat(split.users.ids[rows], len(split.items)),
            "ITEM_ID": np.tile(split.items.ids, 2),
        }
    )
    expected = estimator.predict_proba_with_embeddings(pairs).reshape(2, -1)
    np.testing.assert_allclose(aligned(estimator, split)(rows), expected, rtol=1e-5, atol=1e-6)
    estimator.fit_embedding_model(None, None, split.train[split.train["ITEM_ID"] != 510])
    with pytest.raises(ValueError, match="whole catalogue"):
        aligned(estimator, split)


def test_files_are_read_as_their_publishers_lay_them_out(tmp_path):
    (tmp_path / "gowalla").mkdir()
    (tmp_path / "gowalla" / "train.txt").write_text("0 5 6\n1 5\n2\n\n")
    (tmp_path / "gowalla" / "test.txt").write_text("0 7\n1 6 7\n")
    split = load_gowalla(tmp_path)
    assert (split.seen.nnz, split.held_out.nnz, len(split.items)) == (3, 3, 3)
    (tmp_path / "ml-100k").mkdir()
    (tmp_path / "ml-100k" / "u.data").write_text("1\t10\t3\t100\n1\t11\t4\t200\n2\t10\t5\t50\n2\t11\t1\t40\n")
    split = load_ml_100k(tmp_path)
    assert list(split.train["OUTCOME"]) == [1, 3]


def test_the_inner_split_takes_the_next_to_last_interaction_and_never_what_is_held_out():
    frame = pd.DataFrame(
        {
            "USER_ID": ["u"] * 4 + ["v"] * 3,
            "ITEM_ID": ["a", "b", "c", "d", "d", "a", "b"],
            "OUTCOME": 1.0,
            "TIMESTAMP": [4, 1, 3, 2, 1, 2, 3],
        }
    )
    split = inner(leave_last_out("toy", frame))
    held_out = {
        (split.users.ids[u], split.items.ids[i]) for u, i in zip(*split.held_out.nonzero(), strict=True)
    }
    assert held_out == {("u", "c"), ("v", "a")}
    assert len(split.train) == 3


def test_the_inner_split_without_times_takes_a_share_of_every_user():
    rng = np.random.default_rng(0)
    pairs = [(f"u{u}", f"i{i}") for u in range(20) for i in rng.choice(50, 10 + u % 3, replace=False)]
    train = pd.DataFrame(pairs, columns=["USER_ID", "ITEM_ID"]).assign(OUTCOME=1.0)
    split = inner(Split.of("toy", train, train.iloc[:0]), share=0.2)
    assert (np.diff(split.held_out.indptr) == 2).all()
    assert len(split.train) + split.held_out.nnz == len(train)
    assert split.held_out.multiply(split.seen).nnz == 0
