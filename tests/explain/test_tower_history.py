"""Two towers explained: parts of a linear user tower against its own forward pass."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ContextualizedTwoTowerEstimator, RankingRecommender, UniversalScorer
from skrec_lite.explain import explain_candidate, explain_ranked
from tests.estimator.embedding_conformance import taste_data
from tests.explain.oracle import assert_adds_up, by_name, embedding_retriever, pool_score

DATA = taste_data()
rng = np.random.default_rng(1)
USERS = pd.DataFrame(
    {"USER_ID": DATA["USER_ID"].unique(), "age": rng.normal(40, 10, DATA["USER_ID"].nunique())}
)
ITEMS = pd.DataFrame({"ITEM_ID": range(500, 540), "price": rng.normal(size=40), "half": np.arange(40) % 2})
PAIRS = [(user, item) for user in (100, 113, 127) for item in (500, 517, 538)]


def towers(**changes):
    settings = {"user_embedding_dim": 6, "item_embedding_dim": 5, "final_embedding_dim": 4, "epochs": 3}
    return ContextualizedTwoTowerEstimator(**{**settings, "batch_size": 64, "random_state": 0, **changes})


def with_context(data, seed=3):
    return data.assign(weekend=np.random.default_rng(seed).integers(0, 2, len(data)).astype(float))


@pytest.fixture(scope="module")
def retriever():
    return embedding_retriever(towers(), DATA, ITEMS, USERS)


@pytest.mark.parametrize(("user", "item"), PAIRS)
def test_parts_add_up_to_the_retrievers_score(retriever, user, item):
    explanation = explain_candidate(retriever, user, item, DATA)
    assert_adds_up(explanation, pool_score(retriever, user, item))
    assert explanation.unexplained == pytest.approx(0.0, abs=1e-5)
    assert set(by_name(explanation, "history")) == set(
        DATA.loc[DATA["USER_ID"] == user, "ITEM_ID"].astype(str)
    )
    assert set(by_name(explanation, "user")) == {str(user)}
    assert set(by_name(explanation, "feature")) == {"age"}


def test_a_part_is_what_the_unnormalised_output_loses_without_its_input(retriever):
    """The numerator is linear: take an input out, and the rest of the sum is left as it was."""
    user, item = 113, 517
    model = retriever.estimator._trained()
    row = model.users.encode([user])[0]
    (weights, bias), *_ = model.user_tower.layers
    history = DATA.loc[DATA["USER_ID"] == user, "ITEM_ID"]
    inputs = np.hstack([model.item_ids, model.item_features])[model.items.encode(history)]

    def output(ids, features, items):
        read = np.concatenate([ids, features, items.sum(axis=0) / len(inputs), []])
        return read @ weights + bias

    whole = output(model.user_ids[row], model.user_features[row], inputs)
    to_score = model.item_vectors[model.items.encode([item])[0]]
    to_score = to_score / np.linalg.norm(whole) / model.temperature
    without = {
        str(user): output(0 * model.user_ids[row], model.user_features[row], inputs),
        "age": output(model.user_ids[row], 0 * model.user_features[row], inputs),
    }
    for place, name in enumerate(history.astype(str)):
        without[name] = output(
            model.user_ids[row], model.user_features[row], np.delete(inputs, place, axis=0)
        )
    expected = {name: (whole - out) @ to_score for name, out in without.items()}
    explanation = explain_candidate(retriever, user, item, DATA)
    assert by_name(explanation) == pytest.approx(expected, rel=1e-3, abs=1e-5)
    assert explanation.base == pytest.approx(bias @ to_score, rel=1e-3, abs=1e-5)
    age = USERS.set_index("USER_ID")["age"][user]
    assert explanation.parts.set_index("name")["value"]["age"] == pytest.approx(age, rel=1e-4)


def test_items_that_came_after_training_are_explained_too(retriever):
    newer = pd.concat([ITEMS, pd.DataFrame({"ITEM_ID": [900], "price": [2.0], "half": [1]})])
    grown = embedding_retriever(towers(), DATA, ITEMS, USERS)
    grown.build_index(interactions=DATA, items=newer)
    assert_adds_up(explain_candidate(grown, 100, 900, DATA), pool_score(grown, 100, 900))


@pytest.mark.parametrize("mode", ["user_tower", "trilinear"])
@pytest.mark.parametrize("weekend", [0.0, 1.0, None])
def test_a_ranker_is_explained_under_the_context_of_the_request(mode, weekend):
    data = with_context(DATA)
    scorer = UniversalScorer(towers(context_mode=mode))
    scorer.fit(USERS, ITEMS, data)
    recommender = RankingRecommender(scorer)
    recommender.attach(data, ITEMS)
    context = None if weekend is None else pd.DataFrame({"USER_ID": [127], "weekend": [weekend]})
    asked = pd.DataFrame({"USER_ID": [127]}) if context is None else context
    for item in (500, 517):
        explanation = explain_ranked(recommender, 127, item, data, context=context)
        assert_adds_up(explanation, recommender.score_items(asked)[str(item)].iloc[0])
        assert explanation.unexplained == pytest.approx(0.0, abs=1e-5)
        if mode == "user_tower":
            assert (by_name(explanation, "context")["weekend"] != 0) == (weekend is not None)


@pytest.mark.parametrize("user", [127, "newcomer"])
def test_features_that_come_with_the_request_are_the_ones_explained(user):
    scorer = UniversalScorer(towers())
    scorer.fit(USERS, ITEMS, DATA)
    recommender = RankingRecommender(scorer)
    recommender.attach(DATA, ITEMS)
    told = pd.DataFrame({"USER_ID": [user], "age": [61.0]})
    explanation = explain_ranked(recommender, user, 517, DATA, users=told)
    asked = pd.DataFrame({"USER_ID": [user]})
    assert_adds_up(explanation, recommender.score_items(asked, told)["517"].iloc[0])
    assert explanation.parts.set_index("name")["value"]["age"] == pytest.approx(61.0, rel=1e-4)
    assert bool(by_name(explanation, "history")) == (user == 127)


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"user_tower_hidden_dim1": 8}, "hidden layer"), ({"context_mode": "scoring_layer"}, "scoring layer")],
)
def test_hidden_units_are_said_to_be_no_sum(changes, why):
    scorer = UniversalScorer(towers(**changes))
    scorer.fit(None, ITEMS, DATA)
    explanation = explain_ranked(scorer, 113, 517, DATA)
    assert not explanation.is_exact
    assert explanation.kind == "likeness"
    assert explanation.note.startswith("Not decomposable: ")
    assert why in explanation.note
    shown = scorer.score_items(scorer_queries(113))["517"].iloc[0]
    assert explanation.score == pytest.approx(shown, rel=1e-5)


def test_a_hidden_layer_of_the_item_tower_does_not_hinder():
    retriever = embedding_retriever(towers(item_tower_hidden_dim1=8), DATA, ITEMS)
    assert_adds_up(explain_candidate(retriever, 113, 517, DATA), pool_score(retriever, 113, 517))


def scorer_queries(user):
    from skrec_lite.scorer import Queries

    return Queries(np.array([str(user)], dtype=object))


def test_a_known_user_needs_the_history(retriever):
    with pytest.raises(ValueError, match="interactions of the training"):
        explain_candidate(retriever, 113, 517, DATA.loc[DATA["USER_ID"] != 113])
