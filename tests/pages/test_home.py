"""Home: the picture's numbers, one click to a comparison, its outcome on the same screen."""

from __future__ import annotations

import json
import threading

import pandas as pd
import pytest

from pages.components.identity import LOOKS
from pages.components.pipeline_picture import Stage, pipeline_figure, stages_of
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite.exceptions import Cancelled, InvalidDataError
from skrec_lite.experiment import ExperimentConfig, LabData, run_experiment, verdict
from skrec_lite.experiment.figures.losses import losses
from tests.pages.driving import figure, finish, go, lab_of, metric, open_app, texts
from tests.pages.plotted import numbers


@pytest.fixture(scope="module")
def default_result(small_data):
    """The comparison that one click runs, made by the library alone."""
    return run_experiment(small_data, ExperimentConfig())


def picture_texts(app) -> list[str]:
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    return [note["text"] for note in spec["layout"]["annotations"]]


def test_picture_shows_the_loaded_data_and_the_default_sizes(app, small_data):
    assert not app.exception
    shown = picture_texts(app)
    assert any(f"<b>{small_data.n_items:,}</b> items" in text for text in shown)
    assert any("<b>200</b> candidates" in text for text in shown)
    assert any("<b>10</b> shown" in text for text in shown)
    assert not any("of 100" in text for text in shown)
    assert app.get("plotly_chart")[0].proto.alt == (
        f"A retriever narrows {small_data.n_items:,} items to 200 candidates; "
        "a ranker orders these and shows 10."
    )


def test_one_click_ends_with_the_outcome_on_the_same_screen(app, default_result):
    assert not app.metric
    app.button(key="home_run").click().run()
    assert not app.exception
    finish(app)
    assert app.title[0].value == "Two-stage retrieval lab"
    assert plain(verdict(default_result).sentence) in texts(app)
    for key, label in (
        ("embedding", "Embedding"),
        ("content", "Content-based"),
        ("popularity", "Popularity"),
    ):
        assert metric(app, label) == f"{100 * default_result.recall_curves[key][-1]:.1f} of 100"
    assert [shown.delta for shown in app.metric] == [
        f"{100 * run.ranked.mean('recall'):.1f}" for run in default_result.runs.values()
    ]
    assert {link.proto.page for link in app.get("page_link")} >= {
        "candidate-pools",
        "final-lists",
        "comparison",
    }


def test_outcome_says_who_was_measured_and_how_long_it_took(finished_app, small_result):
    said = texts(finished_app)
    assert f"Measured on {len(small_result.user_ids):,} users" in said
    assert f"of it training. Measured on {len(small_result.user_ids):,} users" in said


def test_live_progress_and_cancel(app, monkeypatch, request):
    started, done = threading.Event(), threading.Event()
    request.addfinalizer(done.set)

    def slow(data, config, progress, cancel):
        progress(0.4, "Training ranker: model: epoch 2 of 5")
        started.set()
        while not done.wait(0.005):
            if cancel():
                raise Cancelled("The run was cancelled.")

    monkeypatch.setattr("pages.components.session.run_experiment", slow)
    app.button(key="home_run").click().run()
    assert started.wait(10)
    app.run()
    assert app.get("progress")[0].value == 40
    assert app.get("progress")[0].text == "Training ranker: epoch 2 of 5"
    assert app.button(key="home_run").disabled
    app.button(key="run_cancel").click().run()
    finish(app)
    assert lab_of(app).job.state == "cancelled"
    assert app.warning[0].proto.title == "The run was cancelled"
    assert not app.button(key="home_run").disabled
    assert not app.get("progress")


def test_failure_reads_like_people_and_the_earlier_outcome_stays(finished_app, small_result, monkeypatch):
    def fail(data, config, progress, cancel):
        raise InvalidDataError("No user has *two* items.", repair="Use other data.")

    monkeypatch.setattr("pages.components.session.run_experiment", fail)
    finished_app.button(key="home_run").click().run()
    finish(finished_app)
    assert not finished_app.exception
    assert finished_app.error[0].value == r"No user has \*two\* items. Use other data."
    assert plain(verdict(small_result).sentence) in texts(finished_app)


def test_skipped_retriever_is_named_with_its_reason(small_data):
    bare = LabData(small_data.interactions, name="No items")
    app = open_app(Lab(bare))
    app.button(key="home_run").click().run()
    finish(app)
    assert app.warning[0].proto.title == "Content-based sat out"
    assert len(app.metric) == 2


def test_stages_tell_what_each_retriever_kept(small_data, small_result):
    catalogue, pool, final = stages_of(Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1))
    assert (catalogue.count, pool.count, final.count) == (small_data.n_items, 50, 5)
    pools = [
        f"{100 * small_result.recall_curves[key][-1]:.1f}" for key in ("embedding", "content", "popularity")
    ]
    assert pool.kept == f"● {pools[0]} · ■ {pools[1]} · ▲ {pools[2]} of 100 still there"
    lists = [f"{100 * run.ranked.mean('recall'):.1f}" for run in small_result.runs.values()]
    assert final.kept == f"● {lists[0]} · ■ {lists[1]} · ▲ {lists[2]}"
    assert catalogue.kept == f"{100 * small_result.reachable_share:.1f} of 100 held-out items"


def test_the_picture_is_also_there_in_words(finished_app, small_result):
    said = finished_app.get("plotly_chart")[0].proto.alt
    for key, label in (("embedding", "Embedding"), ("popularity", "Popularity")):
        pool, final = small_result.recall_curves[key][-1], small_result.runs[key].ranked.mean("recall")
        assert f"{label} {100 * pool:.1f} in the pool and {100 * final:.1f} in the list" in said
    assert "the ranker scores 50 items instead of 1,500: 30.0 times fewer" in texts(finished_app)


def test_the_first_recall_chart_is_on_the_same_screen(finished_app, small_result):
    chart = figure(finished_app, "Candidate recall of each retriever")
    leader = verdict(small_result).leader
    curve = next(trace for trace in chart["data"] if trace.get("name") == LOOKS[leader].label)
    assert numbers(curve["y"])[-1] == pytest.approx(100 * small_result.recall_curves[leader][-1])
    assert any(trace.get("name") == "Gaps" for trace in chart["data"])
    assert plain(losses(small_result)[leader].sentence) in texts(finished_app)


def test_where_to_go_next(app):
    pages = [link.proto.page for link in app.get("page_link")]
    assert pages[-4:] == ["tour", "your-data", "training", "run-ledger"]


def test_stages_ignore_a_result_on_other_data(small_data, small_result):
    few = small_data.interactions["ITEM_ID"].drop_duplicates().head(40)
    other = LabData(small_data.interactions[small_data.interactions["ITEM_ID"].isin(few)])
    stages = stages_of(Lab(other, runs=[FinishedRun(1, small_result)], shown=1))
    assert [stage.count for stage in stages] == [40, 20, 10]
    assert not any(stage.kept for stage in stages)


def bar_widths(counts: tuple[int, int, int]) -> list[float]:
    figure = pipeline_figure(tuple(Stage(count, "x") for count in counts), "#000")
    corners = [
        [float(part) for part in shape.path.split() if part not in "MLZ"] for shape in figure.layout.shapes
    ]
    return [xs[2] - xs[0] for xs in corners[::2]]


def test_bars_narrow_by_the_logarithm():
    wide, middle, narrow = bar_widths((10_000, 100, 1))
    assert wide == pytest.approx(1.0)
    assert middle == pytest.approx((wide + narrow) / 2)
    assert bar_widths((50, 50, 50)) == pytest.approx([1.0, 1.0, 1.0])


def test_name_of_uploaded_data_is_shown_as_it_is(small_tables):
    app = open_app(Lab(LabData(*small_tables, name="a_b*[x](http://e.org).csv")))
    assert r"**a\_b\*\[x\]\(http" in app.markdown[0].value


def test_every_screen_opens_before_anything_was_run(app):
    for page in ("data", "train", "candidates", "rankings", "compare", "home"):
        go(app, page)
        assert not app.exception
        assert app.title


def test_sample_is_there_without_doing_anything():
    app = open_app()
    assert "Sample bookshop" in texts(app)
    assert isinstance(lab_of(app).data.interactions, pd.DataFrame)
    assert lab_of(app).data.name == "Sample bookshop"
