"""Pairs of retrievers compared: the figures against the long way, the sentences word by word."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.figures.comparison import Comparison
from skrec_lite.experiment.figures.comparisons import (
    COMPARED_LIST_METRICS,
    POOL_METRICS,
    compare,
    comparisons_frame,
    list_comparisons,
    pool_comparisons,
)
from skrec_lite.experiment.figures.verdict import verdict
from skrec_lite.metrics import LIST_METRICS, Interval
from skrec_lite.metrics.bootstrap import paired_difference
from skrec_lite.metrics.significance import holm, permutation_test
from tests.experiment.rich_result import rich_result


@pytest.mark.parametrize("k", [1, 30, 100])
def test_pools_are_compared_at_k_as_each_pair_alone_would_be(result, k):
    found = pool_comparisons(result, k)
    asked = [(metric, *pair) for metric in POOL_METRICS for pair in combinations(result.runs, 2)]
    assert [(one.metric, one.first, one.second) for one in found] == asked
    held_out, seed = result.split.n_held_out, result.config.seed
    for one in found:
        first, second = (
            LIST_METRICS[one.metric](result.runs[key].hits[:, :k], held_out)
            for key in (one.first, one.second)
        )
        alone = paired_difference(first, second, seed=seed)
        assert tuple(vars(one.difference).values()) == pytest.approx(tuple(vars(alone).values()), abs=1e-12)
        assert one.p_value == permutation_test(first - second, seed=seed)
        assert (one.stage, one.k, one.n_users) == ("pool", k, 150)
    adjusted = holm([one.p_value for one in found])
    assert [one.p_adjusted for one in found] == adjusted.tolist()
    assert {one.n_compared for one in found} == {len(asked)}


def test_lists_are_compared_with_each_other_and_with_the_full_catalogue(result):
    found = list_comparisons(result)
    asked = [
        (metric, *pair)
        for metric in ("recall", "ndcg", "mrr")
        for pair in [*combinations(result.runs, 2), *((key, "full") for key in result.runs)]
    ]
    assert [(one.metric, one.first, one.second) for one in found] == asked
    lists = {key: run.ranked.per_user for key, run in result.runs.items()}
    lists["full"] = result.reference.ranked.per_user
    for one in found:
        difference = lists[one.first][one.metric] - lists[one.second][one.metric]
        assert one.difference.mean == pytest.approx(difference.mean(), abs=1e-12)
        assert one.p_value == permutation_test(difference, seed=result.config.seed)
        assert (one.stage, one.k) == ("list", result.config.n)
    assert [one.p_adjusted for one in found] == holm([one.p_value for one in found]).tolist()


def test_with_one_item_held_out_what_asks_the_same_is_asked_once(result):
    for run in result.runs.values():
        told = run.ranked.per_user
        np.testing.assert_array_equal(told["hit_rate"], told["recall"])
        np.testing.assert_allclose(told["precision"] * result.config.n, told["recall"], atol=1e-12)
        np.testing.assert_allclose(told["map"], told["mrr"], atol=1e-12)
    assert {one.metric for one in list_comparisons(result)} == {"recall", "ndcg", "mrr"}
    several = rich_result()
    assert several.split.n_held_out.max() > 1
    assert {one.metric for one in list_comparisons(several)} == set(COMPARED_LIST_METRICS)


def test_the_full_catalogue_is_compared_over_the_users_it_covers(result):
    users, ranked = np.arange(20, 80), result.reference.ranked
    reference = replace(
        result.reference,
        users=users,
        ranked=replace(ranked, per_user={name: values[users] for name, values in ranked.per_user.items()}),
    )
    for one in list_comparisons(replace(result, reference=reference)):
        if one.second == "full":
            own = result.runs[one.first].ranked.per_user[one.metric][users]
            assert one.difference.mean == pytest.approx((own - ranked.per_user[one.metric][users]).mean())
        assert one.n_users == (60 if one.second == "full" else 150)


def test_both_stages_come_together_and_are_computed_once(result):
    assert compare(result, 30) == [*pool_comparisons(result, 30), *list_comparisons(result)]
    assert compare(result) == compare(result, 100) == compare(result, 2345)
    assert compare(result, 30)[0] is compare(result, 30)[0]
    again = replace(result, runs=dict(reversed(result.runs.items())))
    assert compare(again, 30)[0].first == list(result.runs)[-1], "another result has comparisons of its own"


def test_one_retriever_alone_is_compared_with_the_full_catalogue_only(result):
    alone = compare(replace(result, runs={"content": result.runs["content"]}))
    assert {(one.stage, one.first, one.second) for one in alone} == {("list", "content", "full")}


def test_the_headline_says_the_same_as_the_comparison_of_that_pair(result):
    for k in (5, 100):
        said = verdict(result, k)
        one = next(
            one
            for one in pool_comparisons(result, k)
            if one.metric == "recall" and {one.first, one.second} == {said.leader, said.runner_up}
        )
        sign = 1 if one.first == said.leader else -1
        assert said.difference.mean == pytest.approx(sign * one.difference.mean)
        assert said.difference.excludes_zero == one.difference.excludes_zero
        assert ("cannot be told apart" in said.sentence) == ("cannot be told apart" in one.sentence)


def a_comparison(mean, low, high, **about):
    given = {
        "stage": "pool", "metric": "recall", "k": 200, "first": "embedding", "second": "popularity",
        "difference": Interval(mean, low, high), "p_value": 0.0002, "p_adjusted": 0.0012, "n_compared": 6,
        "n_users": 2000, "n_deciding": 300.0,
    }  # fmt: skip
    return Comparison(**given | about)


def test_a_certain_difference_in_words():
    expected = (
        "Embedding finds 4.1 more of 100 held-out items than popularity at k = 200 "
        "(95 % interval 3.2 to 5.0)."
    )
    assert a_comparison(0.041, 0.032, 0.05).sentence == expected
    turned = a_comparison(-0.041, -0.05, -0.032, first="popularity", second="embedding")
    assert turned.sentence == expected
    assert turned.is_certain


def test_no_difference_in_words():
    one = a_comparison(-0.002, -0.011, 0.007, second="content", p_value=0.6, p_adjusted=1.0)
    assert one.sentence == (
        "Embedding and content-based cannot be told apart at k = 200: a difference of -0.2 "
        "(95 % interval -1.1 to 0.7)."
    )
    assert not one.is_certain
    one = a_comparison(-0.00001, -0.011, 0.00002, metric="ndcg", p_adjusted=0.2)
    assert one.sentence == (
        "Embedding and popularity cannot be told apart by nDCG@200 of pools: a difference of 0.000 "
        "(95 % interval -0.011 to 0.000)."
    )


def test_what_is_certain_alone_and_not_among_many_says_so():
    one = a_comparison(0.041, 0.001, 0.08, p_value=0.04, p_adjusted=0.24)
    assert one.sentence == (
        "Embedding finds 4.1 more of 100 held-out items than popularity at k = 200 "
        "(95 % interval 0.1 to 8.0), "
        "taken alone; as one of 6 comparisons it may be chance (adjusted p = 0.240)."
    )
    assert not one.is_certain


def test_a_small_p_value_does_not_overrule_an_interval_that_holds_0():
    assert not a_comparison(0.03, -0.001, 0.06, p_adjusted=0.01).is_certain
    assert "cannot be told apart" in a_comparison(0.03, -0.001, 0.06, p_adjusted=0.01).sentence


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        (
            "recall",
            "Embedding brings 4.1 more of 100 held-out items into the list of 10 than the full catalogue",
        ),
        (
            "precision",
            "Embedding fills 4.1 more of 100 list places with held-out items than the full catalogue",
        ),
        (
            "hit_rate",
            "Embedding gives 4.1 more of 100 users a held-out item in the list of 10 than the full catalogue",
        ),
        ("ndcg", "nDCG@10 is 0.041 higher with embedding than with the full catalogue"),
        ("mrr", "MRR@10 is 0.041 higher with embedding than with the full catalogue"),
        ("map", "MAP@10 is 0.041 higher with embedding than with the full catalogue"),
    ],
)
def test_lists_in_words(metric, words):
    one = a_comparison(0.041, 0.032, 0.05, stage="list", metric=metric, k=10, second="full")
    assert one.sentence.startswith(f"{words} (95 % interval ")
    other = a_comparison(-0.041, -0.05, -0.032, stage="list", metric=metric, k=10, second="full")
    assert (
        "The full catalogue" in other.sentence
        or "with the full catalogue than with embedding" in other.sentence
    )


def test_identical_retrievers_in_words():
    one = a_comparison(
        0.0, 0.0, 0.0, p_value=1.0, p_adjusted=1.0, n_deciding=0.0, second="full", stage="list", k=10
    )
    assert one.sentence == "Embedding and the full catalogue have the same recall@10 for every user."


def test_too_few_users_are_said():
    few = a_comparison(0.041, 0.032, 0.05, n_deciding=6.2)
    assert few.sentence.endswith(
        "(95 % interval 3.2 to 5.0). About 6 users decide this: the interval may be too narrow."
    )
    small = a_comparison(0.041, 0.032, 0.05, n_users=30, n_deciding=25.0)
    assert small.sentence.endswith("With 30 users measured the interval may be too narrow.")
    one = a_comparison(0.5, np.nan, np.nan, n_users=1, n_deciding=0.0, p_value=1.0, p_adjusted=1.0)
    assert "cannot be told apart at k = 200: a difference of 50.0 (no interval from one user)" in one.sentence


def test_the_frame_has_a_row_for_each_comparison(result):
    found = compare(result, 30)
    frame = comparisons_frame(found)
    assert len(frame) == len(found)
    for row, one in zip(frame.itertuples(index=False), found, strict=True):
        assert (row.stage, row.metric, row.k, row.first, row.second) == (
            one.stage, one.metric, one.k, one.first, one.second,
        )  # fmt: skip
        assert (row.difference, row.low, row.high) == tuple(vars(one.difference).values())
        assert (row.p_value, row.p_adjusted, row.is_certain) == (one.p_value, one.p_adjusted, one.is_certain)
        assert row.sentence == one.sentence
    assert comparisons_frame([]).columns.tolist() == frame.columns.tolist()


def test_turned_round_only_the_sign_changes(result):
    for one in list_comparisons(result):
        turned = one.against(one.first)
        assert (turned.first, turned.second) == (one.second, one.first)
        assert turned.difference.mean == -one.difference.mean
        assert (turned.difference.low, turned.difference.high) == (-one.difference.high, -one.difference.low)
        assert (turned.outcome, turned.ahead) == (one.outcome, one.ahead)
        assert turned.against(one.second) == one.against(one.second) == one


def test_a_reference_that_is_neither_of_the_two_is_named(result):
    with pytest.raises(InvalidParameterError, match="reference must be one of"):
        pool_comparisons(result)[0].against("full")
