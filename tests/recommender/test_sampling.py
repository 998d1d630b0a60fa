"""Lists drawn at a temperature: the right odds, no repeats, reproducible."""

import numpy as np
import pytest

from skrec_lite import PopularityRetriever
from skrec_lite.kernels.quotas import Quotas
from skrec_lite.kernels.topk import top_k_rows
from skrec_lite.recommender.ranking.sampling import perturbed, sample_with_replacement
from skrec_lite.recommender.ranking.two_stage import Choice
from tests.recommender.toys import asking, matrix_factorization, trained

LOGITS = np.log(np.array([0.5, 0.3, 0.2], dtype=np.float32))


def test_first_draw_follows_the_softmax_and_the_second_its_renormalisation():
    scores = np.tile(LOGITS, (40_000, 1)).astype(np.float32)
    drawn, _ = top_k_rows(perturbed(scores, 1.0, np.random.default_rng(0)), 2)
    np.testing.assert_allclose(np.bincount(drawn[:, 0]) / 40_000, [0.5, 0.3, 0.2], atol=0.01)
    after_first = drawn[drawn[:, 0] == 0, 1]
    np.testing.assert_allclose(np.bincount(after_first)[1:] / len(after_first), [0.6, 0.4], atol=0.015)


def test_with_replacement_draws_are_independent():
    scores = np.tile(LOGITS, (20_000, 1)).astype(np.float32)
    drawn = sample_with_replacement(scores, 2, 1.0, np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(drawn.ravel()) / 40_000, [0.5, 0.3, 0.2], atol=0.01)
    assert (drawn[:, 0] == drawn[:, 1]).mean() == pytest.approx(0.25 + 0.09 + 0.04, abs=0.015)


def test_temperature_sharpens_and_flattens():
    scores = np.tile(LOGITS, (20_000, 1)).astype(np.float32)
    cold, _ = top_k_rows(perturbed(scores, 0.25, np.random.default_rng(0)), 1)
    expected = np.array([0.5, 0.3, 0.2]) ** 4
    np.testing.assert_allclose(np.bincount(cold[:, 0]) / 20_000, expected / expected.sum(), atol=0.01)


def test_impossible_items_are_never_drawn():
    scores = np.array([[0.0, -np.inf, 0.0], [-np.inf] * 3], dtype=np.float32)
    rng = np.random.default_rng(0)
    for _ in range(50):
        assert set(top_k_rows(perturbed(scores, 1.0, rng), 3)[0][0]) == {0, 2, -1}
        drawn = sample_with_replacement(scores, 4, 1.0, rng)
        assert set(drawn[0]) <= {0, 2}
        assert set(drawn[1]) == {-1}


def test_quotas_turn_draws_to_what_is_left_at_its_own_odds():
    # The first two are of one category, of which a list holds one.
    quotas = Quotas(np.array([[0, 0, -1]], dtype=np.int32), np.array([1], dtype=np.int32))
    scores = np.tile(LOGITS, (40_000, 1)).astype(np.float32)
    without = Choice.checked(2, 1.0, False, 0).positions(scores.copy(), quotas)
    again = Choice.checked(2, 1.0, True, 0).positions(scores.copy(), quotas)
    for drawn in (without, again):
        np.testing.assert_allclose(np.bincount(drawn[:, 0]) / 40_000, [0.5, 0.3, 0.2], atol=0.01)
        assert (drawn[drawn[:, 0] < 2, 1] == 2).all()
    after_third = np.bincount(without[without[:, 0] == 2, 1], minlength=3)
    np.testing.assert_allclose(after_third / after_third.sum(), [5 / 8, 3 / 8, 0], atol=0.02)
    after_third = np.bincount(again[again[:, 0] == 2, 1], minlength=3)
    np.testing.assert_allclose(after_third / after_third.sum(), [0.5, 0.3, 0.2], atol=0.02)


def test_sampled_lists_stay_in_the_pool_without_repeats_and_follow_the_seed():
    first = trained(matrix_factorization(), PopularityRetriever(top_k=8), random_state=3)
    lists = first.recommend(asking(*range(20)), top_k=5, sampling_temperature=1.0)
    pool = set(first.retriever.retrieve([0], 8)[0])
    for row in lists:
        assert set(row) <= pool
        assert len(set(row)) == 5
    again = first.recommend(asking(*range(20)), top_k=5, sampling_temperature=1.0)
    np.testing.assert_array_equal(lists, again)
    plain = first.recommend(asking(*range(20)), top_k=5)
    assert (lists != plain).any()
