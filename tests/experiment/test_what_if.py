"""What if: an edited or made-up history through every pipeline of a finished comparison."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite import ExperimentConfig, LabData, run_experiment
from skrec_lite.estimator.histories import Histories
from skrec_lite.experiment import (
    compare_lists,
    compare_pools,
    full_against_two_stages,
    journeys,
    pool_overlap,
    training_history,
    user_view,
    what_if,
)
from skrec_lite.experiment.playground.what_if import MADE_UP

RETRIEVERS = ("embedding", "content", "popularity", "merged")


@pytest.fixture(scope="module", params=["mf_implicit", "xgboost"])
def compared(request, small_data):
    options = {"params": {"n_estimators": 20}} if request.param == "xgboost" else {}
    config = ExperimentConfig(estimator=request.param, top_k=60, n=8, retrievers=RETRIEVERS, **options)
    return run_experiment(small_data, config)


def same_tables(one, other):
    for first, second in ((one.pools, other.pools), (one.finals, other.finals)):
        assert list(first) == list(second)
        for key, table in first.items():
            pd.testing.assert_frame_equal(table, second[key])


def test_the_training_history_gives_what_was_measured_where_no_vector_is_folded_in(compared):
    user = compared.user_ids[5]
    measured, live = user_view(compared, user), what_if(compared, training_history(compared, user), user)
    pd.testing.assert_frame_equal(live.history, measured.history)
    pd.testing.assert_frame_equal(
        live.held_out[["ITEM_ID", "content_rank"]], measured.held_out[["ITEM_ID", "content_rank"]]
    )
    assert live.n_held_out == measured.n_held_out
    assert live.fallback == measured.fallback
    for key in ("content", "popularity"):
        pd.testing.assert_frame_equal(
            live.pools[key].drop(columns="final_rank"), measured.pools[key].drop(columns="final_rank")
        )
        if compared.config.estimator == "xgboost":
            pd.testing.assert_frame_equal(live.finals[key], measured.finals[key])
    if compared.config.estimator == "xgboost":
        pd.testing.assert_frame_equal(live.finals["full"], measured.finals["full"])
    # A folded-in vector is close to the trained one.
    changes = compare_pools(measured, live)
    stayed = changes.loc[changes["retriever"] == "embedding", "change"].isin(["same", "up", "down"])
    assert stayed.mean() > 0.8


def test_an_edit_withholds_what_was_added_and_offers_what_was_given_up(compared):
    user = compared.user_ids[5]
    history = training_history(compared, user)
    before = what_if(compared, history, user)
    given_up = set(history["ITEM_ID"].astype(str).iloc[-3:])
    added = before.pools["content"]["ITEM_ID"].iloc[0]
    edited = pd.concat([history.iloc[:-3], pd.DataFrame({"ITEM_ID": [added]})], ignore_index=True)
    after = what_if(compared, edited, user)
    assert after.history["ITEM_ID"].iloc[0] == added
    for table in [*after.pools.values(), *after.finals.values()]:
        assert added not in set(table["ITEM_ID"])
    found = pd.concat(after.pools.values())["ITEM_ID"]
    assert given_up & set(found)
    popular = compare_pools(before, after).query("retriever == 'popularity'")
    assert set(popular["change"]) <= {"same", "entered", "left", "up", "down"}
    assert (compare_pools(before, after)["change"] != "same").any()


def test_what_was_held_out_and_is_in_the_history_now_is_no_longer_to_be_found(compared):
    row = int(np.flatnonzero(compared.split.n_reachable > 0)[0])
    user = compared.user_ids[row]
    measured = user_view(compared, user)
    wanted = measured.held_out["ITEM_ID"].iloc[0]
    found = pd.DataFrame({"ITEM_ID": [wanted]})
    view = what_if(compared, pd.concat([training_history(compared, user), found]), user)
    assert view.n_held_out == measured.n_held_out - 1
    assert wanted not in set(view.held_out["ITEM_ID"])


def test_a_made_up_user_is_nobody_of_the_data_and_has_nothing_held_out(compared):
    ids = compared.items.ids[[3, 14, 159]].tolist()
    view = what_if(compared, ids)
    assert view.user_id == MADE_UP
    assert view.history["ITEM_ID"].tolist() == ids[::-1]
    assert view.held_out.empty
    assert view.n_held_out == 0
    assert not any(view.fallback.values())
    assert set(view.retriever_notes) == set(RETRIEVERS)
    assert set(view.ranker_notes) == {*RETRIEVERS, "full"}
    for table in view.pools.values():
        assert not table["hit"].any()
        assert table["ITEM_ID"].is_unique
        assert table["rank"].tolist() == list(range(1, len(table) + 1))
    # What the screens draw of a user, they draw of this one.
    assert len(pool_overlap(view.pools)) == 15
    for key in RETRIEVERS:
        pool, final = view.pools[key].set_index("ITEM_ID"), view.finals[key]
        assert final["pool_rank"].tolist() == pool.loc[final["ITEM_ID"], "rank"].tolist()
        assert (pool.loc[final["ITEM_ID"], "final_rank"] == final["position"].to_numpy()).all()
        assert len(journeys(view, key)) == len(final)
        assert len(full_against_two_stages(view, key)) == 8
    assert view.parts_of("merged") == ["embedding", "content", "popularity"]


def test_without_a_history_a_user_is_a_stranger(compared):
    view = what_if(compared, [])
    assert view.history.empty
    assert view.fallback == {"embedding": True, "content": True, "popularity": False, "merged": False}
    popular = view.pools["popularity"]["ITEM_ID"].tolist()
    assert view.pools["content"]["ITEM_ID"].tolist() == popular
    emptied = what_if(compared, [], compared.user_ids[5])
    assert emptied.pools["content"]["ITEM_ID"].tolist() == popular
    assert emptied.n_held_out == user_view(compared, compared.user_ids[5]).n_held_out


def test_the_result_and_other_users_notice_nothing(compared):
    one, other = compared.user_ids[5], compared.user_ids[9]
    before = what_if(compared, training_history(compared, other), other)
    what_if(compared, compared.items.ids[:20].tolist(), one)
    same_tables(what_if(compared, training_history(compared, other), other), before)
    full = compared.recommenders["full"]
    assert one in full.seen_items.users
    assert full.with_histories(Histories.of(pd.DataFrame({"USER_ID": [], "ITEM_ID": []}))) is not full


def test_what_is_not_given_is_filled_in_as_documented(compared):
    train = compared.split.train
    ids = compared.items.ids[:2].tolist()
    plain = what_if(compared, ids)
    usual = train.loc[train["OUTCOME"] > 0, "OUTCOME"].median()
    assert plain.history["OUTCOME"].tolist() == [usual, usual]
    assert plain.history["TIMESTAMP"].tolist() == [train["TIMESTAMP"].max()] * 2
    early = train["TIMESTAMP"].min()
    partly = pd.DataFrame({"ITEM_ID": ids, "OUTCOME": [1.0, None], "TIMESTAMP": [pd.NaT, early]})
    view = what_if(compared, partly)
    assert view.history["ITEM_ID"].tolist() == ids
    assert view.history["OUTCOME"].tolist() == [1.0, usual]
    as_text = what_if(compared, partly.assign(TIMESTAMP=["", str(early)]).replace({"": None}))
    same_tables(as_text, view)


def test_unusable_histories_are_refused_in_words(compared):
    known = str(compared.items.ids[0])
    with pytest.raises(
        ValueError, match=r"1 of 2 items of the history are not in the catalogue \(the first is 'no"
    ):
        what_if(compared, [known, "no such item"])
    with pytest.raises(ValueError, match="The history must contain the column 'ITEM_ID'"):
        what_if(compared, pd.DataFrame({"item": [known]}))
    with pytest.raises(ValueError, match="cannot be read as times in 1 of 1 rows"):
        what_if(compared, pd.DataFrame({"ITEM_ID": [known], "TIMESTAMP": ["when I was young"]}))
    with pytest.raises(ValueError, match="OUTCOME"):
        what_if(compared, pd.DataFrame({"ITEM_ID": [known], "OUTCOME": ["great"]}))
    with pytest.raises(ValueError, match="User 'nobody' has no training interaction"):
        training_history(compared, "nobody")


def test_data_without_times_and_outcomes_is_asked_too(small_data):
    bare = LabData(small_data.interactions[["USER_ID", "ITEM_ID"]], small_data.items)
    result = run_experiment(bare, ExperimentConfig(top_k=30, n=5))
    user = result.user_ids[0]
    view = what_if(result, training_history(result, user), user)
    measured = user_view(result, user)
    assert view.history["ITEM_ID"].tolist() == measured.history["ITEM_ID"].tolist()
    pd.testing.assert_frame_equal(
        view.pools["content"].drop(columns="final_rank"), measured.pools["content"].drop(columns="final_rank")
    )


def test_changes_by_hand():
    def view(**pools):
        tables = {
            key: pd.DataFrame(
                {
                    "rank": range(1, len(items) + 1),
                    "position": range(1, len(items) + 1),
                    "ITEM_ID": list(items),
                    "TITLE": [f"Title {item}" for item in items],
                }
            )
            for key, items in pools.items()
        }
        nothing = pd.DataFrame({"ITEM_ID": [], "TITLE": []})
        from skrec_lite.experiment import UserView

        return UserView("u", nothing, nothing, tables, tables, dict.fromkeys(tables, False))

    changes = compare_pools(view(a="vwxy", b="pq"), view(a="zxwv", b="pq"))
    of_a = changes[changes["retriever"] == "a"]
    assert of_a["ITEM_ID"].tolist() == ["z", "x", "w", "v", "y"]
    assert of_a["change"].tolist() == ["entered", "up", "down", "down", "left"]
    assert of_a["before"].tolist() == [0, 3, 2, 1, 4]
    assert of_a["after"].tolist() == [1, 2, 3, 4, 0]
    assert of_a["moved"].tolist() == [0, 1, -1, -3, 0]
    assert of_a["TITLE"].tolist() == [f"Title {item}" for item in "zxwvy"]
    assert changes.loc[changes["retriever"] == "b", "change"].tolist() == ["same", "same"]
    assert compare_lists(view(a="v"), view(a="w"))["change"].tolist() == ["entered", "left"]
    assert np.issubdtype(changes["moved"].dtype, np.integer)
