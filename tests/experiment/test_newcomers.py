"""Users first seen after the cut: their views are what the run measured, and nothing is known of them."""

import pandas as pd
import pytest

from skrec_lite.dataset import load_sample
from skrec_lite.experiment import ExperimentConfig, LabData, run_experiment, user_view
from skrec_lite.experiment.playground.newcomers import any_view, newcomers
from skrec_lite.experiment.splitting.split import SplitConfig
from skrec_lite.experiment.users.taste_map import taste_space, user_direction
from skrec_lite.experiment.users.why import why_candidate, why_ranked


@pytest.fixture(scope="module")
def result():
    interactions, items = load_sample()
    config = ExperimentConfig(
        params={"n_factors": 8, "epochs": 3}, top_k=40, n=5, split=SplitConfig("global_time")
    )
    return run_experiment(LabData(interactions, items, name="in time"), config)


def test_they_have_no_interaction_before_the_cut_and_some_after(result):
    ids = newcomers(result)
    assert len(ids) > 20
    assert not set(ids) & set(result.split.train["USER_ID"].astype(str))
    assert not set(ids) & set(result.user_ids)
    later = result.data.interactions.astype({"USER_ID": str, "ITEM_ID": str})
    view = any_view(result, ids[3])
    held_out = {*view.held_out["ITEM_ID"], *view.unreachable["ITEM_ID"]}
    assert held_out == set(later.loc[later["USER_ID"] == ids[3], "ITEM_ID"])
    assert view.n_held_out == len(held_out) == result.split.newcomers.n_held_out[3]


def test_pools_and_lists_are_those_of_the_run(result):
    for row, user in enumerate(newcomers(result)):
        view = any_view(result, user)
        assert view.history.empty
        for key, run in result.runs.items():
            listed = result.items.decode(run.newcomers.ranked.item_index[row]).tolist()
            assert view.finals[key]["ITEM_ID"].tolist() == listed
            assert view.pools[key]["hit"].tolist() == run.newcomers.hits[row].tolist()
            ranks = view.held_out[f"{key}_rank"]
            assert (ranks > 0).sum() == run.newcomers.hits[row].sum()


def test_who_knows_nothing_of_them_says_so(result):
    user = newcomers(result)[0]
    view = any_view(result, user)
    assert view.fallback == {"embedding": True, "content": True, "popularity": False}
    popular = result.split.train["ITEM_ID"].astype(str).value_counts().index[0]
    for key, pool in view.pools.items():
        assert pool["ITEM_ID"].iloc[0] == popular
        (why,) = why_candidate(result, key, user, popular).values()
        assert ("nothing to go by" in why.explanation.note) == (key != "popularity")
    assert "does not know user" in why_ranked(result, "content", user, popular).explanation.note
    assert user_direction(result, taste_space(result, "embedding"), user) is None


def test_a_measured_user_is_looked_up_as_ever_and_a_stranger_is_refused(result):
    user = str(result.user_ids[0])
    assert any_view(result, user) is user_view(result, user)
    with pytest.raises(KeyError):
        any_view(result, "nobody")


def test_a_split_without_new_users_has_none(result):
    last = run_experiment(
        LabData(result.data.interactions.head(3000), result.data.items, name="last"),
        ExperimentConfig(params={"n_factors": 4, "epochs": 1}, top_k=10, n=3),
    )
    assert newcomers(last).tolist() == []
    pd.testing.assert_frame_equal(
        any_view(last, last.user_ids[0]).pools["content"], user_view(last, last.user_ids[0]).pools["content"]
    )
