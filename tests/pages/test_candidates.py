"""Candidates: what one user was offered by each retriever equals what the library says."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from pages.components.charts_pools import overlap_chart, strip_chart
from pages.components.clicked_items import clicked_item
from pages.components.held_out_panel import NOT_RETRIEVED, held_out_lines
from pages.components.identity import LOOKS
from pages.components.item_columns import item_features
from pages.components.pool_tables import pool_summary, pools_csv
from pages.components.retrieval_space import space_words
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from pages.components.user_picker import picked_as
from skrec_lite.dataset import load_sample
from skrec_lite.experiment import (
    USER_KINDS,
    ExperimentConfig,
    LabData,
    pick_user,
    pool_overlap,
    run_experiment,
    user_view,
    users_of_kind,
)
from skrec_lite.experiment.playground.newcomers import any_view, newcomers
from skrec_lite.experiment.splitting.split import SplitConfig
from skrec_lite.experiment.users.pick_users import fate_kind, users_of_fate
from tests.experiment.rich_result import rich_result
from tests.pages.driving import go, lab_of, metric, open_app, table, texts

POOL_ALT = {"embedding": "Candidates that embedding", "content": "Candidates that content-based"}


@pytest.fixture
def candidates(finished_app):
    return go(finished_app, "candidates")


def opened(data, result, user=None, page="candidates"):
    app = open_app(Lab(data, runs=[FinishedRun(1, result)], shown=1))
    if user is not None:
        app.query_params["user"] = user
    return go(app, page)


def with_candidates(result, **changes):
    """The same result, its retrievers' candidates changed."""
    runs = {
        key: replace(run, candidates=replace(run.candidates, **changes)) for key, run in result.runs.items()
    }
    return replace(result, runs=runs)


def test_entered_first_it_offers_a_run(app):
    go(app, "candidates")
    assert not app.exception
    assert app.title[0].value == "Candidates"
    assert app.button(key="guard_run").label == "Run with defaults"
    assert not app.selectbox


def follow(app, page):
    """Go to a screen as a link does in a browser, which sends the widgets' values again; a mere switch here
    draws bound widgets on their defaults first."""
    go(app, page).run()
    assert not app.exception
    return app


def opened_table(app, key, alt):
    """The table of a section that is drawn only when open."""
    app.session_state[key] = True
    app.run()
    assert not app.exception
    return table(app, alt)


def test_key_numbers_are_those_of_the_library(candidates, small_result):
    assert not candidates.exception
    user = candidates.selectbox(key="user").value
    assert user == pick_user(small_result, "shown")
    view = user_view(small_result, user)
    assert f"{len(view.history)} items, latest first" in texts(candidates)
    target = view.held_out["ITEM_ID"].iloc[0]
    for key, label in (
        ("embedding", "Embedding"),
        ("content", "Content-based"),
        ("popularity", "Popularity"),
    ):
        pool = small_result.runs[key].candidates.to_dict()[user]
        assert metric(candidates, f"{label} found") == f"{int(target in pool)} of 1"
        shown = next(shown for shown in candidates.metric if shown.label.endswith(f"{label} found"))
        best = f"best at rank {pool.index(target) + 1}" if target in pool else "in 50 candidates"
        assert shown.delta == best


@pytest.mark.parametrize("page", ["candidates", "rankings"])
def test_what_was_hidden_stands_at_the_head_of_both_views_with_who_found_it(
    finished_app, small_result, small_data, page
):
    go(finished_app, page)
    user = pick_user(small_result, "single", seed=3)
    finished_app.selectbox(key="user").set_value(user).run()
    (target,) = user_view(small_result, user).held_out["ITEM_ID"]
    head = texts(finished_app)
    assert "Hidden from the models:** 1 item that" in head
    line = next(line for line in head.splitlines() if line.startswith("● **"))
    assert plain(small_data.titles[target]) in line
    found_by, not_by = line.split("; not by ")
    for key, run in small_result.runs.items():
        pool = run.candidates.to_dict()[user]
        if target in pool:
            shown = small_result.items.decode(run.ranked.item_index[small_result.row_of(user)]).tolist()
            place = f"shown at {shown.index(target) + 1}" if target in shown else "below the list"
            assert f"{LOOKS[key].badge} (rank {pool.index(target) + 1}, {place})" in found_by
        else:
            assert LOOKS[key].badge in not_by


def test_several_held_out_items_are_told_best_first_and_out_of_reach_ones_last():
    result = rich_result()
    user = result.user_ids[result.split.unreachable["row"].iloc[0]]
    view = user_view(result, user)
    lines = held_out_lines(view)
    assert len(lines) == view.n_held_out
    assert [line.startswith("●") for line in lines] == sorted(
        (line.startswith("●") for line in lines), reverse=True
    )
    n_lost = len(view.unreachable)
    assert all("not in the catalogue at training" in line for line in lines[-n_lost:])
    assert not any("not in the catalogue" in line for line in lines[:-n_lost])
    n_found = int((view.held_out[[f"{key}_rank" for key in result.runs]] > 0).any(axis=1).sum())
    assert sum("found by nobody" in line for line in lines) == len(view.held_out) - n_found


def test_history_is_the_users_training_latest_first(candidates, small_data):
    candidates.selectbox(key="user").set_value("22").run()
    interactions = small_data.interactions.query("USER_ID == '22'").sort_values("TIMESTAMP", kind="stable")
    shown = table(candidates, "Training interactions")
    assert shown["ITEM_ID"].tolist() == interactions["ITEM_ID"].astype(str).tolist()[-2::-1]
    assert shown["TITLE"].tolist() == [small_data.titles[item] for item in shown["ITEM_ID"]]
    held_out = opened_table(candidates, "held_out_more", "Held-out items")
    assert held_out["ITEM_ID"].tolist() == [str(interactions["ITEM_ID"].iloc[-1])]


def test_columns_that_are_empty_for_all_rows_are_hidden(small_data, small_result):
    items = small_data.items.assign(video_release=None, blank="")
    columns = item_features(
        user_view(
            replace(small_result, data=LabData(small_data.interactions, items, name="x")), "22"
        ).history,
        set(),
    )
    assert columns
    assert not {"video_release", "blank"} & set(columns)
    assert set(columns) <= set(small_data.items.columns)


def test_held_out_items_carry_the_place_each_retriever_gave_them(candidates, small_result):
    user = pick_user(small_result, "single", seed=3)
    candidates.selectbox(key="user").set_value(user).run()
    shown = opened_table(candidates, "held_out_more", "Held-out items").iloc[0]
    places = {
        key: run.candidates.to_dict()[user].index(shown["ITEM_ID"]) + 1
        for key, run in small_result.runs.items()
        if shown["ITEM_ID"] in run.candidates.to_dict()[user]
    }
    assert len(places) == 1
    for key in small_result.runs:
        words = shown[f"{key}_rank"]
        assert words.startswith(f"rank {places[key]}, ") if key in places else words == NOT_RETRIEVED


@pytest.mark.parametrize("key", POOL_ALT)
def test_pools_show_the_first_k_in_order_with_hits_marked_and_who_else_found_them(
    candidates, small_result, small_data, key
):
    user = str(small_result.user_ids[np.flatnonzero(small_result.runs[key].hits[:, :20].any(axis=1))[0]])
    candidates.selectbox(key="user").set_value(user)
    candidates.select_slider(key="k").set_value(20).run()
    row, run = small_result.row_of(user), small_result.runs[key]
    shown = table(candidates, POOL_ALT[key])
    ids = run.candidates.to_dict()[user][:20]
    assert shown["ITEM_ID"].tolist() == ids
    marks = ["●" if hit else "○" for hit in run.hits[row, :20]]
    assert "●" in marks
    assert shown["TITLE"].tolist() == [
        f"{mark} {small_data.titles[item]}" for mark, item in zip(marks, ids, strict=True)
    ]
    np.testing.assert_allclose(shown["score"], run.candidates.scores[row, :20])
    final = small_result.items.decode(run.ranked.item_index[row]).tolist()
    assert shown["final_rank"].fillna(0).tolist() == [
        final.index(item) + 1 if item in final else 0 for item in ids
    ]
    rank = int(np.flatnonzero(run.hits[row])[0]) + 1
    assert f"the first 20 of 50 · 1 hit, at rank {rank}" in texts(candidates)
    others = {
        LOOKS[other].glyph: small_result.runs[other].candidates.to_dict()[user]
        for other in small_result.runs
        if other != key
    }
    assert shown["found"].tolist() == [
        " ".join(f"{glyph}{pool.index(item) + 1}" for glyph, pool in others.items() if item in pool)
        for item in ids
    ]
    assert any(shown["found"])


def test_differences_only_leaves_out_what_all_pools_share(candidates, small_result):
    pools = {key: run.candidates.to_dict() for key, run in small_result.runs.items()}
    shared = {
        user: set.intersection(*(set(pool[user]) for pool in pools.values()))
        for user in small_result.user_ids
    }
    user = max(shared, key=lambda one: len(shared[one]))
    assert shared[user]
    candidates.selectbox(key="user").set_value(user).run()
    before = table(candidates, POOL_ALT["content"])
    candidates.toggle(key="pools_differences").set_value(True).run()
    assert not candidates.exception
    after = table(candidates, POOL_ALT["content"])
    assert after["ITEM_ID"].tolist() == [item for item in before["ITEM_ID"] if item not in shared[user]]
    ranks = dict(zip(before["ITEM_ID"], before["rank"], strict=True))
    assert after["rank"].tolist() == [ranks[item] for item in after["ITEM_ID"]]
    assert f"{len(after)} of all 50: the rest all share" in texts(candidates)
    go(candidates, "rankings")
    go(candidates, "candidates")
    assert candidates.toggle(key="pools_differences").value


def test_user_retriever_and_k_are_the_same_in_both_views(candidates, small_result):
    candidates.selectbox(key="user").set_value("33")
    candidates.segmented_control(key="retriever").set_value("content")
    candidates.select_slider(key="k").set_value(10).run()
    follow(candidates, "rankings")
    assert candidates.selectbox(key="user").value == "33"
    assert candidates.segmented_control(key="retriever").value == "content"
    assert candidates.select_slider(key="k").value == 10
    final = small_result.runs["content"].ranked.item_index[small_result.row_of("33")]
    assert table(candidates, "Final list")["ITEM_ID"].tolist() == small_result.items.decode(final).tolist()
    candidates.segmented_control(key="retriever").set_value("popularity").run()
    follow(candidates, "candidates")
    assert candidates.segmented_control(key="retriever").value == "popularity"
    assert len(table(candidates, POOL_ALT["content"])) == 10
    for page in ("candidates", "rankings"):
        go(candidates, page)
        links = [link.proto.label for link in candidates.main.get("page_link")]
        assert links == ["Pools: what was found", "Lists: what was shown"]


def test_a_click_on_a_candidate_is_the_item_of_its_row():
    event = {"selection": {"rows": [], "columns": [], "cells": [(1, "TITLE")]}}
    assert clicked_item(event, ["a", "b"]) == "b"
    assert clicked_item(event, ["a"]) is None
    assert clicked_item({"selection": {"cells": []}}, ["a"]) is None
    assert clicked_item(None, ["a"]) is None


@pytest.mark.parametrize("kind", list(USER_KINDS))
def test_each_button_brings_users_of_its_kind(candidates, small_result, kind):
    ids = set(small_result.user_ids[users_of_kind(small_result, kind)])
    seen = []
    for _ in range(4):
        candidates.button(key=f"pick_{kind}").click().run()
        assert not candidates.exception
        seen.append(candidates.selectbox(key="user").value)
    assert set(seen) <= ids
    assert all(one != another for one, another in pairwise(seen))
    assert candidates.query_params["user"] == seen[-1]
    assert f"{len(ids):,} user" in candidates.button(key=f"pick_{kind}").help


def test_the_picker_says_why_this_user_and_how_many_are_like_them(candidates, small_result):
    n_users = len(small_result.user_ids)
    n_shown = len(users_of_kind(small_result, "shown"))
    assert f"**A hit**: one of {n_shown} such users, of {n_users} measured." in texts(candidates)
    candidates.button(key="pick_worst").click().run()
    n_worst = len(users_of_kind(small_result, "worst"))
    assert f"**Worst served**: one of {n_worst} such users, of {n_users} measured." in texts(candidates)
    follow(candidates, "rankings")
    assert "**Worst served**" in texts(candidates)
    other = next(user for user in small_result.user_ids if user != candidates.selectbox(key="user").value)
    candidates.selectbox(key="user").set_value(other).run()
    assert "**Worst served**" not in texts(candidates)
    assert f"User {other}, one of {n_users} measured users." in texts(candidates)


def test_users_of_a_fate_are_told_and_there_is_a_way_to_the_next(candidates, small_result):
    ids = small_result.user_ids[users_of_fate(small_result, "popularity", "not_retrieved")]
    candidates.session_state["user"] = ids[0]
    candidates.session_state["_user_picked"] = (ids[0], fate_kind("popularity", "not_retrieved"))
    candidates.run()
    assert f"**Popularity: not retrieved**: one of {len(ids)} such users" in texts(candidates)
    candidates.button(key="pick_again").click().run()
    assert not candidates.exception
    assert candidates.selectbox(key="user").value in ids[1:]
    assert "**Popularity: not retrieved**" in texts(candidates)


def test_a_kind_that_the_run_does_not_know_is_not_told(small_result):
    user = str(small_result.user_ids[0])
    for kind in ("worst", fate_kind("own", "shown")):
        told = picked_as(small_result, user, {"_user_picked": (user, kind)})
        assert told == (kind if kind == "worst" and 0 in users_of_kind(small_result, kind) else "")
    assert picked_as(small_result, user, {"_user_picked": ("other", "any")}) == ""
    assert picked_as(small_result, user, {"_user_picked": (user, "any")}) == "any"


def test_an_address_opens_on_its_user_and_an_unknown_one_on_the_opening_user(small_data, small_result):
    assert opened(small_data, small_result, "22").selectbox(key="user").value == "22"
    astray = opened(small_data, small_result, "nobody")
    assert not astray.exception
    assert astray.selectbox(key="user").value == pick_user(small_result, "shown")


def test_a_run_without_the_chosen_user_opens_on_another(candidates, small_tables, small_config):
    candidates.selectbox(key="user").set_value("22").run()
    interactions, items = small_tables
    others = LabData(interactions[interactions["USER_ID"].astype(str) != "22"], items, name="without 22")
    result = run_experiment(others, small_config)
    here = lab_of(candidates)
    here.runs.insert(0, FinishedRun(2, result))
    here.shown = 2
    candidates.run()
    assert not candidates.exception
    assert candidates.selectbox(key="user").value == pick_user(result, "shown")
    assert "22" not in candidates.selectbox(key="user").options


def test_a_retriever_that_knew_nothing_of_the_user_says_so(small_data, small_result):
    assert not opened(small_data, small_result).warning
    unknown = with_candidates(small_result, fallback=np.ones(len(small_result.user_ids), dtype=bool))
    app = opened(small_data, unknown)
    assert len(app.warning) == 3
    assert "popular items instead" in app.warning[0].value


def test_embedding_says_how_exact_its_search_is(candidates, small_result):
    said = [shown.value for shown in candidates.markdown if "Exact] In the model's own order" in shown.value]
    assert said == [space_words(small_result.runs["embedding"].space)]


def test_what_nobody_could_find_is_said(small_data, small_result):
    row = small_result.row_of("22")
    n_held_out = small_result.split.n_held_out.copy()
    n_held_out[row] += 2
    lost = replace(small_result, split=replace(small_result.split, n_held_out=n_held_out))
    app = opened(small_data, lost, "22")
    assert "Hidden from the models:** 3 items that" in texts(app)
    assert "2 items besides could not be found" in texts(app)


def test_strip_chart_places_every_candidate_at_its_rank_and_fills_hits_only(small_result):
    user = pick_user(small_result, "shown")
    view = user_view(small_result, user)
    figure = strip_chart(view)
    for lane, (key, pool) in enumerate(view.pools.items()):
        lane_of = [trace for trace in figure.data if trace.y[0] == len(view.pools) - lane]
        by_size = {trace.marker.size: list(trace.x) for trace in lane_of}
        assert sorted(rank for ranks in by_size.values() for rank in ranks) == pool["rank"].tolist()
        assert by_size.get(14, []) == pool.loc[pool["hit"], "rank"].tolist()
        assert set(by_size.get(10, [])) == set(pool.loc[(pool["final_rank"] > 0) & ~pool["hit"], "rank"])
        for trace in lane_of:
            assert trace.marker.symbol.endswith("-open") == (trace.marker.size < 14)
        assert {trace.marker.color for trace in lane_of} == {
            {"embedding": "#0072B2", "content": "#009E73", "popularity": "#D55E00"}[key]
        }


def test_overlap_chart_draws_the_counts_of_exactly_these_pools(small_result):
    view = user_view(small_result, pick_user(small_result, "shown"))
    overlap = pool_overlap(view.pools)
    *marks, bars = overlap_chart(view).data
    assert list(bars.x) == overlap["n_items"].tolist()
    assert sum(bars.x) == pd.concat(view.pools.values())["ITEM_ID"].nunique()
    for key, mark in zip(view.pools, marks, strict=True):
        filled = [not symbol.endswith("-open") for symbol in mark.marker.symbol]
        assert filled == [key in pools for pools in overlap["retrievers"]]
    hits = {words.split("● ")[1].split(" ")[0] for words in bars.text if "●" in words}
    assert hits == {str(count) for count in overlap["n_hits"] if count}


def test_download_holds_all_pools_as_the_library_has_them(candidates, small_result):
    assert candidates.get("download_button")[0].proto.label == "Download the pools (CSV)"
    user = str(small_result.user_ids[5])
    read = pd.read_csv(io.BytesIO(pools_csv(user_view(small_result, user))), dtype={"ITEM_ID": str})
    for key, run in small_result.runs.items():
        mine = read[read["retriever"] == key]
        assert mine["ITEM_ID"].tolist() == run.candidates.to_dict()[user]
        assert mine["rank"].tolist() == list(range(1, len(mine) + 1))


def test_titles_of_uploads_are_shown_letter_by_letter(small_data, small_result):
    nasty = "<b>bold</b> **x** [a](http://x.y) :red[z]"
    items = small_data.items.assign(TITLE=nasty)
    marked = replace(small_result, data=LabData(small_data.interactions, items, name="marked"))
    app = opened(marked.data, marked)
    assert not app.exception
    assert table(app, POOL_ALT["embedding"])["TITLE"].str[2:].unique().tolist() == [nasty]
    assert nasty not in texts(app)
    figure = strip_chart(user_view(marked, pick_user(marked, "shown")))
    words = [text for trace in figure.data for text in trace.hovertext]
    assert words
    assert all("&lt;b&gt;bold" in text and "<b>" not in text for text in words)


def test_summary_of_a_pool_with_many_hits_names_the_first_six(small_result):
    view = user_view(small_result, "22")
    pool = view.pools["content"].assign(hit=lambda frame: frame["rank"].isin([2, 3, 5, 7, 11, 13, 17, 19]))
    many = replace(view, pools={"content": pool})
    assert pool_summary(many, "content", pool.head(25), 25) == (
        "the first 25 of 50 · 8 hits, at rank 2, 3, 5, 7, 11, 13 and 2 more"
    )
    none = replace(view, pools={"content": pool.assign(hit=False)})
    assert pool_summary(none, "content", pool, 50) == "all 50 · no hit"
    assert (
        pool_summary(none, "content", pool.head(9), 10)
        == "9 of the first 10 of 50: the rest all share · no hit"
    )


@pytest.fixture(scope="module")
def with_new_users():
    interactions, items = load_sample()
    data = LabData(interactions, items, name="in time")
    config = ExperimentConfig(
        params={"n_factors": 8, "epochs": 3}, top_k=40, n=5, split=SplitConfig("global_time")
    )
    return data, run_experiment(data, config)


@pytest.mark.parametrize("page", ["candidates", "rankings"])
def test_a_new_user_is_opened_with_what_is_known_of_them(with_new_users, page):
    data, result = with_new_users
    app = opened(data, result, page=page)
    app.button(key="pick_new").click().run()
    assert not app.exception
    user = app.selectbox(key="user").value
    assert user in newcomers(result)
    said = texts(app)
    assert f"{len(newcomers(result))} users first seen after the cut" in said
    assert f"{any_view(result, user).n_held_out} item" in said
    if page == "candidates":
        assert "Nothing: this user came after the cut" in said
        warned = [shown.value for shown in app.warning]
        assert len([words for words in warned if "knew nothing of this user" in words]) == 2
        shown = table(app, POOL_ALT["content"])
        assert shown["ITEM_ID"].tolist() == any_view(result, user).pools["content"]["ITEM_ID"].tolist()
    app.session_state["candidates_taste"] = True
    assert not app.run().exception
    app.button(key="new_users_fare").click().run()
    assert not app.exception
    assert app.title[0].value == "Compare"
    assert app.session_state["segmentation"] == "new_users"


def test_a_new_user_comes_from_the_address_and_needs_a_cut_in_time(with_new_users, finished_app):
    data, result = with_new_users
    user = str(newcomers(result)[5])
    app = opened(data, result, user)
    assert not app.exception
    assert app.selectbox(key="user").value == user
    assert not [button for button in go(finished_app, "candidates").button if button.key == "pick_new"]
