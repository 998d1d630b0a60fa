"""Explanations of a result: the parts people see come to the score they see."""

import pytest

from skrec_lite import ExperimentConfig, run_experiment
from skrec_lite.experiment import user_view, why_candidate, why_ranked
from skrec_lite.experiment.users.why import N_PARTS, in_words


@pytest.fixture(scope="module")
def merged(small_data):
    config = ExperimentConfig(
        estimator="xgboost", params={"n_estimators": 30}, top_k=50,
        retrievers=("embedding", "content", "popularity", "merged"),
    )  # fmt: skip
    return run_experiment(small_data, config)


def test_what_a_candidate_is_made_of_sums_to_the_score_in_the_pool(result):
    for user in result.user_ids[[2, 40]]:
        view = user_view(result, user)
        for key, pool in view.pools.items():
            for row in (0, 17, 60):
                item, score = pool.loc[row, ["ITEM_ID", "score"]]
                why = why_candidate(result, key, user, item)[key]
                assert why.is_sum
                assert why.explanation.score == pytest.approx(score, rel=1e-4)
                assert why.parts["contribution"].sum() == pytest.approx(score, rel=1e-4, abs=1e-5)
                assert len(why.parts) <= N_PARTS + 2


def test_what_adds_nothing_to_a_sum_is_left_out(result):
    """Of the words and flags of an item most are not those of the user; the chart would be full of zeros."""
    view = user_view(result, result.user_ids[2])
    left_out = 0
    for item in view.pools["content"]["ITEM_ID"][:20]:
        why = why_candidate(result, "content", view.user_id, item)["content"]
        assert (why.parts["contribution"] != 0).all()
        added = int((why.explanation.parts["contribution"] != 0).sum())
        assert len(why.parts) == min(added, N_PARTS + 1)
        if added > N_PARTS:
            assert why.parts["label"].iloc[-1] == f"{added - N_PARTS:,} more"
        left_out += len(why.explanation.parts) - added
    assert left_out


def test_a_merged_candidate_has_the_reasons_of_those_that_found_it(merged):
    user = merged.user_ids[1]
    view = user_view(merged, user)
    for row in (0, 10, 49):
        candidate = view.pools["merged"].loc[row]
        finders = {part for part in view.parts_of("merged") if candidate[f"found_by_{part}"] > 0}
        reasons = why_candidate(merged, "merged", user, candidate["ITEM_ID"])
        assert set(reasons) == finders
        for part, why in reasons.items():
            own = view.pools[part].set_index("ITEM_ID")["score"][candidate["ITEM_ID"]]
            assert why.explanation.score == pytest.approx(own, rel=1e-4)


def test_what_a_listed_item_is_made_of_comes_to_the_score_in_the_list(merged, result):
    for found in (merged, result):
        user = found.user_ids[7]
        view = user_view(found, user)
        for key, final in view.finals.items():
            for row in (0, 9):
                item, score = final.loc[row, ["ITEM_ID", "score"]]
                why = why_ranked(found, key, user, item)
                assert why.is_sum
                assert why.explanation.shown == pytest.approx(score, rel=1e-3)
                total = why.parts["contribution"].sum()
                assert total == pytest.approx(why.explanation.score, rel=1e-3, abs=1e-5)


def test_what_is_not_in_the_pool_was_not_found(result):
    user = result.user_ids[0]
    inside = set(user_view(result, user).pools["content"]["ITEM_ID"])
    outside = next(item for item in result.items.ids if item not in inside)
    with pytest.raises(ValueError, match="is not among the candidates that Content-based found"):
        why_candidate(result, "content", user, outside)


def test_features_are_named_in_words():
    assert in_words("embedding_rank") == "rank by embedding"
    assert in_words("content_like_last_10") == "like the latest 10 items (content)"
    assert in_words("genres=Drama") == "genres: Drama"
    assert in_words("item_days_since_last") == "days since anyone chose it"
    assert in_words("avg_rating") == "avg rating"
