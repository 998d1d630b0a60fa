"""Users worth a look: the kinds by hand, the draw by its seed."""

from types import SimpleNamespace

import numpy as np
import pytest

from skrec_lite.experiment import USER_KINDS, pick_user, users_of_kind


def run(found, shown):
    ranked = SimpleNamespace(per_user={"hit_rate": np.array(shown, dtype=float)})
    return SimpleNamespace(has_hit=np.array(found, dtype=bool), ranked=ranked)


@pytest.fixture
def two_retrievers():
    """Five users: shown by both, found by one and shown, found by one and lost, lost by both, missed."""
    return SimpleNamespace(
        user_ids=np.array(["ann", "bob", "cy", "di", "ed"], dtype=object),
        runs={
            "one": run([1, 1, 0, 1, 0], [1, 1, 0, 0, 0]),
            "two": run([1, 0, 1, 1, 0], [1, 0, 0, 0, 0]),
        },
    )


@pytest.mark.parametrize(
    ("kind", "rows"),
    [("any", [0, 1, 2, 3, 4]), ("shown", [0, 1]), ("lost", [2, 3]), ("missed", [4]), ("single", [1, 2])],
)
def test_kinds_by_hand(two_retrievers, kind, rows):
    assert users_of_kind(two_retrievers, kind).tolist() == rows


def test_every_kind_is_offered_and_unknown_ones_are_refused(two_retrievers):
    assert set(USER_KINDS) == {"any", "shown", "lost", "missed", "single"}
    with pytest.raises(ValueError, match="'missed'"):
        users_of_kind(two_retrievers, "mised")


def test_the_seed_decides_and_every_user_of_the_kind_may_come(two_retrievers):
    draws = [pick_user(two_retrievers, "any", seed) for seed in range(60)]
    assert draws == [pick_user(two_retrievers, "any", seed) for seed in range(60)]
    assert set(draws) == {"ann", "bob", "cy", "di", "ed"}


def test_another_user_comes_unless_there_is_none(two_retrievers):
    assert {pick_user(two_retrievers, "shown", seed, besides="ann") for seed in range(20)} == {"bob"}
    assert pick_user(two_retrievers, "missed", besides="ed") == "ed"


def test_nobody_of_the_kind_is_none(two_retrievers):
    two_retrievers.runs = {"one": run([1] * 5, [1] * 5)}
    assert pick_user(two_retrievers, "missed") is None


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


def _held_out_ids(result):
    held = result.split.held_out
    return [
        result.items.decode(held.indices[held.indptr[row] : held.indptr[row + 1]])
        for row in range(len(result.user_ids))
    ]
