"""The scorer's two kinds of estimator, and what it refuses."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import MatrixFactorizationEstimator, UniversalScorer, XGBClassifierEstimator
from skrec_lite.scorer.queries import Queries
from tests.retriever.conformance import toy_interactions, toy_items


def fitted(estimator, interactions=None, **options):
    scorer = UniversalScorer(estimator, **options)
    scorer.fit(None, toy_items(), toy_interactions() if interactions is None else interactions)
    return scorer


def test_embedding_scores_are_the_estimators_own():
    model = MatrixFactorizationEstimator(n_factors=4, epochs=4, random_state=0)
    scorer = fitted(model)
    asked = pd.DataFrame({"USER_ID": ["3", "8"]})
    table = scorer.score_items(Queries.from_frames(asked, None))
    pairs = pd.DataFrame({"USER_ID": np.repeat(["3", "8"], 60), "ITEM_ID": np.tile(table.columns, 2)})
    expected = model.predict_proba_with_embeddings(pairs).reshape(2, 60)
    np.testing.assert_allclose(table.to_numpy(), expected, rtol=1e-4, atol=1e-5)


def test_user_vectors_sent_with_the_request_are_used():
    model = MatrixFactorizationEstimator(n_factors=4, epochs=4, random_state=0)
    scorer = fitted(model)
    vectors = model.get_user_embeddings().set_index("USER_ID")["EMBEDDING"]
    plain = scorer.score_items(Queries.from_frames(pd.DataFrame({"USER_ID": ["8"]}), None))
    sent = pd.DataFrame({"USER_ID": ["guest"], "EMBEDDING": [vectors["8"]]})
    guest = scorer.score_items(Queries.from_frames(pd.DataFrame({"USER_ID": ["guest"]}), sent))
    np.testing.assert_allclose(guest.to_numpy(), plain.to_numpy(), rtol=1e-4, atol=1e-5)


def test_trees_on_implicit_feedback_learn_taste_from_sampled_negatives():
    """Even users choose low items, odd users high ones; only the affinity feature can tell."""
    scorer = fitted(XGBClassifierEstimator({"n_estimators": 30, "max_depth": 3}))
    table = scorer.score_items(Queries.from_frames(pd.DataFrame({"USER_ID": range(40)}), None))
    low_items = [str(item) for item in range(30)]
    low = table[low_items].mean(axis=1) - table.drop(columns=low_items).mean(axis=1)
    assert (low[::2] > 0).all()
    assert (low[1::2] < 0).all()


def test_given_labels_are_learned_without_sampling():
    rng = np.random.default_rng(0)
    seen = pd.DataFrame({"USER_ID": rng.integers(0, 30, 900), "ITEM_ID": rng.integers(0, 60, 900)})
    seen["OUTCOME"] = (seen["ITEM_ID"] < 30).astype(float)
    scorer = fitted(XGBClassifierEstimator({"n_estimators": 30}), seen)
    table = scorer.score_items(Queries.from_frames(pd.DataFrame({"USER_ID": [1]}), None)).iloc[0]
    assert table[[str(item) for item in range(30)]].min() > table[[str(item) for item in range(30, 60)]].max()


def test_two_fits_agree():
    asked = Queries.from_frames(pd.DataFrame({"USER_ID": range(5)}), None)
    tables = [fitted(XGBClassifierEstimator({"n_estimators": 5})).score_items(asked) for _ in range(2)]
    pd.testing.assert_frame_equal(*tables)


def test_without_items_the_catalogue_is_what_was_interacted_with():
    scorer = UniversalScorer(XGBClassifierEstimator({"n_estimators": 5}))
    scorer.fit(None, None, toy_interactions())
    expected = sorted(toy_interactions()["ITEM_ID"].astype(str).unique())
    assert scorer.fitted.items.ids.tolist() == expected


def test_unusable_training_data_is_refused_by_column_and_rows():
    scorer = UniversalScorer(MatrixFactorizationEstimator(n_factors=4))
    with pytest.raises(ValueError, match="not one interaction"):
        scorer.fit(None, None, toy_interactions().head(0))
    broken = toy_interactions().astype({"OUTCOME": object})
    broken.loc[[2, 5], "OUTCOME"] = "good"
    for estimator in (MatrixFactorizationEstimator(n_factors=4), XGBClassifierEstimator()):
        with pytest.raises(ValueError, match=r"'OUTCOME'.* 2 of .* rows .*'good'"):
            UniversalScorer(estimator).fit(None, None, broken)
    with pytest.raises(RuntimeError, match="not fitted"):
        scorer.score_items(Queries.from_frames(pd.DataFrame({"USER_ID": [1]}), None))
