"""What if this were the history: the edited user is explained by it, everyone else as before."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import (
    ContentBasedRetriever,
    ContextualizedTwoTowerEstimator,
    MatrixFactorizationEstimator,
    RankingRecommender,
    UniversalScorer,
    XGBClassifierEstimator,
)
from skrec_lite.estimator.histories import Histories
from skrec_lite.explain import explain_candidate, explain_ranked
from skrec_lite.scorer import Queries
from tests.explain.oracle import assert_adds_up, by_name, embedding_retriever, pool_score
from tests.retriever.conformance import toy_interactions, toy_items

SEEN = toy_interactions()
EDITED = pd.DataFrame({"USER_ID": ["3", "3", "fresh"], "ITEM_ID": ["2", "40", "11"], "OUTCOME": 1.0})
ESTIMATORS = {
    # Far from settled: a folded-in vector leaves nothing over all the same.
    "ials": lambda: MatrixFactorizationEstimator(4, epochs=2, random_state=0),
    "als": lambda: MatrixFactorizationEstimator(4, "als", epochs=2, random_state=0),
    "towers": lambda: ContextualizedTwoTowerEstimator(
        epochs=2, final_embedding_dim=4, batch_size=128, random_state=0
    ),
}


def data_for(kind):
    outcomes = np.random.default_rng(0).integers(1, 6, len(SEEN)).astype(float)
    return SEEN.assign(OUTCOME=outcomes) if kind == "als" else SEEN


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_a_retriever_explains_an_edited_user_by_the_history_that_was_given(kind):
    data = data_for(kind)
    before = embedding_retriever(ESTIMATORS[kind](), data, toy_items())
    after = before.with_histories(EDITED)
    for user, history in (("3", {"2", "40"}), ("fresh", {"11"})):
        explanation = explain_candidate(after, user, 7, EDITED)
        assert_adds_up(explanation, pool_score(after, user, 7))
        assert set(by_name(explanation, "history")) == history
        assert explanation.unexplained == pytest.approx(0.0, abs=1e-5)
    for retriever in (before, after):
        other = explain_candidate(retriever, 4, 7, data)
        assert_adds_up(other, pool_score(before, 4, 7))
    assert explain_candidate(before, 3, 7, data).score != explain_candidate(after, 3, 7, EDITED).score


def test_content_is_explained_by_the_edited_profile():
    retriever = ContentBasedRetriever()
    retriever.build_index(interactions=SEEN, items=toy_items())
    edited = retriever.with_histories(EDITED)
    explanation = explain_candidate(edited, "3", 7, EDITED)
    assert_adds_up(explanation, pool_score(edited, "3", 7))
    assert by_name(explanation) != pytest.approx(by_name(explain_candidate(retriever, "3", 7, SEEN)))


@pytest.mark.parametrize("kind", [*ESTIMATORS, "trees"])
def test_a_ranker_explains_an_edited_user_by_the_score_of_the_edited_view(kind):
    data = data_for(kind)
    estimator = XGBClassifierEstimator({"n_estimators": 10}) if kind == "trees" else ESTIMATORS[kind]()
    scorer = UniversalScorer(estimator)
    scorer.fit(None, toy_items(), data)
    RankingRecommender(scorer).attach(data, toy_items())
    edited = scorer.fitted.with_histories(Histories.of(EDITED))
    for user, history in (("3", EDITED), ("4", data)):
        explanation = explain_ranked(edited, user, 7, history)
        queries = Queries(np.array([user], dtype=object))
        row = edited.items.encode(["7"])[None, :]
        assert explanation.shown == pytest.approx(
            float(edited.score_candidates(queries, row)[0, 0]), rel=1e-4
        )
        assert explanation.is_exact
