import numpy as np
import pandas as pd
import pytest

from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.embedding._explicit import ExplicitModel
from skrec_lite.estimator.embedding._factor_model import FactorModel
from skrec_lite.estimator.embedding._fold_in import ExplicitObjective
from skrec_lite.estimator.embedding._observed import Observed
from skrec_lite.estimator.embedding.matrix_factorization_estimator import MatrixFactorizationEstimator


@pytest.fixture
def observed():
    frame = pd.DataFrame({"USER_ID": ["a", "a", "b"], "ITEM_ID": ["x", "y", "x"], "OUTCOME": [1.0, 2.0, 3.0]})
    return Observed.explicit(EncodedInteractions.from_frame(frame))


def test_explicit_model_known_answer(observed):
    """Offset 3, user biases 1 and -1, item biases .5 and -.5, factors (2), (1) and (1), (3)."""
    parts = ExplicitModel(
        offset=3.0,
        user_factors=np.array([[2.0], [1.0]], np.float32),
        item_factors=np.array([[1.0], [3.0]], np.float32),
        user_bias=np.array([1.0, -1.0], np.float32),
        item_bias=np.array([0.5, -0.5], np.float32),
    )
    model = FactorModel.explicit(observed, parts, ExplicitObjective(0.1, logistic=False))
    every = np.array([[0, 1, -1], [0, 1, -1], [0, 1, -1]], dtype=np.int32)
    rows = np.array([0, 1, -1])
    scores = model.dot_pairs(model.user_vectors[rows], every) + model.offset
    # User a: 3 + 1 + .5 + 2 and 3 + 1 - .5 + 6. Unknown user: bias 0, factor 1.5; unknown item: 0 and 2.
    np.testing.assert_allclose(scores, [[6.5, 9.5, 8.0], [3.5, 4.5, 4.0], [5.0, 7.0, 6.0]])


def test_an_item_bias_alone_orders_items():
    """Every user rates every item by its quality alone; heavy shrinkage leaves the biases to say so."""
    quality = np.array([3.0, 1.0, 5.0, 2.0, 4.0])
    user, item = np.divmod(np.arange(100), 5)
    frame = pd.DataFrame({"USER_ID": user, "ITEM_ID": item, "OUTCOME": quality[item]})
    for algorithm in ("als", "sgd"):
        estimator = MatrixFactorizationEstimator(
            n_factors=1, algorithm=algorithm, regularization=0.5, random_state=0, epochs=30
        )
        estimator.fit_embedding_model(None, None, frame)
        space = estimator.retrieval_space()
        order = np.argsort(-(space.user_vectors @ space.item_vectors.T), axis=1)
        np.testing.assert_array_equal(order, np.tile([2, 4, 0, 3, 1], (20, 1)))


def test_observed_is_canonical(observed):
    assert list(observed.users.ids) == ["a", "b"]
    np.testing.assert_array_equal(observed.outcomes.toarray(), [[1.0, 2.0], [3.0, 0.0]])
    np.testing.assert_array_equal(observed.user_counts, [2, 1])
    np.testing.assert_array_equal(observed.item_counts, [2, 1])


def test_an_observed_zero_is_an_observation():
    frame = pd.DataFrame({"USER_ID": ["a", "a"], "ITEM_ID": ["x", "y"], "OUTCOME": [0.0, 1.0]})
    assert Observed.explicit(EncodedInteractions.from_frame(frame)).outcomes.nnz == 2
