"""Compare: the gaps below the ceiling, overlap, popularity, and worth against time are the library's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pages.components.charts_recall import recall_chart
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite.experiment import verdict
from skrec_lite.experiment.figures.contributions import contribution_sentences, contributions
from skrec_lite.experiment.figures.gaps import RecallGaps, recall_gaps
from skrec_lite.experiment.figures.latency import front_sentence, serving_frame
from skrec_lite.experiment.figures.mirror import popularity_mirror
from skrec_lite.experiment.figures.overlap import overlap_sentence, pool_overlaps
from tests.pages.driving import figure, go, open_app, table, texts
from tests.pages.plotted import numbers

LABELS = {"embedding": "Embedding", "content": "Content-based", "popularity": "Popularity"}


@pytest.fixture
def compare(finished_app):
    return go(finished_app, "compare")


def section(app, name):
    """Open a section of the page, as a click on its tab does."""
    app.query_params["section"] = name
    return app.run()


def test_both_gaps_are_drawn_at_k_and_said(compare, small_result):
    section(compare, "Pools")
    for key, k in ((None, 50), ("popularity", 50), ("content", 20)):
        if key is not None:
            compare.segmented_control(key="gaps_of").set_value(key)
        compare.select_slider(key="k").set_value(k).run()
        gaps = recall_gaps(small_result, key or verdict(small_result).leader, k)
        chart = figure(compare, "Candidate recall")
        bracket = next(trace for trace in chart["data"] if trace.get("name") == "Gaps")
        assert bracket["x"] == [k] * 3
        assert bracket["y"] == pytest.approx([100 * gaps.ceiling, 100 * gaps.pool, 100 * gaps.final])
        assert plain(gaps.sentence) in texts(compare)
        words = [note["text"] for note in chart["layout"]["annotations"]]
        assert f"lost in<br>retrieval <b>{100 * gaps.lost_in_retrieval:.1f}</b>" in words
    compare.segmented_control(key="gaps_of").set_value("none").run()
    assert not any(trace.get("name") == "Gaps" for trace in figure(compare, "Candidate recall")["data"])
    assert "lost in retrieval" not in texts(compare)


def test_labels_of_the_gaps_stand_apart_and_small_gaps_have_none(small_result):
    narrow = RecallGaps("content", 50, 5, ceiling=0.42, pool=0.37, final=0.32)
    notes = recall_chart(small_result, 50, True, narrow).layout.annotations
    heights = [note.y for note in notes if note.text.startswith("lost in")]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 14 - 1e-9
    notes = recall_chart(small_result, 50, True, replace(narrow, pool=0.41)).layout.annotations
    assert [note.text for note in notes if note.text.startswith("lost in")] == [
        "lost in<br>ranking <b>9.0</b>"
    ]


def test_gaps_that_would_take_long_are_those_of_the_run(small_data, small_result):
    slow = {
        key: replace(run, ranked=replace(run.ranked, seconds=9.0)) for key, run in small_result.runs.items()
    }
    app = go(
        open_app(Lab(small_data, runs=[FinishedRun(1, replace(small_result, runs=slow))], shown=1)), "compare"
    )
    section(app, "Pools")
    app.select_slider(key="k").set_value(20).run()
    bracket = next(trace for trace in figure(app, "Candidate recall")["data"] if trace.get("name") == "Gaps")
    assert bracket["x"] == [50] * 3
    assert "the gaps are those at 50" in texts(app)


def test_overlap_follows_k(compare, small_result):
    section(compare, "Overlap")
    compare.select_slider(key="k").set_value(20).run()
    overlaps = pool_overlaps(small_result, 20)
    bars = {trace["name"]: trace for trace in figure(compare, "Candidates of a user in")["data"]
            if trace["type"] == "bar"}  # fmt: skip
    np.testing.assert_allclose(numbers(bars["hits"]["x"]), overlaps["hits"])
    added = contributions(small_result, 20)
    for sentence in (overlap_sentence(overlaps), *contribution_sentences(added)):
        assert plain(sentence) in texts(compare)
    assert table(compare, "Unique hits")["unique_hits"].tolist() == added["unique_hits"].tolist()


def test_the_popularity_mirror_shows_pools_or_lists(compare, small_result):
    section(compare, "Popularity")
    mirror = popularity_mirror(small_result)
    for sentence in mirror.sentences.values():
        assert plain(sentence) in texts(compare)
    for stage, curves in (("pool", mirror.pools), ("list", mirror.lists)):
        compare.segmented_control(key="mirror_stage").set_value(stage).run()
        drawn = {trace["name"]: numbers(trace["y"]) for trace in figure(compare, "Share of places")["data"]}
        np.testing.assert_allclose(drawn["Content-based"], 100 * curves["content"].y)
        assert ("Full catalogue" in drawn) == (stage == "list")


def test_worth_against_time_with_the_front(compare, small_result):
    section(compare, "Cost")
    frame = serving_frame(small_result).set_index("retriever")
    for worth, scale, digits in (("ndcg", 1, 3), ("pool_recall", 100, 1)):
        compare.segmented_control(key="cost_worth").set_value(worth).run()
        assert not compare.exception
        assert plain(front_sentence(small_result, worth)) in texts(compare)
        traces = {trace["name"]: trace for trace in figure(compare, "Recall of the pool or nDCG")["data"]}
        for key, label in (LABELS | {"full": "Full catalogue"}).items():
            point = traces[f"{label} {scale * frame.loc[key, worth]:.{digits}f}"]
            assert point["x"] == [frame.loc[key, "ms_per_1000"]]
            assert point["y"] == pytest.approx([scale * frame.loc[key, worth]])
        front = frame[frame[f"{worth}_on_front"]].sort_values("ms_per_1000")
        np.testing.assert_allclose(numbers(traces["Front"]["x"]), front["ms_per_1000"])
