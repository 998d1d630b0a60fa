"""The funnel: each held-out item comes to one end, and no stage gives more than the one before allows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment import FUNNEL_ENDS
from skrec_lite.experiment.figures.contributions import contribution_sentences, contributions
from skrec_lite.experiment.figures.funnel import (
    fates,
    funnel_frame,
    funnel_stages,
    held_out_places,
    oracle_ndcg,
)
from skrec_lite.metrics import paired_difference
from tests.experiment.rich_result import rich_result, toy_result


@pytest.fixture(scope="module")
def toy():
    """Two users, pools of 4, lists of 2; the second user's content-based pool holds one item."""
    return toy_result(
        pools={"embedding": [[0, 1, 2, 3], [4, 5, 6, 7]], "content": [[1, 8, 9, 2], [5]]},
        lists={"embedding": [[1, 0], [4, 7]], "content": [[9, 1], [5]]},
        held_out=[[1, 3, 8], [5, 9]],
        unreachable=[["lost"], []],
    )


def test_fates_by_hand(toy):
    table = fates(toy, "embedding")
    assert table.columns.tolist() == ["USER_ID", "ITEM_ID", "fate", "pool_rank", "position"]
    assert table.to_numpy().tolist() == [
        ["u0", "i1", "shown", 2, 1],
        ["u0", "i3", "ranked_below", 4, 0],
        ["u0", "i8", "not_retrieved", 0, 0],
        ["u0", "lost", "not_in_catalogue", 0, 0],
        ["u1", "i5", "ranked_below", 2, 0],
        ["u1", "i9", "not_retrieved", 0, 0],
    ]
    assert fates(toy, "content")["fate"].tolist() == [
        "shown", "not_retrieved", "ranked_below", "not_in_catalogue", "shown", "not_retrieved"
    ]  # fmt: skip


def test_stages_by_hand(toy):
    stages = funnel_stages(toy).set_index("retriever")
    a = stages.loc["embedding"]
    assert a[["held_out", "reachable", "retrieved", "shown"]].tolist() == [6, 5, 3, 1]
    assert a["reachable_share"] == pytest.approx(5 / 6)
    assert a["retrieved_share"] == pytest.approx(3 / 5)
    assert a["shown_share"] == pytest.approx(1 / 3)
    assert a["pool_recall"] == pytest.approx((2 / 4 + 1 / 2) / 2)
    assert a["recall"] == pytest.approx((1 / 4 + 0) / 2)
    # The ideal list of two: 1 + 1 / log2(3). The first user's pool fills it, the second's has one hit.
    ideal = 1 + 1 / np.log2(3)
    assert a["oracle_ndcg"] == pytest.approx((1 + 1 / ideal) / 2)
    assert a["ndcg"] == pytest.approx((1 / ideal + 0) / 2)
    assert a["ndcg_share"] == pytest.approx(a["ndcg"] / a["oracle_ndcg"])
    full = stages.loc["full"]
    assert full[["reachable", "retrieved"]].tolist() == [5, 5]
    assert full["pool_recall"] == pytest.approx((3 / 4 + 1) / 2)
    assert full["oracle_ndcg"] == pytest.approx(1.0)


def test_contributions_by_hand(toy):
    table = contributions(toy).set_index("retriever")
    assert table["hits"].tolist() == [3, 3]
    # Both found i1 and i5; only the first i3, only the second i8.
    assert table["unique_hits"].tolist() == [1, 1]
    assert table["union_recall"].tolist() == pytest.approx([(3 / 4 + 1 / 2) / 2] * 2)
    assert table["recall_without"].tolist() == pytest.approx([(2 / 4 + 1 / 2) / 2] * 2)
    assert table["marginal_recall"].tolist() == pytest.approx([1 / 8, 1 / 8])
    # First user 0 1 2 3 8 9, second 4 5 6 7; without the first retriever 1 8 9 2
    # and 5, without the second 4 each.
    assert table["union_size"].tolist() == [5.0, 5.0]
    assert table["size_without"].tolist() == [2.5, 4.0]
    first = contributions(toy, k=1).set_index("retriever")
    assert first["hits"].tolist() == [0, 2]
    assert first["union_recall"].tolist() == pytest.approx([(1 / 4 + 1 / 2) / 2] * 2)
    assert first["recall_without"].tolist() == pytest.approx([(1 / 4 + 1 / 2) / 2, 0])
    words = contribution_sentences(contributions(toy, k=1))
    assert words[0].startswith("Content-based adds 37.5 of 100 held-out items that no other found (95 %")
    assert words[1] == "Embedding finds nothing that the others miss, with 1 candidate a user of its own."


def test_unknown_keys_and_sizes_are_named(toy):
    with pytest.raises(InvalidParameterError, match="retriever must be one of"):
        fates(toy, "c")
    with pytest.raises(InvalidParameterError, match="k must be"):
        contributions(toy, k=0)


@st.composite
def any_result(draw):
    """Pools of distinct items, lists that are parts of them, anything held out, some of it out of reach."""
    n_users, n_items = draw(st.integers(1, 5)), 8
    items = st.lists(st.integers(0, n_items - 1), unique=True)
    pools, lists = {}, {}
    for key in ("embedding", "content", "popularity"):
        pools[key] = [draw(items) for _ in range(n_users)]
        n = draw(st.integers(1, 4))
        lists[key] = [draw(st.permutations(pool))[:n] for pool in pools[key]]
    held_out = [draw(items) for _ in range(n_users)]
    # Whoever is measured has something held out.
    lost = [["gone"] * (not own or draw(st.booleans())) for own in held_out]
    pools["embedding"][0] = pools["embedding"][0] or [0]
    lists["embedding"][0] = lists["embedding"][0] or pools["embedding"][0][:1]
    return toy_result(pools, lists, held_out, lost, n_items)


@settings(max_examples=60)
@given(any_result())
def test_every_held_out_item_comes_to_one_end_and_no_stage_passes_its_ceiling(result):
    split, n = result.split, result.config.n
    table = funnel_frame(result).set_index("retriever")
    assert (table[list(FUNNEL_ENDS)].sum(axis=1) == split.n_held_out.sum()).all()
    stages = funnel_stages(result).set_index("retriever")
    for key, run in result.runs.items():
        counts = fates(result, key)["fate"].value_counts().to_dict()
        assert {end: counts.get(end, 0) for end in FUNNEL_ENDS} == table.loc[key, list(FUNNEL_ENDS)].to_dict()
        assert (run.ranked.per_user["recall"] <= run.hits.sum(axis=1) / split.n_held_out + 1e-12).all()
        best = oracle_ndcg(run.hits.sum(axis=1), split.n_held_out, n)
        assert (run.ranked.per_user["ndcg"] <= best + 1e-12).all()
        row = stages.loc[key]
        assert row["shown"] <= row["retrieved"] <= row["reachable"] <= row["held_out"]
        assert table.loc[key, "shown"] == row["shown"]
        assert table.loc[key, "not_in_catalogue"] == row["held_out"] - row["reachable"]


@settings(max_examples=40)
@given(any_result(), st.integers(1, 8))
def test_contributions_are_those_of_sets(result, k):
    table = contributions(result, k).set_index("retriever")
    users = range(len(result.user_ids))
    held_out = [set(result.split.held_out[[user]].indices.tolist()) for user in users]
    pools = {
        key: [set(row[:k].tolist()) - {-1} for row in run.candidates.item_index]
        for key, run in result.runs.items()
    }

    def union(keys):
        return [set().union(*(pools[key][user] for key in keys)) for user in users]

    def recalls(found):
        return np.array([len(found[user] & held_out[user]) for user in users]) / result.split.n_held_out

    for key in pools:
        others = union([other for other in pools if other != key])
        row, everything = table.loc[key], union(pools)
        assert row["hits"] == sum(len(pools[key][user] & held_out[user]) for user in users)
        assert row["unique_hits"] == sum(
            len((pools[key][user] - others[user]) & held_out[user]) for user in users
        )
        gain = recalls(everything) - recalls(others)
        assert row["union_recall"] == pytest.approx(recalls(everything).mean())
        assert row["recall_without"] == pytest.approx(recalls(others).mean())
        assert row["marginal_recall"] == pytest.approx(gain.mean())
        assert row["union_size"] == pytest.approx(np.mean([len(pool) for pool in everything]))
        assert row["size_without"] == pytest.approx(np.mean([len(pool) for pool in others]))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 9)), min_size=1, max_size=5), st.integers(1, 6))
def test_the_oracles_ndcg_is_that_of_hits_first(users, n):
    found, relevant = (np.array(column) for column in zip(*users, strict=True))
    relevant = np.maximum(found, relevant)
    expected = [
        sum(1 / np.log2(place + 2) for place in range(min(hits, n)))
        / sum(1 / np.log2(place + 2) for place in range(min(all_, n)))
        for hits, all_ in zip(found, relevant, strict=True)
    ]
    np.testing.assert_allclose(oracle_ndcg(found, relevant, n), expected, atol=1e-12)


def test_a_real_run_is_followed_pair_by_pair():
    result = rich_result()
    assert len(result.split.unreachable) > 0, "the case must hold items that nobody can reach"
    assert result.split.held_out_pairs().groupby("row").size().max() > 1
    pairs = result.split.held_out_pairs()
    for key, run in result.runs.items():
        table = fates(result, key)
        assert table["USER_ID"].tolist() == result.user_ids[pairs["row"]].tolist()
        assert table["ITEM_ID"].tolist() == pairs["ITEM_ID"].tolist()
        assert held_out_places(result, key).rows.tolist() == pairs["row"].tolist()
        pools, lists = run.candidates.to_dict(), result.items.decode(run.ranked.item_index).tolist()
        for row, (user, item, fate, pool_rank, position) in zip(
            pairs["row"], table.itertuples(index=False), strict=True
        ):
            in_pool, in_list = item in pools[user], item in lists[row]
            assert pool_rank == (pools[user].index(item) + 1 if in_pool else 0)
            assert position == (lists[row].index(item) + 1 if in_list else 0)
            expected = "shown" if in_list else "ranked_below" if in_pool else "not_retrieved"
            assert fate == (expected if item in result.items else "not_in_catalogue")


def test_merged_pools_take_no_part_in_contributions_and_their_union_bounds_the_merge():
    result = rich_result()
    table = contributions(result)
    assert table["retriever"].tolist() == ["embedding", "content", "popularity"]
    merged = result.runs["merged"]
    union = np.max([held_out_places(result, key).pool_rank > 0 for key in table["retriever"]], axis=0)
    assert not (~union & (held_out_places(result, "merged").pool_rank > 0)).any()
    assert table["union_recall"].iloc[0] >= (merged.hits.sum(axis=1) / result.split.n_held_out).mean()
    # The interval is the paired one of the users' recalls with and without.
    places = held_out_places(result, "content")
    others = np.max(
        [held_out_places(result, key).pool_rank > 0 for key in ("embedding", "popularity")], axis=0
    )
    n_users = len(result.user_ids)
    gain = np.bincount(places.rows[union & ~others], minlength=n_users) / result.split.n_held_out
    expected = paired_difference(gain, np.zeros(n_users), seed=result.config.seed)
    row = table.set_index("retriever").loc["content"]
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))


def test_one_retriever_has_nothing_to_be_set_against():
    alone = toy_result({"content": [[0, 1]]}, {"content": [[0]]}, [[1]])
    table = contributions(alone)
    assert table["recall_without"].tolist() == [0.0]
    assert table["size_without"].tolist() == [0.0]
    assert contribution_sentences(table) == [
        "With one retriever there is nothing to compare: its pool is the union."
    ]


def test_the_full_catalogue_row_is_on_the_references_users():
    result = rich_result()
    full = funnel_stages(result).set_index("retriever").loc["full"]
    users = result.reference.users
    assert full["n_users"] == len(users)
    assert full["held_out"] == result.split.n_held_out[users].sum()
    assert full["ndcg"] == result.reference.ranked.mean("ndcg")
    assert full["retrieved_share"] == 1.0
