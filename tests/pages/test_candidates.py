"""Candidates: what one user was offered by each retriever equals what the library says."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from pages.components.charts_pools import overlap_chart, strip_chart
from pages.components.pool_tables import NOT_RETRIEVED, pool_summary, pools_csv
from pages.components.retrieval_space import space_words
from pages.components.session import FinishedRun, Lab
from skrec_lite.experiment import LabData, pick_user, pool_overlap, run_experiment, user_view, users_of_kind
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


def test_key_numbers_are_those_of_the_library(candidates, small_result):
    assert not candidates.exception
    user = candidates.selectbox(key="user").value
    assert user == pick_user(small_result, "shown")
    view = user_view(small_result, user)
    assert metric(candidates, "History") == f"{len(view.history)} items"
    assert metric(candidates, "Held out") == "1 item"
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


def test_history_is_the_users_training_latest_first(candidates, small_data):
    candidates.selectbox(key="user").set_value("22").run()
    interactions = small_data.interactions.query("USER_ID == '22'").sort_values("TIMESTAMP", kind="stable")
    shown = table(candidates, "Training interactions")
    assert shown["ITEM_ID"].tolist() == interactions["ITEM_ID"].astype(str).tolist()[-2::-1]
    assert shown["TITLE"].tolist() == [small_data.titles[item] for item in shown["ITEM_ID"]]
    held_out = table(candidates, "Held-out items")
    assert held_out["ITEM_ID"].tolist() == [str(interactions["ITEM_ID"].iloc[-1])]


def test_held_out_items_carry_the_place_each_retriever_gave_them(candidates, small_result):
    user = pick_user(small_result, "single", seed=3)
    candidates.selectbox(key="user").set_value(user).run()
    shown = table(candidates, "Held-out items").iloc[0]
    places = {
        key: run.candidates.to_dict()[user].index(shown["ITEM_ID"]) + 1
        for key, run in small_result.runs.items()
        if shown["ITEM_ID"] in run.candidates.to_dict()[user]
    }
    assert len(places) == 1
    for key in small_result.runs:
        assert shown[f"{key}_rank"] == (f"rank {places[key]}" if key in places else NOT_RETRIEVED)


@pytest.mark.parametrize("key", POOL_ALT)
def test_pools_show_the_first_25_in_order_with_hits_marked(candidates, small_result, small_data, key):
    user = str(small_result.user_ids[np.flatnonzero(small_result.runs[key].hits[:, :25].any(axis=1))[0]])
    candidates.selectbox(key="user").set_value(user).run()
    row, run = small_result.row_of(user), small_result.runs[key]
    shown = table(candidates, POOL_ALT[key])
    ids = run.candidates.to_dict()[user][:25]
    assert shown["ITEM_ID"].tolist() == ids
    marks = ["●" if hit else "○" for hit in run.hits[row, :25]]
    assert "●" in marks
    assert shown["TITLE"].tolist() == [
        f"{mark} {small_data.titles[item]}" for mark, item in zip(marks, ids, strict=True)
    ]
    np.testing.assert_allclose(shown["score"], run.candidates.scores[row, :25])
    final = small_result.items.decode(run.ranked.item_index[row]).tolist()
    assert shown["final_rank"].fillna(0).tolist() == [
        final.index(item) + 1 if item in final else 0 for item in ids
    ]
    rank = int(np.flatnonzero(run.hits[row])[0]) + 1
    assert f"25 of 50 shown · 1 hit, at rank {rank}" in texts(candidates)


def test_more_candidates_can_be_shown_and_the_choice_stays(candidates):
    candidates.segmented_control(key="pool_shown").set_value(50).run()
    assert len(table(candidates, POOL_ALT["content"])) == 50
    assert "all 50 shown" in texts(candidates)
    go(candidates, "home")
    go(candidates, "candidates")
    assert candidates.segmented_control(key="pool_shown").value == 50


@pytest.mark.parametrize("kind", ["any", "shown", "lost", "missed", "single"])
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


def test_the_user_goes_along_to_rankings_and_back(candidates):
    candidates.selectbox(key="user").set_value("33").run()
    go(candidates, "rankings")
    assert candidates.selectbox(key="user").value == "33"
    go(candidates, "compare")
    go(candidates, "candidates")
    assert candidates.selectbox(key="user").value == "33"


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
    assert "2 held-out items besides could not be found" in texts(app)
    assert metric(app, "Held out") == "3 items"


def test_strip_chart_places_every_candidate_at_its_rank_and_fills_hits_only(small_result):
    user = pick_user(small_result, "shown")
    view = user_view(small_result, user)
    figure = strip_chart(view)
    for lane, (key, pool) in enumerate(view.pools.items()):
        hollow, listed, hits = figure.data[3 * lane : 3 * lane + 3]
        assert sorted([*hollow.x, *listed.x, *hits.x]) == pool["rank"].tolist()
        assert list(hits.x) == pool.loc[pool["hit"], "rank"].tolist()
        assert set(listed.x) == set(pool.loc[(pool["final_rank"] > 0) & ~pool["hit"], "rank"])
        assert hollow.marker.symbol.endswith("-open")
        assert listed.marker.symbol.endswith("-open")
        assert not hits.marker.symbol.endswith("-open")
        assert {trace.marker.color for trace in (hollow, listed, hits)} == {
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
    assert (
        pool_summary(many, "content", 25) == "25 of 50 shown · 8 hits, at rank 2, 3, 5, 7, 11, 13 and 2 more"
    )
    none = replace(view, pools={"content": pool.assign(hit=False)})
    assert pool_summary(none, "content", 50) == "all 50 shown · no hit"
