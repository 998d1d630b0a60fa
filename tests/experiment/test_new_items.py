"""Items that came after training, through every pipeline of a finished comparison; nothing is trained."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, LabData, run_experiment
from skrec_lite.experiment import training_history, user_view, what_if, with_new_items
from skrec_lite.scorer import Queries

RETRIEVERS = ("embedding", "content", "popularity", "merged")


@pytest.fixture(scope="module")
def results(small_data):
    def run(estimator, data=small_data, retrievers=RETRIEVERS, **params):
        config = ExperimentConfig(estimator=estimator, params=params, top_k=60, n=8, retrievers=retrievers)
        return run_experiment(data, config)

    return {
        "mf_implicit": run("mf_implicit"),
        "xgboost": run("xgboost", n_estimators=20),
        "two_tower": run("two_tower", epochs=2),
        "ncf": run("ncf", epochs=1),
    }


@pytest.fixture(params=["mf_implicit", "xgboost", "two_tower", "ncf"])
def result(request, results):
    return results[request.param]


def twins(result, n=3, at=40):
    """New items that are in all but id and title what known ones are."""
    old = result.data.items.iloc[at : at + n]
    ids = [f"new {place}" for place in range(n)]
    return old.assign(ITEM_ID=ids, TITLE=[f"New {title}" for title in old["TITLE"]]), old["ITEM_ID"].astype(
        str
    )


def test_features_of_a_known_item_under_a_new_id_are_that_items_to_the_bit(result):
    new, old = twins(result)
    outcome = with_new_items(result, new)
    known = result.data.features.frame.set_index(result.data.items["ITEM_ID"].astype(str)).loc[old]
    np.testing.assert_array_equal(
        outcome.features.drop(columns="ITEM_ID").to_numpy(), known.drop(columns="ITEM_ID").to_numpy()
    )
    assert outcome.new_ids.tolist() == ["new 0", "new 1", "new 2"]
    assert len(outcome.pipelines.items) == len(result.items) + 3


def test_the_result_stays_as_it_was_and_before_is_what_was_measured(result):
    user = result.user_ids[4]
    catalogue = len(result.items)
    outcome = with_new_items(result, twins(result)[0])
    measured, before = user_view(result, user), outcome.for_user(user).before
    for key in RETRIEVERS:
        # Scores of other batches of rows: matrix products round in another order.
        pd.testing.assert_frame_equal(before.pools[key], measured.pools[key], rtol=0, atol=1e-5)
        pd.testing.assert_frame_equal(before.finals[key], measured.finals[key], rtol=0, atol=1e-5)
    pd.testing.assert_frame_equal(before.held_out, measured.held_out)
    assert len(result.recommenders["full"].scorer.fitted.items) == catalogue
    assert not result.recommenders["content"].retriever.retrieve([user], 2000)[user].count("new 0")
    assert before.retriever_notes == dict.fromkeys(RETRIEVERS, "")
    assert before.ranker_notes == {}


def test_content_finds_a_twin_beside_its_original(result):
    user = result.user_ids[4]
    seen = set(training_history(result, user)["ITEM_ID"].astype(str))
    order = [
        item
        for item in result.recommenders["content"].retriever.retrieve([user], 2000)[user]
        if item not in seen
    ]
    at = result.data.items["ITEM_ID"].astype(str).tolist().index(order[2])
    new, [old] = twins(result, 1, at)
    outcome = with_new_items(result, new)
    view = outcome.for_user(user)
    place = view.places.query("retriever == 'content'").iloc[0]
    assert place["in_pool"]
    assert place["rank"] in (3, 4)
    ranks = view.after.pools["content"].set_index("ITEM_ID")["rank"]
    assert abs(ranks["new 0"] - ranks[old]) == 1
    scores = view.after.pools["content"].set_index("ITEM_ID")["score"]
    assert scores["new 0"] == scores[old]
    assert view.after.pools["content"].set_index("ITEM_ID").loc["new 0", "TITLE"] == new["TITLE"].iloc[0]
    changes = view.pools.query("retriever == 'content'").set_index("ITEM_ID")
    assert changes.loc["new 0", "change"] == "entered"
    assert (changes["change"] == "left").sum() == 1
    assert changes.query("change == 'left'")["before"].tolist() == [60]


def test_popularity_has_new_items_at_the_very_end(result):
    outcome = with_new_items(result, twins(result)[0])
    places = outcome.for_user(result.user_ids[4]).places.query("retriever == 'popularity'")
    seen = result.seen_counts()[4]
    assert places["of"].tolist() == [len(result.items) - seen + 3] * 3
    assert places["rank"].tolist() == [len(result.items) - seen + n for n in (1, 2, 3)]
    assert not places["in_pool"].any()
    assert "end of its list" in outcome.found["popularity"]


def test_embedding_finds_new_items_only_if_the_model_reads_features(results):
    for name, result in results.items():
        outcome = with_new_items(result, twins(result)[0])
        places = outcome.for_user(result.user_ids[4]).places.query("retriever == 'embedding'")
        assert (places["rank"] > 0).tolist() == [name == "two_tower"] * 3
        assert ("cannot find" in outcome.found["embedding"]) == (name != "two_tower")


def full_scores(outcome, user):
    ranker = outcome.recommenders["full"]
    return ranker.score_items(pd.DataFrame({"USER_ID": [user]})).iloc[0]


def test_rankers_score_new_items_as_they_say(results):
    user = results["mf_implicit"].user_ids[4]
    for name, result in results.items():
        new, _ = twins(result)
        outcome = with_new_items(result, new)
        scores = full_scores(outcome, user)[["new 0", "new 1", "new 2"]]
        words = outcome.ranked["full"]
        if name == "mf_implicit":
            # All alike, as the mean of all learned item vectors.
            vectors = np.stack(
                result.recommenders["full"].scorer.estimator.get_item_embeddings()["ITEM_EMBEDDING"]
            )
            chosen = result.items.encode(result.split.train["ITEM_ID"].unique())
            users = (
                result.recommenders["full"]
                .scorer.estimator.get_user_embeddings()
                .set_index("USER_ID")["EMBEDDING"]
            )
            average = vectors[chosen].mean(axis=0) @ users[user]
            np.testing.assert_allclose(scores, average, rtol=1e-4)
        if name in ("mf_implicit", "ncf"):
            assert scores.nunique() == 1
            assert "as an average item" in words
        if name == "two_tower":
            assert scores.nunique() == 3
            assert "makes of its features alone" in words
        if name == "xgboost":
            assert words.startswith("XGBoost")
            assert "by its features (popularity 0" in words
            assert "what the retrievers say" in outcome.ranked["content"]
            # An item nobody chose, of the same features, is scored alike: a twin of a twin.
            again, _ = twins(result)
            twice = with_new_items(result, pd.concat([new, again.assign(ITEM_ID=["x", "y", "z"])]))
            np.testing.assert_array_equal(full_scores(twice, user)[["x", "y", "z"]], scores)


def test_a_ranker_of_candidates_is_told_what_the_new_index_says_of_new_items(results):
    result = results["xgboost"]
    user = np.array([result.user_ids[4]], dtype=object)
    new, [old] = twins(result, 1)
    grown = with_new_items(result, new).recommenders["content"]
    view = grown.scorer.fitted
    pair = view.items.encode(["new 0", old])[None, :]
    rows = pd.DataFrame(view.feature_rows(Queries(user), pair), columns=view.feature_names)
    assert np.isfinite(rows["content_score"]).all()
    assert rows["content_score"].nunique() == 1
    np.testing.assert_array_equal(
        rows["content_score"], grown.retriever.pair_scores(user, view.items, pair)[0]
    )
    assert rows["item_popularity"].tolist()[0] == 0


def test_places_are_those_of_the_lists(result):
    user = result.user_ids[4]
    outcome = with_new_items(result, twins(result)[0])
    view = outcome.for_user(user)
    for row in view.places.itertuples():
        final = view.after.finals[row.retriever].set_index("ITEM_ID")["position"]
        assert row.position == final.get(row.ITEM_ID, 0)
        if row.retriever == "full":
            ranked = outcome.recommenders["full"].rank(
                pd.DataFrame({"USER_ID": [user]}), top_k=row.of, exclude_seen=True
            )
            assert ranked.item_ids()[0].tolist().index(row.ITEM_ID) + 1 == row.rank
            continue
        pool = view.after.pools[row.retriever].set_index("ITEM_ID")["rank"]
        assert row.in_pool == (row.ITEM_ID in pool.index)
        assert not row.in_pool or pool[row.ITEM_ID] == row.rank
        assert row.in_pool or row.rank == 0 or row.rank > 60
    assert set(view.lists["retriever"]) == {*RETRIEVERS, "full"}


def test_a_history_may_be_made_up_and_hold_new_items(result):
    outcome = with_new_items(result, twins(result)[0])
    ids = result.items.ids[:3].tolist()
    view = outcome.for_user(None, ids)
    plain = what_if(result, ids)
    pd.testing.assert_frame_equal(view.before.pools["content"], plain.pools["content"])
    assert len(view.places) == 15
    with_new = outcome.what_if([*ids, "new 1"])
    assert with_new.history["TITLE"].iloc[0].startswith("New ")
    assert "new 1" not in set(pd.concat(with_new.pools.values())["ITEM_ID"])
    with pytest.raises(ValueError, match="not in the catalogue"):
        what_if(result, ["new 1"])


def test_without_item_features_new_items_are_known_by_id_alone(small_data):
    data = LabData(small_data.interactions)
    result = run_experiment(data, ExperimentConfig(top_k=30, n=5))
    outcome = with_new_items(result, pd.DataFrame({"ITEM_ID": ["n"], "TITLE": ["New"]}))
    assert outcome.features is None
    places = outcome.for_user(result.user_ids[0]).places.set_index("retriever")
    assert places.loc["embedding", "rank"] == 0
    assert places.loc["popularity", "rank"] == places.loc["popularity", "of"]
    assert places.loc["full", "rank"] > 0
    assert places.loc["full", "TITLE"] == "New"


def test_missing_and_unknown_features_are_told(results):
    result = results["xgboost"]
    bare = pd.DataFrame({"ITEM_ID": [90001], "genres": ["Zydeco"], "mood": ["good"]})
    outcome = with_new_items(result, bare)
    words = " ".join(outcome.notes)
    assert "'genres' has tags that training did not know (Zydeco)" in words
    assert "The new items have no column 'price': the median stands in." in words
    assert "'mood' was not used in training" in words
    assert "1 of 1 new items have no feature that training knew." in words
    assert outcome.new_ids.tolist() == ["90001"]
    assert "mood" not in outcome.for_user(result.user_ids[0]).after.pools["content"].columns


def test_unusable_items_are_refused_with_the_repair(results):
    result = results["mf_implicit"]
    new, _ = twins(result)
    taken = str(result.items.ids[7])
    for items, words in (
        (new.iloc[:0], "There is no new item.*Give one item a row"),
        (new.rename(columns={"ITEM_ID": "ITEM"}), "need a column 'ITEM_ID'. Did you mean 'ITEM'"),
        (new.assign(ITEM_ID=["a", None, "b"]), "'ITEM_ID' is empty in 1 of 3 rows"),
        (
            new.assign(ITEM_ID=["a", "b", "a"]),
            r"1 of 3 new items repeat an id \(the first is 'a'\).*one row per",
        ),
        (
            new.assign(ITEM_ID=["a", taken, "b"]),
            rf"1 of 3 new items have an id .*'{taken}'.*ids of their own",
        ),
    ):
        with pytest.raises(ValueError, match=words):
            with_new_items(result, items)
    with pytest.raises(ValueError, match="User 'nobody' has no training interaction"):
        with_new_items(result, new).for_user("nobody")
