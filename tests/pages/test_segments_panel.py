"""Compare, segments: the choice, the dots and the table are the library's; small segments are marked."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.charts_segments import segment_chart
from pages.components.identity import LOOKS
from pages.components.text import plain
from skrec_lite.experiment.segments import SMALL, segment_figures, segment_frame, segmentations
from tests.experiment.rich_result import rich_result
from tests.pages.driving import figure, table, texts


def _panel():
    import streamlit as st

    from pages.components.segments_panel import segments_panel

    segments_panel(st.session_state["shown"])


@pytest.fixture(scope="module")
def rich():
    return rich_result()


@pytest.fixture
def app(rich):
    app = AppTest.from_function(_panel, default_timeout=60)
    app.session_state["shown"] = rich
    return app.run()


def dots(chart):
    return {trace.name: trace for trace in chart.data if trace.x[0] is not None}


def test_every_segmentation_can_be_chosen_and_draws_its_own_figures(app, rich):
    known = segmentations(rich)
    assert app.selectbox(key="segmentation").options == [one.label for one in known]
    for one in known[::3]:
        app.selectbox(key="segmentation").set_value(one.key).run()
        assert not app.exception
        figures = segment_figures(rich, one.key)
        shown = table(app, "Recall of each retriever in each segment")
        assert shown["segment"].tolist() == figures.frame["segment"].tolist()
        assert shown["size"].tolist() == figures.frame["size"].tolist()
        for metric in ("pool_recall", "recall"):
            assert [f"{value:.1f}" for value in shown[metric]] == [
                f"{100 * value:.1f}" for value in figures.frame[metric]
            ]
        assert plain(figures.sentence) in texts(app)
        assert plain(figures.note) in texts(app)


def test_a_measure_of_users_gives_way_where_segments_are_of_items(app):
    app.segmented_control(key="segment_metric").set_value("ndcg").run()
    assert figure(app, "History length: ndcg")["layout"]["xaxis"]["title"]["text"] == "nDCG@8"
    app.selectbox(key="segmentation").set_value("popularity").run()
    assert not app.exception
    assert app.segmented_control(key="segment_metric").value == "pool_recall"
    assert "Only held-out items of the segment count" in texts(app)
    app.selectbox(key="segmentation").set_value("items:genres").run()
    assert "Segments overlap" in texts(app)


def test_a_segmentation_that_other_data_lack_is_not_kept(rich, small_result):
    app = AppTest.from_function(_panel, default_timeout=60)
    app.session_state["shown"] = rich
    app.run().selectbox(key="segmentation").set_value("users:country").run()
    app.session_state["shown"] = small_result
    app.run()
    assert not app.exception
    assert app.selectbox(key="segmentation").value == "history"


@pytest.mark.parametrize(("metric", "scale"), [("pool_recall", 100.0), ("ndcg", 1.0)])
def test_dots_and_lines_are_the_figures_and_their_intervals(rich, metric, scale):
    frame = segment_frame(rich, "history")
    for key, trace in zip(rich.runs, dots(segment_chart(frame, metric, "x", scale)).values(), strict=True):
        own = frame[frame["retriever"] == key]
        np.testing.assert_allclose(trace.x, scale * own[metric])
        np.testing.assert_allclose(np.add(trace.x, trace.error_x.array), scale * own[f"{metric}_high"])
        np.testing.assert_allclose(
            np.subtract(trace.x, trace.error_x.arrayminus), scale * own[f"{metric}_low"]
        )
        assert trace.marker.color == LOOKS[key].colour
        marks = [LOOKS[key].marker + "-open" * (size < SMALL) for size in own["n_users"]]
        assert list(trace.marker.symbol) == marks
    assert frame["is_small"].any(), "the case must hold a small segment"
    assert not frame["is_small"].all()


def test_lanes_do_not_overlap_and_carry_their_names(rich):
    frame = segment_frame(rich, "items:genres")
    chart = segment_chart(frame, "recall", "x", 100.0)
    heights = np.array([trace.y for trace in dots(chart).values()])
    assert (np.diff(heights.T.ravel()) >= 20).all()
    names = [note.text for note in chart.layout.annotations]
    sizes = frame.drop_duplicates("segment")["size"].tolist()
    assert [name.rpartition("  ")[2] for name in names] == sizes
    bottom, top = chart.layout.yaxis.range
    assert top < heights.min()
    assert heights.max() < bottom


def test_names_from_files_are_shown_letter_by_letter(rich):
    frame = segment_frame(rich, "users:country").replace({"segment": {"Chile": "<i>Chile</i> & *x*"}})
    words = [note.text for note in segment_chart(frame, "recall", "x", 100.0).layout.annotations]
    assert any("&lt;i&gt;Chile&lt;/i&gt; &amp; *x*" in text for text in words)
    assert not any("<i>" in text for text in words)
