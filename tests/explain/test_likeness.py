"""Vectors that are no sum over the history: nearest items stand in, and the note says so."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import EmbeddingRetriever, MatrixFactorizationEstimator, NCFEstimator, UniversalScorer
from skrec_lite.explain import explain_candidate, explain_ranked
from tests.estimator.embedding_conformance import taste_data
from tests.explain.oracle import by_name, embedding_retriever, pool_score

DATA = taste_data()


class GivenVectors:
    """An estimator that only knows the two methods of the contract."""

    def __init__(self, users, items):
        self._users, self._items = users, items

    def get_user_embeddings(self):
        return pd.DataFrame({"USER_ID": list(self._users), "EMBEDDING": list(self._users.values())})

    def get_item_embeddings(self):
        return pd.DataFrame({"ITEM_ID": list(self._items), "ITEM_EMBEDDING": list(self._items.values())})


SEEN = pd.DataFrame(
    {
        "USER_ID": ["u", "u", "u", "u", "v"],
        "ITEM_ID": ["east", "north", "disliked", "gone", "west"],
        "OUTCOME": [5.0, 1.0, 0.0, 1.0, 1.0],
    }
)


@pytest.fixture
def by_hand():
    # The last coordinate is the same for all items: it must not make opposites alike.
    items = {
        "east": [2.0, 0.0, 9.0],
        "north": [0.0, 1.0, 9.0],
        "north-east": [1.0, 1.0, 9.0],
        "west": [-3.0, 0.0, 9.0],
        "disliked": [1.0, 0.0, 9.0],
    }
    retriever = EmbeddingRetriever()
    retriever.build_index(GivenVectors({"u": [1.0, 2.0, 0.0], "v": [0.0, 1.0, 0.0]}, items), SEEN)
    return retriever


def test_likeness_is_the_cosine_with_what_the_user_chose_nearest_first(by_hand):
    explanation = explain_candidate(by_hand, "u", "east", SEEN)
    # The candidate itself, what was disliked and what has no vector are left out.
    assert by_name(explanation) == pytest.approx({"north": 0.0})
    explanation = explain_candidate(by_hand, "u", "west", SEEN)
    assert by_name(explanation) == pytest.approx({"east": -1.0, "north": 0.0})
    assert explanation.parts["name"].tolist() == ["north", "east"]
    explanation = explain_candidate(by_hand, "u", "north-east", SEEN)
    assert by_name(explanation) == pytest.approx({"east": np.sqrt(0.5), "north": np.sqrt(0.5)})
    assert explanation.parts["value"].tolist() == [5.0, 1.0]
    assert explanation.score == pytest.approx(3.0)
    assert (explanation.kind, explanation.is_exact) == ("likeness", False)
    assert "GivenVectors does not say how" in explanation.note
    assert "nearest first" in explanation.note


def test_without_another_item_in_the_history_there_is_nothing_to_show(by_hand):
    explanation = explain_candidate(by_hand, "v", "west", SEEN)
    assert (explanation.kind, len(explanation.parts), explanation.is_exact) == ("none", 0, False)
    assert "no other item to compare" in explanation.note


@pytest.mark.parametrize(
    ("estimator", "why"),
    [
        (MatrixFactorizationEstimator(4, "sgd", epochs=3, random_state=0), "step by step"),
        (NCFEstimator("gmf", gmf_embedding_dim=4, epochs=1, random_state=0), "NCFEstimator learns each user"),
    ],
)
def test_an_estimator_says_why_its_vectors_are_no_sum(estimator, why):
    retriever = embedding_retriever(estimator, DATA)
    explanation = explain_candidate(retriever, 100, 517, DATA)
    assert explanation.score == pytest.approx(pool_score(retriever, 100, 517), rel=1e-4)
    assert (explanation.kind, explanation.is_exact) == ("likeness", False)
    assert explanation.note.startswith("Not decomposable: ")
    assert why in explanation.note
    assert set(by_name(explanation)) == set(DATA.loc[DATA["USER_ID"] == 100, "ITEM_ID"].astype(str)) - {"517"}
    assert explanation.parts["contribution"].between(-1.0001, 1.0001).all()
    assert explanation.parts["contribution"].is_monotonic_decreasing


@pytest.fixture(scope="module")
def ranker():
    scorer = UniversalScorer(MatrixFactorizationEstimator(4, epochs=60, random_state=0))
    scorer.fit(None, None, DATA)
    return scorer


def test_a_ranker_that_scores_for_an_average_user_or_item_says_so(ranker):
    unknown = explain_ranked(ranker, "nobody", 517, DATA)
    assert (unknown.kind, unknown.is_exact) == ("none", False)
    assert "does not know user 'nobody'" in unknown.note
    assert "average of all users" in unknown.note
    from skrec_lite.scorer import Queries

    asked = Queries(np.array(["nobody"], dtype=object))
    assert unknown.score == pytest.approx(ranker.score_items(asked)["517"].iloc[0])
    ranker.add_items(pd.DataFrame({"ITEM_ID": ["new"]}))
    new = explain_ranked(ranker, 100, "new", DATA)
    assert (new.kind, new.is_exact) == ("none", False)
    assert "never met item 'new'" in new.note


def test_a_vector_that_comes_with_the_request_is_not_taken_for_the_learned_one(ranker):
    given = pd.DataFrame({"USER_ID": ["100"], "EMBEDDING": [np.array([1.0, 0.0, 0.0, 0.0])]})
    explanation = explain_ranked(ranker, 100, 517, DATA, users=given)
    assert explanation.kind == "likeness"
    assert "came with the request" in explanation.note
    frame = ranker.estimator.get_item_embeddings().set_index("ITEM_ID")["ITEM_EMBEDDING"]
    assert explanation.score == pytest.approx(frame["517"][0], rel=1e-4)


def test_before_the_index_is_built_it_is_a_runtime_error():
    with pytest.raises(RuntimeError, match="build_index"):
        explain_candidate(EmbeddingRetriever(), 100, 517, DATA)
