"""Rankings: the final list, the way of its items through the pool, and the full catalogue beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pages.components.charts_rankings import bump_chart
from pages.components.list_tables import (
    NOT_IN_POOL,
    beyond_sentence,
    fate_sentence,
    full_misses,
    two_stage_misses,
)
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite.experiment import journeys, pick_user, ranker_verdict, user_view, users_of_kind
from tests.pages.driving import go, metric, open_app, table, texts

LIST, FULL = "Final list of the user", "List from scoring"


@pytest.fixture
def rankings(finished_app):
    return go(finished_app, "rankings")


def choose(app, user, key):
    app.selectbox(key="user").set_value(str(user))
    app.segmented_control(key="retriever").set_value(key)
    app.run()
    assert not app.exception
    return app


def user_with(result, key, *, in_pool, shown):
    """A user whose held-out item came so far with this retriever."""
    run = result.runs[key]
    found = run.hits.any(axis=1) == in_pool
    listed = run.ranked.hits.any(axis=1) == shown
    return str(result.user_ids[np.flatnonzero(found & listed)[0]])


def test_entered_first_it_offers_a_run(app):
    go(app, "rankings")
    assert not app.exception
    assert app.button(key="guard_run").label == "Run with defaults"
    assert not app.dataframe


def test_it_opens_on_the_retriever_whose_pool_the_ranker_changed_most(rankings, small_result):
    gains = {key: abs(gain.mean) for key, gain in small_result.ranker_gains.items()}
    assert rankings.segmented_control(key="retriever").value == max(gains, key=gains.get)


@pytest.mark.parametrize("key", ["embedding", "content", "popularity"])
def test_the_list_is_the_rankers_with_each_items_place_in_the_pool(rankings, small_result, small_data, key):
    user = user_with(small_result, key, in_pool=True, shown=True)
    choose(rankings, user, key)
    row, run = small_result.row_of(user), small_result.runs[key]
    shown = table(rankings, LIST)
    items = small_result.items.decode(run.ranked.item_index[row]).tolist()
    pool = run.candidates.to_dict()[user]
    assert shown["ITEM_ID"].tolist() == items
    assert shown["pool_rank"].tolist() == [pool.index(item) + 1 for item in items]
    moved = [pool.index(item) + 1 - place for place, item in enumerate(items, 1)]
    signs = ["=" if by == 0 else f"▲ {by}" if by > 0 else f"▼ {-by}" for by in moved]
    assert shown["moved"].tolist() == signs
    assert shown["TITLE"].str[0].tolist() == ["●" if hit else "○" for hit in run.ranked.hits[row]]
    assert "●" in "".join(shown["TITLE"])
    assert plain(ranker_verdict(small_result, key)) in texts(rankings)


def test_the_full_list_marks_what_the_pool_could_not_offer(rankings, small_result):
    key = "content"
    user = next(
        user
        for user in small_result.user_ids
        if (user_view(small_result, user).finals["full"]["ITEM_ID"].isin(
            small_result.runs[key].candidates.to_dict()[user]
        )).sum() == 3
    )  # fmt: skip
    choose(rankings, user, key)
    pool = small_result.runs[key].candidates.to_dict()[user]
    two_stage = table(rankings, LIST)["ITEM_ID"].tolist()
    shown = table(rankings, FULL)
    row = small_result.row_of(user)
    assert (
        shown["ITEM_ID"].tolist()
        == small_result.items.decode(small_result.reference.ranked.item_index[row]).tolist()
    )
    assert shown["pool_rank"].tolist() == [
        f"rank {pool.index(item) + 1}" if item in pool else NOT_IN_POOL for item in shown["ITEM_ID"]
    ]
    assert (shown["pool_rank"] == NOT_IN_POOL).sum() == 2
    assert shown["two_stage_position"].fillna(0).tolist() == [
        two_stage.index(item) + 1 if item in two_stage else 0 for item in shown["ITEM_ID"]
    ]
    words = two_stage_misses(user_view(small_result, user), key)
    assert "2 not in the pool, so the ranker never saw them" in words


def test_an_exact_pool_of_the_rankers_own_model_loses_nothing(rankings, small_result):
    choose(rankings, small_result.user_ids[0], "embedding")
    assert "It misses nothing of the full catalogue's 5: retrieval cost nothing here." in texts(rankings)
    assert "It misses nothing of the two-stage list's 5." in texts(rankings)
    assert set(table(rankings, LIST)["moved"]) == {"="}


def test_differences_only_leaves_what_one_of_the_lists_lacks_and_says_it(rankings, small_result):
    key = "popularity"
    user = pick_user(small_result, "missed")
    choose(rankings, user, key)
    two_stages, full = (table(rankings, alt)["ITEM_ID"].tolist() for alt in (LIST, FULL))
    rankings.toggle(key="lists_differences").set_value(True).run()
    assert not rankings.exception
    only_two, only_full = (table(rankings, alt) for alt in (LIST, FULL))
    assert only_two["ITEM_ID"].tolist() == [item for item in two_stages if item not in full]
    assert only_full["ITEM_ID"].tolist() == [item for item in full if item not in two_stages]
    assert only_two["full_position"].isna().all()
    n_lacking = len(only_full)
    assert 0 < n_lacking == len(only_two)
    view = user_view(small_result, user)
    assert f"It misses {n_lacking} of the full catalogue's 5: " in two_stage_misses(view, key)
    assert f"It misses {n_lacking} of the two-stage list's 5: " in full_misses(view, key)
    for words in (two_stage_misses(view, key), full_misses(view, key)):
        assert words in texts(rankings)
    assert plain(only_full["TITLE"].iloc[0][2:]) in two_stage_misses(view, key)
    assert plain(only_two["TITLE"].iloc[0][2:]) in full_misses(view, key)


def test_what_a_smaller_pool_would_not_have_offered(rankings, small_result):
    key = "popularity"
    user = user_with(small_result, key, in_pool=True, shown=True)
    choose(rankings, user, key)
    final = user_view(small_result, user).finals[key]
    deepest = int(final["pool_rank"].max())
    assert f"All 5 stood among the first {deepest} candidates" in texts(rankings)
    k = max(size for size in small_result.curve_k.tolist() if size < deepest)
    rankings.select_slider(key="k").set_value(k).run()
    assert not rankings.exception
    beyond = final[final["pool_rank"] > k]
    words = beyond_sentence(user_view(small_result, user), key, k)
    assert words.startswith(f"{len(beyond)} of the 5 ")
    assert ("no hit among them" in words) == (not beyond["hit"].any())
    assert words in texts(rankings)


@pytest.mark.parametrize(
    ("in_pool", "shown", "figures", "words"),
    [
        (True, True, ("1 of 1", "1 of 1"), "Nothing was lost"),
        (True, False, ("1 of 1", "0 of 1"), "1 held-out item died at ranking"),
        (
            False,
            False,
            ("0 of 1", "0 of 1"),
            "1 held-out item died at retrieval: no ranker can bring it back",
        ),
    ],
)
def test_what_became_of_the_held_out_item(rankings, small_result, in_pool, shown, figures, words):
    user = user_with(small_result, "popularity", in_pool=in_pool, shown=shown)
    choose(rankings, user, "popularity")
    assert (metric(rankings, "In the pool"), metric(rankings, "In the list of 5")) == figures
    full = user_view(small_result, user).finals["full"]["hit"].sum()
    assert metric(rankings, "Full catalogue's list") == f"{full} of 1"
    assert words in texts(rankings)


def test_fate_of_several_counts_each(small_result):
    view = user_view(small_result, user_with(small_result, "popularity", in_pool=True, shown=False))
    three = replace(view, n_unreachable=2)
    assert fate_sentence(three, "popularity") == (
        "2 held-out items died at retrieval: no ranker can bring them back; "
        "1 held-out item died at ranking: in the pool, but not in the list."
    )


@pytest.mark.parametrize("kind", ["shown", "lost"])
def test_bump_chart_leads_each_item_from_pool_order_to_its_place(small_result, kind):
    for user in small_result.user_ids[users_of_kind(small_result, kind)][:5]:
        view = user_view(small_result, user)
        for key in small_result.runs:
            table_ = journeys(view, key)
            drawn = {
                row: (start, trace, trace.text[place : place + 2])
                for trace in bump_chart(view, key).data
                for place in range(0, len(trace.y), 3)
                for start, row in [trace.y[place : place + 2]]
            }
            assert sorted(drawn) == list(range(1, len(table_) + 1))
            for row, item in enumerate(table_.itertuples(), 1):
                start, trace, (left, right) = drawn[row]
                assert start == item.pool_order
                assert f"#{item.pool_rank}" in left
                assert (str(item.position) if item.position else "out") in right
                assert trace.marker.symbol.endswith("-open") == (not item.hit)
                assert (trace.line.dash == "dot") == (item.position == 0)


def test_retriever_and_user_come_from_the_address_and_stay(small_data, small_result):
    app = open_app(Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1))
    app.query_params["user"] = "22"
    app.query_params["retriever"] = "Embedding"
    go(app, "rankings")
    assert app.selectbox(key="user").value == "22"
    assert app.segmented_control(key="retriever").value == "embedding"
    go(app, "home")
    go(app, "rankings")
    assert app.segmented_control(key="retriever").value == "embedding"


def test_a_user_the_reference_leaves_out_is_told_and_led_to_one_it_covers(small_data, small_result):
    covered = small_result.row_of("33")
    reference = replace(
        small_result.reference,
        users=np.array([covered]),
        ranked=replace(
            small_result.reference.ranked,
            item_index=small_result.reference.ranked.item_index[[covered]],
            scores=small_result.reference.ranked.scores[[covered]],
            hits=small_result.reference.ranked.hits[[covered]],
        ),
    )
    app = open_app(
        Lab(small_data, runs=[FinishedRun(1, replace(small_result, reference=reference))], shown=1)
    )
    go(app, "rankings")
    choose(app, pick_user(small_result, "missed"), "popularity")
    assert "done for 1 of 150 users. This one is not among them" in texts(app)
    assert not any(shown.label == "Full catalogue's list" for shown in app.metric)
    app.button(key="pick_covered").click().run()
    assert not app.exception
    assert app.selectbox(key="user").value == "33"
    assert len(table(app, FULL)) == 5
