"""Whole path from lists to figures beside independent evaluators, on plain and on adversarial input."""

import itertools

import numpy as np
import pytest
import pytrec_eval
import scipy.sparse as sp
from sklearn.metrics import ndcg_score

from skrec_lite.metrics.hits import hit_matrix
from skrec_lite.metrics.ranking import LIST_METRICS
from skrec_lite.metrics.ties import expected_at_cut

# Our names, and trec_eval's at a cut-off; its reciprocal rank has none, so it is given the cut list.
TREC_NAMES = {
    "recall": "recall_{k}",
    "ndcg": "ndcg_cut_{k}",
    "hit_rate": "success_{k}",
    "precision": "P_{k}",
    "mrr": "recip_rank",
    "map": "map_cut_{k}",
}


def trec_eval(held, runs, k):
    """Return trec_eval's figures of each user; `held` and `runs` are dicts of dicts by user."""
    measures = {f"{name}.{k}" for name in ("recall", "ndcg_cut", "success", "P", "map_cut")} | {"recip_rank"}
    return pytrec_eval.RelevanceEvaluator(held, measures).evaluate(runs)


def random_case(rng, n_items, k, n_users=30):
    """Lists of any length up to k, held-out items in and outside the catalogue, more of them than k too."""
    lists = np.full((n_users, k), -1, dtype=np.int32)
    for row in range(n_users):
        length = int(rng.integers(0, min(k, n_items) + 1))
        lists[row, :length] = rng.permutation(n_items)[:length]
    held = rng.random((n_users, n_items)) < rng.choice([0.1, 0.5, 0.95], size=(n_users, 1))
    unreachable = rng.integers(0, 4, size=n_users)
    unreachable[~held.any(axis=1)] += 1
    return lists, held, unreachable


@pytest.mark.parametrize(
    ("n_items", "k"), [(30, 10), (30, 1), (8, 20), (1, 1), (200, 100)], ids=lambda value: str(value)
)
def test_lists_agree_with_trec_eval(n_items, k):
    rng = np.random.default_rng(n_items * k)
    lists, held, unreachable = random_case(rng, n_items, k)
    n_relevant = held.sum(axis=1) + unreachable
    qrels = {
        str(row): {f"i{item}": 1 for item in np.flatnonzero(held[row])}
        | {f"outside{number}": 1 for number in range(unreachable[row])}
        for row in range(len(lists))
    }
    # trec_eval orders by score, so the rank is given as one; it leaves out users without a list.
    runs = {
        str(row): {f"i{item}": float(k - place) for place, item in enumerate(items) if item >= 0}
        for row, items in enumerate(lists.tolist())
        if max(items) >= 0
    }
    theirs = trec_eval(qrels, runs, k)
    hits = hit_matrix(lists, sp.csr_array(held))
    for name, trec_name in TREC_NAMES.items():
        ours = LIST_METRICS[name](hits, n_relevant)
        for row, value in enumerate(ours):
            figures = theirs.get(str(row), {})
            assert value == pytest.approx(figures.get(trec_name.format(k=k), 0.0), abs=1e-12), name


@pytest.mark.parametrize("seed", range(6))
def test_expected_values_are_trec_evals_over_all_ways_to_name_the_tied(seed):
    """trec_eval breaks ties by document name; averaged over all names, it breaks them at random."""
    rng = np.random.default_rng(seed)
    m, k = 5, 3
    scores = rng.integers(0, 3, size=m).astype(float)
    relevant = rng.random(m) < 0.5
    n_relevant = max(int(relevant.sum()), 1)
    namings = list(itertools.permutations("abcde"))
    qrels, runs = {}, {}
    for number, names in enumerate(namings):
        run = dict(zip(names, scores.tolist(), strict=True))
        # Cut here as trec_eval would: its reciprocal rank knows no k.
        kept = sorted(run, key=lambda name: (run[name], name), reverse=True)[:k]
        runs[str(number)] = {name: run[name] for name in kept}
        qrels[str(number)] = {name: int(hit) for name, hit in zip(names, relevant.tolist(), strict=True)}
        if not relevant.any():
            qrels[str(number)]["outside"] = 1
    theirs = trec_eval(qrels, runs, k)
    ours = expected_at_cut(scores[None], relevant[None], np.array([n_relevant]), k)
    for name, trec_name in TREC_NAMES.items():
        mean = np.mean([theirs[query][trec_name.format(k=k)] for query in qrels])
        assert ours[name][0] == pytest.approx(mean, abs=1e-12), name


def test_ndcg_agrees_with_scikit_learn_on_whole_rankings():
    rng = np.random.default_rng(3)
    relevance = rng.random((20, 30)) < 0.2
    relevance[:, 0] |= ~relevance.any(axis=1)
    scores = rng.random((20, 30))
    hits = np.take_along_axis(relevance, np.argsort(-scores, axis=1), 1)[:, :10]
    ours = LIST_METRICS["ndcg"](hits, relevance.sum(axis=1))
    theirs = [ndcg_score(relevance[[row]].astype(float), scores[[row]], k=10) for row in range(20)]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("n_items", "k"), [(30, 10), (8, 20), (1, 1)])
def test_capped_recall_agrees_with_recpacks_definition(n_items, k):
    """RecPack's CalibratedRecallK: true interactions in the top K, each divided by min(true, K)."""
    rng = np.random.default_rng(n_items + k)
    lists, held, unreachable = random_case(rng, n_items, k)
    top_k = np.zeros((len(lists), n_items))
    for row, items in enumerate(lists):
        top_k[row, items[items >= 0]] = 1
    y_true = np.hstack([held, np.arange(4) < unreachable[:, None]]).astype(float)
    y_pred = np.hstack([top_k, np.zeros((len(lists), 4))])
    optimal = np.minimum(y_true.sum(axis=1), k)
    theirs = (y_pred * y_true / optimal[:, None]).sum(axis=1)
    ours = LIST_METRICS["capped_recall"](
        hit_matrix(lists, sp.csr_array(held)), held.sum(axis=1) + unreachable
    )
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
