"""Metrics: known answers by hand, an independent implementation, and properties."""

import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.metrics import (
    average_precision,
    capped_recall,
    hit_matrix,
    hit_rate,
    ndcg,
    precision,
    recall,
    recall_at_every_k,
    reciprocal_rank,
)

# Three users, k = 3, with 5, 1 and 2 held out.
HITS = np.array([[1, 0, 1], [0, 1, 0], [0, 1, 0]], dtype=bool)
HELD = np.array([5, 1, 2])


def test_by_hand():
    np.testing.assert_allclose(recall(HITS, HELD), [2 / 5, 1, 1 / 2])
    np.testing.assert_allclose(capped_recall(HITS, HELD), [2 / 3, 1, 1 / 2])
    np.testing.assert_allclose(precision(HITS, HELD), [2 / 3, 1 / 3, 1 / 3])
    np.testing.assert_allclose(hit_rate(HITS, HELD), [1, 1, 1])
    np.testing.assert_allclose(reciprocal_rank(HITS, HELD), [1, 1 / 2, 1 / 2])
    np.testing.assert_allclose(average_precision(HITS, HELD), [(1 + 2 / 3) / 5, 1 / 2, 1 / 4])
    second, third = 1 / math.log2(3), 1 / math.log2(4)
    np.testing.assert_allclose(
        ndcg(HITS, HELD), [(1 + third) / (1 + second + third), second, second / (1 + second)]
    )
    np.testing.assert_allclose(recall_at_every_k(HITS, HELD)[0], [1 / 5, 1 / 5, 2 / 5])
    means = [metric(HITS, HELD).mean() for metric in (recall, capped_recall, ndcg, average_precision)]
    np.testing.assert_allclose(means, [0.6333, 0.7222, 0.5739, 0.3611], atol=5e-5)


def slow_metrics(recommended, relevant, k):
    """Textbook definitions over plain lists, one user."""
    gains = [1.0 if item in relevant else 0.0 for item in recommended[:k]]
    dcg = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(k, len(relevant))))
    precisions = [sum(gains[: rank + 1]) / (rank + 1) for rank, gain in enumerate(gains) if gain]
    first = next((1 / (rank + 1) for rank, gain in enumerate(gains) if gain), 0.0)
    return {
        "recall": sum(gains) / len(relevant),
        "ndcg": dcg / ideal,
        "map": sum(precisions) / len(relevant),
        "mrr": first,
        "precision": sum(gains) / k,
    }


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_agrees_with_textbook_definitions(seed, k):
    rng = np.random.default_rng(seed)
    n_items = 15
    lists = np.array([rng.permutation(n_items)[:k] for _ in range(6)], dtype=np.int32)
    held = [set(rng.choice(n_items, size=rng.integers(1, 8), replace=False).tolist()) for _ in range(6)]
    dense = np.zeros((6, n_items), dtype=bool)
    for row, items in enumerate(held):
        dense[row, list(items)] = True
    hits = hit_matrix(lists, sp.csr_array(dense))
    counts = np.array([len(items) for items in held])
    for row in range(6):
        slow = slow_metrics(lists[row].tolist(), held[row], k)
        assert recall(hits, counts)[row] == pytest.approx(slow["recall"], abs=1e-12)
        assert ndcg(hits, counts)[row] == pytest.approx(slow["ndcg"], abs=1e-12)
        assert average_precision(hits, counts)[row] == pytest.approx(slow["map"], abs=1e-12)
        assert reciprocal_rank(hits, counts)[row] == pytest.approx(slow["mrr"], abs=1e-12)
        assert precision(hits, counts)[row] == pytest.approx(slow["precision"], abs=1e-12)


def test_ndcg_agrees_with_scikit_learn_on_whole_rankings():
    rng = np.random.default_rng(3)
    relevance = rng.random((20, 30)) < 0.2
    relevance[:, 0] |= ~relevance.any(axis=1)
    scores = rng.random((20, 30))
    order = np.argsort(-scores, axis=1)
    hits = np.take_along_axis(relevance, order, 1)[:, :10]
    ours = ndcg(hits, relevance.sum(axis=1))
    theirs = [ndcg_score(relevance[[row]].astype(float), scores[[row]], k=10) for row in range(20)]
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_padding_never_hits_and_does_not_wrap_to_the_previous_user():
    held = sp.csr_array(np.array([[0, 0, 1], [1, 0, 0]], dtype=bool))
    lists = np.array([[2, -1], [-1, -1]], dtype=np.int32)
    # Row 1's padding, as an offset of -1, would be row 0's item 2.
    assert hit_matrix(lists, held).tolist() == [[True, False], [False, False]]


def test_a_constant_list_gets_its_chance_rate_not_one():
    n_items, k = 200, 10
    held = sp.csr_array((np.ones(200, bool), (np.arange(200), np.arange(200))), shape=(200, n_items))
    lists = np.tile(np.arange(k, dtype=np.int32), (200, 1))
    assert hit_rate(hit_matrix(lists, held), np.ones(200, int)).mean() == pytest.approx(k / n_items)


def test_users_with_nothing_held_out_are_refused():
    with pytest.raises(InvalidParameterError, match="at least 1"):
        recall(HITS, np.array([0, 1, 2]))
    with pytest.raises(InvalidParameterError, match="shape"):
        recall(HITS, HELD[:2])
