"""Metrics: known answers by hand, an independent implementation, and properties."""

import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.metrics import (
    LIST_METRICS,
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
from skrec_lite.metrics import hits as hits_module

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


def slow_metrics(recommended, relevant, n_relevant, k):
    """Textbook definitions over plain lists, one user; a repeated item is a gain once."""
    gains = [
        1.0 if item in relevant and item not in recommended[:rank] else 0.0
        for rank, item in enumerate(recommended[:k])
    ]
    dcg = sum(gain / math.log2(rank + 2) for rank, gain in enumerate(gains))
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(k, n_relevant)))
    precisions = [sum(gains[: rank + 1]) / (rank + 1) for rank, gain in enumerate(gains) if gain]
    first = next((1 / (rank + 1) for rank, gain in enumerate(gains) if gain), 0.0)
    return {
        "recall": sum(gains) / n_relevant,
        "capped_recall": sum(gains) / min(k, n_relevant),
        "ndcg": dcg / ideal,
        "hit_rate": float(sum(gains) > 0),
        "precision": sum(gains) / k,
        "mrr": first,
        "map": sum(precisions) / n_relevant,
    }


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(1, 12),
    n_items=st.sampled_from([2, 5, 15]),
    repeats=st.booleans(),
)
def test_agrees_with_textbook_definitions(seed, k, n_items, repeats):
    """Short and empty lists, repeated items, k past the catalogue, more held out than k or than it holds."""
    rng = np.random.default_rng(seed)
    lists = np.full((6, k), -1, dtype=np.int32)
    for row in range(6):
        length = int(rng.integers(0, k + 1))
        items = rng.integers(0, n_items, size=length) if repeats else rng.permutation(n_items)[:length]
        lists[row, : len(items)] = items
    dense = rng.random((6, n_items)) < rng.choice([0.2, 0.9])
    held = [set(np.flatnonzero(row).tolist()) for row in dense]
    counts = np.maximum(dense.sum(axis=1), 1) + rng.integers(0, 4, size=6)
    hits = hit_matrix(lists, sp.csr_array(dense))
    got = {name: metric(hits, counts) for name, metric in LIST_METRICS.items()}
    for row in range(6):
        slow = slow_metrics(lists[row].tolist(), held[row], int(counts[row]), k)
        assert list(slow) == list(LIST_METRICS)
        for name, expected in slow.items():
            assert got[name][row] == pytest.approx(expected, abs=1e-12), name
            assert 0 <= got[name][row] <= 1 + 1e-12, name


def test_a_repeated_item_hits_once_at_its_first_place():
    held = sp.csr_array(np.array([[0, 1, 1], [1, 0, 0]], dtype=bool))
    lists = np.array([[1, 1, 0, 2, 1], [2, 0, -1, -1, 0]], dtype=np.int32)
    hits = hit_matrix(lists, held)
    assert hits.tolist() == [[True, False, False, True, False], [False, True, False, False, False]]
    assert recall(hits, np.array([2, 1])).tolist() == [1, 1]


def test_padding_never_hits_and_does_not_wrap_to_the_previous_user():
    held = sp.csr_array(np.array([[0, 0, 1], [1, 0, 0]], dtype=bool))
    lists = np.array([[2, -1], [-1, -1]], dtype=np.int32)
    # Row 1's padding, as an offset of -1, would be row 0's item 2.
    assert hit_matrix(lists, held).tolist() == [[True, False], [False, False]]


@given(st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 6), st.integers(1, 40))
def test_both_ways_of_looking_items_up_find_the_same(seed, n_users, k, n_flags):
    rng = np.random.default_rng(seed)
    lists = rng.integers(-1, 7, size=(n_users, k))
    held = sp.csr_array(rng.random((n_users, 7)) < 0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hits_module, "_MOST_FLAGS", n_flags)  # Blocks of a few users, the last one shorter.
        by_flags = hit_matrix(lists, held)
        patch.setattr(hits_module, "_MOST_ITEMS_A_PLACE", 0)
        by_search = hit_matrix(lists, held)
    assert by_flags.tolist() == by_search.tolist()


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
    with pytest.raises(InvalidParameterError, match="1 users have more hits"):
        recall(HITS, np.array([1, 1, 2]))


def test_lists_of_other_users_or_another_catalogue_are_refused():
    held = sp.csr_array(np.ones((2, 3), dtype=bool))
    with pytest.raises(InvalidParameterError, match="one row for each of the 2 users"):
        hit_matrix(np.zeros((1, 4), dtype=np.int32), held)
    # Row 0's item 3 would be row 1's item 0.
    with pytest.raises(InvalidParameterError, match="item rows below 3"):
        hit_matrix(np.array([[3], [0]], dtype=np.int32), held)
