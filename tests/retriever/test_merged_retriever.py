"""Merged pools: known orders by hand, an independent fusion as oracle, and where each candidate came from."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.kernels.merge import distinct_in_rows
from skrec_lite.retriever import (
    BaseCandidateRetriever,
    ContentBasedRetriever,
    EmbeddingRetriever,
    MergedRetriever,
    PopularityRetriever,
)
from tests.retriever.conformance import RetrieverConformance, toy_interactions, toy_items


class Listed(BaseCandidateRetriever):
    """Gives the same list to everybody who is known."""

    def __init__(self, items, name="listed", top_k=100, known=None):
        super().__init__(top_k)
        self.listed, self._name, self.known = items, name, known

    @property
    def name(self):
        return self._name

    def build_index(self, estimator=None, interactions=None, items=None):
        pass

    def retrieve(self, user_ids, top_k):
        return {
            user: self.listed[:top_k] if self.known is None or user in self.known else [] for user in user_ids
        }


FIRST, SECOND = Listed(list("abcd"), "first", top_k=2), Listed(list("cxay"), "second", top_k=2)


def pool_of(method, k, retrievers=(FIRST, SECOND), **options):
    return MergedRetriever(retrievers, top_k=k, method=method, **options).retrieve(["u"], k)["u"]


def test_union_is_the_recipe_of_concatenating_and_dropping_duplicates():
    # list(dict.fromkeys(["a", "b"] + ["c", "x"])), and only then further down both lists.
    assert pool_of("union", 4) == ["a", "b", "c", "x"]
    assert pool_of("union", 6) == ["a", "b", "c", "x", "d", "y"]


def test_fallback_goes_on_only_where_the_first_has_no_more():
    assert pool_of("fallback", 3) == ["a", "b", "c"]
    assert pool_of("fallback", 6) == ["a", "b", "c", "d", "x", "y"]


def test_quota_interleaves_in_proportion():
    # Alike: a c b x, then c and a are there already, d, y.
    assert pool_of("quota", 6) == ["a", "c", "b", "x", "d", "y"]
    # Three to one: the places of the first come at 1/6, 3/6, 5/6, 7/6, those of the second at 1/2, 3/2 ...
    assert pool_of("quota", 6, weights=[3, 1]) == ["a", "b", "c", "d", "x", "y"]
    heavy = pool_of(
        "quota", 4, (Listed(list("abcdefgh"), "one"), Listed(list("stuvwxyz"), "two")), weights=[3, 1]
    )
    assert heavy == ["a", "b", "s", "c"]


def test_quota_fills_up_where_one_runs_dry():
    assert pool_of("quota", 4, (Listed(["a"], "one"), Listed(list("wxyz"), "two")), weights=[9, 1]) == list(
        "awxy"
    )


def test_reciprocal_ranks_by_hand():
    # a: 1/61 + 1/63, c: 1/63 + 1/61 (equal: the first retriever's first), b and x: 1/62, d and y: 1/64.
    assert pool_of("rrf", 6) == ["a", "c", "b", "x", "d", "y"]
    # The second counts four times: c before a before x.
    assert pool_of("rrf", 3, weights=[1, 4]) == ["c", "a", "x"]


lists = st.lists(st.integers(0, 12), unique=True, max_size=9).map(lambda row: [str(item) for item in row])


@settings(max_examples=60, deadline=None)
@given(st.lists(lists, min_size=1, max_size=4), st.integers(1, 20), st.sampled_from([0.0, 1.0, 60.0]))
def test_fused_scores_agree_with_a_plain_sum(answers, k, constant):
    parts = [Listed(answer, f"r{place}") for place, answer in enumerate(answers)]
    merged = MergedRetriever(parts, top_k=20, rank_constant=constant)
    pool = merged.retrieve_batch(["u"], k)
    expected = defaultdict(float)
    for answer in answers:
        for place, item in enumerate(answer, 1):
            expected[item] += 1 / (constant + place)
    row = pool.to_dict()["u"]
    assert len(row) == min(k, len(expected))
    assert len(set(row)) == len(row)
    np.testing.assert_allclose(
        pool.scores[0, : len(row)], sorted(expected.values(), reverse=True)[: len(row)], rtol=1e-6
    )
    np.testing.assert_allclose(pool.scores[0, : len(row)], [expected[item] for item in row], rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(lists, min_size=1, max_size=4),
    st.integers(1, 20),
    st.sampled_from(["rrf", "quota", "union", "fallback"]),
)
def test_every_candidate_says_who_found_it_and_at_which_rank(answers, k, method):
    parts = [Listed(answer, f"r{place}") for place, answer in enumerate(answers)]
    pool = MergedRetriever(parts, top_k=20, method=method).retrieve_batch(["u"], k)
    told = pool.provenance
    assert told.sources == tuple(f"r{place}" for place in range(len(answers)))
    for column, item in enumerate(pool.to_dict()["u"]):
        ranks = [answer.index(item) + 1 if item in answer else 0 for answer in answers]
        assert told.ranks[0, column].tolist() == ranks
        assert (np.isnan(told.scores[0, column]) == (np.array(ranks) == 0)).all()
    assert (told.ranks[0, len(pool.to_dict()["u"]) :] == 0).all()


def test_a_popular_answer_to_an_unknown_user_only_fills_up():
    interactions, items = toy_interactions(), toy_items()
    content, popular = ContentBasedRetriever(top_k=10), PopularityRetriever(top_k=10)
    # A user whom content-based retrieval does not know, beside one with a list of its own.
    own = Listed([str(item) for item in range(50, 60)], "own", known={"nobody"})
    for method in ("rrf", "quota", "union", "fallback"):
        merged = MergedRetriever([content, own], top_k=14, method=method)
        merged.build_index(interactions=interactions, items=items)
        popular.build_index(interactions=interactions, items=items)
        row = merged.retrieve(["nobody"], 14)["nobody"]
        assert row[:10] == own.listed, method
        assert row[10:] == [item for item in popular.retrieve(["x"], 60)["x"] if item not in own.listed][:4]


def test_merged_retrievers_merge_again_and_name_those_that_searched():
    inner = MergedRetriever([FIRST, SECOND], top_k=6)
    outer = MergedRetriever([inner, Listed(["z", "a"], "first")], top_k=7, method="union")
    pool = outer.retrieve_batch(["u"], 7)
    assert pool.to_dict()["u"] == ["a", "c", "b", "x", "d", "y", "z"]
    assert pool.provenance.sources == outer.sources == ("first", "second", "first_2")
    assert pool.provenance.ranks[0, 0].tolist() == [1, 3, 2]
    assert pool.provenance.ranks[0, 6].tolist() == [0, 0, 1]
    frame = pool.to_frame()
    assert frame.loc[0, ["RANK_first", "RANK_second", "RANK_first_2"]].tolist() == [1, 3, 2]


def test_moving_to_another_catalogue_keeps_what_is_known_of_each_candidate():
    pool = MergedRetriever([FIRST, SECOND], top_k=6).retrieve_batch(["u"])
    from skrec_lite.dataset.id_map import IdMap

    moved = pool.over(IdMap(["y", "x", "b", "other"]))
    assert moved.to_dict()["u"] == ["b", "x", "y"]
    assert moved.provenance.ranks[0, :3].tolist() == [[2, 0], [0, 2], [0, 4]]
    assert (moved.provenance.ranks[0, 3:] == 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"retrievers": []}, "at least one"),
        ({"retrievers": ["content"]}, "BaseCandidateRetriever"),
        ({"method": "best"}, "'rrf', 'quota', 'union', 'fallback'"),
        ({"weights": [1.0]}, "one a retriever: 2"),
        ({"weights": [1.0, 0.0]}, "positive"),
        ({"weights": [1.0, float("nan")]}, "positive"),
        ({"rank_constant": -1}, "rank_constant"),
    ],
)
def test_parameters_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        MergedRetriever(**{"retrievers": [FIRST, SECOND], **options})


def test_requirements_of_each_part_are_refused_before_anything_is_fitted():
    with pytest.raises(ValueError, match="content needs item features"):
        MergedRetriever([PopularityRetriever(), ContentBasedRetriever()]).check_requirements(
            None, toy_interactions(), None
        )


def test_distinct_rows_over_many_rows_and_threads():
    rng = np.random.default_rng(0)
    candidates = rng.integers(-1, 30, (2000, 40)).astype(np.int32)
    distinct, slots = distinct_in_rows(candidates, 30)
    for row in range(0, 2000, 37):
        expected = list(dict.fromkeys(item for item in candidates[row].tolist() if item >= 0))
        assert distinct[row][distinct[row] >= 0].tolist() == expected
        for column, item in enumerate(candidates[row].tolist()):
            assert slots[row, column] == (-1 if item < 0 else expected.index(item))


def parts(top_k):
    model = MatrixFactorizationEstimator(n_factors=4, epochs=5, random_state=0)
    return [
        EmbeddingRetriever(top_k, estimator=model),
        ContentBasedRetriever(top_k),
        PopularityRetriever(top_k),
    ]


class Merged(RetrieverConformance):
    method = "rrf"

    def make(self, top_k=10):
        return MergedRetriever(parts(10), top_k=top_k, method=self.method)

    def built(self, retriever, interactions, items):
        retriever.fit_own_model(None, items, interactions)
        retriever.build_index(interactions=interactions, items=items)
        return retriever

    def test_withholding_changes_nothing_else(self, retriever, interactions):
        """What a list may no longer give, it replaces before the lists are merged."""
        encoded = EncodedInteractions.from_frame(interactions)
        exclude = Exclusion.from_csr(encoded.by_user, encoded.users, encoded.items)
        lists = [
            Listed(leaf.retrieve_batch([4], 15, exclude).to_dict()["4"], leaf.name, top_k=leaf.top_k)
            for leaf in retriever.leaves
        ]
        expected = MergedRetriever(lists, top_k=retriever.top_k, method=self.method).retrieve(["4"], 15)["4"]
        assert retriever.retrieve_batch([4], 15, exclude).to_dict()["4"] == expected
        assert expected != retriever.retrieve(["4"], 15)["4"]


class TestFallback(Merged):
    method = "fallback"
    # One list after the other: here it is so.
    test_withholding_changes_nothing_else = RetrieverConformance.test_withholding_changes_nothing_else


class TestUnion(Merged):
    method = "union"


class TestQuota(Merged):
    method = "quota"


class TestFused(Merged):
    method = "rrf"

    def test_a_smaller_pool_is_the_head_of_a_larger_one(self, retriever):
        """As far as the lists are read, which is to `top_k`."""
        large, small = retriever.retrieve_batch(range(40), 10), retriever.retrieve_batch(range(40), 7)
        np.testing.assert_array_equal(large.item_index[:, :7], small.item_index)


def test_an_unfitted_twin_learns_anew_and_leaves_the_first_alone():
    interactions, items = toy_interactions(), toy_items()
    retriever = MergedRetriever(parts(10), top_k=10)
    retriever.fit_own_model(None, items, interactions)
    retriever.build_index(interactions=interactions, items=items)
    before = retriever.retrieve(range(40), 10)
    twin = retriever.unfitted()
    with pytest.raises(RuntimeError, match="fitted"):
        twin.build_index(interactions=interactions, items=items)
    half = interactions.iloc[:300]
    twin.fit_own_model(None, items, half)
    twin.build_index(interactions=half, items=items)
    assert twin.retrieve(range(40), 10) != before
    assert retriever.retrieve(range(40), 10) == before


def test_scores_of_pairs_that_were_not_found():
    """Built-in retrievers can say what they would have given any item; a list cannot."""
    interactions, items = toy_interactions(), toy_items()
    merged = MergedRetriever(parts(5), top_k=5)
    merged.fit_own_model(None, items, interactions)
    merged.build_index(interactions=interactions, items=items)
    users = np.array(["3", "7", "nobody"], dtype=object)
    for leaf in merged.leaves:
        whole = leaf.retrieve_batch(users[:2], 60)
        told = leaf.pair_scores(users[:2], whole.items, whole.item_index)
        np.testing.assert_allclose(told, whole.scores, rtol=1e-5)
        odd = leaf.pair_scores(users, whole.items, np.array([[0, -1], [1, -1], [2, -1]], dtype=np.int32))
        assert np.isnan(odd[:, 1]).all()
        assert np.isnan(odd[2, 0]) == (leaf.name != "popularity")
    assert FIRST.pair_scores(users, whole.items, whole.item_index) is None
