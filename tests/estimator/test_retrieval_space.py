import copy

import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.id_map import IdMap
from skrec_lite.estimator.embedding.base_embedding_estimator import BaseEmbeddingEstimator
from skrec_lite.estimator.retrieval_space import RetrievalSpace, same_order, shared_top
from skrec_lite.exceptions import InvalidDataError, RetrievalSpaceRefused, SkrecLiteError


def frames(user_vectors, item_vectors):
    users = pd.DataFrame(
        {"USER_ID": [f"u{n}" for n in range(len(user_vectors))], "EMBEDDING": list(user_vectors)}
    )
    items = pd.DataFrame(
        {"ITEM_ID": [f"i{n}" for n in range(len(item_vectors))], "ITEM_EMBEDDING": list(item_vectors)}
    )
    return users, items


def test_from_frames_claims_nothing_that_was_not_measured():
    space = RetrievalSpace.from_frames(*frames(np.eye(2), np.ones((3, 2))))
    assert not space.exact
    assert space.fidelity is None
    assert space.item_vectors.dtype == np.float32
    assert list(space.items.ids) == ["i0", "i1", "i2"]


def test_measured_fidelity_known_answer():
    """One user; the model's top 2 are items 0 and 1, the vectors' are 1 and 2: half is shared."""
    space = RetrievalSpace.from_frames(*frames(np.ones((1, 1)), np.array([[0.0], [2.0], [1.0]])))
    measured = space.measured(lambda rows: np.array([[3.0, 2.0, 1.0]]), k=2)
    assert measured.fidelity == pytest.approx(0.5)
    assert not measured.exact


def test_measured_is_exact_for_any_rising_function_of_the_product():
    rng = np.random.default_rng(0)
    space = RetrievalSpace.from_frames(*frames(rng.normal(size=(9, 4)), rng.normal(size=(50, 4))))
    own = 1 / (1 + np.exp(-(space.user_vectors @ space.item_vectors.T).astype(float)))
    measured = space.measured(lambda rows: own[rows], k=10)
    assert measured.exact
    assert measured.fidelity == 1.0
    reversed_order = space.measured(lambda rows: -own[rows], k=10)
    assert not reversed_order.exact
    assert reversed_order.fidelity < 0.3


def test_ties_in_the_models_scores_are_nobodys_fault():
    own = np.array([[1.0, 1.0, 0.0]])
    assert same_order(own, np.array([[0.3, 0.9, 0.1]]))
    assert not same_order(own, np.array([[0.3, 0.1, 0.9]]))
    assert shared_top(own, np.array([[0.3, 0.9, 0.1]]), k=1) == 1.0
    assert shared_top(own, np.array([[0.3, 0.9, 1.1]]), k=1) == 0.0


def test_shapes_that_do_not_fit_are_refused():
    ids = IdMap(["a", "b"])
    with pytest.raises(InvalidDataError, match="item_vectors"):
        RetrievalSpace(ids, ids, np.ones((2, 3), np.float32), np.ones((3, 3), np.float32), True, None, "")
    with pytest.raises(InvalidDataError, match="one space"):
        RetrievalSpace(ids, ids, np.ones((2, 64), np.float32), np.ones((2, 32), np.float32), True, None, "")


class FrameOnly(BaseEmbeddingEstimator):
    """Knows the four methods of the contract and nothing else."""

    def __init__(self, squash=False):
        self.squash = squash
        rng = np.random.default_rng(0)
        self.user_table, self.item_table = rng.normal(size=(6, 3)), rng.normal(size=(20, 3))

    def fit_embedding_model(
        self,
        users,
        items,
        interactions,
        valid_users=None,
        valid_interactions=None,
        *,
        progress=None,
        cancel=None,
    ):
        raise AssertionError("define it")

    def predict_proba_with_embeddings(self, interactions, users=None):
        rows = interactions["USER_ID"].str[1:].astype(int)
        columns = interactions["ITEM_ID"].str[1:].astype(int)
        dots = np.einsum("nf,nf->n", self.user_table[rows], self.item_table[columns])
        return np.abs(dots) if self.squash else dots

    def get_user_embeddings(self):
        return frames(self.user_table, self.item_table)[0]

    def get_item_embeddings(self):
        return frames(self.user_table, self.item_table)[1]


def test_an_estimator_of_four_methods_gets_rows_scores_and_a_measured_space():
    estimator = FrameOnly()
    space = estimator.retrieval_space()
    assert space.exact
    assert list(estimator.items.ids) == [f"i{n}" for n in range(20)]
    expected = estimator.user_table @ estimator.item_table.T
    np.testing.assert_allclose(estimator.score_matrix(np.array([4, 0])), expected[[4, 0]], rtol=1e-5)
    pairs = estimator.score_pairs(np.array([1]), np.array([[7, 7, 3]]))
    np.testing.assert_allclose(pairs, expected[1, [[7, 7, 3]]], rtol=1e-5)


def test_an_estimator_whose_score_is_no_product_is_not_called_exact():
    space = FrameOnly(squash=True).retrieval_space()
    assert not space.exact
    assert space.fidelity is not None


def test_refusal_says_why_and_what_instead_and_survives_being_copied():
    refusal = RetrievalSpaceRefused("The user's vector depends on the request.", ("trilinear mode",))
    assert isinstance(refusal, ValueError)
    assert isinstance(refusal, SkrecLiteError)
    assert str(refusal) == "The user's vector depends on the request. Use instead: trilinear mode."
    again = copy.copy(refusal)
    assert (again.reason, again.alternatives, str(again)) == (
        refusal.reason,
        refusal.alternatives,
        str(refusal),
    )


@pytest.mark.parametrize(
    ("exact", "fidelity", "summary"),
    [
        (True, 1.0, "Exact: in the model's own order. Its vectors."),
        (False, 0.9634, "Approximate: finds 96.3 of 100 of the model's own top items. Its vectors."),
        (False, None, "Approximate, not measured. Its vectors."),
    ],
)
def test_summary_claims_no_more_than_was_measured(exact, fidelity, summary):
    vectors = np.ones((1, 2), dtype=np.float32)
    space = RetrievalSpace(IdMap(["u"]), IdMap(["i"]), vectors, vectors, exact, fidelity, "Its vectors.")
    assert space.summary == summary
