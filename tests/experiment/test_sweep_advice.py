"""Front, intervals, advice and rule of thumb of sweeps whose answers are known by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.sweep import Sweep, SweptRetriever, pareto_front, sweep
from skrec_lite.experiment.sweep.advice import milliseconds
from skrec_lite.experiment.sweep.latency import Latency
from skrec_lite.metrics.bootstrap import paired_difference

N_USERS = 200


def curve(key, sizes, ndcg, latency_ms, *, pool_recall=None, calls=None, timed=None):
    """A retriever whose users all have the same figures, or those given as (n_sizes, n_users)."""
    table = np.array([np.broadcast_to(values, N_USERS) for values in ndcg], dtype=float)
    found = table if pool_recall is None else np.array([np.broadcast_to(v, N_USERS) for v in pool_recall])
    timed = sizes if timed is None else timed
    took = np.interp(timed, sizes, latency_ms)
    return SweptRetriever(
        key=key,
        sizes=tuple(sizes),
        pool_recall=np.asarray(found, dtype=float),
        recall=table,
        ndcg=table,
        ranker_calls=np.array(sizes if calls is None else calls, dtype=float),
        item_index=np.zeros((len(sizes), N_USERS, 10), dtype=np.int32),
        latency=Latency(tuple(timed), 0.25 * took, 0.75 * took, took, 2 * took, took / 1000, 40),
        is_nested=key != "merged",
    )


def swept(*curves, n=10, n_items=1000, price=0.05, learned=()):
    return Sweep(
        n=n, top_k=100, n_items=n_items, users=np.arange(N_USERS), n_measured=N_USERS,
        curves={each.key: each for each in curves}, learned_on_candidates=learned,
        core_hour_price=price, seed=0, seconds=1.0,
    )  # fmt: skip


def unsure(mean, spread=0.4):
    """Figures with a mean, half of the users above and half below it; paired differences are as unsure."""
    return mean + spread * np.where(np.arange(N_USERS) % 2 == 0, 1, -1)


# --- Pareto front


def test_front_by_hand():
    cost = np.array([1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 0.5])
    value = np.array([0.3, 0.2, 0.5, 0.5, 0.9, 0.8, 0.1])
    assert pareto_front(cost, value).tolist() == [6, 0, 2, 4]


def test_of_equal_points_the_first_stands_and_nan_is_left_out():
    assert pareto_front(np.array([2.0, 1.0, 1.0, np.nan]), np.array([0.5, 0.5, 0.5, 9.0])).tolist() == [1]
    assert pareto_front(np.array([1.0, 2.0]), np.array([np.nan, 0.1])).tolist() == [1]
    assert pareto_front(np.array([]), np.array([])).tolist() == []


def beats(a, b):
    return a[0] <= b[0] and a[1] >= b[1] and a != b


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25))
def test_front_is_what_no_other_point_beats(points):
    found = pareto_front(np.array([p[0] for p in points], float), np.array([p[1] for p in points], float))
    slow = [
        row
        for row, point in enumerate(points)
        if not any(beats(other, point) for other in points) and point not in points[:row]
    ]
    assert found.tolist() == sorted(slow, key=lambda row: points[row])
    assert all(any(beats(points[row], p) or points[row] == p for row in found) for p in points)


def test_the_front_of_a_sweep_by_either_cost():
    found = swept(
        curve("embedding", (10, 100), (0.2, 0.4), (1.0, 3.0), calls=(0, 0)),
        curve("popularity", (10, 100), (0.1, 0.4), (0.5, 2.0)),
        curve("full", (1000,), (0.5,), (9.0,)),
    )
    by_latency = found.front()
    assert by_latency[["retriever", "k"]].to_numpy().tolist() == [
        ["popularity", 10], ["embedding", 10], ["popularity", 100], ["full", 1000],
    ]  # fmt: skip
    assert by_latency.index.tolist() == [2, 0, 3, 4]
    by_calls = found.front("ranker_calls")
    assert by_calls[["retriever", "k"]].to_numpy().tolist() == [["embedding", 100], ["full", 1000]]
    with pytest.raises(InvalidParameterError, match="cost must be one of"):
        found.front("money")


# --- figures


def test_cost_is_processor_time_and_its_price():
    table = swept(curve("popularity", (10, 20), (0.1, 0.2), (1.8, 3.6)), price=2.0).frame
    # 1.8 ms of a core, a million times: 1,800 seconds, half an hour, at 2 an hour.
    assert table["cpu_seconds_per_million"].tolist() == pytest.approx([1800, 3600])
    assert table["cost_per_million"].tolist() == pytest.approx([1.0, 2.0])


def test_interpolated_latencies_are_marked():
    table = swept(
        curve("popularity", (10, 20, 40), (0.1, 0.1, 0.1), (1.0, 2.0, 4.0), timed=(10, 40)),
        curve("full", (1000,), (0.5,), (9.0,)),
    ).frame
    assert table["latency_measured"].tolist() == [True, False, True, True]
    assert table["latency_ms"].tolist() == pytest.approx([1, 2, 4, 9])


def test_intervals_are_those_of_users_drawn_again():
    rng = np.random.default_rng(3)
    values = rng.random((2, N_USERS))
    found = swept(
        curve("content", (10, 100), values, (1, 2)), curve("full", (1000,), [rng.random(N_USERS)], (3,))
    )
    drawn = rng.integers(0, N_USERS, size=(4000, N_USERS))
    for place in range(2):
        low, high = np.percentile(values[place][drawn].mean(axis=1), [2.5, 97.5])
        row = found.frame.iloc[place]
        assert row["ndcg"] == pytest.approx(values[place].mean(), abs=1e-12)
        assert (row["ndcg_low"], row["ndcg_high"]) == pytest.approx((low, high), abs=0.005)
    expected = paired_difference(values[1], values[0], n_resamples=2000, seed=0)
    told = found.difference(1, 0)
    assert (told.mean, told.low, told.high) == pytest.approx(
        (expected.mean, expected.low, expected.high), abs=1e-12
    )


def test_a_point_is_found_by_name():
    found = swept(curve("content", (10, 100), (0, 1), (1, 2)), curve("full", (1000,), (1,), (3,)))
    assert [found.point("content", 100), found.point("full", 1000)] == [1, 2]
    with pytest.raises(InvalidParameterError, match="A pool of 50 by 'content' was not swept"):
        found.point("content", 50)


# --- advice


def three():
    """Embedding is good from 100 on, popularity cheap and worse, the full catalogue no better."""
    return swept(
        curve("embedding", (10, 100, 500), (0.2, 0.400, unsure(0.401)), (2.0, 3.0, 8.0)),
        curve("popularity", (10, 100, 500), (0.1, 0.2, 0.3), (0.4, 0.5, 1.0)),
        curve("full", (1000,), (0.401,), (20.0,)),
    )


def test_the_smallest_pool_that_cannot_be_told_apart_from_the_best():
    advice = three().advice()
    assert (advice.retriever, advice.k, advice.ndcg, advice.latency_ms) == ("embedding", 100, 0.4, 3.0)
    difference = paired_difference(unsure(0.401), np.full(N_USERS, 0.4), n_resamples=2000, seed=0)
    assert advice.sentence == (
        "A pool of 100 (embedding) is enough: nDCG@10 0.400 at 3.0 ms a request. The best, a pool of 500 "
        "(embedding), has 0.401 at 8.0 ms and cannot be told apart from it (95 % interval "
        f"{difference.low:+.3f} to {difference.high:+.3f} for the difference)."
    )
    assert advice.reasons == (
        f"With 200 users a loss of up to {difference.high:.3f} in nDCG@10 may go unseen.",
        "Latency is the median of single requests, measured; 95 of 100 take at most 6.0 ms.",
        "The ranker scores 100 of 1,000 items for a request.",
    )


def test_a_budget_leaves_points_out():
    found = three()
    advice = found.advice(budget_ms=2.0)
    assert (advice.retriever, advice.k) == ("popularity", 500)
    assert advice.sentence == (
        "Within 2.0 ms a pool of 500 (popularity) is best: nDCG@10 0.300 at 1.0 ms a request; every smaller "
        "pool is worse."
    )
    assert advice.reasons[0] == "4 of 7 points are within 2.0 ms."
    # At the budget itself a point is within it.
    assert found.advice(budget_ms=0.4).k == 10
    assert found.advice(budget_ms=0.4).sentence.endswith("a request.")


def test_one_retriever_may_be_asked_about_alone():
    found = three()
    assert (found.advice(retriever="popularity").k, found.advice(2.5, "embedding").k) == (500, 10)
    with pytest.raises(InvalidParameterError, match="Did you mean 'popularity'"):
        found.advice(retriever="popularit")


def test_where_size_changes_nothing_the_smallest_pool_is_the_best():
    found = swept(curve("embedding", (10, 100), (0.3, 0.3), (1, 2)), curve("full", (1000,), (0.3,), (9.0,)))
    assert found.advice().sentence == ("A pool of 10 (embedding) is best: nDCG@10 0.300 at 1.0 ms a request.")


def test_no_point_within_the_budget():
    advice = three().advice(budget_ms=0.3)
    assert (advice.retriever, advice.k) == ("", 0)
    assert math.isnan(advice.ndcg)
    assert math.isnan(advice.latency_ms)
    assert advice.sentence == (
        "Nothing answers within 0.30 ms: the quickest, a pool of 10 (popularity), takes 0.40 ms a request."
    )
    only = three().advice(budget_ms=0.3, retriever="full")
    assert "the quickest, the full catalogue, takes 20 ms" in only.sentence


def test_no_retriever_is_advised_where_the_catalogue_alone_is_good():
    found = swept(curve("popularity", (10, 100), (0.1, 0.2), (1, 2)), curve("full", (1000,), (0.4,), (1.5,)))
    advice = found.advice(budget_ms=5)
    assert (advice.retriever, advice.k) == ("full", 1000)
    assert advice.sentence.startswith("Within 5.0 ms the full catalogue is best: nDCG@10 0.400 at 1.5 ms")
    assert advice.reasons[-1] == ("All 1,000 items can be scored for each request: no retriever is needed.")


def test_what_three_digits_do_not_show_is_said_so_and_the_better_of_equal_sizes_is_taken():
    found = swept(
        curve("content", (10, 100), (unsure(0.29, 0.2), 0.2), (1, 2)),
        curve("embedding", (10, 100), (unsure(0.3, 0.0002), 0.30001), (1, 2), calls=(0, 0)),
        curve("full", (1000,), (0.1,), (9.0,)),
    )
    advice = found.advice()
    assert (advice.retriever, advice.k) == ("embedding", 10)
    assert advice.sentence.endswith("told apart from it (the two differ by less than 0.001).")
    assert advice.reasons == (
        "Latency is the median of single requests, measured; 95 of 100 take at most 2.0 ms.",
        "The pool's order is the ranker's own: nothing is scored again, whatever its size.",
    )


@pytest.mark.parametrize("budget", [0, -1.0, math.inf, math.nan])
def test_a_budget_that_is_none_is_refused(budget):
    with pytest.raises(InvalidParameterError, match="budget_ms must be a positive number"):
        three().advice(budget)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 6.0))
def test_advice_is_that_of_looking_at_every_point(seed, budget):
    rng = np.random.default_rng(seed)
    sizes = (10, 50, 200)
    curves = [
        curve(
            key,
            sizes,
            rng.normal(0.3, 0.3, (3, N_USERS)) + rng.normal(0, 0.05, (3, 1)),
            rng.uniform(0.4, 5, 3),
        )
        for key in ("embedding", "content")
    ]
    found = swept(*curves, curve("full", (1000,), (-1.0,), (9.0,)))
    points = [
        (size, each.key, each.ndcg[place], each.latency.total_ms[place])
        for each in curves
        for place, size in enumerate(sizes)
        if each.latency.total_ms[place] <= budget
    ]
    advice = found.advice(budget)
    if not points:
        assert advice.retriever == ""
        return
    best = max(points, key=lambda point: point[2].mean())
    alike = [
        point
        for point in points
        if point is best or not paired_difference(best[2], point[2], n_resamples=2000).excludes_zero
    ]
    size, key, values, took = min(alike, key=lambda point: (point[0], -point[2].mean()))
    assert (advice.retriever, advice.k) == (key, size)
    assert (advice.ndcg, advice.latency_ms) == pytest.approx((values.mean(), took))


@pytest.mark.parametrize(
    ("value", "words"), [(0.123, "0.12 ms"), (3.14, "3.1 ms"), (42.4, "42 ms"), (1234.0, "1,234 ms")]
)
def test_times_are_said_to_two_digits(value, words):
    assert milliseconds(value) == words


# --- rule of thumb


def ruled(ndcg, pool_recall=(0.1, 0.3, 0.5, 0.6, 0.9), **options):
    found = swept(
        curve("embedding", (10, 50, 100, 200, 700), ndcg, (1, 2, 3, 4, 5), pool_recall=pool_recall),
        curve("full", (1000,), (0.5,), (9.0,)),
        **options,
    )
    return found.rule_of_thumb()


def test_the_rule_against_data_that_needs_less():
    rule, told = ruled((0.1, 0.5, 0.45, 0.45, 0.45))
    assert rule == "Rule of thumb: a pool of 10 to 20 times the final list, here 100 to 200."
    assert told == (
        "Embedding: pools of 100 and 200 reach 90 % and 90 % of its best nDCG@10, 0.500 at 50 candidates. "
        "This data does not ask for as much: a pool of 50 cannot be told apart from the best. From 100 to "
        "200 the pool's recall grows (50.0 to 60.0 of 100 held-out items) and nDCG@10 cannot be told apart "
        "at the two."
    )


def test_the_rule_against_data_that_needs_more():
    _, told = ruled((0.1, 0.2, 0.3, 0.4, 0.5), pool_recall=(0.1, 0.2, 0.5, 0.5, 0.9))
    assert "reach 60 % and 80 % of its best nDCG@10, 0.500 at 700 candidates" in told
    assert "This data asks for more: every pool under 700 is worse than the best." in told
    assert told.endswith(
        "the pool's recall does not visibly grow (50.0 to 50.0 of 100 held-out items) and nDCG@10 grows by "
        "0.100."
    )


def test_the_rule_where_the_data_agrees_and_where_longer_pools_harm():
    _, told = ruled((0.1, 0.2, 0.5, 0.4, 0.3))
    assert "This data agrees: 100 is the smallest that cannot be told apart from the best." in told
    assert told.endswith("nDCG@10 falls by 0.100.")


def test_what_uncertainty_may_hide_is_said():
    _, told = ruled((0.1, 0.498, 0.5, unsure(0.501), 0.4))
    loss = paired_difference(unsure(0.501), np.full(N_USERS, 0.498), n_resamples=2000, seed=0).high
    assert (
        f"a pool of 50 cannot be told apart from the best (with 200 users a loss of up to {loss:.3f} in "
        "nDCG@10 may go unseen)."
    ) in told


def test_the_rule_where_it_does_not_apply():
    assert ruled((0.1,) * 5, n_items=90) == (
        "Rule of thumb: a pool of 10 to 20 times the final list, here 100 to 200. The catalogue of 90 items "
        "is no larger than that.",
    )
    assert ruled((0.1,) * 5, n=4)[0].endswith("here 40 to 80. Such pools were not among the sizes swept.")
    _, one = ruled((0.1, 0.2, 0.3, 0.3, 0.3), n=5)
    assert one.startswith("Embedding: pools of 50 and 100 reach 67 % and 100 %")
    _, half = ruled((0.1, 0.2, 0.3, 0.3, 0.3), n=70)
    assert half.startswith("Embedding: a pool of 700 reaches 100 % of its best nDCG@70")
    _, nothing = ruled((0.0,) * 5)
    assert nothing == "Embedding: no list at any size holds a held-out item."


def test_advice_and_rule_speak_of_a_real_run(result):
    found = sweep(result, sizes=(10, 100, 200), latency_users=1)
    assert len(found.rule_of_thumb()) == 4
    advice = found.advice(1e6)
    point = found.frame.loc[found.point(advice.retriever, advice.k)]
    assert (advice.ndcg, advice.latency_ms) == (point["ndcg"], point["latency_ms"])
    within = found.frame[found.frame["k"] < advice.k]
    best = int(found.frame["ndcg"].idxmax())
    assert all(found.difference(best, row).excludes_zero for row in within.index)
