"""Playground: what the screen shows for another history and for own candidates is what the library says."""

from __future__ import annotations

import pytest

from skrec_lite.experiment import (
    Rule,
    compare_pools,
    matching_items,
    rank_own,
    training_history,
    what_if,
)
from tests.pages.driving import go, open_app, table, texts


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
    assert "what_if_reset" not in [button.key for button in playground.button]


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
    assert "None of the 1 items is in the catalogue" in texts(playground)


def test_an_uploaded_list_is_ranked(playground, small_result):
    show(playground, "candidates")
    playground.segmented_control(key="own_way").set_value("upload").run()
    ids = small_result.items.ids[5:9].tolist()
    content = "\n".join(["ITEM_ID", *ids]).encode()
    playground.file_uploader(key="own_upload").set_value(("mine.csv", content, "text/csv")).run()
    assert not playground.exception
    assert set(table(playground, "The person's candidates")["ITEM_ID"]) == set(ids)


def test_the_part_is_in_the_address(small_data, small_result):
    from pages.components.session import FinishedRun, Lab

    app = open_app(Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1))
    app.query_params["try"] = "Own candidates"
    go(app, "playground")
    assert app.segmented_control(key="own_way")


def test_a_copied_item_is_found_where_its_model_is_and_can_be_taken_back(playground, small_result):
    show(playground, "items")
    assert not playground.exception
    user = playground.selectbox(key="user").value
    best = small_result.runs["content"].candidates
    model = best.items.ids[best.item_index[small_result.row_of(user), 0]]
    playground.selectbox(key="new_item_like").set_value(model).run()
    playground.button(key="new_item_add").click().run()
    assert not playground.exception
    assert "1 new item; indexes built" in texts(playground)
    places = table(playground, "Place of each new item").set_index("where")
    # A twin of the first of the pool ties with it, and has the higher row.
    assert places.loc["Content-based", "pool"] in ("rank 1", "rank 2")
    shown = table(playground, "Pool of Content-based with new items")
    assert "new_1" in shown["ITEM_ID"].head(2).tolist()
    assert shown.set_index("ITEM_ID").loc["new_1", "what"] == "new"
    playground.button(key="new_item_add").click().run()
    assert "2 new items; indexes built" in texts(playground)
    playground.button(key="new_items_clear").click().run()
    assert "None yet" in texts(playground)


def test_uploaded_items_are_added_and_wrong_ones_are_named(playground, small_result):
    show(playground, "items")
    known = small_result.items.ids[0]
    playground.file_uploader(key="new_items_upload").set_value(
        ("more.csv", b"ITEM_ID,TITLE,price,genres\nx1,One more,9.5,Poetry\n", "text/csv")
    ).run()
    playground.button(key="new_items_add").click().run()
    assert not playground.exception
    assert "1 new item; indexes built" in texts(playground)
    playground.file_uploader(key="new_items_upload").set_value(
        ("taken.csv", f"ITEM_ID,TITLE\n{known},Taken\n".encode(), "text/csv")
    ).run()
    playground.button(key="new_items_add").click().run()
    assert not playground.exception
    assert "have an id that the catalogue has already" in texts(playground)
