"""The overlap of all pools: by hand, against one user's overlap averaged, and what follows of it."""

from __future__ import annotations

import pytest

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.figures import overlap
from skrec_lite.experiment.figures.overlap import overlap_sentence, overlapping, pool_overlaps
from skrec_lite.experiment.users.user_lists import pool_overlap
from skrec_lite.experiment.users.user_view import user_view
from tests.experiment.rich_result import rich_result, toy_result


@pytest.fixture(scope="module")
def toy():
    pools = {"embedding": [[0, 1, 2], [3, 4]], "popularity": [[2, 1, 9], [5]]}
    return toy_result(pools, {key: [[0], [3]] for key in pools}, held_out=[[1, 9], [3, 5, 7]])


def rows(frame):
    return {pools: (items, hits) for pools, items, hits, *_ in frame.itertuples(index=False)}


def test_two_users_by_hand(toy):
    frame = pool_overlaps(toy)
    # Reader 1: 0 alone, 1 (hit) and 2 shared, 9 (hit) alone; reader 2: 3 (hit) and 4, then 5 (hit).
    assert rows(frame) == {
        ("embedding",): (1.5, 0.5),
        ("popularity",): (1.0, 1.0),
        ("embedding", "popularity"): (1.0, 0.5),
    }
    assert frame["hits"].tolist() == [1, 2, 1]
    assert frame["n_misses"].tolist() == [1.0, 0.0, 0.5]
    assert overlap_sentence(frame) == "Of 4 held-out items that at least one pool holds, 1 is in both."


def test_of_shorter_pools_only_the_first_candidates_count(toy):
    assert rows(pool_overlaps(toy, 1)) == {
        ("embedding",): (1.0, 0.5),
        ("popularity",): (1.0, 0.5),
        ("embedding", "popularity"): (0.0, 0.0),
    }
    for wrong in (0, 4):
        with pytest.raises(InvalidParameterError, match="k must be"):
            pool_overlaps(toy, wrong)


@pytest.mark.parametrize("block", [overlap._BLOCK_PLACES, 3000])
def test_it_is_the_mean_of_every_users_overlap(block, monkeypatch):
    monkeypatch.setattr(overlap, "_BLOCK_PLACES", block)
    result = rich_result()
    keys = overlapping(result)
    assert keys == ["embedding", "content", "popularity"]
    found = pool_overlaps.__wrapped__(result)
    views = (user_view(result, user) for user in result.user_ids)
    each = [pool_overlap({key: view.pools[key] for key in keys}) for view in views]
    assert found["retrievers"].tolist() == each[0]["retrievers"].tolist()
    for column in ("n_items", "n_hits"):
        expected = sum(one[column].to_numpy() for one in each) / len(each)
        assert found[column].to_numpy() == pytest.approx(expected)


def test_pools_and_hits_are_split_without_rest():
    result = rich_result()
    for k in (5, 60):
        frame = pool_overlaps(result, k)
        for key in overlapping(result):
            own = frame[[key in pools for pools in frame["retrievers"]]]
            run = result.runs[key]
            assert own["hits"].sum() == run.hits[:, :k].sum()
            filled = (run.candidates.item_index[:, :k] >= 0).sum()
            assert own["n_items"].sum() == pytest.approx(filled / len(result.user_ids))


def test_merged_pools_take_part_only_where_nothing_else_does():
    pools = {"merged": [[0, 1]]}
    alone = toy_result(pools, {"merged": [[0]]}, held_out=[[5]], parts=("merged",))
    frame = pool_overlaps(alone)
    assert rows(frame) == {("merged",): (2.0, 0.0)}
    assert overlap_sentence(frame) == "No pool holds a held-out item."


def test_a_pool_alone_shares_with_nobody():
    alone = toy_result({"content": [[0, 1]]}, {"content": [[0]]}, held_out=[[1]])
    assert overlap_sentence(pool_overlaps(alone)) == "The pools hold 1 held-out item."
