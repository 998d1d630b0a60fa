"""Latency of single requests: medians by hand on a clock that the requests themselves move."""

from __future__ import annotations

import numpy as np
import pytest

from skrec_lite.experiment.sweep import latency
from skrec_lite.experiment.sweep.latency import Latency, measure_latency
from skrec_lite.retriever import BaseCandidateRetriever

USERS = np.array(["1", "2", "3", "4", "5"], dtype=object)


class Clock:
    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now

    def process_time(self):
        # Two cores busy.
        return 2 * self.now


class SlowRetriever(BaseCandidateRetriever):
    """Takes as many milliseconds as it is asked for candidates."""

    def __init__(self, clock, top_k=50):
        super().__init__(top_k)
        self.clock = clock

    def build_index(self, estimator=None, interactions=None, items=None):
        pass

    def retrieve(self, user_ids, top_k):
        return {}

    def retrieve_requests(self, user_ids, context, users, top_k, exclude=None):
        self.clock.now += 0.001 * top_k


class SlowRecommender:
    """Asks its retriever, then takes as many milliseconds as the user's number; more at every other visit."""

    def __init__(self, clock, retriever, as_ranked=False):
        self.clock, self.retriever, self.takes_pools_as_ranked = clock, retriever, as_ranked
        self.asked = []

    def rank(self, frame, *, top_k, exclude_seen):
        assert exclude_seen
        assert top_k == 10
        user = frame["USER_ID"].item()
        k = None if self.retriever is None else self.retriever.top_k
        if self.retriever is not None:
            self.retriever.retrieve_requests([user], None, None, k)
        # The machine is busy with something else at every other visit, the first and the last included.
        self.clock.now += 0.001 * int(user) + (0.5, 0.0)[self.asked.count((user, k)) % 2]
        self.asked.append((user, k))


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(latency, "time", clock)
    # However long a pass takes here, there are three; nobody is warmed up, so that all visits are alike.
    monkeypatch.setattr(latency, "_THIRD_WITHIN", 1e9)
    monkeypatch.setattr(latency, "_WARM_UP", 0)
    return clock


def test_medians_and_tails_by_hand(clock):
    recommender = SlowRecommender(clock, SlowRetriever(clock))
    shares = []
    found = measure_latency(recommender, USERS, (10, 30), 10, True, shares.append)
    np.testing.assert_allclose(found.retrieval_ms, [10, 30])
    np.testing.assert_allclose(found.ranking_ms, [3, 3])
    np.testing.assert_allclose(found.total_ms, [13, 33])
    # Of 11, 12, 13, 14, 15 the 95th percentile lies four fifths from the fourth to the fifth.
    np.testing.assert_allclose(found.p95_ms, [14.8, 34.8])
    np.testing.assert_allclose(found.cpu_seconds, [0.026, 0.066])
    assert (found.sizes, found.n_users, len(shares)) == ((10, 30), 5, 6)
    assert shares == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6])
    assert recommender.retriever.top_k == 50


def test_passes_over_a_size_lie_apart_and_long_requests_are_made_twice(clock, monkeypatch):
    monkeypatch.setattr(latency, "_THIRD_WITHIN", 0.6)
    monkeypatch.setattr(latency, "_WARM_UP", 2)
    recommender = SlowRecommender(clock, SlowRetriever(clock))
    recommender.asked = asked = []
    measure_latency(recommender, USERS[:3], (400, 500), 10, True, lambda share: None)
    # Two to warm up, then each once; and the same again.
    visits = ["1", "2", "1", "2", "3"]
    assert asked == [(user, size) for _ in range(2) for size in (400, 500) for user in visits]


def test_where_the_pool_is_the_list_it_is_timed_once_and_nothing_is_ranking(clock):
    recommender = SlowRecommender(clock, SlowRetriever(clock), as_ranked=True)
    found = measure_latency(recommender, USERS, (10, 30, 90), 10, True, lambda share: None)
    assert {k for _, k in recommender.asked} == {10}
    np.testing.assert_allclose(found.total_ms, [13, 13, 13])
    np.testing.assert_allclose(found.retrieval_ms, [13, 13, 13])
    np.testing.assert_allclose(found.ranking_ms, 0)
    assert found.at((10, 50))["latency_measured"].tolist() == [True, False]


def test_without_a_retriever_all_is_ranking(clock):
    found = measure_latency(SlowRecommender(clock, None), USERS, (700,), 10, True, lambda share: None)
    assert found.retrieval_ms.tolist() == [0.0]
    np.testing.assert_allclose([found.ranking_ms, found.total_ms], [[3], [3]])


def test_between_timed_sizes_figures_lie_on_the_line_and_are_marked():
    timed = Latency(
        (10, 110, 1000),
        *(np.array([low, low + 10, low + 20.0]) for low in (1, 2, 3, 4, 5)),
        n_users=7,
    )
    table = timed.at((10, 60, 110, 1000))
    assert table["latency_measured"].tolist() == [True, False, True, True]
    assert table["retrieval_ms"].tolist() == [1, 6, 11, 21]
    assert table["ranking_ms"].tolist() == [2, 7, 12, 22]
    assert table["latency_ms"].tolist() == [3, 8, 13, 23]
    assert table["latency_p95_ms"].tolist() == [4, 9, 14, 24]
    assert table["cpu_seconds"].tolist() == [5, 10, 15, 25]


def test_real_requests_take_real_time(result):
    recommender = result.recommenders["content"]
    found = measure_latency(recommender, result.user_ids[:6], (10, 1500), 10, True, lambda share: None)
    assert (found.retrieval_ms > 0).all()
    assert (found.ranking_ms > 0).all()
    assert (found.total_ms < 1000).all()
    assert (found.p95_ms >= found.total_ms).all()
    assert recommender.retriever.top_k == 100
