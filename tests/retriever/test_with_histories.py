"""Retrievers asked what if this were all that a user did: without training, and nobody else is affected."""

import copy

import numpy as np
import pandas as pd
import pytest

from skrec_lite import (
    BaseCandidateRetriever,
    ContentBasedRetriever,
    ContextualizedTwoTowerEstimator,
    EmbeddingRetriever,
    MatrixFactorizationEstimator,
    MergedRetriever,
    NCFEstimator,
    PopularityRetriever,
)
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.histories import Histories
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever import FaissRetriever
from tests.retriever.conformance import toy_interactions, toy_items


def model(**changes):
    return MatrixFactorizationEstimator(**{"n_factors": 4, "epochs": 5, "random_state": 0, **changes})


def towers(**changes):
    return ContextualizedTwoTowerEstimator(
        **{"epochs": 3, "final_embedding_dim": 8, "random_state": 0, "batch_size": 128, **changes}
    )


def embedding(estimator=None):
    return EmbeddingRetriever(top_k=10, estimator=estimator or model())


def merged():
    return MergedRetriever([embedding(), ContentBasedRetriever(), PopularityRetriever()], top_k=10)


def flat():
    pytest.importorskip("faiss")
    return FaissRetriever(top_k=10, estimator=model())


KINDS = {
    "content": ContentBasedRetriever,
    "popularity": PopularityRetriever,
    "embedding": embedding,
    "two towers": lambda: embedding(towers()),
    "faiss": flat,
    "merged": merged,
}


def built(retriever, interactions, items=None):
    items = toy_items() if items is None else items
    retriever.fit_own_model(None, items, interactions)
    retriever.build_index(None, interactions, items)
    return retriever


def history_of(interactions, user, new_id=None):
    mine = interactions[interactions["USER_ID"] == user]
    return mine if new_id is None else mine.assign(USER_ID=new_id)


def swapped(interactions, first, second, n=6):
    """Let two users exchange some rows: what all did together, and in which order, stays as it is."""
    out = interactions.copy()
    rows = [out.index[out["USER_ID"] == user][:n] for user in (first, second)]
    out.loc[rows[0], "USER_ID"], out.loc[rows[1], "USER_ID"] = second, first
    return out


@pytest.fixture
def interactions():
    return toy_interactions()


@pytest.mark.parametrize("kind", KINDS)
def test_others_and_the_retriever_itself_answer_as_before(kind, interactions):
    retriever = built(KINDS[kind](), interactions)
    before = retriever.retrieve(range(40), 20)
    edited = retriever.with_histories(history_of(interactions, 6).assign(USER_ID=3))
    assert retriever.retrieve(range(40), 20) == before
    others = [user for user in range(40) if user != 3]
    assert edited.retrieve(others, 20) == {user: before[user] for user in others}
    together = edited.retrieve(range(40), 20)
    assert together[3] == edited.retrieve([3], 20)[3]
    assert (together[3] != before[3]) == (kind != "popularity")
    assert edited.histories_note
    assert not retriever.histories_note


@pytest.mark.parametrize("kind", ["content", "popularity"])
def test_a_new_user_with_the_history_of_a_known_one_is_answered_alike_to_the_bit(kind, interactions):
    retriever = built(KINDS[kind](), interactions)
    for user in (0, 7, 33):
        edited = retriever.with_histories(history_of(interactions, user, "somebody new"))
        mine, theirs = edited.retrieve_batch(["somebody new"], 60), retriever.retrieve_batch([user], 60)
        np.testing.assert_array_equal(mine.item_index, theirs.item_index)
        np.testing.assert_array_equal(mine.scores, theirs.scores)
        assert not mine.fallback.any()


@pytest.mark.parametrize("kind", ["content", "popularity"])
@pytest.mark.parametrize("weighted", [False, True])
def test_edited_users_are_answered_as_by_an_index_rebuilt_with_what_they_chose(kind, weighted, interactions):
    ratings = np.random.default_rng(5).integers(-1, 5, len(interactions)).astype(float)
    rated = interactions.assign(OUTCOME=ratings)
    options = {"weight_by_outcome": weighted} if kind == "content" else {}
    retriever = built(KINDS[kind](**options), rated)
    changed = swapped(rated, 4, 9)
    rebuilt = built(KINDS[kind](**options), changed)
    edited = retriever.with_histories(changed[changed["USER_ID"].isin([4, 9])])
    pools, expected = edited.retrieve_batch(range(40), 60), rebuilt.retrieve_batch(range(40), 60)
    np.testing.assert_array_equal(pools.item_index, expected.item_index)
    np.testing.assert_array_equal(pools.scores, expected.scores)
    pairs = (np.array(["4", "9", "1"], dtype=object), expected.items, expected.item_index[[4, 9, 1]])
    np.testing.assert_array_equal(edited.pair_scores(*pairs), rebuilt.pair_scores(*pairs))


@pytest.mark.parametrize("estimator", [model(), model(algorithm="als", regularization=0.05), towers()])
def test_an_edited_user_is_searched_by_the_vector_that_the_model_folds_in(estimator, interactions):
    rated = interactions.assign(OUTCOME=1.0 + interactions.index % 4)
    retriever = built(embedding(estimator), rated)
    history = pd.concat([history_of(rated, 4).iloc[3:], history_of(rated, 11, "new")])
    edited = retriever.with_histories(history)
    users, vectors = estimator.user_vectors_of(history)
    space = estimator.retrieval_space()
    pools = edited.retrieve_batch(users.ids, 60)
    expected = vectors @ space.item_vectors.T
    assert pools.items == space.items
    for row, own in enumerate(expected):
        np.testing.assert_allclose(pools.scores[row], np.sort(own)[::-1], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(own[pools.item_index[row]], pools.scores[row], rtol=1e-4, atol=1e-5)


def test_with_training_converged_an_unedited_history_gives_the_trained_users_pool(interactions):
    retriever = built(embedding(model(epochs=400, regularization=0.05)), interactions)
    edited = retriever.with_histories(interactions[interactions["USER_ID"] < 20])
    pools, trained = (each.retrieve_batch(range(20), 60) for each in (edited, retriever))
    np.testing.assert_allclose(pools.scores, trained.scores, atol=2e-3)
    assert (pools.item_index == trained.item_index).mean() > 0.97


def test_a_merged_retriever_merges_what_its_parts_find_for_the_history(interactions):
    retriever = built(merged(), interactions)
    history = history_of(interactions, 8, "new")
    edited = retriever.with_histories(history)
    by_hand = MergedRetriever([part.with_histories(history) for part in retriever.retrievers], top_k=10)
    assert edited.retrieve(["new", 8], 10) == by_hand.retrieve(["new", 8], 10)
    pool = edited.retrieve_batch(["new"], 10)
    assert pool.provenance.sources == ("embedding", "content", "popularity")
    assert (pool.provenance.ranks[0] > 0).any(axis=0).all()
    assert [leaf.histories_note in edited.histories_note for leaf in edited.leaves] == [True] * 3


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "popularity"])
def test_a_known_user_whose_history_was_emptied_is_a_stranger(kind, interactions):
    retriever = built(KINDS[kind](), interactions)
    nothing = Histories.of(interactions.iloc[:0], user_ids=[5])
    emptied = retriever.with_histories(nothing).retrieve_batch([5], 20)
    # Of merged ones popularity knows everybody.
    assert emptied.fallback.all() == (kind != "merged")
    assert emptied.to_dict()["5"] == retriever.retrieve(["never heard of"], 20)["never heard of"]
    assert emptied.to_dict()["5"] != retriever.retrieve([5], 20)[5]
    of_strangers = pd.DataFrame({"USER_ID": [5, 5], "ITEM_ID": ["gone", "lost"]})
    unknown = retriever.with_histories(of_strangers).retrieve_batch([5], 20)
    np.testing.assert_array_equal(unknown.item_index, emptied.item_index)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "popularity"])
def test_the_latest_of_two_edits_counts_and_earlier_ones_of_others_stay(kind, interactions):
    retriever = built(KINDS[kind](), interactions)
    first = pd.concat([history_of(interactions, 8, 3), history_of(interactions, 10, "new")])
    second = history_of(interactions, 20, 3)
    edited = retriever.with_histories(first).with_histories(second)
    assert edited.retrieve([3], 20) == retriever.with_histories(second).retrieve([3], 20)
    assert edited.retrieve(["new"], 20) == retriever.with_histories(first).retrieve(["new"], 20)
    assert edited.retrieve([30], 20) == retriever.retrieve([30], 20)


def test_under_context_the_folded_vector_is_what_context_changes(interactions):
    rng = np.random.default_rng(2)
    told = interactions.assign(hour=rng.normal(size=len(interactions)))
    estimator = towers(context_mode="trilinear")
    retriever = built(embedding(estimator), told)
    assert retriever.reads_requests
    history = history_of(told, 4).iloc[2:]
    edited = retriever.with_histories(history)
    context = pd.DataFrame({"USER_ID": [4, 5], "hour": [1.5, -0.5]})
    ids = np.array(["4", "5"], dtype=object)
    pools = edited.retrieve_requests(ids, context, None, 60)
    vector = pd.DataFrame({"USER_ID": [4], "EMBEDDING": [estimator.user_vector(history)]})
    pairs = pd.DataFrame({"USER_ID": 4, "ITEM_ID": pools.to_dict()["4"], "hour": 1.5})
    chances = estimator.predict_proba_with_embeddings(pairs, vector)
    np.testing.assert_allclose(1 / (1 + np.exp(-pools.scores[0])), chances, rtol=1e-4)
    plain = edited.retrieve_batch(["4"], 60)
    assert plain.item_index[0].tolist() != pools.item_index[0].tolist()
    other = retriever.retrieve_requests(ids, context, None, 60)
    np.testing.assert_array_equal(pools.item_index[1], other.item_index[1])


@pytest.mark.parametrize("kind", ["gmf", "mlp"])
def test_a_model_without_a_fold_in_says_that_it_approximates_and_comes_close(kind):
    data = toy_interactions(n_users=150, n=4000)
    estimator = NCFEstimator(ncf_type=kind, epochs=12, random_state=0)
    retriever = built(embedding(estimator), data)
    users = sorted(set(data["USER_ID"]))[:60]
    new = {user: f"new {user}" for user in users}
    edited = retriever.with_histories(data[data["USER_ID"].isin(users)].replace({"USER_ID": new}))
    assert "Approximate" in edited.histories_note
    trained, strangers = retriever.retrieve(users, 20), retriever.retrieve(["nobody"], 20)["nobody"]
    found = edited.retrieve(new.values(), 20)
    shared = np.mean([len(set(trained[user]) & set(found[new[user]])) / 20 for user in users])
    of_strangers = np.mean([len(set(trained[user]) & set(strangers)) / 20 for user in users])
    assert shared > 0.75
    assert shared > of_strangers + 0.15


class Bare:
    """An estimator of one's own that has nothing but the two frames of vectors."""

    def __init__(self, space):
        self.space = space

    def get_user_embeddings(self):
        return pd.DataFrame({"USER_ID": self.space.users.ids, "EMBEDDING": list(self.space.user_vectors)})

    def get_item_embeddings(self):
        return pd.DataFrame(
            {"ITEM_ID": self.space.items.ids, "ITEM_EMBEDDING": list(self.space.item_vectors)}
        )


def test_vectors_of_an_estimator_of_ones_own_are_means_as_long_as_a_typical_user(interactions):
    trained = model()
    trained.fit_embedding_model(None, None, interactions)
    space = trained.retrieval_space()
    retriever = EmbeddingRetriever(top_k=10)
    retriever.build_index(Bare(space), interactions)
    chosen = ["3", "14", "27"]
    edited = retriever.with_histories(pd.DataFrame({"USER_ID": "new", "ITEM_ID": chosen}))
    mean = space.item_vectors[space.items.encode(chosen)].mean(axis=0)
    mean *= np.median(np.linalg.norm(space.user_vectors, axis=1)) / np.linalg.norm(mean)
    pool = edited.retrieve_batch(["new"], 60)
    np.testing.assert_allclose(pool.scores[0], np.sort(space.item_vectors @ mean)[::-1], rtol=1e-4, atol=1e-6)
    assert "Approximate" in edited.histories_note


class ByIdAlone(BaseCandidateRetriever):
    def build_index(self, estimator=None, interactions=None, items=None):
        self._order = interactions["ITEM_ID"].astype(str).unique().tolist()

    def retrieve(self, user_ids, top_k):
        return dict.fromkeys(user_ids, self._order[:top_k])


def test_a_custom_retriever_is_returned_as_it_is_and_says_so(interactions):
    retriever = built(ByIdAlone(top_k=5), interactions)
    edited = retriever.with_histories(history_of(interactions, 2, "new"))
    assert edited.retrieve(["new"], 5) == retriever.retrieve(["new"], 5)
    assert "id alone" in edited.histories_note
    assert retriever.histories_note == ""


@pytest.mark.parametrize("kind", KINDS)
def test_unusable_histories_and_missing_indexes_are_refused(kind, interactions):
    with pytest.raises(RuntimeError, match="build_index"):
        KINDS[kind]().with_histories(interactions)
    retriever = built(KINDS[kind](), interactions)
    with pytest.raises(ValueError, match="ITEM_ID"):
        retriever.with_histories(pd.DataFrame({"USER_ID": ["a"]}))
    with pytest.raises(ValueError, match="empty in 1 of 2 rows"):
        retriever.with_histories(pd.DataFrame({"USER_ID": ["a", None], "ITEM_ID": ["1", "2"]}))
    with pytest.raises(ValueError, match="OUTCOME"):
        retriever.with_histories(pd.DataFrame({"USER_ID": ["a"], "ITEM_ID": ["1"], "OUTCOME": ["good"]}))


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_over_other_items_leaves_the_retriever_as_it_was(kind, interactions):
    retriever = built(KINDS[kind](), interactions)
    before = retriever.retrieve(range(40), 60)
    fewer = toy_items().iloc[:30]
    fresh = copy.deepcopy(retriever)
    fresh.build_index(None, interactions, fewer)
    for items in (fewer, toy_items()):
        fresh.build_index(None, interactions, items)
        moved = retriever.reindexed(None, interactions, items)
        assert moved.retrieve(range(40), 60) == fresh.retrieve(range(40), 60)
        assert moved.retrieve(["nobody"], 60) == fresh.retrieve(["nobody"], 60)
        edited = retriever.with_histories(history_of(interactions, 2, "new"))
        again = edited.reindexed(None, interactions, items)
        assert again.histories_note == ""
        assert again.retrieve(["new"], 60) == fresh.retrieve(["new"], 60)
    assert retriever.retrieve(range(40), 60) == before


def test_lists_of_a_few_users_lie_over_those_of_all():
    def exclusion(pairs):
        frame = pd.DataFrame(pairs, columns=["USER_ID", "ITEM_ID"])
        encoded = EncodedInteractions.from_frame(frame)
        return Exclusion.from_csr(encoded.by_user, encoded.users, encoded.items)

    every = exclusion([("a", "1"), ("a", "2"), ("b", "2"), ("c", "3")])
    edited = every.with_lists(exclusion([("b", "4"), ("b", "1"), ("new", "9")]))
    edited = edited.with_lists(exclusion([("c", "5")]))
    items = exclusion([("x", str(n)) for n in range(1, 10)]).items
    asked = ["c", "b", "nobody", "a", "new", "b"]
    owner, columns = edited.of(asked, items).pairs()
    lists = [sorted(items.decode(columns[owner == row])) for row in range(len(asked))]
    assert lists == [["5"], ["1", "4"], [], ["1", "2"], ["9"], ["1", "4"]]
    assert edited.of(["a", "b"], every.items).longest == 2  # items 4 and 9 are none of these
    owner, columns = every.of(["b"], items).pairs()
    assert items.decode(columns).tolist() == ["2"]
