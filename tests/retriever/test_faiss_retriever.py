"""FAISS retrieves over the same vectors as `EmbeddingRetriever`: exactly, or as much as it says."""

import subprocess
import sys

import faiss
import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.exceptions import InvalidDataError, MissingPackageError
from skrec_lite.kernels.exclusion import Exclusion
from skrec_lite.retriever import EmbeddingRetriever, FaissRetriever, IndexFidelity, PopularityRetriever
from tests.recommender.toys import asking, logistic, matrix_factorization, trained
from tests.retriever.conformance import RetrieverConformance

KINDS = ("flat", "ivf", "hnsw")
# Knobs so small that an index, and not a scan, answers over some hundred items.
SMALL = {"flat": {}, "ivf": {"n_lists": 20, "n_probe": 6}, "hnsw": {"ef_search": 40}}


class Vectors:
    """A fitted model that is nothing but its vectors."""

    def __init__(self, user_vectors, item_vectors):
        self.user_vectors = np.asarray(user_vectors, dtype=np.float32)
        self.item_vectors = np.asarray(item_vectors, dtype=np.float32)

    def get_user_embeddings(self):
        return pd.DataFrame({"USER_ID": range(len(self.user_vectors)), "EMBEDDING": list(self.user_vectors)})

    def get_item_embeddings(self):
        return pd.DataFrame(
            {"ITEM_ID": range(len(self.item_vectors)), "ITEM_EMBEDDING": list(self.item_vectors)}
        )


def clustered(n_users, n_items, width=16, n_clusters=40, seed=0):
    """Tastes in clusters, and items of very different lengths: popular ones have long vectors."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((n_clusters, width))
    users = centres[rng.integers(0, n_clusters, n_users)] + 0.6 * rng.standard_normal((n_users, width))
    items = centres[rng.integers(0, n_clusters, n_items)] + 0.6 * rng.standard_normal((n_items, width))
    return Vectors(users, items * np.exp(0.4 * rng.standard_normal((n_items, 1))))


def over(model, kind="flat", **options):
    retriever = FaissRetriever(index=kind, **options)
    retriever.build_index(model)
    return retriever


def exact_scores(model, users):
    return model.user_vectors[list(users)].astype(np.float64) @ model.item_vectors.T.astype(np.float64)


def withholding(model, lists):
    """Withhold ``lists[user]`` item numbers from some users."""
    users, items = IdMap(range(len(model.user_vectors))), IdMap(range(len(model.item_vectors)))
    lengths = [len(lists.get(user, ())) for user in range(len(users))]
    flat = [item for user in range(len(users)) for item in lists.get(user, ())]
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    return Exclusion(users, items, indptr.astype(np.int64), np.array(flat, dtype=np.int32))


def share_found(pool, reference):
    """Return the share of the items in `reference` that stand in the same row of `pool`."""
    rows = zip(pool.item_index, reference.item_index, strict=True)
    return np.mean([np.isin(right, found).mean() for found, right in rows])


def spied(retriever):
    """Record (rows, depth) of each question that reaches the engine of a built retriever."""
    questions = []
    engine = retriever._index.engine

    class Spy:
        exact = engine.exact

        def find(self, queries, depth):
            questions.append((len(queries), depth))
            return engine.find(queries, depth)

    object.__setattr__(retriever._index, "engine", Spy())
    return questions


class OfFaiss(RetrieverConformance):
    kind = ""

    def make(self, top_k=10):
        return FaissRetriever(top_k=top_k, index=self.kind)

    def built(self, retriever, interactions, items):
        model = matrix_factorization()
        model.fit_embedding_model(None, items, interactions)
        retriever.build_index(model, interactions, items)
        return retriever


class TestFlat(OfFaiss):
    kind = "flat"


class TestIvf(OfFaiss):
    kind = "ivf"


class TestHnsw(OfFaiss):
    kind = "hnsw"


class TestWithItsOwnModel(OfFaiss):
    def make(self, top_k=10):
        return FaissRetriever(top_k=top_k, index="ivf", estimator=matrix_factorization())

    def built(self, retriever, interactions, items):
        retriever.fit_own_model(None, items, interactions)
        retriever.build_index(None, interactions, items)
        return retriever


# What an engine is asked, and not only what a scan answers


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_of_its_kind_answers_where_the_catalogue_is_large_enough(kind):
    retriever = over(clustered(60, 2000), kind, **SMALL[kind])
    made = {"flat": faiss.IndexFlatIP, "ivf": faiss.IndexIVFFlat, "hnsw": faiss.IndexHNSWFlat}
    assert isinstance(retriever._index.engine.index, made[kind])
    assert retriever._index.engine.index.ntotal == 2000
    questions = spied(retriever)
    retriever.retrieve_batch(range(60), 20)
    assert sum(rows for rows, _ in questions) == 60


@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_true_dot_products_in_order_and_ties_go_by_item_row(kind):
    model = clustered(50, 2000)
    model.item_vectors[1000:] = model.item_vectors[:1000]
    pool = over(model, kind, **SMALL[kind]).retrieve_batch(range(50), 30)
    right = np.take_along_axis(exact_scores(model, range(50)), pool.item_index.astype(np.int64), axis=1)
    np.testing.assert_allclose(pool.scores, right, rtol=1e-5, atol=1e-5)
    fell, tied = np.diff(pool.scores) < 0, np.diff(pool.scores) == 0
    assert (fell | tied).all()
    assert tied.sum() > 400
    rows = np.array([pool.items.ids[row].astype(int) for row in pool.item_index])
    assert pool.items.ids[0] == "0"  # the rows of the catalogue are those of the model
    assert (np.diff(rows)[tied] > 0).all()


def test_flat_agrees_with_the_embedding_retriever():
    model = clustered(300, 3000)
    exact = EmbeddingRetriever()
    exact.build_index(model)
    pool, right = over(model).retrieve_batch(range(300), 50), exact.retrieve_batch(range(300), 50)
    np.testing.assert_array_equal(pool.item_index, right.item_index)
    np.testing.assert_allclose(pool.scores, right.scores, rtol=1e-5)


def test_flat_gives_the_lowest_rows_where_the_end_of_the_pool_falls_among_ties():
    rng = np.random.default_rng(0)
    items = np.zeros((3000, 4))
    items[rng.choice(3000, 7, replace=False)] = rng.random((7, 4)) + 0.1
    model = Vectors(rng.random((20, 4)) + 0.1, items)
    exact = EmbeddingRetriever()
    exact.build_index(model)
    right = exact.retrieve_batch(range(20), 40)
    assert (right.scores[:, 7:] == 0).all()
    np.testing.assert_array_equal(over(model).retrieve_batch(range(20), 40).item_index, right.item_index)


def test_vectors_are_not_normalised():
    # By direction item 1 is nearest, by dot product item 0.
    items = np.random.default_rng(0).uniform(-1, 0.5, (400, 2))
    items[0], items[1] = (10.0, 8.0), (1.0, 0.0)
    for kind in KINDS:
        retriever = over(Vectors([[1.0, 0.0]], items), kind, **SMALL[kind])
        assert retriever.retrieve([0], 2)[0] == ["0", "1"]


@pytest.mark.parametrize("kind", ["ivf", "hnsw"])
def test_the_defaults_find_95_of_100_among_20_000_items(kind):
    model = clustered(300, 20_000, width=64, n_clusters=200)
    retriever = over(model, kind)
    exact = EmbeddingRetriever()
    exact.build_index(model)
    for k in (10, 100, 200):
        right = exact.retrieve_batch(range(300), k)
        found = share_found(retriever.retrieve_batch(range(300), k), right)
        assert found >= 0.95
    fidelity = retriever.measure_recall(200, n_users=300)
    assert fidelity.recall == pytest.approx(found, abs=1e-4)
    assert (fidelity.k, fidelity.n_users) == (200, 300)


@pytest.mark.parametrize(
    ("kind", "knob", "widths"),
    [
        ("ivf", "n_probe", (2, 16, 96)),
        ("hnsw", "ef_search", (1, 100, 400)),
        ("hnsw", "n_links", (3, 6, 24)),
        ("hnsw", "ef_construction", (1, 10, 64)),
    ],
)
def test_wider_searches_and_denser_graphs_find_more(kind, knob, widths):
    model = clustered(200, 4000)
    sparse = {"n_links": 4, "ef_search": 1} if kind == "hnsw" else {}
    recalls = [over(model, kind, **{**sparse, knob: width}).measure_recall(20).recall for width in widths]
    assert recalls[0] < 0.9
    assert recalls[0] + 0.01 < recalls[1] < recalls[2] - 0.01


def test_long_items_are_found_whatever_their_cluster():
    # Lists made of directions alone scatter the long items: those of each user are in as many lists.
    model = clustered(200, 8000, width=32)
    model.item_vectors *= np.exp(0.7 * np.random.default_rng(1).standard_normal((8000, 1)))
    assert over(model, "ivf", n_probe=16).measure_recall(20).recall > 0.95


def test_long_items_do_not_hide_the_others_in_the_graph():
    # In a graph pruned as FAISS prunes by default, .95 are found.
    model = clustered(200, 3000)
    model.item_vectors *= np.exp(0.8 * np.random.default_rng(1).standard_normal((3000, 1)))
    retriever = over(model, "hnsw", n_links=8, ef_construction=100, ef_search=60)
    assert retriever.measure_recall(20).recall > 0.98


# Batches, threads, seeds


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_is_given_what_its_rows_are_given_alone(kind):
    model = clustered(400, 3000)
    retriever = over(model, kind, **SMALL[kind])
    rng = np.random.default_rng(1)
    lists = {user: rng.choice(3000, size, replace=False) for user, size in enumerate([0, 1, 30, 90, 700] * 4)}
    exclude = withholding(model, lists)
    batch = retriever.retrieve_batch(range(400), 25, exclude)
    for user in [*range(20), 399]:
        single = retriever.retrieve_batch([user], 25, exclude)
        np.testing.assert_array_equal(batch.item_index[user], single.item_index[0])
        np.testing.assert_allclose(batch.scores[user], single.scores[0], rtol=1e-6)


def test_a_batch_chooses_the_lists_that_a_row_alone_chooses():
    # Wide vectors, for which FAISS multiplies matrices, and users halfway between two centroids.
    model = clustered(2200, 3000, width=600)
    centroids = over(model, "ivf", n_probe=1)._index.engine.centroids.astype(np.float64)
    users = model.user_vectors.astype(np.float64)
    nearest = np.argsort(-(users @ centroids.T), axis=1)
    between = centroids[nearest[:, 0]] - centroids[nearest[:, 1]]
    share = (users * between).sum(axis=1) / (between**2).sum(axis=1)
    halfway = Vectors(users - share[:, None] * between, model.item_vectors)
    retriever = over(halfway, "ivf", n_probe=1)
    batch = retriever.retrieve_batch(range(2200), 10)
    single = np.vstack([retriever.retrieve_batch([user], 10).item_index for user in range(60)])
    np.testing.assert_array_equal(batch.item_index[:60], single)


@pytest.fixture
def set_threads():
    before = faiss.omp_get_max_threads()
    yield faiss.omp_set_num_threads
    faiss.omp_set_num_threads(before)


@pytest.mark.parametrize("kind", ["ivf", "hnsw"])
def test_one_seed_builds_one_index_and_another_seed_another(kind, set_threads):
    model = clustered(200, 4000)
    knobs = {"ivf": {"n_probe": 3}, "hnsw": {"ef_search": 8, "n_links": 4}}[kind]

    def found(seed, n_threads):
        set_threads(n_threads)
        return over(model, kind, random_state=seed, **knobs).retrieve_batch(range(200), 50).item_index

    first = found(3, n_threads=4)
    np.testing.assert_array_equal(found(3, n_threads=4), first)
    np.testing.assert_array_equal(found(3, n_threads=1), first)
    assert (found(4, n_threads=4) != first).any()


def test_the_threads_of_faiss_are_left_as_they_were(set_threads):
    set_threads(4)
    for kind in KINDS:
        over(clustered(60, 2000), kind, **SMALL[kind]).retrieve_batch(range(10), 20)
    assert faiss.omp_get_max_threads() == 4


# Seen items


@pytest.mark.parametrize("kind", KINDS)
def test_a_heavy_user_s_pool_fills_with_the_best_of_what_is_left(kind):
    model = clustered(60, 6000)
    best = np.argsort(-exact_scores(model, range(60)), axis=1, kind="stable")
    # The first user has seen the best 600 items, the others a few of theirs.
    lists = {user: best[user, : 600 if user == 0 else user % 7] for user in range(60)}
    retriever = over(model, kind, **{"flat": {}, "ivf": {}, "hnsw": {"ef_search": 100}}[kind])
    questions = spied(retriever)
    pool = retriever.retrieve_batch(range(60), 50, withholding(model, lists))
    assert (pool.item_index >= 0).all()
    for user, row in enumerate(pool.item_index):
        found = pool.items.ids[row].astype(int)
        assert not np.isin(found, lists[user]).any()
        left = best[user, len(lists[user]) :][:50]
        if kind == "flat":
            np.testing.assert_array_equal(found, left)
        else:
            assert np.isin(left, found).mean() > 0.8
    # One heavy user makes nobody else's search deeper.
    assert all(rows == 1 or depth <= 50 + 16 for rows, depth in questions)
    assert max(depth for _, depth in questions) > 600


def test_a_long_list_of_items_far_from_the_user_costs_no_deep_search():
    model = clustered(40, 4000)
    worst = np.argsort(exact_scores(model, range(40)), axis=1, kind="stable")
    retriever = over(model)
    questions = spied(retriever)
    pool = retriever.retrieve_batch(range(40), 50, withholding(model, {u: worst[u, :900] for u in range(40)}))
    assert (pool.item_index >= 0).all()
    assert max(depth for _, depth in questions) <= 2 * 50 + 16


@pytest.mark.parametrize("kind", KINDS)
def test_a_user_who_has_seen_almost_everything_is_given_the_rest(kind):
    model = clustered(3, 2000)
    exclude = withholding(model, {1: np.arange(1990)})
    pool = over(model, kind, **SMALL[kind]).retrieve_batch([1, 2], 20, exclude)
    assert sorted(pool.to_dict()["1"], key=int) == [str(item) for item in range(1990, 2000)]
    assert pool.pool_sizes.tolist() == [10, 20]


def test_seen_items_are_named_in_the_exclusion_s_own_catalogue():
    model = clustered(20, 2000)
    whole = over(model).retrieve_batch(range(20), 5)
    seen = IdMap(sorted({*whole.items.decode(whole.item_index[:, 0]), "no longer offered"}))
    rows = np.arange(len(seen), dtype=np.int32)
    indptr = np.arange(0, 21 * len(seen), len(seen), dtype=np.int64)
    exclude = Exclusion(IdMap(range(20)), seen, indptr, np.tile(rows, 20))
    left = over(model).retrieve_batch(range(20), 5, exclude)
    assert not set(left.items.decode(left.item_index).ravel()) & set(seen.ids)


# Catalogues and users


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_items", [1, 2, 38, 39, 60, 200])
def test_small_catalogues_are_exact_and_build_without_warnings(kind, n_items, capfd):
    model = clustered(10, n_items)
    retriever = over(model, kind)
    best = np.argsort(-exact_scores(model, range(10)), axis=1, kind="stable")[:, : min(7, n_items)]
    pool = retriever.retrieve_batch(range(10), 7)
    for row, right in zip(pool.item_index, best, strict=True):
        assert pool.items.ids[row[row >= 0]].astype(int).tolist() == right.tolist()
    assert "WARNING" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("n_items", [79, 500, 3000])
def test_lists_are_never_too_many_to_train(n_items, capfd):
    over(clustered(5, n_items), "ivf", n_lists=1000, n_probe=1)
    assert "WARNING" not in "".join(capfd.readouterr())


def test_no_items_at_all_give_empty_pools_and_no_recall():
    retriever = FaissRetriever(index="ivf")
    retriever.build_index(clustered(3, 100), items=pd.DataFrame({"ITEM_ID": ["unheard of"]}))
    assert (retriever.retrieve_batch([0, 1], 5).item_index == -1).all()
    with pytest.raises(ValueError, match="3 users and 0 items"):
        retriever.measure_recall()


@pytest.mark.parametrize("items", [np.zeros((2000, 8)), np.ones((2000, 8)), np.tile(np.eye(8), (250, 1))])
@pytest.mark.parametrize("kind", KINDS)
def test_items_that_are_all_alike_still_fill_pools(kind, items):
    pool = over(Vectors(np.ones((4, 8)), items), kind, **SMALL[kind]).retrieve_batch(range(4), 20)
    assert (pool.item_index >= 0).all()
    assert all(len(set(row)) == 20 for row in pool.item_index)


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_users_are_given_popular_items_or_the_zero_vector_s(kind):
    model = clustered(40, 2000)
    counted = pd.DataFrame({"USER_ID": [1, 2, 3], "ITEM_ID": [7, 7, 5], "OUTCOME": 1.0})
    popular, zero = (
        FaissRetriever(index=kind, cold_start_strategy=strategy, **SMALL[kind])
        for strategy in ("popular", "zero")
    )
    for retriever in (popular, zero):
        retriever.build_index(model, counted)
    asked = ["nobody", 3, "no one else"]
    pool = popular.retrieve_batch(asked, 3)
    assert pool.fallback.tolist() == [True, False, True]
    assert pool.to_dict()["nobody"] == ["7", "5", "0"]
    assert pool.to_dict()["3"] == popular.retrieve([3], 3)[3]
    ties = zero.retrieve_batch(asked, 3)
    assert ties.item_index[0].tolist() == ties.item_index[2].tolist() == [0, 1, 2]
    assert ties.to_dict()["3"] == pool.to_dict()["3"]


@pytest.mark.parametrize("kind", KINDS)
def test_items_restrict_the_catalogue(kind):
    model = clustered(40, 4000)
    offered = pd.DataFrame({"ITEM_ID": np.arange(0, 4000, 2)})
    retriever = FaissRetriever(index=kind, **SMALL[kind])
    retriever.build_index(model, items=offered)
    pool = retriever.retrieve_batch(range(40), 10)
    found = pool.items.decode(pool.item_index).astype(int)
    assert (found % 2 == 0).all()
    scores = exact_scores(model, range(40))
    np.testing.assert_allclose(pool.scores, np.take_along_axis(scores, found, axis=1), rtol=1e-5, atol=1e-5)
    is_best = pool.scores[:, 0] == pytest.approx(scores[:, ::2].max(axis=1), rel=1e-5)
    assert is_best if kind == "flat" else pool.scores[:, 0].mean() > 0.95 * scores[:, ::2].max(axis=1).mean()


def test_a_model_may_describe_items_that_came_after_training():
    class Describing(Vectors):
        def with_items(self, items):
            new = np.full((len(items) - len(self.item_vectors), self.item_vectors.shape[1]), 9.0)
            return Vectors(self.user_vectors, np.vstack([self.item_vectors, new]))

    model = Describing(np.ones((2, 8)), np.random.default_rng(0).random((2000, 8)))
    retriever = FaissRetriever(index="ivf", n_probe=4)
    retriever.build_index(model, items=pd.DataFrame({"ITEM_ID": np.arange(2001)}))
    assert retriever.retrieve([1], 1)[1] == ["2000"]


def test_a_request_s_own_vectors_are_what_is_searched_by():
    class Contextual(Vectors):
        reads_requests = True

        def query_vectors(self, user_ids, context, users):
            return self.user_vectors[user_ids.astype(int)] * context[["sign"]].to_numpy(np.float32)

    model = clustered(6, 2000)
    model = Contextual(model.user_vectors, model.item_vectors)
    retriever = over(model, "hnsw", ef_search=60)
    ids = np.array(["4", "4"], dtype=object)
    context = pd.DataFrame({"sign": [1.0, -1.0]})
    pool = retriever.retrieve_requests(ids, context, None, 5)
    scores = exact_scores(model, [4])[0]
    assert pool.scores[0, 0] == pytest.approx(scores.max(), rel=1e-5)
    assert pool.scores[1, 0] == pytest.approx(-scores.min(), rel=1e-5)


def test_a_model_that_diverged_is_refused():
    model = clustered(4, 500)
    model.item_vectors[3, 2] = np.nan

    class Diverged(Vectors):
        def retrieval_space(self):
            from skrec_lite.estimator.retrieval_space import RetrievalSpace

            users, items = IdMap(range(4)), IdMap(range(500))
            return RetrievalSpace(users, items, self.user_vectors, self.item_vectors, True, 1.0, "")

    with pytest.raises(InvalidDataError, match=r"vectors of 1 of 500 items hold NaN or infinity"):
        over(Diverged(model.user_vectors, model.item_vectors), "hnsw")


# Recall and speed


def test_an_exact_index_has_recall_1():
    fidelity = over(clustered(30, 2000)).measure_recall(10, n_users=1000)
    assert (fidelity.recall, fidelity.k, fidelity.n_users) == (1.0, 10, 30)
    assert fidelity.exact_seconds > 0
    assert fidelity.index_seconds > 0
    assert fidelity.summary.startswith("Finds all of the exact top 10, ")


def test_recall_is_the_share_of_the_exact_top_that_is_found():
    model = clustered(1, 2000)
    retriever = over(model)
    questions = retriever._index.search

    class Forgetful(type(retriever._index)):
        def search(self, queries, k, withheld=None):
            rows, scores = questions(queries, k + 3, withheld)
            return rows[:, 3:], scores[:, 3:]

    retriever._index = Forgetful(**vars(retriever._index))
    assert retriever.measure_recall(10).recall == pytest.approx(0.7)


def test_items_tied_with_the_last_count_as_found():
    # All tie: whichever are found, none is missed.
    fidelity = over(Vectors(np.ones((3, 8)), np.ones((2000, 8))), "ivf", n_probe=2).measure_recall(5)
    assert fidelity.recall == 1


def test_the_summary_says_both_and_never_rounds_up_to_all():
    fidelity = IndexFidelity(0.98765, 200, 200, exact_seconds=6.2e-3, index_seconds=1e-3)
    assert fidelity.summary == "Finds 98.7 % of the exact top 200, 6.2 x as fast as a scan of all items."
    slower = IndexFidelity(0.99999, 1200, 9, exact_seconds=1e-3, index_seconds=2e-3)
    assert slower.summary == "Finds 99.9 % of the exact top 1,200, 2.0 x slower than a scan of all items."


def test_recall_needs_an_index_and_positive_numbers():
    with pytest.raises(RuntimeError, match="build_index"):
        FaissRetriever().measure_recall()
    with pytest.raises(ValueError, match="n_users must be an int"):
        over(clustered(3, 20)).measure_recall(n_users=0)
    with pytest.raises(ValueError, match="k must be an int"):
        over(clustered(3, 20)).measure_recall(0)


# Construction


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"index": "hnws"}, r"index must be one of 'flat', 'ivf', 'hnsw'.*Did you mean 'hnsw'"),
        ({"cold_start_strategy": "popluar"}, "cold_start_strategy must be one of"),
        ({"top_k": 0}, "top_k must be an int"),
        ({"n_lists": 0}, "n_lists must be an int"),
        ({"n_probe": 1.5}, "n_probe must be an int"),
        ({"n_links": -1}, "n_links must be an int"),
        ({"n_links": 1}, r"n_links must be an int in the range \[2, inf\)"),
        ({"ef_construction": "64"}, "ef_construction must be an int"),
        ({"ef_search": True}, "ef_search must be an int"),
        ({"random_state": -1}, r"random_state must be an int in the range \[0, inf\)"),
        ({"random_state": None}, "random_state must be an int"),
        ({"estimator": {}}, r"FaissRetriever needs .*\(FaissRetriever\(estimator="),
    ],
)
def test_wrong_parameters_are_refused_by_name(wrong, message):
    with pytest.raises(ValueError, match=message):
        FaissRetriever(**wrong)


def test_an_unfitted_twin_has_the_same_settings_and_leaves_the_first_alone():
    retriever = over(clustered(30, 2000), "ivf", n_probe=3)
    before = retriever.retrieve(range(30), 10)
    twin = retriever.unfitted()
    twin.build_index(clustered(30, 2000, seed=1))
    assert (type(twin), twin.index, twin.n_probe) == (FaissRetriever, "ivf", 3)
    assert twin.retrieve(range(30), 10) != before
    assert retriever.retrieve(range(30), 10) == before


def test_without_faiss_all_else_works_and_construction_says_what_to_install():
    program = """
import sys
sys.modules["faiss"] = None
from skrec_lite.retriever import EmbeddingRetriever, FaissRetriever
from skrec_lite.exceptions import SkrecLiteError
EmbeddingRetriever()
for _ in range(2):
    try:
        FaissRetriever()
    except SkrecLiteError as error:
        print(type(error).__name__, isinstance(error, ImportError), error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.count("pip install 'skrec-lite[faiss]'") == 2
    assert done.stdout.count(f"{MissingPackageError.__name__} True FaissRetriever needs FAISS") == 2


def test_faiss_is_not_loaded_before_it_is_asked_for():
    program = """
import sys
import skrec_lite, skrec_lite.retriever
assert "faiss" not in sys.modules
skrec_lite.retriever.FaissRetriever()
assert "faiss" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


# In a recommender


@pytest.mark.parametrize("kind", KINDS)
def test_a_recommender_serves_the_ranker_s_order_of_the_pool(kind):
    own = trained(matrix_factorization(), EmbeddingRetriever(top_k=20))
    ours = trained(matrix_factorization(), FaissRetriever(top_k=20, index=kind))
    assert ours.takes_pools_as_ranked == (kind == "flat")
    for options in ({}, {"exclude_seen": True}):
        np.testing.assert_array_equal(
            ours.recommend(asking(1, 7, "nobody"), top_k=5, **options),
            own.recommend(asking(1, 7, "nobody"), top_k=5, **options),
        )


def test_another_model_ranks_what_faiss_retrieves():
    retriever = FaissRetriever(top_k=15, index="ivf", estimator=matrix_factorization())
    recommender = trained(logistic(), retriever)
    lists = recommender.recommend(asking(1, 2, 3), top_k=5)
    pools = retriever.retrieve([1, 2, 3], 15)
    for row, pool in zip(lists, pools.values(), strict=True):
        assert set(row) <= set(pool)


def test_candidates_name_their_source():
    assert over(clustered(3, 100)).retrieve_batch([0]).source == "faiss"
    assert FaissRetriever().name != PopularityRetriever().name


def test_an_index_without_embeddings_to_search_is_refused_before_any_fit():
    with pytest.raises(ValueError, match=r"FaissRetriever needs an estimator with embeddings"):
        trained(logistic(), FaissRetriever())
