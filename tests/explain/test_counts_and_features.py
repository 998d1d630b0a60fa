"""Popular and content-based candidates: counts by hand, cosines by feature."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import (
    BaseCandidateRetriever,
    ContentBasedRetriever,
    MatrixFactorizationEstimator,
    PopularityRetriever,
)
from skrec_lite.dataset.features.item_features import prepare_item_features
from skrec_lite.explain import column_groups, explain_candidate
from tests.explain.oracle import assert_adds_up, by_name, embedding_retriever, pool_score
from tests.retriever.conformance import toy_interactions, toy_items

SEEN = pd.DataFrame(
    {
        "USER_ID": ["u", "u", "v", "w", "w", "w"],
        "ITEM_ID": ["a", "c", "a", "a", "a", "d"],
        "OUTCOME": [1.0, 1.0, 1.0, 1.0, 2.0, 0.0],
    }
)
ITEMS = pd.DataFrame({"ITEM_ID": list("abcd"), "x": [3.0, 1.0, 0.0, 0.0], "y": [4.0, 0.0, 2.0, 0.0]})


@pytest.fixture
def popular():
    retriever = PopularityRetriever()
    retriever.build_index(interactions=SEEN, items=ITEMS)
    return retriever


def test_popularity_is_a_count_with_its_place_and_its_users(popular):
    explanation = explain_candidate(popular, "anybody", "a", SEEN)
    assert_adds_up(explanation, pool_score(popular, "anybody", "a"))
    assert (explanation.kind, explanation.score, explanation.base) == ("count", 4.0, 0.0)
    assert explanation.note.startswith("Chosen 4 times, by 3 of 3 users: number 1 of 4 items")
    once = explain_candidate(popular, "u", "c", SEEN)
    assert once.note.startswith("Chosen by 1 of 3 users: number 2 of 4 items")
    never = explain_candidate(popular, "u", "d", SEEN)
    assert never.note.startswith("Chosen by 0 of 3 users: number 4 of 4 items")
    assert explain_candidate(popular, "u", "a", None).note.startswith("Chosen 4 times: number 1")


def test_an_unknown_item_is_an_error_with_the_nearest_name(popular):
    popular.build_index(interactions=SEEN, items=pd.DataFrame({"ITEM_ID": ["item17"]}))
    with pytest.raises(
        ValueError, match=r"Item 'itm17' is not among the 1 items of the popularity.*'item17'"
    ):
        explain_candidate(popular, "u", "itm17", SEEN)


@pytest.mark.parametrize("ids", [(None, "a"), ("u", float("nan"))])
def test_a_missing_id_is_an_error(popular, ids):
    with pytest.raises(ValueError, match=r"_id is missing"):
        explain_candidate(popular, *ids, SEEN)


def content(items=ITEMS, seen=SEEN, **options):
    retriever = ContentBasedRetriever(**options)
    retriever.build_index(interactions=seen, items=items)
    return retriever


def test_a_cosine_is_a_sum_over_features_by_hand():
    # u chose a = (0.6, 0.8) and c = (0, 1): the profile is (0.6, 1.8) / sqrt(3.6) = (0.3162, 0.9487).
    explanation = explain_candidate(content(), "u", "a", SEEN)
    assert by_name(explanation) == pytest.approx({"y": 0.8 * 0.948683, "x": 0.6 * 0.316228}, rel=1e-5)
    assert explanation.parts["name"].tolist() == ["y", "x"]
    assert explanation.parts["value"].tolist() == [4.0, 3.0]
    assert_adds_up(explanation, pool_score(content(), "u", "a"))
    assert (explanation.kind, explanation.base) == ("features", 0.0)
    assert "cosine" in explanation.note


@pytest.mark.parametrize("weigh", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_features_add_up_to_the_cosine_for_random_data(seed, weigh):
    rng = np.random.default_rng(seed)
    items = toy_items().assign(**{f"f{place}": rng.normal(size=60) for place in range(7)})
    seen = toy_interactions(seed).assign(OUTCOME=lambda frame: rng.integers(-1, 6, len(frame)))
    retriever = content(items, seen, weight_by_outcome=weigh)
    for user, item in zip(rng.integers(0, 40, 6), rng.integers(0, 60, 6), strict=True):
        explanation = explain_candidate(retriever, user, item, seen)
        assert_adds_up(explanation, pool_score(retriever, user, item))
        assert set(explanation.parts["name"]) == {"half", "slope", *(f"f{place}" for place in range(7))}


def test_groups_sum_up_what_was_made_of_one_column():
    raw = pd.DataFrame(
        {
            "ITEM_ID": [f"i{place}" for place in range(12)],
            "genres": ["Drama|War", "Drama", "War|Crime"] * 4,
            "price": np.linspace(1.0, 9.0, 12),
        }
    )
    items = prepare_item_features(raw).frame
    seen = pd.DataFrame({"USER_ID": "u", "ITEM_ID": ["i0", "i1", "i5"]})
    retriever = content(items, seen)
    apart = explain_candidate(retriever, "u", "i4", seen)
    groups = column_groups(retriever.feature_names_)
    together = explain_candidate(retriever, "u", "i4", seen, groups=groups)
    assert set(by_name(together)) == {"genres", "price"}
    flags = {name: part for name, part in by_name(apart).items() if name.startswith("genres=")}
    assert len(flags) == 3
    assert by_name(together)["genres"] == pytest.approx(sum(flags.values()), rel=1e-6)
    assert by_name(together)["price"] == pytest.approx(by_name(apart)["price"])
    assert_adds_up(together, pool_score(retriever, "u", "i4"))
    values = together.parts.set_index("name")["value"]
    assert np.isnan(values["genres"])
    assert values["price"] == pytest.approx(items.set_index("ITEM_ID")["price"]["i4"])


def test_columns_whose_names_hold_an_equals_sign_are_told_by_the_list():
    features = ["a=b=1", "a=c", "free"]
    assert column_groups(features) == {"a=b=1": "a", "a=c": "a"}
    assert column_groups(features, ["a", "a=b", "free"]) == {"a=b=1": "a=b", "a=c": "a"}


@pytest.mark.parametrize("user", ["stranger", "w2"])
def test_a_user_without_a_profile_is_explained_by_popularity(user):
    # w2 chose nothing but an item without any feature: there is no direction to look in.
    seen = pd.concat([SEEN, pd.DataFrame({"USER_ID": ["w2"], "ITEM_ID": ["d"], "OUTCOME": [1.0]})])
    retriever = content(seen=seen)
    explanation = explain_candidate(retriever, user, "a", seen)
    assert explanation.kind == "count"
    assert_adds_up(explanation, pool_score(retriever, user, "a"))
    assert f"'content' has nothing to go by for user '{user}'" in explanation.note
    assert "Chosen 4 times, by 3 of 4 users" in explanation.note


def test_unknown_users_of_embeddings_are_explained_by_what_they_are_given():
    seen = toy_interactions()
    model = MatrixFactorizationEstimator(4, epochs=3, random_state=0)
    popular = embedding_retriever(model, seen)
    explanation = explain_candidate(popular, "nobody", 7, seen)
    assert_adds_up(explanation, pool_score(popular, "nobody", 7))
    assert (explanation.kind, explanation.score) == ("count", float((seen["ITEM_ID"] == 7).sum()))
    assert "answered with popular items" in explanation.note
    zero = embedding_retriever(model, seen, cold_start_strategy="zero")
    explanation = explain_candidate(zero, "nobody", 7, seen)
    assert explanation.score == pool_score(zero, "nobody", 7) == 0.0
    assert explanation.kind == "none"
    assert "score every item 0" in explanation.note


class Alphabet(BaseCandidateRetriever):
    name = "alphabet"

    def build_index(self, estimator=None, interactions=None, items=None):
        pass

    def retrieve(self, user_ids, top_k):
        return {user: list("abc")[:top_k] for user in user_ids}


def test_a_custom_retriever_gives_lists_without_saying_why():
    explanation = explain_candidate(Alphabet(), "u", "b", SEEN)
    assert (explanation.kind, len(explanation.parts), explanation.is_exact) == ("none", 0, False)
    assert explanation.note == "Not decomposable: alphabet gives lists without saying why."
    assert np.isnan(explanation.score)


def test_a_custom_retriever_that_declares_a_match_is_explained_by_it(popular):
    class Likewise(Alphabet):
        def match(self, user_id, item_id):
            return popular.match(user_id, item_id)

    assert explain_candidate(Likewise(), "u", "a", SEEN).score == 4.0


def test_a_merged_retriever_points_to_those_it_merges(popular):
    class Both(Alphabet):
        name = "both"
        leaves = (popular, Alphabet())

    assert (
        "(popularity, alphabet), each of which has its own" in explain_candidate(Both(), "u", "a", SEEN).note
    )
