"""A ranker that reads pools, under filters and with candidates from elsewhere: what it is told of them."""

import numpy as np
import pytest

from skrec_lite.recommender.ranking import Filters
from skrec_lite.scorer.queries import Queries
from tests.recommender.toys import asking, candidate_recommender

USERS = list(range(0, 40, 5))
# Most of what the two camps like, so that few of a pool of twelve pass.
FILTERS = Filters(exclude=[item for item in range(60) if item % 5])


@pytest.fixture(scope="module")
def recommender():
    return candidate_recommender()


def test_who_found_a_candidate_is_that_of_the_deeper_retrieval(recommender):
    ranked = recommender.rank(asking(*USERS), top_k=6, exclude_seen=True, filters=FILTERS)
    assert (ranked.item_index >= 0).all()
    ids = np.array([str(user) for user in USERS], dtype=object)
    deep = recommender.retriever.retrieve_batch(ids, 48, recommender.seen_items)
    deepest = recommender.retriever.retrieve_batch(ids, 60, recommender.seen_items)
    shallow = recommender.retriever.retrieve_batch(ids, 12, recommender.seen_items)
    n_deeper = 0
    for row, user in enumerate(ids):
        held = ranked.candidates.to_dict()[user]
        # As deep as the row needed: at 12, 48 or 60.
        served = next(
            pool
            for pool in (shallow, deep, deepest)
            if sum(int(item) % 5 == 0 for item in pool.to_dict()[user]) >= 6
        )
        order = served.to_dict()[user]
        assert held == [item for item in order if int(item) % 5 == 0][: len(held)]
        places = [order.index(item) for item in held]
        for told in ("ranks", "scores"):
            np.testing.assert_array_equal(
                getattr(ranked.candidates.provenance, told)[row, : len(held)],
                getattr(served.provenance, told)[row, places],
            )
        n_deeper += served is not shallow
    assert n_deeper > 4


def test_scores_are_those_of_the_view_told_so(recommender):
    ranked = recommender.rank(asking(*USERS), top_k=6, exclude_seen=True, filters=FILTERS)
    pools, view = ranked.candidates, recommender.scorer.fitted
    scores = view.score_candidates(Queries(ranked.user_ids), pools.item_index, pools.provenance)
    for row in range(len(USERS)):
        order = np.lexsort((pools.item_index[row], -scores[row]))[:6]
        np.testing.assert_array_equal(ranked.item_index[row], pools.item_index[row][order])
        np.testing.assert_array_equal(ranked.scores[row], scores[row][order])


def test_a_row_alone_is_answered_as_in_the_batch(recommender):
    batch = recommender.rank(asking(*USERS), top_k=6, filters=FILTERS, exclude_seen=True)
    for row, user in enumerate(USERS):
        alone = recommender.rank(asking(user), top_k=6, filters=FILTERS, exclude_seen=True)
        np.testing.assert_array_equal(alone.item_index[0], batch.item_index[row])


def test_candidates_from_elsewhere_are_looked_up_in_the_pools_of_the_retrievers(recommender):
    """A list without sources must not be scored as found by nobody."""
    whole = recommender.rank(asking(*USERS), top_k=12, exclude_seen=True)
    lists = {user: pool[::-1] for user, pool in whole.candidates.to_dict().items()}
    again = recommender.rank(asking(*USERS), top_k=12, candidates=lists, exclude_seen=True)
    np.testing.assert_array_equal(again.item_index, whole.item_index)
    np.testing.assert_allclose(again.scores, whole.scores, rtol=1e-6)


def test_popular_items_that_fill_up_are_scored_as_found_by_nobody(recommender):
    lists = {user: ["0"] for user in USERS}
    ranked = recommender.rank(asking(*USERS), top_k=6, candidates=lists, filters=FILTERS)
    assert ranked.filled_pools == len(USERS)
    assert (ranked.item_index >= 0).all()
    assert np.isfinite(ranked.scores).all()
    assert all(int(item) % 5 == 0 for item in ranked.item_ids().ravel())


def test_pools_of_which_nothing_passes(recommender):
    ids = np.array([str(user) for user in USERS], dtype=object)
    pools = recommender.retriever.retrieve_batch(ids, 1)
    filters = Filters(exclude=np.unique(pools.items.decode(pools.item_index)))
    ranked = recommender.rank(asking(*USERS), top_k=6, candidates=pools, filters=filters)
    assert ranked.candidates.k == 0
    assert (ranked.item_index >= 0).all()
    assert not np.isin(ranked.item_ids(), filters.exclude).any()


def test_a_subset_and_quotas(recommender):
    halves = {item: str(item < 30) for item in range(60)}
    recommender.set_item_subset(range(20, 40))
    try:
        rows = recommender.recommend(
            asking(*USERS), top_k=8, filters=Filters(categories=halves, max_per_category=4)
        ).astype(int)
    finally:
        recommender.clear_item_subset()
    assert ((rows >= 20) & (rows < 40)).all()
    assert ((rows < 30).sum(axis=1) == 4).all()
