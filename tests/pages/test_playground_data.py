"""Playground on data of another kind: without items, and with items that people chose again."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from pages.components.session import FinishedRun, Lab
from skrec_lite.experiment import ExperimentConfig, LabData, run_experiment, training_history
from tests.pages.driving import go, open_app, table, texts


def test_data_without_items_has_all_that_needs_none(small_data):
    bare = LabData(small_data.interactions, name="No items")
    result = run_experiment(bare, ExperimentConfig(top_k=30, n=5, retrievers=("embedding", "popularity")))
    app = go(open_app(Lab(bare, runs=[FinishedRun(1, result)], shown=1)), "playground")
    assert not app.exception
    assert "what_if_kind" not in [choice.key for choice in app.selectbox]
    app.button(key="what_if_latest").click().run()
    assert "5 items in the history" in texts(app)
    app.segmented_control(key="try").set_value("candidates").run()
    assert app.segmented_control(key="own_way").options == ["Paste", "Upload"]
    app.text_area(key="own_text").set_value(", ".join(result.items.ids[:4])).run()
    assert len(table(app, "The person's candidates")) == 4
    app.segmented_control(key="try").set_value("items").run()
    assert "The data has no items file" in texts(app)
    app.segmented_control(key="try").set_value("merge").run()
    assert "Together they find" in texts(app) or "No clear difference" in texts(app)
    assert not app.exception


def test_an_item_chosen_twice_stands_once_in_the_history(small_data):
    first = small_data.interactions.groupby("USER_ID").head(4)
    again = first.assign(TIMESTAMP=first["TIMESTAMP"] - pd.Timedelta(days=1))
    data = replace(small_data, interactions=pd.concat([again, small_data.interactions], ignore_index=True))
    result = run_experiment(data, ExperimentConfig(top_k=30, n=5, retrievers=("embedding", "popularity")))
    app = go(open_app(Lab(data, runs=[FinishedRun(1, result)], shown=1)), "playground")
    user = app.selectbox(key="user").value
    history = training_history(result, user)["ITEM_ID"].astype(str)
    assert history.duplicated().any()
    shown = app.multiselect(key=f"what_if_history_edit_{user}").value
    assert shown == list(dict.fromkeys(history[::-1]))
    assert "Nothing changed: every pool and every list is as before." in texts(app)
    assert "dropped" not in app.query_params
