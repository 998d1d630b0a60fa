"""Compare, pool size: a sweep runs in the background, and what is drawn and advised is the library's."""

from __future__ import annotations

import io
import threading

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.components import sweep_panel as panel
from pages.components.charts_sweep import cost_front_chart, size_chart
from pages.components.identity import LOOKS
from pages.components.session import FinishedRun, Lab
from pages.components.sweep_panel import NO_LIMIT, SweepOfRun, latency_steps, sweep_csv, sweep_rows
from pages.components.text import plain
from skrec_lite.exceptions import Cancelled, InvalidDataError
from skrec_lite.experiment.sweep import sweep
from tests.pages.driving import LAB, figure, table, texts

SIZES = (5, 20, 50, 100, 400, 1500)
HELD = "_sweeps"


def _panel():
    from pages.components.session import lab
    from pages.components.sweep_panel import sweep_panel

    sweep_panel(lab().result)


@pytest.fixture(scope="module")
def found(small_result):
    return sweep(small_result, sizes=SIZES, latency_users=3)


@pytest.fixture
def app(small_data, small_result):
    app = AppTest.from_function(_panel, default_timeout=60)
    app.session_state[LAB] = Lab(small_data, runs=[FinishedRun(1, small_result)], shown=1)
    return app.run()


@pytest.fixture
def swept(app, found):
    app.session_state[HELD] = {1: SweepOfRun(found=found)}
    return app.run()


class Gate:
    """Stands in for the sweep: reports, then waits to be let through or cancelled."""

    def __init__(self, outcome):
        self.outcome = outcome
        self.started, self.open = threading.Event(), threading.Event()

    def __call__(self, result, *, progress, cancel):
        progress(0.4, "Popularity: ranking pools of every size")
        self.started.set()
        while not self.open.wait(0.005):
            if cancel():
                raise Cancelled("The sweep was cancelled.")
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


@pytest.fixture
def gate(monkeypatch, found):
    gate = Gate(found)
    monkeypatch.setattr(panel, "sweep", gate)
    yield gate
    gate.open.set()


def started(app, gate):
    app.button(key="sweep_start").click().run()
    assert gate.started.wait(10)
    return app.run()


def ended(app):
    app.session_state[HELD][1].job.wait(60)
    return app.run()


# --- the work


def test_before_a_sweep_it_is_offered_and_nothing_is_drawn(app):
    assert not app.exception
    assert "Pool sizes from 10 to all 1,500 items" in texts(app)
    assert "This run's size is 50." in texts(app)
    assert app.button(key="sweep_start").label == "Sweep pool sizes"
    assert not app.get("plotly_chart")
    assert not app.dataframe


def test_a_real_sweep_runs_in_the_background_and_is_kept(app, small_result, monkeypatch):
    def with_few(result, **options):
        return sweep(result, sizes=SIZES, latency_users=2, **options)

    monkeypatch.setattr(panel, "sweep", with_few)
    app.button(key="sweep_start").click().run()
    ended(app)
    assert not app.exception
    kept = app.session_state[HELD][1].found
    assert kept.top_k == small_result.config.top_k
    assert app.button(key="sweep_start").label == "Sweep again"
    assert f"**{plain(kept.advice().sentence)}**" in [shown.value for shown in app.markdown]
    assert app.run().session_state[HELD][1].found is kept


def test_while_it_runs_progress_is_shown_and_it_cannot_be_started_twice(app, gate, found):
    started(app, gate)
    assert not app.exception
    bar = app.get("progress")[0].proto
    assert (bar.value, bar.text) == (40, "Popularity: ranking pools of every size")
    assert app.button(key="sweep_start").disabled
    assert not app.get("plotly_chart")
    job = app.session_state[HELD][1].job
    gate.open.set()
    ended(app)
    assert app.session_state[HELD][1].job is job
    assert app.session_state[HELD][1].found is found
    assert not app.get("progress")
    assert len(app.get("plotly_chart")) == 2


def test_cancel_cancels_and_says_so(app, gate):
    started(app, gate)
    app.button(key="sweep_cancel").click().run()
    ended(app)
    assert app.session_state[HELD][1].job.state == "cancelled"
    assert "Nothing of it was kept." in app.warning[0].value
    assert app.button(key="sweep_start").label == "Sweep pool sizes"
    assert not app.button(key="sweep_start").disabled


def test_an_earlier_sweep_stays_when_the_next_is_cancelled(swept, gate, found):
    started(swept, gate)
    assert not swept.get("plotly_chart")
    swept.button(key="sweep_cancel").click().run()
    ended(swept)
    assert swept.session_state[HELD][1].found is found
    assert len(swept.get("plotly_chart")) == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidDataError("Too *few* users.", repair="Bring more."), "Too *few* users. Bring more."),
        (MemoryError(), "There was not enough memory."),
        (ZeroDivisionError("inside"), "Something unexpected went wrong"),
    ],
)
def test_an_error_is_words_and_never_a_traceback(app, gate, error, words):
    gate.outcome = error
    started(app, gate)
    gate.open.set()
    ended(app)
    assert not app.exception
    assert app.error[0].value.startswith(plain(words))
    assert not app.button(key="sweep_start").disabled


def test_each_run_has_its_own_sweep_and_those_of_dropped_runs_are_let_go(swept, small_result, found):
    here = swept.session_state[LAB]
    here.runs = [FinishedRun(2, small_result), *here.runs]
    here.shown = 2
    swept.run()
    assert swept.button(key="sweep_start").label == "Sweep pool sizes"
    here.shown = 1
    assert swept.run().button(key="sweep_start").label == "Sweep again"
    here.runs, here.shown = here.runs[:1], 2
    swept.run()
    assert set(swept.session_state[HELD]) == {2}


# --- advice


def test_the_budget_gives_the_librarys_advice_at_once(swept, found):
    slider = swept.select_slider(key="sweep_budget")
    assert slider.value == NO_LIMIT
    steps = latency_steps(found)
    for budget in (steps[0], steps[len(steps) // 2], steps[-1]):
        swept.select_slider(key="sweep_budget").set_value(budget).run()
        assert not swept.exception
        advice = found.advice(budget)
        assert f"**{plain(advice.sentence)}**" in [shown.value for shown in swept.markdown]
        for reason in advice.reasons:
            assert plain(reason) in texts(swept)
        lines = figure(swept, "nDCG of the final list against")["layout"]["shapes"]
        assert [line["x0"] for line in lines] == [budget]
    swept.select_slider(key="sweep_budget").set_value(NO_LIMIT).run()
    assert not figure(swept, "nDCG of the final list against")["layout"].get("shapes")


def test_one_retriever_can_be_asked_about(swept, found):
    chosen = swept.selectbox(key="sweep_retriever")
    assert chosen.options == ["Any", "Embedding", "Content-based", "Popularity", "Full catalogue"]
    chosen.set_value("content").run()
    said = [shown.value for shown in swept.markdown]
    assert f"**{plain(found.advice(retriever='content').sentence)}**" in said


def test_choices_kept_from_another_run_that_are_not_offered_here_are_given_up(app, found):
    app.session_state["sweep_budget"] = 123456.0
    app.session_state["sweep_retriever"] = "faiss"
    app.session_state[HELD] = {1: SweepOfRun(found=found)}
    app.run()
    assert not app.exception
    assert app.select_slider(key="sweep_budget").value == NO_LIMIT
    assert app.selectbox(key="sweep_retriever").value == "any"


def test_budgets_enclose_what_was_measured(found):
    times = found.frame["latency_ms"]
    steps = latency_steps(found)
    assert steps == sorted(set(steps))
    assert steps[0] < times.min() <= steps[1]
    assert steps[-2] < times.max() <= steps[-1]
    assert found.advice(steps[0]).retriever == ""
    assert found.advice(steps[-1]).k == found.advice().k


# --- figures


def test_the_rule_and_the_notes_are_the_librarys(swept, found):
    said = texts(swept)
    for sentence in (*found.rule_of_thumb(), *found.notes):
        assert plain(sentence) in said


def test_the_table_and_the_file_hold_every_figure(swept, found):
    shown = table(swept, "All figures of the sweep")
    assert shown["k"].tolist() == found.frame["k"].tolist()
    assert shown["retriever"].tolist() == [LOOKS[key].label for key in found.frame["retriever"]]
    np.testing.assert_allclose(shown["pool_recall"], 100 * found.frame["pool_recall"], atol=0.0501)
    np.testing.assert_array_equal(shown["ndcg"], found.frame["ndcg"])
    low, high = found.frame.loc[0, ["ndcg_low", "ndcg_high"]]
    assert shown["ndcg_interval"][0] == f"{low:.3f} to {high:.3f}"
    assert set(sweep_rows(found).columns) == set(shown.columns)
    read = pd.read_csv(io.BytesIO(sweep_csv(found)))
    pd.testing.assert_frame_equal(read, found.frame)
    assert swept.get("download_button")[0].label == "Sweep (CSV)"


def test_cost_follows_the_price(swept, found):
    before = table(swept, "All figures of the sweep")["cost_per_million"]
    swept.number_input(key="sweep_price").set_value(0.1).run()
    after = table(swept, "All figures of the sweep")["cost_per_million"]
    np.testing.assert_allclose(after, 2 * before)
    assert (before > 0).all()


def test_the_chart_of_sizes_holds_curves_bands_rule_and_run(found):
    chart = size_chart(found)
    lines = {(trace.name, trace.yaxis): trace for trace in chart.data if trace.name}
    bands = [trace for trace in chart.data if trace.fill == "toself"]
    assert len(bands) == len(lines) == 6
    for key in ("embedding", "content", "popularity"):
        part = found.frame[found.frame["retriever"] == key]
        upper, lower = lines[LOOKS[key].label, "y"], lines[LOOKS[key].label, "y2"]
        np.testing.assert_array_equal(upper.x, SIZES)
        np.testing.assert_allclose(upper.y, part["ndcg"])
        np.testing.assert_allclose(lower.y, 100 * part["pool_recall"])
        assert (upper.line.color, upper.line.dash) == (LOOKS[key].colour, LOOKS[key].dash)
    first = found.frame[found.frame["retriever"] == "embedding"]
    np.testing.assert_allclose(bands[0].y, [*first["ndcg_high"], *first["ndcg_low"][::-1]])
    shapes = [(shape.type, shape.x0, shape.x1) for shape in chart.layout.shapes]
    # n is 5: ten to twenty times that, on both plots; and the run's own 50.
    assert shapes.count(("rect", 50, 100)) == 2
    assert shapes.count(("line", 50, 50)) == 2
    full = found.frame[found.frame["retriever"] == "full"].iloc[0]
    heights = {shape.y0 for shape in chart.layout.shapes if shape.y0 == shape.y1}
    assert heights == {full["ndcg"], 100 * full["pool_recall"]}


def test_names_at_line_ends_stay_within_the_plot_and_apart(found):
    chart = size_chart(found)
    for axis, top in (("y", chart.layout.yaxis.range[1]), ("y2", chart.layout.yaxis2.range[1])):
        named = [note for note in chart.layout.annotations if note.yref == axis and note.xref == "x domain"]
        places = sorted(note.y for note in named)
        assert len(places) == (4 if axis == "y" else 3)
        assert places[-1] <= top
        assert min(np.diff(places)) >= 0.0899 * top


def test_the_chart_of_costs_draws_the_front_and_rings_the_advice(found):
    advice = found.advice()
    chart = cost_front_chart(found, advice, None)
    traces = {trace.name: trace for trace in chart.data}
    front = found.front()
    np.testing.assert_array_equal(traces["Pareto front"].x, front["latency_ms"])
    np.testing.assert_array_equal(traces["Pareto front"].y, front["ndcg"])
    assert traces["Pareto front"].line.shape == "hv"
    assert (traces["Advice"].x[0], traces["Advice"].y[0]) == (advice.latency_ms, advice.ndcg)
    for key, curve in found.curves.items():
        part = found.frame[found.frame["retriever"] == key]
        drawn = traces[LOOKS[key].label]
        np.testing.assert_array_equal(drawn.x, part["latency_ms"])
        assert [size > 5 for size in drawn.marker.size] == part["latency_measured"].tolist()
        assert drawn.customdata[:, 0].tolist() == list(curve.sizes)
    names = {note.text for note in chart.layout.annotations}
    assert names <= {f"{k:,}" for k in front["k"]} | {"full"}
    last = front.iloc[-1]
    assert ("full" if last["retriever"] == "full" else f"{last['k']:,}") in names
    nothing = cost_front_chart(found, found.advice(1e-6), 1e-6)
    assert "Advice" not in {trace.name for trace in nothing.data}
    assert nothing.layout.xaxis.range[0] <= -6
