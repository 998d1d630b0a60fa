"""Filters keep the promise of n results: lists known by hand, in every way to ask."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ContentBasedRetriever, EmbeddingRetriever, PopularityRetriever
from skrec_lite.recommender.ranking import Filters
from tests.recommender.toys import (
    Ordered,
    asking,
    known_recommender,
    matrix_factorization,
    trained,
    trees,
)
from tests.retriever.conformance import toy_interactions, toy_items

# Some items are both allowed and excluded here; test_filters holds what is said of them.
pytestmark = pytest.mark.filterwarnings("ignore:.*also excluded")

ITEMS = list("abcdefgh")
# The ranker likes a best for u, and h best for v.
TABLE = pd.DataFrame([range(8, 0, -1), range(1, 9)], index=["u", "v"], columns=ITEMS)
GENRES = {"a": "jazz", "b": "jazz", "c": "jazz", "d": "rock", "e": "rock"}


def lists(recommender, n, filters, users=("u", "v"), **options):
    return [
        "".join(row) for row in recommender.recommend(asking(*users), top_k=n, filters=filters, **options)
    ]


def ordered(u="hgfedcba", v="abcdefgh", top_k=3, most=None):
    return Ordered({"u": list(u), "v": list(v)}, top_k, most)


@pytest.mark.parametrize("retriever", [None, ordered(top_k=8)])
def test_all_items_by_hand(retriever):
    recommender = known_recommender(TABLE, retriever)
    assert lists(recommender, 3, Filters(exclude=["a", "h"])) == ["bcd", "gfe"]
    assert lists(recommender, 3, Filters(allow=["h", "c", "a", "f"])) == ["acf", "hfc"]
    assert lists(recommender, 2, Filters(["a"], ["a", "c", "f"])) == ["cf", "fc"]
    # Two of jazz and one of rock, then whatever has no category.
    quotas = {"jazz": 2, "rock": 1}
    assert lists(recommender, 5, Filters(categories=GENRES, max_per_category=quotas)) == ["abdfg", "hgfec"]
    assert lists(recommender, 3, Filters(categories=GENRES, max_per_category=1)) == ["adf", "hgf"]
    assert lists(recommender, 3, Filters(categories=GENRES, max_per_category={"jazz": 0})) == ["def", "hgf"]


def test_a_short_row_is_retrieved_deeper_and_alone():
    retriever = ordered(top_k=2)
    recommender = known_recommender(TABLE, retriever)
    # u is given h, g and v is given a, b; of v's only b may be shown.
    filters = Filters(exclude=["a"])
    retriever.asked.clear()
    ranked = recommender.rank(asking("u", "v", "u"), top_k=2, filters=filters)
    # Eight deep, v's pool still is no longer than the retriever's two.
    assert retriever.asked == [(["u", "v"], 2), (["v"], 8)]
    assert ranked.item_ids().tolist() == [["g", "h"], ["c", "b"], ["g", "h"]]
    assert ranked.candidates.to_dict() == {"u": ["h", "g"], "v": ["b", "c"]}
    # Ranks are those of the retrieval, in which a stood first.
    assert ranked.candidates.provenance.ranks[:, :, 0].tolist() == [[1, 2], [2, 3], [1, 2]]
    assert ranked.notes() == []


def test_a_list_longer_than_the_pool_is_filled_under_filters_only():
    recommender = known_recommender(TABLE, ordered(top_k=2))
    with pytest.warns(UserWarning, match="2 of 2 lists are shorter"):
        assert recommender.recommend(asking("u", "v"), top_k=3)[0].tolist() == ["g", "h", None]
    assert lists(recommender, 3, Filters()) == ["fgh", "cba"]


def test_beyond_its_size_a_pool_takes_only_what_quotas_have_room_for():
    retriever = ordered("abcdefgh", "abcdefgh", top_k=3)
    ranked = known_recommender(TABLE, retriever).rank(
        asking("v"), top_k=3, filters=Filters(categories=GENRES, max_per_category=1)
    )
    # a, b and c are the pool, all of them jazz; d is the first of rock, e has no place, f has no category.
    assert ranked.candidates.to_dict() == {"v": ["a", "b", "c", "d", "f"]}
    assert ranked.item_ids().tolist() == [["f", "d", "c"]]


def test_a_retriever_that_has_no_more_is_followed_by_popular_items():
    bought = [("x", "e"), ("y", "e"), ("x", "d"), ("y", "d"), ("z", "d"), ("x", "b")]
    retriever = ordered(top_k=2, most=2)
    recommender = known_recommender(TABLE, retriever, bought)
    # u is left with g of h, g; v keeps a and b. Popular are d, e, b, then the others as they stand.
    with pytest.warns(UserWarning, match="1 of 2 candidate pools held too little") as said:
        assert lists(recommender, 2, Filters(exclude=["h"])) == ["dg", "ba"]
    assert len(said) == 1
    assert said[0].filename == __file__
    # After g, of the popular d, e and b: e is the second of the pool, and b makes the list long enough.
    ranked = recommender.rank(
        asking("u"), top_k=3, filters=Filters(["h"], categories=GENRES, max_per_category=1)
    )
    assert ranked.item_ids().tolist() == [["b", "d", "g"]]
    assert ranked.filled_pools == 1
    assert ranked.candidates.to_dict() == {"u": ["g"]}


@pytest.mark.parametrize(("most", "asked"), [(None, [2, 8, 32, 50]), (2, [2, 8]), (8, [2, 8, 32])])
def test_who_has_no_more_is_not_asked_again(most, asked):
    items = [f"i{n:02d}" for n in range(50)]
    retriever = Ordered({"u": items}, top_k=2, most=most)
    recommender = known_recommender(pd.DataFrame([range(50)], index=["u"], columns=items), retriever)
    ranked = recommender.rank(asking("u"), top_k=2, filters=Filters(allow=items[-3:]))
    assert [depth for _, depth in retriever.asked] == asked
    # Two that pass are a pool of two, whoever gave them: the ranker only orders them.
    assert ranked.item_ids().tolist() == [["i48", "i47"]]


def test_an_empty_pool_counts_as_any_other_short_one():
    recommender = known_recommender(TABLE, ordered(u="", top_k=2), [("x", "c"), ("x", "d")])
    ranked = recommender.rank(asking("u", "v"), top_k=2, filters=Filters(exclude=["c"]))
    assert ranked.item_ids().tolist() == [["a", "d"], ["b", "a"]]
    assert (ranked.empty_pools, ranked.filled_pools) == (0, 1)


def test_what_the_catalogue_cannot_supply_is_padded_and_said():
    for retriever in (None, ordered(top_k=2), ordered(top_k=2, most=2)):
        recommender = known_recommender(TABLE, retriever)
        with pytest.warns(UserWarning, match="(lists are|held too little)") as said:
            rows = recommender.recommend(asking("u", "v"), top_k=3, filters=Filters(allow=["c", "d"]))
        assert rows.tolist() == [["c", "d", None], ["d", "c", None]]
        assert "2 of 2 lists are shorter than the 3" in str(said[-1].message)


def test_seen_items_stay_withheld_however_deep():
    bought = [("u", item) for item in "hgfa"]
    for retriever in (None, ordered(top_k=1), ordered(top_k=1, most=1), PopularityRetriever(top_k=1)):
        recommender = known_recommender(TABLE, retriever, bought)
        filters = Filters(exclude=["b"], categories=GENRES, max_per_category=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = recommender.recommend(asking("u"), top_k=3, filters=filters, exclude_seen=True)
        assert rows[0, 1] in {"d", "e"}
        assert rows[0].tolist() == ["c", rows[0, 1], None]


def test_a_subset_is_a_catalogue_of_its_own():
    recommender = known_recommender(TABLE, ordered(top_k=2))
    recommender.set_item_subset(["a", "b", "c", "h"])
    assert lists(recommender, 2, Filters(["h"], categories=GENRES, max_per_category={"jazz": 2})) == [
        "ab",
        "cb",
    ]
    with pytest.warns(UserWarning, match="2 of 2 lists are shorter"):
        rows = recommender.recommend(asking("u", "v"), top_k=2, filters=Filters(allow=["g", "h"]))
    assert rows.tolist() == [["h", None]] * 2


def test_candidates_from_elsewhere_come_first_and_popular_items_follow():
    recommender = known_recommender(TABLE, ordered(top_k=2), [("x", "e"), ("x", "d"), ("y", "e")])
    pools = {"u": ["a", "g"], "v": ["b", "h"]}
    assert lists(recommender, 2, Filters(exclude=["c"]), candidates=pools) == ["ag", "hb"]
    with pytest.warns(UserWarning, match="1 of 2 candidate pools held too little"):
        rows = lists(recommender, 2, Filters(["g"], ["a", "b", "h", "e", "g"]), candidates=pools)
    assert rows == ["ae", "hb"]


def test_unknown_ids_are_said_and_do_not_count():
    recommender = known_recommender(TABLE)
    with pytest.warns(UserWarning, match=r"1 of 2 excluded items are unknown to the ranker .*'bogus'"):
        assert lists(recommender, 2, Filters(exclude=["bogus", "a"])) == ["bc", "hg"]
    with pytest.raises(ValueError, match="None of the 1 allowed items"):
        recommender.recommend(asking("u"), filters=Filters(allow=["bogus"]))
    with pytest.raises(ValueError, match="filters must be Filters"):
        recommender.recommend(asking("u"), filters={"exclude": ["a"]})


def test_a_deep_answer_in_blocks_is_the_same(monkeypatch):
    from skrec_lite.recommender.ranking import pools

    rng = np.random.default_rng(0)
    users, items = [f"u{n}" for n in range(60)], [f"i{n:03d}" for n in range(100)]
    table = pd.DataFrame(rng.normal(size=(60, 100)), index=users, columns=items)
    orders = {user: rng.permutation(items).tolist() for user in users}
    filters = Filters(allow=items[:9])

    def answer(most):
        recommender = known_recommender(table, Ordered(orders, 5, most), [(u, items[3]) for u in users])
        return recommender.rank(asking(*users), top_k=4, filters=filters)

    for most in (None, 3):
        whole = answer(most)
        monkeypatch.setattr(pools, "_PAIRS", 90)
        parts = answer(most)
        monkeypatch.undo()
        np.testing.assert_array_equal(whole.item_index, parts.item_index)
        assert (whole.item_index >= 0).all()
        assert whole.candidates.to_dict() == parts.candidates.to_dict()


@pytest.mark.parametrize(
    "make",
    [
        lambda: trained(matrix_factorization()),
        lambda: trained(matrix_factorization(), EmbeddingRetriever(top_k=6)),
        lambda: trained(trees(), PopularityRetriever(top_k=6)),
        lambda: trained(trees()),
    ],
    ids=["mf", "mf+embedding", "trees+popularity", "trees"],
)
def test_fitted_models_keep_filters_and_lists_full(make):
    recommender = make()
    halves = {item: str(item < 30) for item in range(60)}
    filters = Filters(range(0, 60, 7), range(50), halves, {"True": 5, "False": 4})
    rows = recommender.recommend(
        asking(*range(40), "nobody"), top_k=9, exclude_seen=True, filters=filters
    ).astype(int)
    assert ((rows < 50) & (rows % 7 > 0)).all()
    assert ((rows < 30).sum(axis=1) == 5).all()
    seen = toy_interactions()
    for user in range(40):
        assert len(set(rows[user])) == 9
        assert not set(rows[user]) & set(seen.loc[seen["USER_ID"] == user, "ITEM_ID"])
    scores = recommender.score_items(asking(*range(40)))
    for user in range(40):
        told = scores.loc[user, rows[user].astype(str)].to_numpy()
        assert (np.diff(told) <= 1e-6).all()


def test_items_that_came_after_training_can_be_allowed():
    new = pd.DataFrame({"ITEM_ID": ["new"], "half": [1.0], "slope": [0.2]})
    filters = Filters(allow=["new", 3])
    # The retriever knows nothing of it: it comes last in the popular order.
    recommender = trained(trees(), PopularityRetriever(top_k=5))
    recommender.set_new_items(new)
    with pytest.warns(UserWarning, match="popular items were added"):
        assert set(recommender.recommend(asking(0), top_k=2, filters=filters)[0]) == {"new", "3"}
    # Its index is built again: the ranker learns of the item in the first request.
    recommender = trained(trees(), ContentBasedRetriever(top_k=5))
    extended = pd.concat([toy_items(), new], ignore_index=True)
    recommender.retriever.build_index(interactions=toy_interactions(), items=extended)
    assert set(recommender.recommend(asking(0), top_k=2, filters=filters)[0]) == {"new", "3"}
