"""Playground: what the screen shows for another history and for own candidates is what the library says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pages.components import what_if_panel
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite.experiment import (
    LabData,
    Rule,
    compare_lists,
    compare_pools,
    matching_items,
    rank_own,
    run_experiment,
    training_history,
    what_if,
)
from skrec_lite.experiment.playground.changes import change_sentence
from skrec_lite.experiment.playground.item_fields import kinds_of_items
from skrec_lite.experiment.playground.own_pools import OwnPools, own_against_pools
from tests.pages.driving import figure, go, open_app, table, texts


@pytest.fixture
def playground(finished_app):
    return go(finished_app, "playground")


def show(app, part):
    return app.segmented_control(key="try").set_value(part).run()


def test_entered_first_it_offers_a_run(app):
    go(app, "playground")
    assert not app.exception
    assert app.button(key="guard_run").label == "Run with defaults"


def test_an_unchanged_history_changes_nothing(playground, small_result):
    assert not playground.exception
    user = playground.selectbox(key="user").value
    history = training_history(small_result, user)["ITEM_ID"].astype(str).tolist()
    assert playground.multiselect(key=f"what_if_history_edit_{user}").value == history[::-1]
    assert texts(playground).count("Nothing changed.") == len(small_result.runs) + 1
    assert "Nothing changed: every pool and every list is as before." in texts(playground)
    assert all(playground.button(key=key).disabled for key in ("what_if_reset", "what_if_undo"))


def test_numbers_as_ids_stay_whole_and_an_unchanged_history_is_asked_about_once(
    small_tables, small_config, monkeypatch
):
    interactions, items = (frame.astype({"ITEM_ID": "int64"}) for frame in small_tables)
    data = LabData(interactions, items, name="Numbered")
    result = run_experiment(data, replace(small_config, retrievers=("popularity",)))
    asked = []

    def noted(result, history, user):
        asked.append(history["ITEM_ID"].astype(str).tolist())
        return what_if(result, history, user)

    monkeypatch.setattr(what_if_panel, "what_if", noted)
    app = go(open_app(Lab(data, runs=[FinishedRun(1, result)], shown=1)), "playground")
    assert not app.exception
    user = app.selectbox(key="user").value
    kept = training_history(result, user)["ITEM_ID"].astype(str).tolist()
    assert asked == [kept]
    app.button(key="what_if_latest").click().run()
    assert asked[1:] == [kept[-5:]]


def test_an_edited_history_changes_pools_as_the_library_says_and_can_be_taken_back(playground, small_result):
    user = playground.selectbox(key="user").value
    kept = training_history(small_result, user)
    editor = playground.multiselect(key=f"what_if_history_edit_{user}")
    fewer = editor.value[: len(editor.value) // 2]
    editor.set_value(fewer).run()
    assert not playground.exception
    edited = kept.loc[kept["ITEM_ID"].astype(str).isin(fewer)]
    before, after = what_if(small_result, kept, user), what_if(small_result, edited, user)
    changes = compare_pools(before, after)
    own = changes.loc[changes["retriever"] == "content"]
    shown = table(playground, "Pool of Content-based, changed")
    assert shown["ITEM_ID"].tolist() == after.pools["content"]["ITEM_ID"].head(15).tolist()
    entered = int((own["change"] == "entered").sum())
    assert entered > 0
    assert f"{entered} item" in texts(playground)
    lists = compare_lists(before, after)
    assert plain(change_sentence(changes, lists)) in texts(playground)
    bars = figure(playground, "Share of each pool and list")
    new = next(trace for trace in bars["data"] if trace["name"] == "new")
    assert new["x"][new["y"].index("Content-based, pool")] == 100 * entered / 50
    lines = figure(playground, "Each item of the final list")["data"]
    of_embedding = lists[lists["retriever"] == "embedding"]
    said = [line for trace in lines for line in trace["hovertext"][::3]]
    assert len(said) == len(of_embedding)
    assert sum("new, at place" in line for line in said) == (of_embedding["change"] == "entered").sum()
    assert {"new", "="} & set(shown["what"]) or shown["what"].str.contains("▲|▼").any()
    playground.button(key="what_if_reset").click().run()
    assert texts(playground).count("Nothing changed.") == len(small_result.runs) + 1


def test_a_made_up_user_starts_with_nothing_and_gets_popular_items(playground, small_result):
    playground.segmented_control(key="what_if_start").set_value("new").run()
    assert not playground.exception
    assert playground.multiselect(key="what_if_history_new_").value == []
    popular = table(playground, "Pool of Popularity, changed")["ITEM_ID"].tolist()
    assert table(playground, "Pool of Embedding, changed")["ITEM_ID"].tolist() == popular
    liked = small_result.items.ids[[3, 7, 11]].tolist()
    playground.multiselect(key="what_if_history_new_").set_value(liked).run()
    expected = what_if(small_result, liked[::1])
    for key, label in (("embedding", "Embedding"), ("content", "Content-based")):
        shown = table(playground, f"Pool of {label}, changed")["ITEM_ID"].tolist()
        assert shown == expected.pools[key]["ITEM_ID"].head(15).tolist()
        assert not set(shown) & set(liked)


def test_whole_kinds_are_added_and_each_step_can_be_taken_back(playground, small_result):
    playground.segmented_control(key="what_if_start").set_value("new").run()
    kind, items = next(iter(kinds_of_items(small_result).items()))
    playground.selectbox(key="what_if_kind").set_value(kind).run()
    assert not playground.exception
    editor = playground.multiselect(key="what_if_history_new_")
    assert editor.value == list(items)
    assert playground.selectbox(key="what_if_kind").value is None
    expected = what_if(small_result, items[::-1])
    shown = table(playground, "Pool of Content-based, changed")["ITEM_ID"].tolist()
    assert shown == expected.pools["content"]["ITEM_ID"].head(15).tolist()
    editor.set_value(editor.value[1:]).run()
    assert playground.multiselect(key="what_if_history_new_").value == list(items[1:])
    playground.button(key="what_if_undo").click().run()
    assert playground.multiselect(key="what_if_history_new_").value == list(items)
    playground.button(key="what_if_undo").click().run()
    assert playground.multiselect(key="what_if_history_new_").value == []
    assert playground.button(key="what_if_undo").disabled


def test_a_history_is_shortened_emptied_and_given_back(playground, small_result):
    user = playground.selectbox(key="user").value
    key = f"what_if_history_edit_{user}"
    whole = playground.multiselect(key=key).value
    playground.button(key="what_if_latest").click().run()
    assert playground.multiselect(key=key).value == whole[:5]
    playground.button(key="what_if_empty").click().run()
    assert playground.multiselect(key=key).value == []
    assert "0 items in the history" in texts(playground)
    playground.button(key="what_if_reset").click().run()
    assert playground.multiselect(key=key).value == whole


def test_a_changed_history_is_in_the_address_and_a_link_brings_it(small_data, small_result):
    from pages.components.session import FinishedRun, Lab

    def opened(**parameters):
        app = open_app(Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1))
        for name, value in parameters.items():
            app.query_params[name] = value
        return go(app, "playground")

    app = opened()
    user = app.selectbox(key="user").value
    key = f"what_if_history_edit_{user}"
    whole = app.multiselect(key=key).value
    added = next(item for item in small_result.items.ids if item not in whole)
    app.multiselect(key=key).set_value([added, *whole[2:]]).run()
    assert app.query_params["added"] == added
    assert sorted(app.query_params["dropped"]) == sorted(whole[:2])
    linked = opened(added=[added, "gone since"], dropped=whole[:2])
    assert not linked.exception
    assert linked.multiselect(key=key).value == [added, *whole[2:]]
    made_up = opened(start="new", added=whole[:3])
    assert made_up.multiselect(key="what_if_history_new_").value == whole[:3]
    show(app, "candidates")
    assert "added" not in app.query_params


def test_a_rule_chooses_candidates_and_they_are_ranked(playground, small_result):
    show(playground, "candidates")
    assert not playground.exception
    user = playground.selectbox(key="user").value
    playground.multiselect(key="own_columns").set_value(["genres", "price"]).run()
    playground.multiselect(key="own_values_genres").set_value(["Poetry"]).run()
    playground.slider(key="own_range_price").set_range(8, 20).run()
    ids = matching_items(small_result.data, [Rule("genres", ("Poetry",)), Rule("price", low=8, high=20)])
    expected = rank_own(small_result, "embedding", user, ids).table
    shown = table(playground, "The person's candidates")
    assert shown["ITEM_ID"].tolist() == expected["ITEM_ID"].tolist()
    assert f"{len(ids)} items of" in texts(playground)
    found = own_against_pools(small_result, OwnPools(tuple(ids)), user)
    assert plain(found.sentence) in texts(playground)
    bars = figure(playground, "Held-out items in these candidates")["data"][0]
    assert bars["x"] == [100 * found.recall, *(100 * value for value in found.pools.values())]
    playground.segmented_control(key="own_pipeline").set_value("full").run()
    assert not playground.exception


def test_a_pasted_list_says_what_is_wrong_with_it_and_ranks_the_rest(playground, small_result):
    show(playground, "candidates")
    playground.segmented_control(key="own_way").set_value("paste").run()
    first, second = small_result.items.ids[:2]
    playground.text_area(key="own_text").set_value(f"{first}, {second}\n{first}; nonsense").run()
    assert not playground.exception
    assert set(table(playground, "The person's candidates")["ITEM_ID"]) == {first, second}
    assert "1 id not in the catalogue, left out: nonsense" in texts(playground)
    assert "1 repeated id counted once" in texts(playground)
    playground.text_area(key="own_text").set_value("nobody knows").run()
    assert "None of the measured users has a candidate of the catalogue." in texts(playground)


def test_an_uploaded_list_is_ranked(playground, small_result):
    show(playground, "candidates")
    playground.segmented_control(key="own_way").set_value("upload").run()
    ids = small_result.items.ids[5:9].tolist()
    content = "\n".join(["ITEM_ID", *ids]).encode()
    playground.file_uploader(key="own_upload").set_value(("mine.csv", content, "text/csv")).run()
    assert not playground.exception
    assert set(table(playground, "The person's candidates")["ITEM_ID"]) == set(ids)


def test_uploaded_candidates_of_each_user_are_compared_for_all(playground, small_result):
    show(playground, "candidates")
    playground.segmented_control(key="own_way").set_value("upload").run()
    user = playground.selectbox(key="user").value
    pools = small_result.runs["content"].candidates.head(20).to_frame()
    content = pools[["USER_ID", "ITEM_ID"]].to_csv(index=False).encode()
    playground.file_uploader(key="own_upload").set_value(("pools.csv", content, "text/csv")).run()
    assert not playground.exception
    assert f"{len(small_result.user_ids)} users with candidates of their own." in texts(playground)
    bars = figure(playground, "Held-out items in these candidates")["data"][0]
    assert bars["x"][0] == pytest.approx(bars["x"][1 + list(small_result.runs).index("content")])
    mine = pools.loc[pools["USER_ID"] == user, "ITEM_ID"]
    assert set(table(playground, "The person's candidates")["ITEM_ID"]) == set(mine)
    others = pools[pools["USER_ID"] != user][["USER_ID", "ITEM_ID"]].to_csv(index=False).encode()
    playground.file_uploader(key="own_upload").set_value(("others.csv", others, "text/csv")).run()
    assert "The file has no candidates for this user." in texts(playground)


def test_the_part_is_in_the_address(small_data, small_result):
    from pages.components.session import FinishedRun, Lab

    app = open_app(Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1))
    app.query_params["try"] = "Own candidates"
    go(app, "playground")
    assert app.segmented_control(key="own_way")


def test_a_copied_item_is_found_where_its_model_is_and_can_be_taken_back(playground, small_result):
    show(playground, "items")
    assert not playground.exception
    assert "None yet" in texts(playground)
    user = playground.selectbox(key="user").value
    best = small_result.runs["content"].candidates
    model = best.items.ids[best.item_index[small_result.row_of(user), 0]]
    playground.selectbox(key="new_item_like").set_value(model).run()
    playground.button(key="new_item_add").click().run()
    assert not playground.exception
    assert plain("1 new item. In the pool: content-based (rank") in texts(playground)
    assert "Never: embedding." in texts(playground)
    assert "it has no vector for it" in texts(playground)
    places = table(playground, "Place of each new item").set_index("where")
    # A twin of the first of the pool ties with it, and has the higher row.
    assert places.loc["Content-based", "pool"] in ("rank 1", "rank 2")
    marks = dict(zip(places.index, figure(playground, "Rank of each new item")["data"], strict=True))
    assert marks["Embedding"]["text"] == ["never"]
    assert marks["Content-based"]["text"] in (["1"], ["2"])
    playground.button(key="new_item_add").click().run()
    assert plain("2 new items. In the pool: content-based (2 of 2") in texts(playground)
    playground.button(key="new_items_clear").click().run()
    assert "None yet" in texts(playground)


def test_uploaded_items_are_added_and_wrong_ones_are_named(playground, small_result):
    show(playground, "items")
    playground.segmented_control(key="new_items_way").set_value("upload").run()
    known = small_result.items.ids[0]
    playground.file_uploader(key="new_items_upload").set_value(
        ("more.csv", b"ITEM_ID,TITLE,price,genres\nx1,One more,9.5,Poetry\n", "text/csv")
    ).run()
    playground.button(key="new_items_add").click().run()
    assert not playground.exception
    assert "1 new item. " in texts(playground)
    playground.file_uploader(key="new_items_upload").set_value(
        ("taken.csv", f"ITEM_ID,TITLE\n{known},Taken\n".encode(), "text/csv")
    ).run()
    playground.button(key="new_items_add").click().run()
    assert not playground.exception
    assert "have an id that the catalogue has already" in texts(playground)
    assert "1 new item. " in texts(playground), "what was there before stays"
