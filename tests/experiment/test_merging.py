"""Merged pools tried on a finished run are those that the merged retriever gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.experiment import user_view
from skrec_lite.experiment.playground.merge_places import PoolsSideBySide
from skrec_lite.experiment.playground.merging import held_out_places, mergeable, merged_pool, try_merge
from skrec_lite.metrics import hit_matrix
from skrec_lite.retriever import MergedRetriever
from skrec_lite.retriever.base_retriever import NativeBatchRetriever
from skrec_lite.retriever.candidates import Candidates


class Known(NativeBatchRetriever):
    """A retriever whose pools are given."""

    def __init__(self, pools):
        super().__init__(pools.k)
        self.pools = pools

    def build_index(self, estimator=None, interactions=None, items=None):
        pass

    def retrieve_batch(self, user_ids, top_k=None, exclude=None):
        return self.pools


WEIGHTS = (
    {"embedding": 1.0, "content": 1.0, "popularity": 1.0},
    {"embedding": 3.0, "content": 1.0, "popularity": 0.0},
    {"embedding": 0.5, "content": 0.0, "popularity": 4.0},
    {"embedding": 0.0, "content": 2.0, "popularity": 0.0},
)


@pytest.mark.parametrize("method", ["rrf", "quota"])
@pytest.mark.parametrize("weights", WEIGHTS, ids=lambda weights: "-".join(map(str, weights.values())))
def test_recall_and_pools_are_those_of_the_merged_retriever(result, weights, method):
    used = {key: weight for key, weight in weights.items() if weight}
    merged = MergedRetriever(
        [result.recommenders[key].retriever for key in used],
        top_k=result.config.top_k, method=method, weights=list(used.values()), rank_constant=20,
    )  # fmt: skip
    seen = result.recommenders["full"].seen_items
    pools = merged.retrieve_batch(result.user_ids, result.config.top_k, seen).over(result.items)
    hits = hit_matrix(pools.item_index, result.split.held_out)
    expected = hits.cumsum(axis=1) / result.split.n_held_out[:, None]
    trial = try_merge(result, tuple(weights.items()), method, 20.0)
    np.testing.assert_allclose(trial.curve, expected.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(trial.recall, expected[:, -1], atol=1e-12)
    user = result.user_ids[5]
    shown = merged_pool(result, user, tuple(weights.items()), method, 20.0)
    assert shown["ITEM_ID"].tolist() == pools.to_dict()[user]
    own = user_view(result, user).pools
    for key in used:
        ranks = dict(zip(own[key]["ITEM_ID"], own[key]["rank"], strict=True))
        assert shown[f"found_by_{key}"].tolist() == [ranks.get(item, 0) for item in shown["ITEM_ID"]]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_places_agree_with_merged_pools_whatever_the_pools(data):
    """Pools of all kinds: short ones, unknown users, the same item everywhere, ties."""
    n_users, n_items, k = 4, 9, 5
    names = data.draw(st.sampled_from([("a",), ("a", "b"), ("a", "b", "c")]))
    pools = {}
    for name in names:
        rows = np.full((n_users, k), -1, dtype=np.int32)
        for user in range(n_users):
            found = data.draw(st.lists(st.integers(0, n_items - 1), unique=True, max_size=k))
            rows[user, : len(found)] = found
        unsure = np.array(data.draw(st.lists(st.booleans(), min_size=n_users, max_size=n_users)))
        users = np.array([f"u{user}" for user in range(n_users)], dtype=object)
        scores = np.where(rows >= 0, np.float32(0), np.float32(-np.inf))
        pools[name] = Candidates(
            users, IdMap([f"i{item}" for item in range(n_items)]), rows, scores, name, unsure
        )
    dense = np.array(
        data.draw(st.lists(st.lists(st.integers(0, 1), min_size=n_items, max_size=n_items),
                           min_size=n_users, max_size=n_users))
    )  # fmt: skip
    held_out = csr_array(dense)
    weights = {name: data.draw(st.sampled_from([0.25, 1.0, 3.0])) for name in names}
    method = data.draw(st.sampled_from(["rrf", "quota"]))
    retriever = MergedRetriever(
        [Known(pool) for pool in pools.values()], top_k=k, method=method, weights=list(weights.values()),
        rank_constant=60,
    )  # fmt: skip
    expected = retriever.retrieve_batch(users)
    # Names of the one id map are sorted; rows of the answer are told by name.
    wanted = expected.items.decode(expected.item_index)
    users_found, places = PoolsSideBySide.of(pools, held_out, n_items).hit_places(weights, method, 60.0, k)
    got = sorted(zip(users_found.tolist(), places.tolist(), strict=True))
    by_hand = sorted(
        (user, place + 1)
        for user in range(n_users)
        for place, item in enumerate(wanted[user])
        if item is not None and dense[user, int(item[1:])]
    )
    assert got == by_hand


def test_the_best_part_and_its_certainty_are_told(result):
    trial = try_merge(result, tuple((key, 1.0) for key in mergeable(result)))
    alone = {key: curve[-1] for key, curve in result.recall_curves.items()}
    assert trial.best == max(alone, key=alone.get)
    assert trial.gain.mean == pytest.approx(trial.curve[-1] - alone[trial.best])
    assert f"find {100 * trial.curve[-1]:.1f} of 100 held-out items" in trial.sentence
    assert ("No clear difference" in trial.sentence) is not trial.gain.excludes_zero
    only = try_merge(result, (("content", 2.0),))
    np.testing.assert_allclose(only.curve, result.recall_curves["content"], atol=1e-12)
    assert only.sentence.startswith("Only content-based has a weight")


def test_the_same_question_is_answered_once(result):
    asked = tuple((key, 1.5) for key in mergeable(result))
    assert try_merge(result, asked) is try_merge(result, asked)


def test_places_of_held_out_items_by_pool(result):
    row = int(np.flatnonzero(result.runs["popularity"].hits.any(axis=1))[0])
    user = result.user_ids[row]
    pool = merged_pool(result, user, tuple((key, 1.0) for key in mergeable(result)))
    places = held_out_places(result, user, pool)
    view = user_view(result, user)
    assert places["ITEM_ID"].tolist() == view.held_out["ITEM_ID"].tolist()
    for key in mergeable(result):
        assert places[key].tolist() == view.held_out[f"{key}_rank"].tolist()
    for item, place in zip(places["ITEM_ID"], places["merged"], strict=True):
        found = pool.loc[pool["ITEM_ID"] == item, "rank"].tolist()
        assert found == ([place] if place else [])


def test_what_cannot_be_merged_is_refused(result):
    for weights, message in (
        ((("content", 0.0),), "above 0"),
        ((("content", -1.0),), "0 or more"),
        ((("nobody", 1.0),), "nobody"),
    ):
        with pytest.raises(ValueError, match=message):
            try_merge(result, weights)
    with pytest.raises(ValueError, match="method"):
        try_merge(result, (("content", 1.0),), "union")
