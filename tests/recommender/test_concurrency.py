"""Online requests of many kinds at once: each is answered as it would be alone."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skrec_lite import EmbeddingRetriever
from skrec_lite.recommender.ranking import Filters
from tests.recommender.toys import asking, candidate_recommender, matrix_factorization, trained, trees

THREADS, CALLS = 8, 100
HALVES = {item: str(item < 30) for item in range(60)}
FILTERS = (
    None,
    Filters(exclude=range(0, 60, 7), categories=HALVES, max_per_category=3),
    # So few that every pool has to be retrieved deeper.
    Filters(allow=range(0, 60, 3)),
)
MAKERS = {
    "mf": lambda: trained(matrix_factorization(), EmbeddingRetriever(top_k=12)),
    "mf over the catalogue": lambda: trained(matrix_factorization()),
    "trees": lambda: trained(trees(), EmbeddingRetriever(top_k=12, estimator=matrix_factorization())),
    "candidates": candidate_recommender,
}


def request(number):
    """The number's own mix of user, filters, candidates and seen items."""
    user = "nobody" if number % 17 == 0 else int(number) % 40
    given = {
        "exclude_seen": number % 2 == 0,
        "filters": FILTERS[number // 2 % 3],
        "candidates": [number % 60, (number + 31) % 60, 5, 5] if number // 6 % 4 == 0 else None,
    }
    return asking(user), given


@pytest.mark.filterwarnings("ignore:.*(candidate|lists are shorter)")
@pytest.mark.parametrize("maker", MAKERS)
def test_eight_threads_of_a_hundred_requests_agree_with_serial_ones(maker):
    def ask(recommender, number):
        frame, given = request(number)
        return recommender.recommend_online(frame, top_k=6, **given).tolist()

    alone = MAKERS[maker]()
    serial = [ask(alone, number) for number in range(CALLS)]
    # One that nobody has asked yet: nothing is cached. Each thread begins elsewhere in the same requests.
    shared = MAKERS[maker]()

    def work(thread):
        order = np.roll(np.arange(CALLS), 13 * thread)
        return {int(number): ask(shared, number) for number in order}

    with ThreadPoolExecutor(THREADS) as threads:
        for answers in threads.map(work, range(THREADS)):
            assert [answers[number] for number in range(CALLS)] == serial
    # And they leave no trace.
    assert [ask(shared, number) for number in range(0, CALLS, 9)] == serial[::9]


@pytest.mark.parametrize("maker", MAKERS)
def test_no_filter_is_broken_while_others_ask(maker):
    recommender = MAKERS[maker]()

    def ask(number):
        frame, given = request(number)
        answer = recommender.recommend_online(frame, top_k=6, **{**given, "candidates": None})
        return given["filters"], [int(item) for item in answer]

    with warnings.catch_warnings(), ThreadPoolExecutor(THREADS) as threads:
        warnings.simplefilter("ignore")
        for filters, answer in threads.map(ask, range(CALLS)):
            assert len(set(answer)) == 6
            if filters is FILTERS[1]:
                assert all(item % 7 for item in answer)
                assert sum(item < 30 for item in answer) == 3
            elif filters is FILTERS[2]:
                assert all(item % 3 == 0 for item in answer)
