"""Compare: every figure on the screen is the library's, at the k that was chosen."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pages.components.charts_final import bullet_chart, cost_chart
from pages.components.charts_recall import metric_chart, recall_chart
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite.experiment import (
    SplitConfig,
    expected_frame,
    full_catalogue_verdict,
    list_intervals,
    ranker_verdict,
    verdict,
)
from skrec_lite.experiment.figures.difference_words import amount
from skrec_lite.experiment.figures.losses import losses
from tests.pages.driving import figure, go, metric, open_app, table, texts

SECTIONS = (
    "Lost items", "Pools", "Lists", "Overlap", "Popularity", "Differences", "Pool size", "Segments", "Cost",
    "Method",
)  # fmt: skip
LABELS = {"embedding": "Embedding", "content": "Content-based", "popularity": "Popularity"}


@pytest.fixture
def compare(finished_app):
    return go(finished_app, "compare")


def section(app, name):
    """Open a section of the page, as a click on its tab does."""
    app.query_params["section"] = name
    return app.run()


def opened(data, result, name="Pools"):
    return section(go(open_app(Lab(data, runs=[FinishedRun(1, result)], shown=1)), "compare"), name)


def test_entered_first_it_offers_a_run(app):
    go(app, "compare")
    assert not app.exception
    assert app.button(key="guard_run").label == "Run with defaults"
    assert not app.metric


def test_the_sentence_comes_first_and_claims_what_the_library_does(compare, small_result):
    assert not compare.exception
    main = [element.value for element in compare.main.markdown]
    assert main[0] == f"**{plain(verdict(small_result).sentence)}**"


@pytest.mark.parametrize("k", [1, 7, 20, 50])
def test_figures_follow_k(compare, small_result, k):
    section(compare, "Pools")
    compare.select_slider(key="k").set_value(k).run()
    assert not compare.exception
    for key, run in small_result.runs.items():
        found = (run.hits[:, :k].sum(axis=1) / small_result.split.n_held_out).mean()
        assert metric(compare, LABELS[key]) == f"{100 * found:.1f} of 100"
        low, high = small_result.recall_intervals[key][:, k - 1]
        shown = next(shown for shown in compare.metric if shown.label.endswith(LABELS[key]))
        assert shown.delta == f"{100 * low:.1f} to {100 * high:.1f}"
    said = plain(verdict(small_result, k).sentence)
    assert (said in [element.value for element in compare.main.markdown]) == (k < 50)
    line = next(
        shape for shape in figure(compare, "Candidate recall")["layout"]["shapes"] if shape["x0"] == k
    )
    assert line["x1"] == k


def test_k_and_axis_stay_when_left(compare):
    section(compare, "Pools")
    compare.select_slider(key="k").set_value(20)
    compare.segmented_control(key="k_axis").set_value("linear")
    compare.run()
    assert figure(compare, "Candidate recall")["layout"]["xaxis"]["type"] == "linear"
    go(compare, "home")
    section(go(compare, "compare"), "Pools")
    assert compare.select_slider(key="k").value == 20
    assert compare.segmented_control(key="k_axis").value == "linear"


def test_k_comes_from_the_address_and_a_wrong_one_is_ignored(small_data, small_result):
    for given, expected in (("20", 20), ("12345", 50), ("few", 50)):
        app = open_app(Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1))
        app.query_params["k"] = given
        section(go(app, "compare"), "Pools")
        assert not app.exception
        assert app.select_slider(key="k").value == expected


def test_recall_chart_holds_curves_bands_ceiling_and_chance(small_result):
    half = replace(
        small_result, split=replace(small_result.split, n_held_out=2 * small_result.split.n_held_out)
    )
    chart = recall_chart(half, 20, log_k=True)
    curves = {trace.name: trace for trace in chart.data if trace.name in LABELS.values()}
    bands = [trace for trace in chart.data if trace.fill == "toself"]
    for (key, run), band in zip(half.runs.items(), bands, strict=True):
        curve = 100 * np.cumsum(run.hits, axis=1).mean(axis=0) / 2
        np.testing.assert_allclose(curves[LABELS[key]].y, curve)
        low, high = 100 * half.recall_intervals[key]
        np.testing.assert_allclose(band.y, np.concatenate([high, low[::-1]]))
    assert {(curve.line.color, curve.line.dash) for curve in curves.values()} == {
        ("#0072B2", "solid"), ("#009E73", "dash"), ("#D55E00", "dot"),
    }  # fmt: skip
    marks = [trace for trace in chart.data if trace.mode == "markers" and trace.name is None]
    assert [list(trace.x) for trace in marks] == [[5, 20]] * 3
    assert any(shape.y0 == shape.y1 == 50 for shape in chart.layout.shapes), "half the items are within reach"
    random = next(trace for trace in chart.data if trace.name == "Random")
    np.testing.assert_allclose(random.y, 100 * half.random_recall)
    lists = {trace.name.split(",")[0]: trace for trace in chart.data if "list of" in (trace.name or "")}
    for key, label in LABELS.items():
        assert (list(lists[label].x), list(lists[label].y)) == (
            [5],
            [100 * half.runs[key].ranked.mean("recall")],
        )
        assert lists[label].marker.symbol.endswith("-open"), "the pool's marks are filled, the list's hollow"
    full = 100 * half.reference.ranked.mean("recall")
    assert list(lists["Full catalogue"].y) == [full]
    words = [note.text for note in chart.layout.annotations]
    assert "ceiling 50.0" in words
    assert f"full catalogue<br>ranked {full:.1f}" in words
    assert {"k = 20", "Random", *(f"<b>{label}</b>" for label in LABELS.values())} <= set(words)
    heights = sorted(note.y for note in chart.layout.annotations if note.xref == "paper" and note.x == 1
                     and note.xshift == 13)  # fmt: skip
    assert min(np.diff(heights)) >= 6 - 1e-9


def test_the_k_line_lies_at_k_on_both_axes(small_result):
    for log_k in (True, False):
        chart = recall_chart(small_result, 20, log_k)
        note = next(note for note in chart.layout.annotations if note.text == "k = 20")
        assert note.x == pytest.approx(math.log10(20) if log_k else 20)


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_opens_with_its_question(compare, name):
    section(compare, name)
    assert not compare.exception
    assert compare.main.subheader[0].value.endswith("?")
    charts = [*compare.get("plotly_chart"), *compare.get("arrow_data_frame"), *compare.get("button")]
    assert charts


def test_it_opens_with_where_the_hit_died(compare, small_result):
    assert compare.main.subheader[0].value == "Where did the hit die?"
    for lost in losses(small_result).values():
        assert plain(lost.sentence) in texts(compare)


def test_other_measures_of_the_pools(compare, small_result):
    section(compare, "Pools")
    compare.segmented_control(key="pool_metric").set_value("ndcg").run()
    assert not compare.exception
    chart = figure(compare, "nDCG of the first k candidates")
    curves = [trace for trace in chart["data"] if trace.get("name") in LABELS.values()]
    assert len(curves) == 3
    said = metric_chart(small_result, "ndcg", 20, log_k=False)
    for key, label in LABELS.items():
        curve = next(trace for trace in said.data if trace.name == label)
        assert curve.y[9] == pytest.approx(small_result.pool_metric(key, "ndcg", 10).mean())


@pytest.mark.parametrize(("name", "what"), [("Pools", "pools"), ("Lists", "lists")])
def test_what_else_pools_and_lists_are_like(compare, small_result, name, what):
    section(compare, name)
    shown = table(compare, f"Coverage, popularity, novelty and diversity of the {what}").set_index(
        "retriever"
    )
    for key, label in LABELS.items():
        run = small_result.runs[key]
        told = run.beyond if what == "pools" else run.ranked.beyond
        assert shown.loc[label, "coverage"] == pytest.approx(100 * told["coverage"], abs=0.05)
        assert shown.loc[label, "novelty"] == told["novelty"]


def test_final_metrics_are_the_librarys(compare, small_result):
    section(compare, "Lists")
    shown = table(compare, "Metrics of the final lists").set_index("retriever")
    expected = small_result.final_frame().set_index("retriever")
    assert shown.index.tolist() == [*LABELS.values(), "Full catalogue"]
    for key, label in (LABELS | {"full": "Full catalogue"}).items():
        for name in ("pool_recall", "recall", "hit_rate", "precision", "capped_recall", "micro_recall"):
            assert f"{shown.loc[label, name]:.1f}" == f"{100 * expected.loc[key, name]:.1f}"
        for name in ("ndcg", "mrr", "map", "n_users"):
            assert shown.loc[label, name] == expected.loc[key, name]
        interval = list_intervals(small_result)[key]["recall"]
        assert shown.loc[label, "recall_interval"] == f"{100 * interval.low:.1f} to {100 * interval.high:.1f}"
    for key in LABELS:
        assert plain(ranker_verdict(small_result, key)) in texts(compare)
        assert plain(full_catalogue_verdict(small_result, key)) in texts(compare)


def test_ties_are_said_and_averaged_where_there_are_some(small_data, small_result):
    assert "No list ends in a tie" in texts(opened(small_data, small_result, "Lists"))
    run = small_result.runs["popularity"]
    tied = replace(run.ranked, tied_at_cut=np.arange(150) < 15)
    runs = {**small_result.runs, "popularity": replace(run, ranked=tied)}
    app = opened(small_data, replace(small_result, runs=runs), "Lists")
    assert plain("10.0 of 100 (popularity)") in texts(app)
    app.toggle(key="lists_ties").set_value(True).run()
    assert not app.exception
    shown = table(app, "Metrics of the final lists with ties as they fell")
    frame = expected_frame(small_result)
    for column in ("expected", "actual"):
        assert shown[column].tolist() == [
            amount(value, metric) for value, metric in zip(frame[column], frame["metric"], strict=True)
        ]
    assert {text.count(".") for text in shown["expected"]} == {1}


def test_bullet_chart_keeps_final_recall_within_pool_recall(small_result):
    pool, final, whiskers = bullet_chart(small_result).data
    ends = [list_intervals(small_result)[key]["recall"] for key in [*LABELS, "full"]]
    np.testing.assert_allclose(
        np.array(whiskers.x) + whiskers.error_x.array, [100 * interval.high for interval in ends]
    )
    np.testing.assert_allclose(
        np.array(whiskers.x) - whiskers.error_x.arrayminus, [100 * interval.low for interval in ends]
    )
    frame = small_result.final_frame()
    np.testing.assert_allclose(pool.x, 100 * frame["pool_recall"])
    np.testing.assert_allclose(final.x, 100 * frame["recall"])
    assert (np.array(final.x) <= np.array(pool.x) + 1e-9).all()
    words = " ".join(note.text for note in bullet_chart(small_result).layout.annotations)
    for row in frame.itertuples():
        assert f"{100 * row.recall:.1f}" in words
        assert f"pool {100 * row.pool_recall:.1f}" in words


def test_costs_are_the_librarys_and_speed_is_against_the_full_catalogue(compare, small_result):
    section(compare, "Cost")
    timing = small_result.timing_frame()
    shown = table(compare, "Seconds of each stage")
    for column in ("model_seconds", "index_seconds", "retrieve_seconds", "rank_seconds", "serve_seconds"):
        told = shown[column].fillna(0.0)
        np.testing.assert_allclose(told, timing[column], atol=0.0005)
        assert shown[column].isna().tolist() == [seconds < 0.0005 for seconds in timing[column]]
    rate = timing["n_users"] / timing["serve_seconds"]
    np.testing.assert_allclose(shown["speed"], rate / rate.iloc[-1])
    np.testing.assert_allclose(cost_chart(small_result).data[0].x, 1e6 / rate)


def test_choosing_on_the_test_part_is_said(small_data, small_result):
    other = replace(small_result, config=replace(small_result.config, n=4))
    runs = [FinishedRun(1, small_result), FinishedRun(2, other)]
    app = section(go(open_app(Lab(small_data, runs=runs, shown=1)), "compare"), "Method")
    assert "2 runs of this session were measured on this test part" in texts(app)
    elsewhere = replace(other, config=replace(other.config, split=SplitConfig("random")))
    app = section(
        go(open_app(Lab(small_data, runs=[runs[0], FinishedRun(2, elsewhere)], shown=1)), "compare"), "Method"
    )
    assert "measured on this test part" not in texts(app)


def test_whether_seen_items_take_part_is_said(small_data, small_result):
    assert "are withheld from pools" in texts(opened(small_data, small_result))
    again = replace(small_result, config=replace(small_result.config, exclude_seen=False))
    assert "may be recommended again" in texts(opened(small_data, again))


def test_skipped_retrievers_come_with_their_reason(small_data, small_result):
    runs = {key: run for key, run in small_result.runs.items() if key != "content"}
    skipped = {"content": "No usable feature in [items](http://x)."}
    app = opened(small_data, replace(small_result, runs=runs, skipped=skipped))
    assert not app.exception
    assert plain(skipped["content"]) in texts(app)
    assert len(app.metric) == 2, "one figure for each that took part"


def test_one_retriever_alone_is_shown_without_a_runner_up(small_data, small_result):
    alone = replace(small_result, runs={"content": small_result.runs["content"]})
    app = opened(small_data, alone)
    assert not app.exception
    assert plain(verdict(alone).sentence) in texts(app)


def test_a_reference_on_fewer_users_says_so(compare, small_data, small_result):
    assert "was scored for the same 150 users" in texts(section(compare, "Lists"))
    ranked = small_result.reference.ranked
    some = np.arange(40)
    reference = replace(
        small_result.reference,
        users=some,
        ranked=replace(
            ranked,
            item_index=ranked.item_index[some],
            hits=ranked.hits[some],
            per_user={name: values[some] for name, values in ranked.per_user.items()},
        ),
    )
    app = opened(small_data, replace(small_result, reference=reference), "Lists")
    assert "was scored for 40 of 150 users" in texts(app)
    assert table(app, "Metrics of the final lists")["n_users"].tolist() == [150, 150, 150, 40]
