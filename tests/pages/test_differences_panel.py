"""Compare, differences: figures are the library's, certain ones look so, seeds stand beside users."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.charts_differences import forest_chart, pair_words, seeds_chart
from pages.components.differences_panel import difference_rows, seed_rows, seen_from
from pages.components.identity import LOOKS
from pages.components.text import plain
from skrec_lite.experiment.figures.comparison import Comparison
from skrec_lite.experiment.figures.comparisons import list_comparisons, pool_comparisons
from skrec_lite.experiment.figures.seeds import figures_of, seed_sentence, seed_spread
from skrec_lite.metrics import Interval
from tests.pages.driving import figure, table, texts


def draw(result: object, k: int | None) -> None:
    """The panel alone, as a script for AppTest."""
    from pages.components.differences_panel import differences_panel

    differences_panel(result, k)


def panel(result, k=20):
    return AppTest.from_function(draw, kwargs={"result": result, "k": k}, default_timeout=60).run()


@pytest.fixture(scope="module")
def seeded(small_result):
    """The result with two more seeds, in which one figure moves by two of 100."""
    figures = figures_of(small_result)
    other = figures.copy()
    is_moved = (figures["retriever"] == "embedding") & (figures["stage"] == "pool")
    other.loc[is_moved & (figures["metric"] == "recall"), "value"] += 0.02
    tables = [figures.assign(seed=0), other.assign(seed=1), figures.assign(seed=2)]
    return replace(small_result, seed_figures=pd.concat(tables, ignore_index=True))


def test_pools_at_k_are_drawn_and_said(small_result):
    app = panel(small_result)
    assert not app.exception
    found = pool_comparisons(small_result, 20)
    recall = [one for one in found if one.metric == "recall"]
    chart = figure(app, "Differences in recall@20 of every pair")
    assert [trace["y"][0] for trace in chart["data"]] == [pair_words(one) for one in recall]
    for one in recall:
        assert plain(one.sentence) in texts(app)
    pd.testing.assert_frame_equal(table(app, "Differences of every pair"), difference_rows(found))
    assert len(found) == 6


def test_lists_are_chosen_with_their_own_metrics(small_result):
    app = panel(small_result)
    app.segmented_control(key="differences_stage").set_value("list").run()
    app.segmented_control(key="differences_metric_list").set_value("mrr").run()
    assert not app.exception
    found = list_comparisons(small_result)
    assert len(figure(app, "Differences in MRR@5 of every pair")["data"]) == 6
    assert plain(next(one.sentence for one in found if one.metric == "mrr")) in texts(app)
    assert len(table(app, "Differences of every pair")) == len(found) == 18


@pytest.mark.parametrize(("stage", "reference"), [("pool", "popularity"), ("list", "full")])
def test_a_reference_is_what_all_others_are_shown_against(small_result, stage, reference):
    app = panel(small_result)
    app.segmented_control(key="differences_stage").set_value(stage).run()
    app.segmented_control(key="differences_reference").set_value(reference).run()
    assert not app.exception
    found = pool_comparisons(small_result, 20) if stage == "pool" else list_comparisons(small_result)
    shown = seen_from(found, reference)
    assert {one.second for one in shown} == {reference}
    assert {one.first for one in shown} == {"embedding", "content", "popularity"} - {reference}
    pd.testing.assert_frame_equal(table(app, "Differences of every pair"), difference_rows(shown))
    assert plain(f"{len(shown)} of {len(found)} comparisons") in texts(app)


def test_a_reference_chosen_for_lists_gives_way_where_pools_do_not_have_it(small_result):
    app = panel(small_result)
    app.segmented_control(key="differences_stage").set_value("list").run()
    app.segmented_control(key="differences_reference").set_value("full").run()
    app.segmented_control(key="differences_stage").set_value("pool").run()
    assert not app.exception
    assert len(table(app, "Differences of every pair")) == len(pool_comparisons(small_result, 20))


def test_without_a_given_k_it_is_chosen_here(small_result):
    app = panel(small_result, k=None)
    app.select_slider(key="k").set_value(7).run()
    assert not app.exception
    figure(app, "Differences in recall@7 of every pair")


def test_the_interval_p_and_holm_are_explained(small_result):
    said = texts(panel(small_result))
    for words in ("drawn anew 2,000 times", "a coin decides", "how many comparisons there are"):
        assert plain(words) in said


def a_comparison(mean, low, high, **about):
    given = {
        "stage": "pool", "metric": "recall", "k": 20, "first": "embedding", "second": "popularity",
        "difference": Interval(mean, low, high), "p_value": 0.001, "p_adjusted": 0.006, "n_compared": 6,
        "n_users": 400, "n_deciding": 90.4,
    }  # fmt: skip
    return Comparison(**given | about)


def test_a_certain_difference_is_filled_in_the_colour_of_who_is_ahead_and_others_are_grey():
    chart = forest_chart(
        [
            a_comparison(0.04, 0.03, 0.06),
            a_comparison(-0.04, -0.06, -0.03, second="content"),
            a_comparison(0.04, 0.001, 0.08, p_adjusted=0.2),
            a_comparison(0.01, -0.02, 0.04),
            a_comparison(0.0, 0.0, 0.0, n_deciding=0.0, second="full"),
            a_comparison(-0.04, -0.06, -0.03, second="full"),
        ]
    )
    looks = [(trace.marker.color, trace.marker.symbol) for trace in chart.data]
    assert looks == [
        (LOOKS["embedding"].colour, "circle"),
        (LOOKS["content"].colour, "square"),
        ("#808080", "circle-open"),
        ("#808080", "circle-open"),
        ("#808080", "circle-open"),
        (LOOKS["full"].colour, "circle"),
    ]
    first = chart.data[0]
    assert first.x[0] == pytest.approx(4)
    assert first.x[0] + first.error_x.array[0] == pytest.approx(6)
    assert first.x[0] - first.error_x.arrayminus[0] == pytest.approx(3)
    assert first.error_x.color == first.marker.color
    assert any(shape.x0 == shape.x1 == 0 for shape in chart.layout.shapes), "the line of no difference"


def test_scores_keep_their_scale():
    chart = forest_chart([a_comparison(0.04, 0.03, 0.06, metric="ndcg")])
    assert chart.data[0].x[0] == pytest.approx(0.04)
    assert "of 100" not in chart.layout.xaxis.title.text


def test_rows_say_each_outcome_in_words():
    rows = difference_rows(
        [
            a_comparison(0.041, 0.032, 0.05),
            a_comparison(-0.041, -0.05, -0.032),
            a_comparison(0.041, 0.001, 0.08, p_adjusted=0.24),
            a_comparison(-0.001, -0.01, 0.002, metric="ndcg"),
            a_comparison(0.0, 0.0, 0.0, n_deciding=0.0, second="full"),
            a_comparison(0.5, np.nan, np.nan, n_users=1, n_deciding=0.0, p_value=1.0, p_adjusted=1.0),
        ]
    )
    assert rows["outcome"].tolist() == [
        "Embedding is ahead", "Popularity is ahead", "May be chance as one of 6", "Cannot be told apart",
        "The same for every user", "Cannot be told apart",
    ]  # fmt: skip
    assert rows["difference"].tolist() == ["+4.1", "-4.1", "+4.1", "-0.001", "+0.0", "+50.0"]
    assert rows["interval"].tolist() == [
        "3.2 to 5.0", "-5.0 to -3.2", "0.1 to 8.0", "-0.010 to 0.002", "0.0 to 0.0", "none",
    ]  # fmt: skip
    assert rows["pair"].tolist()[:5:4] == ["Embedding – Popularity", "Embedding – Full catalogue"]
    assert rows["n_deciding"].tolist()[0] == 90
    assert rows["p_value"].tolist() == ["0.001"] * 5 + ["1.000"]


def test_one_retriever_alone_has_no_pair_of_pools(small_result):
    alone = replace(small_result, runs={"content": small_result.runs["content"]})
    app = panel(alone)
    assert not app.exception
    assert "no pair of pools" in texts(app)
    app.segmented_control(key="differences_stage").set_value("list").run()
    assert not app.exception
    assert table(app, "Differences of every pair")["pair"].unique().tolist() == [
        "Content-based – Full catalogue"
    ]


def test_seeds_are_drawn_beside_the_users_interval(seeded):
    app = panel(seeded)
    assert not app.exception
    spread = seed_spread(seeded.seed_figures, seeded)
    assert plain(seed_sentence(spread, seeded.seed_figures, "pool", "recall", 50)) in texts(app)
    rows = table(app, "recall@50 over seeds").set_index("retriever")
    value = 100 * seeded.recall_curves["embedding"][-1]
    assert rows.loc["Embedding", "range"] == f"{value:.1f} to {value + 2:.1f}"
    assert rows.loc["Embedding", "sd"] == f"{100 * np.std([0, 0.02, 0], ddof=1):.1f}"
    assert rows.loc["Popularity", "sd"] == "0.0"
    low, high = 100 * seeded.recall_intervals["embedding"][:, -1]
    assert rows.loc["Embedding", "interval"] == f"{low:.1f} to {high:.1f}"
    chart = figure(app, "recall@50 with each seed")
    assert len(chart["data"]) == 2 * 3


def test_each_seed_is_a_point_on_the_users_bar(seeded):
    def chosen(frame):
        return frame[(frame["stage"] == "pool") & (frame["metric"] == "recall")]

    spread = chosen(seed_spread(seeded.seed_figures, seeded))
    bars, points = {}, {}
    for trace in seeds_chart(spread, chosen(seeded.seed_figures)).data:
        (bars if trace.name == "users" else points)[trace.y[0]] = list(trace.x)
    value = 100 * seeded.recall_curves["embedding"][-1]
    assert points["Embedding"] == pytest.approx([value, value + 2, value])
    assert bars["Embedding"] == pytest.approx(list(100 * seeded.recall_intervals["embedding"][:, -1]))
    assert list(bars) == list(points) == ["Embedding", "Content-based", "Popularity"]
    assert seed_rows(spread)["larger"].isin(["Users", "Training"]).all()


def test_lists_over_seeds_include_the_full_catalogue(seeded):
    app = panel(seeded)
    app.segmented_control(key="differences_stage").set_value("list").run()
    assert not app.exception
    rows = table(app, "recall@5 over seeds")
    assert rows["retriever"].tolist() == ["Embedding", "Content-based", "Popularity", "Full catalogue"]
    assert "the same each time" in texts(app)


def test_with_one_seed_there_is_no_panel_of_seeds(small_result):
    assert "random numbers" not in texts(panel(small_result))
