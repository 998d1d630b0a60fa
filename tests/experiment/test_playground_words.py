"""What the Playground says of changes, of new items and of a person's candidates, by hand."""

import numpy as np
import pandas as pd
import pytest

from skrec_lite.experiment import matching_items, training_history, user_view, what_if, with_new_items
from skrec_lite.experiment.playground.changes import change_figures, change_sentence, found_sentence
from skrec_lite.experiment.playground.item_fields import FLAGS, item_fields, kinds_of_items
from skrec_lite.experiment.playground.own_candidates import Rule
from skrec_lite.experiment.playground.own_pools import OwnPools, own_against_pools, pools_in_frame
from skrec_lite.experiment.playground.reach import reach_frame, reach_sentence
from skrec_lite.experiment.playground.unknown_ids import unknown_hint


def changes(**of_retrievers):
    rows = [(key, change) for key, kinds in of_retrievers.items() for change in kinds]
    return pd.DataFrame(rows, columns=["retriever", "change"])


def test_changes_are_counted_and_the_greatest_said_first():
    pools = changes(
        content=["same", "up", "entered", "left"], embedding=["entered", "entered", "down", "left", "left"]
    )
    figures = change_figures(pools).set_index("retriever")
    assert figures.index.tolist() == ["content", "embedding"]
    assert figures.loc["content"].to_dict() == {"n": 3, "same": 1, "moved": 1, "entered": 1, "left": 1}
    assert figures.loc["embedding"].to_dict() == {"n": 3, "same": 0, "moved": 1, "entered": 2, "left": 2}
    lists = changes(content=["entered"], embedding=["same"], full=["entered"])
    assert change_sentence(pools, lists) == (
        "New among 3 candidates: embedding 2, content-based 1. "
        "New in the list of 1: content-based 1, embedding 0."
    )
    calm = changes(content=["same", "same"])
    assert change_sentence(calm, changes(content=["same"])).startswith("Nothing changed")
    assert change_sentence(calm, changes(content=["entered"])).endswith("anew: content-based.")


def test_held_out_items_in_pools_before_and_after(result):
    row = int(np.flatnonzero(result.runs["popularity"].has_hit)[0])
    user = result.user_ids[row]
    history = training_history(result, user)
    before, after = what_if(result, history, user), what_if(result, history, user)
    n_found = int(before.pools["popularity"]["hit"].sum())
    assert f"popularity {n_found} as before" in found_sentence(before, after)
    wanted = before.held_out["ITEM_ID"].iloc[0]
    had = pd.concat([history, pd.DataFrame({"ITEM_ID": [wanted]})], ignore_index=True)
    # What is in the history is held out no more.
    without = what_if(result, had, user)
    n_now = int(without.pools["popularity"]["hit"].sum())
    if n_now != n_found:
        assert f"popularity {n_found} and now {n_now}" in found_sentence(before, without)
    assert found_sentence(what_if(result, []), what_if(result, [])) == ""


def test_fields_are_what_models_read_and_kinds_hold_their_most_popular_items(result):
    fields = {field.name: field for field in item_fields(result)}
    assert list(fields) == ["genres", "author", "price", "avg_rating", "year", "pages"]
    assert fields["year"].is_whole
    assert not fields["price"].is_whole
    assert fields["price"].bounds == (
        np.floor(result.data.items["price"].min()), np.ceil(result.data.items["price"].max())
    )  # fmt: skip
    counts = result.split.train["ITEM_ID"].astype(str).value_counts()
    for kind, items in kinds_of_items(result, 3).items():
        members = matching_items(result.data, [Rule("genres", (kind,))])
        most = counts.reindex(members).fillna(0).nlargest(3)
        assert sorted(counts.reindex(list(items)).fillna(0)) == sorted(most)
        assert set(items) <= set(members)


def test_columns_of_0_and_1_are_one_field(small_data):
    from dataclasses import replace

    from skrec_lite import ExperimentConfig, run_experiment

    items = small_data.items[["ITEM_ID", "TITLE"]].copy()
    rng = np.random.default_rng(0)
    items["Action"], items["Drama"] = rng.integers(0, 2, (2, len(items)))
    data = replace(small_data, items=items)
    result = run_experiment(data, ExperimentConfig(top_k=30, n=5))
    (field,) = item_fields(result)
    assert field.name == FLAGS
    assert set(field.values) == {"Action", "Drama"}
    both = items.loc[(items["Action"] == 1) | (items["Drama"] == 1), "ITEM_ID"].astype(str).tolist()
    assert matching_items(data, [field.rule("Action", "Drama")]) == both
    drama = items.loc[items["Drama"] == 1, "ITEM_ID"].astype(str).tolist()
    assert set(kinds_of_items(result)["Drama"]) <= set(drama)
    with pytest.raises(ValueError, match="no column 'Comedy'"):
        matching_items(data, [Rule(FLAGS, marked=("Comedy",))])


def test_who_reaches_a_new_item_and_why(result):
    user = result.user_ids[5]
    pool = user_view(result, user).pools["content"]
    twin = result.data.item_table.loc[[pool["ITEM_ID"].iloc[0]]].reset_index(drop=True)
    twin.insert(0, "ITEM_ID", "brand new")
    outcome = with_new_items(result, twin)
    view = outcome.for_user(user)
    reach = reach_frame(view, outcome).set_index("retriever")
    assert reach.loc["content", "n_in_pool"] == 1
    assert reach.loc["content", "best"] in (1, 2)
    assert reach.loc["embedding", "best"] == 0
    assert reach.loc["popularity", "best"] == reach.loc["popularity", "of"]
    assert reach.loc["popularity", "n_in_pool"] == 0
    assert "no vector" in reach.loc["embedding", "why"]
    assert "features" in reach.loc["content", "why"]
    said = reach_sentence(reach.reset_index(), 1)
    best = reach.loc["content", "best"]
    assert said.startswith(f"1 new item. In the pool: content-based (rank {best}).")
    assert "Never: embedding." in said
    assert f"Only below the pool: popularity (rank {reach.loc['popularity', 'best']:,})." in said


def test_own_candidates_against_pools_by_hand(result):
    user = result.user_ids[5]
    ids = result.items.ids[:150].tolist()
    found = own_against_pools(result, OwnPools((*ids, ids[0], "nobody's")), user)
    held = result.split.held_out.toarray() > 0
    recall = held[:, :150].sum(axis=1) / result.split.n_held_out
    assert found.recall == pytest.approx(recall.mean())
    assert (found.size, found.k, found.n_users) == (150, 100, len(held))
    for key, run in result.runs.items():
        assert found.pools[key] == pytest.approx(result.recall_curves[key][99])
        assert found.differences[key].mean == pytest.approx(recall.mean() - found.pools[key])
        pool = user_view(result, user).pools[key]["ITEM_ID"]
        assert found.shared[key] == pool.isin(ids).sum()
        assert run.key == key
    best = max(found.pools, key=found.pools.get)
    assert result.runs[best].label.lower() in found.sentence.lower()
    with pytest.raises(ValueError, match="None of the measured users"):
        own_against_pools(result, OwnPools(("nobody's",)), user)


def test_own_pools_of_each_user_are_compared_over_those_who_have_one(result):
    few = result.runs["popularity"].candidates.to_frame()
    few = few[few["USER_ID"].isin(result.user_ids[:40]) & (few["RANK"] <= 30)]
    own = pools_in_frame(few.rename(columns={"USER_ID": "user_id", "ITEM_ID": "item_id"}))
    assert own.for_user(result.user_ids[3]) == tuple(few.loc[few["USER_ID"] == result.user_ids[3], "ITEM_ID"])
    assert own.for_user(result.user_ids[50]) == ()
    found = own_against_pools(result, own, result.user_ids[3])
    assert (found.n_users, found.size, found.k) == (40, 30, 30)
    assert found.recall == pytest.approx(result.recall_at("popularity", 30)[:40].mean())
    assert found.differences["popularity"].mean == pytest.approx(0)
    assert found.shared["popularity"] == 30
    assert pools_in_frame(pd.DataFrame({"ITEM_ID": ["a"]})) is None


def test_unknown_ids_come_with_a_repair(result):
    known = result.items.ids[7]
    title = result.data.titles[known]
    for given, hint in (
        ([f"{known}.0", "x"], "1 of them is in the catalogue without '.0' at the end"),
        ([f"00{known}", f"0{known}"], "2 of them are in the catalogue without zeros in front"),
        ([title.upper()], f"1 of them is a title: use item ids instead, here '{known}'."),
        (["#" + known], "1 of them is in the catalogue without '#' in front"),
    ):
        assert unknown_hint(result, given).startswith(hint)
    assert unknown_hint(result, ["!!!"]) == ""
