"""Candidates from elsewhere: what cannot be used is left out and counted, never fatal."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.recommender.ranking.external import ExternalPools
from skrec_lite.retriever import Candidates
from tests.recommender.toys import Ordered, asking, known_recommender

TABLE = pd.DataFrame([[5, 4, 3, 2, 1], [1, 2, 3, 4, 5]], index=["u", "7"], columns=list("abcde"))


@pytest.fixture
def recommender():
    return known_recommender(TABLE, Ordered({"u": list("ab"), "7": list("ab")}, top_k=2), [("u", "a")])


def pools(users, *rows):
    """Rows of letters as `Candidates`, in the order given, whatever they hold."""
    items = IdMap(list("edcbaz"))
    index = np.full((len(rows), max(map(len, rows))), -1, dtype=np.int32)
    for row, letters in enumerate(rows):
        index[row, : len(letters)] = items.encode(list(letters))
    scores = np.where(index >= 0, -np.arange(index.shape[1], dtype=np.float32), -np.inf).astype(np.float32)
    return Candidates(np.array(users, object), items, index, scores, "mine", np.zeros(len(rows), bool))


def test_unknown_and_duplicate_ids_are_left_out_and_counted_by_hand(recommender):
    given = {"u": ["c", "zz", "c", "d", "c", None], 7: ["a", "a"], "not asked": ["a", "a", "yy"]}
    ranked = recommender.rank(asking("u", 7, "u"), top_k=2, candidates=given)
    assert ranked.item_ids().tolist() == [["c", "d"], ["a", None], ["c", "d"]]
    # Of each u: two of c again; zz and the missing id. Of 7: one of a.
    assert ranked.duplicate_candidates == 5
    assert ranked.unknown_candidates == 4
    with pytest.warns(UserWarning, match="candidates are") as said:
        recommender.recommend(asking("u"), top_k=2, candidates=given)
    assert [str(each.message) for each in said] == [
        "2 candidates are unknown to the ranker and were left out.",
        "2 candidates are duplicates and were left out.",
    ]
    assert said[0].filename == __file__


def test_pools_as_an_object_are_counted_alike_and_keep_their_ranks(recommender):
    ranked = recommender.rank(asking("u", "7"), top_k=2, candidates=pools(["u", "7"], "czcdc", "aa"))
    assert ranked.item_ids().tolist() == [["c", "d"], ["a", None]]
    assert (ranked.duplicate_candidates, ranked.unknown_candidates) == (3, 1)
    assert ranked.candidates.to_dict() == {"u": ["c", "d"], "7": ["a"]}
    assert ranked.candidates.provenance.ranks[:, :2, 0].tolist() == [[1, 4], [1, 0]]


def test_seen_items_are_left_out_of_either(recommender):
    for given in ({"u": ["a", "b"]}, pools(["u"], "ab")):
        assert recommender.recommend(asking("u"), top_k=1, candidates=given).tolist() == [["a"]]
        rows = recommender.recommend(asking("u"), top_k=1, candidates=given, exclude_seen=True)
        assert rows.tolist() == [["b"]]


@pytest.mark.parametrize("given", [{}, {"other": ["a"]}, {"u": []}, {"u": ["zz"]}, {"u": ["a"]}])
def test_an_empty_pool_is_answered_with_popular_items(recommender, given):
    ranked = recommender.rank(asking("u"), top_k=2, candidates=given, exclude_seen=True)
    assert ranked.empty_pools == 1
    assert ranked.item_ids().tolist() == [["b", "c"]]
    assert "1 of 1 candidate pools were empty; popular items were ranked instead." in ranked.notes()


@pytest.mark.parametrize(
    "given", [("c", "d", "c"), np.array(["c", "d", "c"]), pd.Series(["c", "d", "c"]), iter(["d", "c", "c"])]
)
def test_a_list_may_be_anything_of_ids(recommender, given):
    with pytest.warns(UserWarning, match="1 candidates are duplicates"):
        assert recommender.recommend(asking("u"), top_k=2, candidates={"u": given}).tolist() == [["c", "d"]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a"], "candidates must be a mapping of user id to item ids, or Candidates. Got list instead"),
        ({"u": "ab"}, "candidates of user 'u' must be item ids, such as a list. Got 'ab' instead"),
        ({"u": None}, "candidates of user 'u' must be item ids"),
        (pools(["v"], "ab"), r"candidates \(1 rows\) are not those of the 1 rows asked for"),
        (pools(["u", "u"], "ab", "c"), r"candidates \(2 rows\)"),
    ],
)
def test_what_cannot_be_meant_is_refused(recommender, given, message):
    with pytest.raises(ValueError, match=message):
        recommender.recommend(asking("u"), candidates=given)


def test_online_takes_a_plain_list_for_its_one_user(recommender):
    with pytest.warns(UserWarning, match="1 candidates are duplicates"):
        answer = recommender.recommend_online(asking(7), top_k=3, candidates=["c", "d", "e", "d"])
    assert answer.tolist() == ["e", "d", "c"]
    for given in ({7: ["c", "d", "e"]}, pools(["7"], "cde")):
        assert recommender.recommend_online(asking(7), top_k=3, candidates=given).tolist() == ["e", "d", "c"]
    with pytest.raises(ValueError, match="candidates of user '7' must be item ids"):
        recommender.recommend_online(asking(7), candidates="abc")


def test_a_subset_says_its_duplicates(recommender):
    with pytest.warns(UserWarning, match="2 of 4 items of the subset are duplicates"):
        recommender.set_item_subset(["d", "d", "e", "d"])
    assert recommender.recommend(asking("u"), top_k=2).tolist() == [["d", "e"]]


def test_many_lists_agree_with_a_plain_count():
    rng = np.random.default_rng(0)
    users = np.array([f"u{n}" for n in rng.integers(0, 50, 200)], dtype=object)
    items = np.array([*range(30), None], dtype=object)
    given = {f"u{n}": rng.choice(items, rng.integers(0, 40)).tolist() for n in range(60)}
    read = ExternalPools.of(users, given)
    expected = [list(dict.fromkeys(str(i) for i in given[u] if i is not None)) for u in users]
    known = read.found.over(IdMap([str(n) for n in range(30)][::-1]))
    decoded = known.items.decode(known.item_index)
    assert [row[row != None].tolist() for row in decoded] == expected  # noqa: E711 - elementwise
    assert read.n_missing == sum(item is None for u in users for item in given[u])
    assert read.n_duplicates == sum(len(given[u]) for u in users) - read.n_missing - sum(map(len, expected))
