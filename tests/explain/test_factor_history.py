"""Matrix factorization explained by the history: against dense algebra, retraining and removal."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import MatrixFactorizationEstimator
from skrec_lite.explain import explain_candidate
from tests.estimator.embedding_conformance import taste_data
from tests.explain.oracle import assert_adds_up, by_name, embedding_retriever, pool_score

# A firm penalty, with which training settles within the epochs of a test.
IALS = {"unobserved_weight": 0.2, "outcome_weight": 0.6, "frequency_scaling": 0.7, "regularization": 0.3}
ALS = {"algorithm": "als", "regularization": 0.05}
DATA = taste_data()
PAIRS = [(user, item) for user in (100, 113, 127, 159) for item in (500, 517, 538)]


def fitted(data=DATA, **options):
    options = {"n_factors": 5, "epochs": 20, "random_state": 0, **options}
    return embedding_retriever(MatrixFactorizationEstimator(**options), data)


@pytest.fixture(scope="module")
def ials():
    return fitted(**IALS, epochs=150)


@pytest.fixture(scope="module")
def als():
    return fitted(**ALS, epochs=150)


def item_vectors(retriever):
    frame = retriever.estimator.get_item_embeddings()
    return dict(zip(frame["ITEM_ID"], np.stack(frame["ITEM_EMBEDDING"]).astype(float), strict=True))


def history(user, data=DATA):
    mine = data.loc[data["USER_ID"] == user]
    return dict(zip(mine["ITEM_ID"].astype(str), mine["OUTCOME"], strict=True))


@pytest.mark.parametrize(("user", "item"), PAIRS)
def test_ials_parts_add_up_to_the_retrievers_score_and_are_the_history(ials, user, item):
    explanation = explain_candidate(ials, user, item, DATA)
    assert_adds_up(explanation, pool_score(ials, user, item))
    assert explanation.kind == "history"
    assert set(explanation.parts["name"]) == set(history(user))
    # A settled model leaves next to nothing over.
    assert abs(explanation.unexplained) < 1e-4 * np.abs(explanation.parts["contribution"]).sum()
    assert explanation.base == explanation.unexplained


@pytest.mark.parametrize(("user", "item"), PAIRS[:4])
def test_ials_parts_are_those_of_the_dense_normal_equations(ials, user, item):
    """Hu, Koren, Volinsky 2008, section 5, written out with all pairs weighted."""
    vectors, liked = item_vectors(ials), history(user)
    every = np.stack(list(vectors.values()))
    weight = {i: 1 + IALS["outcome_weight"] * outcome for i, outcome in liked.items()}
    alpha = IALS["unobserved_weight"]
    penalty = IALS["regularization"] * (len(liked) + alpha * len(every)) ** IALS["frequency_scaling"]
    system = alpha * every.T @ every + penalty * np.eye(5)
    for i, w in weight.items():
        system += w * np.outer(vectors[i], vectors[i])
    kernel = np.linalg.inv(system)
    expected = {i: w * vectors[str(item)] @ kernel @ vectors[i] for i, w in weight.items()}
    assert by_name(explain_candidate(ials, user, item, DATA)) == pytest.approx(expected, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("item", [501, 520])
def test_ials_parts_tell_what_the_score_is_without_an_item(item):
    """By the Sherman-Morrison formula, from explanations alone: s - c (1 - own score) / (1 - own part).

    `own` are score and part of the item that is removed. The penalty must not depend on the history.
    """
    retriever = fitted(frequency_scaling=0.0, regularization=0.5, unobserved_weight=0.2, epochs=300)
    user = 104
    mine = DATA.loc[DATA["USER_ID"] == user]
    parts = by_name(explain_candidate(retriever, user, item, DATA))
    score = sum(parts.values())
    for removed in mine["ITEM_ID"].astype(str)[:6]:
        own = by_name(explain_candidate(retriever, user, removed, DATA))
        expected = score - parts[removed] * (1 - sum(own.values())) / (1 - own[removed])
        vector = retriever.estimator.user_vector(mine.loc[mine["ITEM_ID"].astype(str) != removed])
        assert vector @ item_vectors(retriever)[str(item)] == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_items_of_the_candidates_camp_speak_for_it_and_those_of_the_other_less():
    retriever = fitted()
    parts = pd.concat([explain_candidate(retriever, user, 506, DATA).parts for user in range(100, 160, 2)])
    same_camp = parts["name"].astype(int) % 2 == 0
    assert parts.loc[same_camp, "contribution"].mean() > 2 * abs(parts.loc[~same_camp, "contribution"].mean())


@pytest.mark.parametrize(("user", "item"), PAIRS)
def test_explicit_als_parts_add_up_with_the_items_bias_among_them(als, user, item):
    explanation = explain_candidate(als, user, item, DATA)
    assert_adds_up(explanation, pool_score(als, user, item))
    assert set(by_name(explanation, "history")) == set(history(user))
    assert by_name(explanation, "item") == pytest.approx({"item bias": item_vectors(als)[str(item)][-1]})
    assert abs(explanation.unexplained) < 1e-3 * np.abs(explanation.parts["contribution"]).sum()


def test_explicit_als_parts_are_ratings_beyond_what_the_item_usually_gets(als):
    user, item = 113, 517
    vectors, rated = item_vectors(als), history(user)
    features = {i: np.append(vectors[i][:-2], 1.0) for i in rated}
    system = sum(np.outer(z, z) for z in features.values()) + 0.05 * len(rated) * np.eye(6)
    asked = np.append(vectors[str(item)][:-2], 1.0)
    mean = DATA["OUTCOME"].mean()
    expected = {
        i: (rated[i] - mean - vectors[i][-1]) * asked @ np.linalg.solve(system, z)
        for i, z in features.items()
    }
    found = by_name(explain_candidate(als, user, item, DATA), "history")
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-5)
    values = explain_candidate(als, user, item, DATA).parts.set_index("name")["value"]
    assert values.drop("item bias").to_dict() == rated


def test_after_one_epoch_nothing_is_left_unexplained_but_by_sgd():
    """Users are solved for the final items; stochastic descent ends somewhere near."""
    retriever = fitted(epochs=1)
    explanation = explain_candidate(retriever, 100, 500, DATA)
    assert_adds_up(explanation, pool_score(retriever, 100, 500))
    assert abs(explanation.unexplained) < 1e-5
    assert "explained by none" not in explanation.note


def test_other_interactions_than_those_of_training_leave_something_over_and_it_is_said():
    retriever = fitted()
    half = DATA.iloc[::2]
    explanation = explain_candidate(retriever, 100, 500, half)
    assert_adds_up(explanation, pool_score(retriever, 100, 500))
    assert abs(explanation.unexplained) > 0.05 * np.abs(explanation.parts["contribution"]).sum()
    assert "explained by none" in explanation.note


def test_repeated_pairs_and_outcomes_of_0_count_as_in_training():
    data = pd.concat([DATA, DATA.iloc[::3], DATA.iloc[::5].assign(ITEM_ID=500, OUTCOME=0.0)])
    retriever = fitted(data, **IALS, epochs=150)
    explanation = explain_candidate(retriever, 101, 503, data)
    assert_adds_up(explanation, pool_score(retriever, 101, 503))
    assert abs(explanation.unexplained) < 1e-3 * np.abs(explanation.parts["contribution"]).sum()
    assert explanation.parts["name"].is_unique


def test_an_index_of_an_earlier_fit_is_not_called_exact():
    retriever = fitted()
    retriever.estimator.fit_embedding_model(None, None, DATA.iloc[: len(DATA) // 2])
    explanation = explain_candidate(retriever, 100, 500, DATA)
    assert not explanation.is_exact
    assert "earlier fit" in explanation.note


def test_ids_may_be_text_or_numbers_and_the_users_rows_alone_will_do(ials):
    whole = explain_candidate(ials, 100, 517, DATA)
    alone = explain_candidate(ials, "100", "517", DATA.loc[DATA["USER_ID"] == 100])
    pd.testing.assert_frame_equal(whole.parts, alone.parts)


def test_a_known_user_without_interactions_is_told_to_pass_those_of_the_training(ials):
    with pytest.raises(ValueError, match=r"vector for user '100'.*interactions of the training"):
        explain_candidate(ials, 100, 517, DATA.loc[DATA["USER_ID"] != 100])
    with pytest.raises(ValueError, match="interactions of the training"):
        explain_candidate(ials, 100, 517, None)


def test_a_saved_model_explains_as_before(ials, tmp_path):
    from skrec_lite.estimator.persistence import load_estimator

    ials.estimator.save(tmp_path / "model")
    found = load_estimator(tmp_path / "model").user_vector_parts("100", DATA)
    np.testing.assert_array_equal(found.vectors, ials.estimator.user_vector_parts("100", DATA).vectors)
