"""Users worth a look: the kinds by hand, the draw by its seed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skrec_lite.experiment import USER_KINDS, fates, pick_user, users_of_kind
from skrec_lite.experiment.users.pick_users import fate_kind, kind_of, users_like, users_of_fate
from skrec_lite.experiment.users.user_figures import pool_distance, recall_gap
from tests.experiment.rich_result import rich_result, toy_result


def with_histories(toy, lengths, fallback=None):
    """A toy with this many training interactions of each user, and who was answered by a fallback."""
    toy.split.train = pd.DataFrame({"USER_ID": np.repeat(toy.user_ids, lengths)})
    unknown = np.zeros(len(toy.user_ids), dtype=bool) if fallback is None else np.array(fallback, dtype=bool)
    for run in toy.runs.values():
        run.candidates.fallback = np.zeros(len(toy.user_ids), dtype=bool)
        run.has_hit = run.hits.any(axis=1)
    next(iter(toy.runs.values())).candidates.fallback = unknown
    return toy


@pytest.fixture
def two_retrievers():
    """Five users: shown by both, found by one and shown, found by one and lost, lost by both, missed."""
    toy = toy_result(
        pools={"one": [[1], [1], [0], [1], [0]], "two": [[1], [0], [1], [1], [0]]},
        lists={"one": [[1], [1], [0], [0], [0]], "two": [[1], [0], [0], [0], [0]]},
        held_out=[[1]] * 5,
    )
    return with_histories(toy, [4, 2, 9, 3, 2])


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("any", [0, 1, 2, 3, 4]),
        ("shown", [0, 1]),
        ("lost", [2, 3]),
        ("missed", [4]),
        ("single", [1, 2]),
        # Nothing shown to 2, 3 and 4, one held out each: a tenth, rounded up, is the longest history.
        ("worst", [2]),
        # Users 1 and 2 are found by one of two, and their pools have nothing in common: the earlier row.
        ("disagreement", [1]),
        ("cold", [1, 4]),
    ],
)
def test_kinds_by_hand(two_retrievers, kind, rows):
    assert users_of_kind(two_retrievers, kind).tolist() == rows


def test_worst_served_counts_what_is_held_out_before_the_history():
    toy = toy_result(
        pools={"one": [[0]] * 12},
        lists={"one": [[0]] * 12},
        held_out=[[1]] * 9 + [[1, 2, 3], [1, 2], [0, 1, 2, 3]],
    )
    with_histories(toy, [50] * 9 + [1, 2, 3])
    # The last is shown item 0; of the other eleven the two with most held out.
    assert users_of_kind(toy, "worst").tolist() == [9, 10]


def test_disagreement_is_by_hits_first_and_by_candidates_in_common_where_they_are_equal():
    found = toy_result(
        pools={"one": [[1, 2, 3]] * 11, "two": [[1, 2, 3]] * 9 + [[4, 5, 6], [1, 2, 4]]},
        lists={"one": [[1]] * 11, "two": [[1]] * 11},
        held_out=[[9]] * 10 + [[3]],
    )
    with_histories(found, [1] * 11)
    np.testing.assert_allclose(recall_gap(found), [0] * 10 + [1])
    np.testing.assert_allclose(pool_distance(found), [0] * 9 + [1, 2 / 4])
    assert users_of_kind(found, "disagreement").tolist() == [9, 10]


def test_merged_pools_and_padding_do_not_count_as_disagreement():
    toy = toy_result(
        pools={"one": [[1, 2]], "two": [[1]], "merged": [[7, 8]]},
        lists={"one": [[1]], "two": [[1]], "merged": [[7]]},
        held_out=[[7]],
        parts=("merged",),
    )
    assert recall_gap(toy).tolist() == [0]
    assert pool_distance(toy).tolist() == [1 / 2]


def test_with_one_retriever_nobody_disagrees():
    toy = with_histories(toy_result({"one": [[1]]}, {"one": [[1]]}, [[1]]), [1])
    assert users_of_kind(toy, "disagreement").tolist() == []


def test_cold_are_short_histories_and_those_whom_a_retriever_did_not_know():
    toy = toy_result({"one": [[1]] * 20}, {"one": [[1]] * 20}, [[1]] * 20)
    with_histories(toy, [*range(2, 20), 1, 3], fallback=[0] * 10 + [1] + [0] * 9)
    # The shortest tenth, two of twenty, has up to 2 interactions: users 18 and 0.
    assert users_of_kind(toy, "cold").tolist() == [0, 10, 18]


def test_users_of_a_fate_by_hand():
    toy = toy_result(
        pools={"one": [[1, 2], [1, 3], [4, 5]]},
        lists={"one": [[1], [3], [4]]},
        held_out=[[1, 2], [1], [9]],
        unreachable=[[], ["new"], []],
    )
    assert users_of_fate(toy, "one", "shown").tolist() == [0]
    assert users_of_fate(toy, "one", "ranked_below").tolist() == [0, 1]
    assert users_of_fate(toy, "one", "not_retrieved").tolist() == [2]
    assert users_of_fate(toy, "one", "not_in_catalogue").tolist() == [1]
    with pytest.raises(ValueError, match="'shown'"):
        users_of_fate(toy, "one", "show")
    with pytest.raises(ValueError, match="'one'"):
        users_of_fate(toy, "tow", "shown")


def test_users_of_fates_agree_with_the_fates_of_a_run():
    result = rich_result()
    for key in result.runs:
        table = fates(result, key)
        for fate, of_fate in table.groupby("fate"):
            rows = users_of_fate(result, key, fate)
            assert set(result.user_ids[rows]) == set(of_fate["USER_ID"])
            assert (np.diff(rows) > 0).all()


def test_a_fate_is_a_kind_by_its_name():
    result = rich_result()
    kind = fate_kind("content", "ranked_below")
    assert users_like(result, kind).tolist() == users_of_fate(result, "content", "ranked_below").tolist()
    assert users_like(result, "shown").tolist() == users_of_kind(result, "shown").tolist()
    assert kind_of(kind).label == "Content-based: retrieved, ranked below the list"
    assert kind_of("worst") is USER_KINDS["worst"]
    assert result.row_of(pick_user(result, kind, seed=4)) in users_of_fate(result, "content", "ranked_below")


def test_every_kind_is_offered_and_unknown_ones_are_refused(two_retrievers):
    assert set(USER_KINDS) == {"any", "worst", "disagreement", "cold", "shown", "lost", "missed", "single"}
    for kind in USER_KINDS:
        assert set(users_of_kind(two_retrievers, kind)) <= set(range(5))
    with pytest.raises(ValueError, match="'missed'"):
        users_of_kind(two_retrievers, "mised")
    with pytest.raises(ValueError, match="'missed'"):
        kind_of("mised")


def test_the_seed_decides_and_every_user_of_the_kind_may_come(two_retrievers):
    draws = [pick_user(two_retrievers, "any", seed) for seed in range(60)]
    assert draws == [pick_user(two_retrievers, "any", seed) for seed in range(60)]
    assert set(draws) == set(two_retrievers.user_ids)


def test_another_user_comes_unless_there_is_none(two_retrievers):
    assert {pick_user(two_retrievers, "shown", seed, besides="u0") for seed in range(20)} == {"u1"}
    assert pick_user(two_retrievers, "missed", besides="u4") == "u4"


def test_nobody_of_the_kind_is_none():
    served = with_histories(toy_result({"one": [[1]]}, {"one": [[1]]}, [[1]]), [1])
    assert pick_user(served, "missed") is None
    assert pick_user(served, "worst") is None


def test_kinds_agree_with_the_lists_of_a_run(result):
    last = {user: set(row) for user, row in zip(result.user_ids, _held_out_ids(result), strict=True)}
    pools = {key: run.candidates.to_dict() for key, run in result.runs.items()}
    found_by = {
        user: sum(bool(items & set(pool[user])) for pool in pools.values()) for user, items in last.items()
    }
    by_kind = {kind: set(result.user_ids[users_of_kind(result, kind)]) for kind in USER_KINDS}
    assert by_kind["missed"] == {user for user, count in found_by.items() if count == 0}
    assert by_kind["single"] == {user for user, count in found_by.items() if count == 1}
    assert by_kind["shown"] | by_kind["lost"] == {user for user, count in found_by.items() if count}
    assert not by_kind["shown"] & by_kind["lost"]
    assert by_kind["worst"] <= by_kind["lost"] | by_kind["missed"]
    # One item is held out for each, so whom all or none of the retrievers found disagree on candidates only.
    tenth = -(-len(result.user_ids) // 10)
    split_hits = {user for user, count in found_by.items() if 0 < count < len(result.runs)}
    assert len(by_kind["disagreement"]) == tenth
    assert by_kind["disagreement"] <= split_hits or split_hits <= by_kind["disagreement"]


def test_the_share_of_candidates_in_one_pool_only_agrees_with_counting(result):
    pools = [run.candidates.to_dict() for run in result.runs.values()]
    expected = []
    for user in result.user_ids:
        counts = pd.Series([item for pool in pools for item in pool[user]]).value_counts()
        expected.append((counts == 1).mean())
    np.testing.assert_allclose(pool_distance(result), expected)


def test_a_kind_is_computed_once_for_each_result(result):
    fresh = replace(result)
    assert users_of_kind(fresh, "cold") is users_of_kind(fresh, "cold")


def _held_out_ids(result):
    held = result.split.held_out
    return [
        result.items.decode(held.indices[held.indptr[row] : held.indptr[row + 1]])
        for row in range(len(result.user_ids))
    ]
