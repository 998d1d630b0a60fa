"""Scores of users whose history was given, beside tables rebuilt by hand with it and the same estimator."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from skrec_lite import (
    CandidateScorer,
    ContentBasedRetriever,
    ContextualizedTwoTowerEstimator,
    EmbeddingRetriever,
    MatrixFactorizationEstimator,
    MergedRetriever,
    NCFEstimator,
    PopularityRetriever,
    SklearnEstimator,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.dataset.encoded import EncodedInteractions
from skrec_lite.estimator.histories import Histories
from skrec_lite.scorer import Queries
from skrec_lite.scorer.activity import Activity
from skrec_lite.scorer.candidate_features import CandidateFeatures
from skrec_lite.scorer.pair_features import PairFeatures
from tests.retriever.conformance import toy_interactions, toy_items
from tests.retriever.test_with_histories import history_of, swapped


def timed(interactions):
    moments = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(interactions)) * 7, "h")
    return interactions.assign(TIMESTAMP=moments)


def everyone(n=40):
    return Queries(np.array([str(user) for user in range(n)], dtype=object))


def fitted(estimator, interactions, users=None):
    scorer = UniversalScorer(estimator)
    scorer.fit(users, toy_items(), interactions)
    return scorer


def trees():
    return XGBClassifierEstimator({"n_estimators": 30, "max_depth": 4})


def logistic():
    return SklearnEstimator(LogisticRegression())


ROWS = np.tile(np.arange(60, dtype=np.int32), (40, 1))


@pytest.mark.parametrize("make", [trees, logistic])
@pytest.mark.parametrize("labelled", [False, True])
def test_tabular_scores_of_edited_users_are_those_of_tables_rebuilt_with_what_they_chose(make, labelled):
    interactions = toy_interactions()
    if labelled:
        outcome = (np.random.default_rng(3).random(len(interactions)) < 0.7).astype(float)
        interactions = interactions.assign(OUTCOME=outcome)
    ages = pd.DataFrame({"USER_ID": np.arange(40), "age": np.linspace(-1, 1, 40)})
    scorer = fitted(make(), interactions, ages)
    before = scorer.fitted.score_candidates(everyone(), ROWS)
    changed = swapped(interactions, 4, 9)
    edited = scorer.with_histories(changed[changed["USER_ID"].isin([4, 9])])
    encoded = EncodedInteractions.from_frame(changed, items=scorer.fitted.items)
    rebuilt = PairFeatures.fit(ages, toy_items(), changed, encoded, with_mean_outcome=False)
    query_features, query_vectors = rebuilt.query_tables(everyone())
    table = rebuilt.matrix(query_features, query_vectors, ROWS)
    expected = scorer.estimator.predict_scores(table).reshape(ROWS.shape)
    scores = edited.fitted.score_candidates(everyone(), ROWS)
    np.testing.assert_array_equal(scores, expected)
    np.testing.assert_array_equal(edited.fitted.score_catalogue(everyone()), expected)
    assert (scores[[4, 9]] != before[[4, 9]]).any(axis=1).all()
    np.testing.assert_array_equal(np.delete(scores, [4, 9], axis=0), np.delete(before, [4, 9], axis=0))
    np.testing.assert_array_equal(scorer.fitted.score_candidates(everyone(), ROWS), before)


@pytest.mark.parametrize("make", [trees, logistic])
def test_a_new_user_with_the_history_of_a_known_one_has_the_same_tabular_scores(make):
    interactions = toy_interactions()
    scorer = fitted(make(), interactions)
    before = scorer.fitted.score_catalogue(everyone())
    edited = scorer.with_histories(history_of(interactions, 17, "new"))
    new = Queries(np.array(["new", "3"], dtype=object))
    np.testing.assert_array_equal(edited.fitted.score_catalogue(new), before[[17, 3]])
    # Without a history, a new user is a stranger.
    stranger = Queries(np.array(["nobody", "3"], dtype=object))
    nothing = scorer.with_histories(Histories.of(interactions.iloc[:0], user_ids=["17"]))
    np.testing.assert_array_equal(
        nothing.fitted.score_catalogue(Queries(np.array(["17"], dtype=object))),
        scorer.fitted.score_catalogue(stranger)[:1],
    )


@pytest.mark.parametrize(
    "estimator",
    [
        MatrixFactorizationEstimator(n_factors=4, epochs=5, random_state=0),
        MatrixFactorizationEstimator(
            n_factors=4, epochs=5, algorithm="als", outcome_type="ordinal", ordinal_min=1, ordinal_max=4
        ),
        ContextualizedTwoTowerEstimator(epochs=2, final_embedding_dim=8, batch_size=128, random_state=0),
        NCFEstimator(ncf_type="gmf", epochs=3, random_state=0),
        NCFEstimator(ncf_type="mlp", epochs=3, random_state=0),
    ],
    ids=["ials", "als", "two towers", "gmf", "mlp"],
)
def test_embedding_scores_are_the_retrievers_dot_products(estimator):
    interactions = toy_interactions().assign(OUTCOME=lambda frame: 1.0 + frame.index % 4)
    scorer = fitted(estimator, interactions)
    before = scorer.fitted.score_catalogue(everyone())
    retriever = EmbeddingRetriever(top_k=60)
    retriever.build_index(estimator, interactions, toy_items())
    given = Histories.of(
        pd.concat([history_of(interactions, 4).iloc[3:], history_of(interactions, 11, "new")])
    )
    edited, searched = scorer.with_histories(given), retriever.with_histories(given)
    asked = Queries(np.array(["4", "new", "5"], dtype=object))
    pools = searched.retrieve_batch(asked.user_ids, 60)
    scores = edited.fitted.score_candidates(asked, pools.item_index)
    np.testing.assert_allclose(scores[:2], pools.scores[:2], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(edited.fitted.score_catalogue(everyone())[5], before[5])
    np.testing.assert_array_equal(scorer.fitted.score_catalogue(everyone()), before)
    assert edited.fitted.histories_note == searched.histories_note


@pytest.mark.parametrize("mode", ["user_tower", "scoring_layer", "trilinear"])
def test_request_context_counts_for_folded_users_too(mode):
    rng = np.random.default_rng(2)
    interactions = toy_interactions()
    interactions["hour"] = rng.normal(size=len(interactions))
    estimator = ContextualizedTwoTowerEstimator(
        context_mode=mode, epochs=2, final_embedding_dim=8, batch_size=128, random_state=0
    )
    scorer = fitted(estimator, interactions)
    edited = scorer.with_histories(history_of(interactions, 4, "new"))
    context = pd.DataFrame({"USER_ID": ["new", "new"], "hour": [2.0, 0.0]})
    loud = edited.fitted.score_catalogue(Queries(np.array(["new", "new"], dtype=object), context))
    assert np.abs(loud[0] - loud[1]).max() > 1e-3
    vector = pd.DataFrame(
        {"USER_ID": ["new"], "EMBEDDING": [estimator.user_vector(history_of(interactions, 4))]}
    )
    pairs = pd.DataFrame({"USER_ID": "new", "ITEM_ID": scorer.fitted.items.ids, "hour": 0.0})
    plain = estimator.predict_proba_with_embeddings(pairs.drop(columns="hour"), vector)
    mean = pd.DataFrame({"USER_ID": ["new"], "hour": [np.nan]})
    average = edited.fitted.score_catalogue(Queries(np.array(["new"], dtype=object), mean))
    np.testing.assert_allclose(1 / (1 + np.exp(-average[0])), plain, rtol=1e-4)


def candidates_scorer(interactions):
    model = MatrixFactorizationEstimator(n_factors=4, epochs=5, random_state=0)
    parts = [EmbeddingRetriever(estimator=model), ContentBasedRetriever(), PopularityRetriever()]
    retriever = MergedRetriever(parts, top_k=20)
    scorer = CandidateScorer(XGBClassifierEstimator({"n_estimators": 30, "max_depth": 4}))
    scorer.fit_on_candidates(retriever, None, toy_items(), interactions)
    retriever.fit_own_model(None, toy_items(), interactions)
    retriever.build_index(None, interactions, toy_items())
    scorer.bind(retriever, None, toy_items(), interactions)
    return scorer, retriever


def test_candidates_are_described_as_by_tables_rebuilt_with_what_the_edited_users_chose():
    interactions = timed(toy_interactions())
    scorer, retriever = candidates_scorer(interactions)
    before = scorer.fitted.score_catalogue(everyone())
    changed = swapped(interactions, 4, 9)
    histories = changed[changed["USER_ID"].isin([4, 9])]
    edited = scorer.with_histories(histories)
    rebuilt = CandidateFeatures.fit(
        retriever.with_histories(histories), None, toy_items(), changed, scorer.fitted.items
    )
    expected = scorer.estimator.predict_scores(rebuilt.matrix(everyone(), ROWS)).reshape(ROWS.shape)
    scores = edited.fitted.score_candidates(everyone(), ROWS)
    np.testing.assert_array_equal(scores, expected)
    assert (scores[[4, 9]] != before[[4, 9]]).any(axis=1).all()
    np.testing.assert_array_equal(scorer.fitted.score_catalogue(everyone()), before)
    # What the retrievers said of the pool is read where it comes along.
    pools = retriever.with_histories(histories).retrieve_batch(everyone().user_ids, 20)
    told = edited.fitted.score_candidates(everyone(), pools.item_index, pools.provenance)
    table = rebuilt.matrix(everyone(), pools.item_index, pools.provenance)
    np.testing.assert_array_equal(told, scorer.estimator.predict_scores(table).reshape(told.shape))


def test_activity_of_a_history_without_times_ends_at_the_latest_moment_of_training():
    interactions = timed(toy_interactions())
    encoded = EncodedInteractions.from_frame(interactions)
    activity = Activity.of(interactions, encoded)
    history = pd.DataFrame({"USER_ID": "new", "ITEM_ID": ["3", "7", "3", "5"]})
    given = Histories.of(history)
    of_new = activity.of_users(history, given.encoded(encoded.items))
    assert of_new.item_table is activity.item_table
    assert of_new.user_table[0, 1] == 0.0
    popularity = activity.log_popularity[encoded.items.encode(["3", "7", "3", "5"])]
    assert of_new.user_table[0, 0] == pytest.approx(popularity.mean(), rel=1e-6)
    assert encoded.items.decode(of_new.latest[0]).tolist() == ["5", "3", "7"]
    end = interactions["TIMESTAMP"].max()
    dated = history.assign(TIMESTAMP=[end - pd.Timedelta("3D"), pd.NaT, end + pd.Timedelta("9D"), pd.NaT])
    assert activity.of_users(dated, given.encoded(encoded.items)).user_table[0, 1] == 0.0
    old = history.assign(TIMESTAMP=end - pd.Timedelta("36h"))
    assert activity.of_users(old, given.encoded(encoded.items)).user_table[0, 1] == pytest.approx(1.5)
    with pytest.raises(ValueError, match=r"must hold dates, as in training\. Got int64"):
        activity.of_users(history.assign(TIMESTAMP=5), given.encoded(encoded.items))


@pytest.mark.parametrize("make", [trees, MatrixFactorizationEstimator])
def test_items_that_came_later_are_scored_for_edited_users_too(make):
    interactions = toy_interactions()
    scorer = fitted(make(), interactions)
    late = pd.DataFrame({"ITEM_ID": [60, 61], "half": [1.0, -1.0], "slope": [0.1, 0.2]})
    histories = history_of(interactions, 4, "new")
    first_edited = scorer.with_histories(histories).with_new_items(late)
    first_grown = scorer.with_new_items(late).with_histories(histories)
    asked = Queries(np.array(["new", "7"], dtype=object))
    one, other = first_edited.fitted.score_catalogue(asked), first_grown.fitted.score_catalogue(asked)
    assert one.shape == (2, 62)
    np.testing.assert_array_equal(one, other)
    assert len(scorer.fitted.items) == 60
