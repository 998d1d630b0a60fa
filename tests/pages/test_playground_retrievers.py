"""Playground: merged pools and retrievers of one's own, tried on a finished run."""

from __future__ import annotations

import pytest

from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite.experiment import RETRIEVERS, RetrieverSpec, register_retriever
from skrec_lite.experiment.playground.merging import merged_pool, try_merge
from skrec_lite.experiment.playground.own_retriever import try_retriever
from skrec_lite.retriever import PopularityRetriever
from tests.pages.driving import figure, go, open_app, table, texts
from tests.pages.plotted import numbers


@pytest.fixture
def playground(finished_app):
    return go(finished_app, "playground")


@pytest.fixture
def own(monkeypatch):
    """Two retrievers of one's own: one that works, one that breaks."""

    def breaking(config):
        raise OSError("the disk is gone")

    def working(config):
        return PopularityRetriever(top_k=config.top_k)

    register_retriever(RetrieverSpec("mine", "Mine", "Like popularity.", working))
    register_retriever(RetrieverSpec("broken", "Broken", "Never works.", breaking))
    yield
    for key in ("mine", "broken"):
        RETRIEVERS.pop(key)


def show(app, part):
    return app.segmented_control(key="try").set_value(part).run()


def drawn(app, alt, name):
    traces = figure(app, alt)["data"]
    return list(numbers(next(trace["y"] for trace in traces if trace["name"] == name)))


def test_merged_pools_are_those_of_the_library_at_the_weights_shown(playground, small_result):
    show(playground, "merge")
    assert not playground.exception
    user = playground.selectbox(key="user").value
    weights = {key: playground.slider(key=f"merge_weight_{key}").value for key in small_result.runs}
    assert weights == {"embedding": 3.0, "content": 1.0, "popularity": 1.0}
    for method, changed in (("rrf", {}), ("rrf", {"embedding": 0.5}), ("quota", {"popularity": 0.0})):
        playground.segmented_control(key="merge_method").set_value(method).run()
        for key, weight in changed.items():
            playground.slider(key=f"merge_weight_{key}").set_value(weight).run()
            weights[key] = weight
        assert not playground.exception
        asked = tuple(weights.items())
        trial = try_merge(small_result, asked, method)
        assert plain(trial.sentence) in texts(playground)
        merged = drawn(playground, "Recall at every pool size", "Merged, as set")
        assert merged == pytest.approx((100 * trial.curve).tolist())
        expected = merged_pool(small_result, user, asked, method)["ITEM_ID"].tolist()
        assert table(playground, "Candidates of the merged pool")["ITEM_ID"].tolist() == expected


def test_without_any_weight_it_says_what_to_do(playground, small_result):
    show(playground, "merge")
    for key in small_result.runs:
        playground.slider(key=f"merge_weight_{key}").set_value(0.0).run()
    assert not playground.exception
    assert "Every weight is 0" in texts(playground)


def test_weights_are_taken_to_train(playground):
    show(playground, "merge")
    playground.segmented_control(key="merge_method").set_value("quota").run()
    playground.slider(key="merge_weight_content").set_value(2.5).run()
    playground.slider(key="merge_weight_popularity").set_value(0.0).run()
    playground.button(key="merge_to_train").click().run()
    assert not playground.exception
    assert playground.title[0].value == "Train"
    chosen = playground.get("button_group")
    assert chosen
    assert playground.session_state["train_retrievers"] == ["embedding", "content", "merged"]
    assert playground.selectbox(key="train_merge_method").value == "quota"
    assert playground.number_input(key="train_merge_weight_content").value == 2.5


def test_a_run_of_one_retriever_has_nothing_to_merge(small_data, small_config):
    from dataclasses import replace

    from skrec_lite.experiment import run_experiment

    result = run_experiment(small_data, replace(small_config, retrievers=("popularity",)))
    app = go(open_app(Lab(small_data, runs=[FinishedRun(1, result)], shown=1)), "playground")
    show(app, "merge")
    assert not app.exception
    assert "Merging needs two or more" in texts(app)


def test_without_a_retriever_of_ones_own_the_steps_are_shown(playground):
    show(playground, "retriever")
    assert not playground.exception
    assert "No retriever of one's own is loaded" in texts(playground)
    codes = [shown.value for shown in playground.code]
    assert "register_retriever(" in codes[0]
    assert codes[1] == "SKREC_LITE_PLUGINS=my_retrievers streamlit run app.py"
    assert "own_retriever_try" not in [button.key for button in playground.button]


def test_modules_that_failed_are_named_with_their_reason(playground, monkeypatch):
    from pages.components import own_retriever_panel

    monkeypatch.setattr(
        own_retriever_panel, "load_own_retrievers", lambda: {"my_module": "ImportError: no such thing"}
    )
    show(playground, "retriever")
    assert "The module my\\_module was not loaded" in texts(playground)
    assert "no such thing" in texts(playground)


def test_a_retriever_of_ones_own_is_tried_on_the_run(own, playground, small_result):
    show(playground, "retriever")
    assert not playground.exception
    playground.button(key="own_retriever_try").click().run()
    playground.session_state["_own_retriever_tries"].job.wait(60)
    playground.run()
    assert not playground.exception
    curve = drawn(playground, "Recall at every pool size", "Mine")
    assert curve == pytest.approx((100 * small_result.recall_curves["popularity"]).tolist())
    assert curve == pytest.approx((100 * try_retriever(small_result, "mine").curve).tolist())
    assert "Mine finds" in texts(playground)
    playground.button(key="own_retriever_train").click().run()
    assert playground.title[0].value == "Train"
    assert playground.session_state["train_retrievers"] == [*small_result.runs, "mine"]


def test_one_that_breaks_says_how_and_leaves_the_page_whole(own, playground):
    show(playground, "retriever")
    playground.selectbox(key="own_retriever").set_value("broken").run()
    playground.button(key="own_retriever_try").click().run()
    playground.session_state["_own_retriever_tries"].job.wait(60)
    playground.run()
    assert not playground.exception
    assert "Broken failed: OSError: the disk is gone" in texts(playground).replace("\u2060", "")
