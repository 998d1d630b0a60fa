"""Training as it is watched: one curve a training, drawn as it was reported, live and afterwards."""

from __future__ import annotations

import math
import re
import threading
from dataclasses import replace

import pytest

from pages.components.charts_training import HEIGHT, HEIGHT_WITH_METRIC, training_chart
from pages.components.jobs import Job
from pages.components.session import FinishedRun, Lab
from pages.components.training_curves import curve_words, live_words, past_words, trainings
from skrec_lite.estimator.training import Epoch
from tests.pages.driving import figure, finish, go, lab_of, open_app, texts


def training(losses, model="NCF", total=10, metric="", values=(), n_parameters=None):
    """Epochs of half a second each."""
    values = [*values, *[None] * (len(losses) - len(values))]
    return tuple(
        Epoch(model, number, total, loss, metric, value, n_parameters, number / 2)
        for number, (loss, value) in enumerate(zip(losses, values, strict=True), start=1)
    )


def boosted(losses, values=()):
    """Rounds of trees that measure the log loss."""
    rounds = training(losses, model="XGBoost", metric="logloss" if values else "", values=values)
    return tuple(replace(epoch, unit="round", loss_name="logloss", rises=False) for epoch in rounds)


class Watched:
    """A run that reports what it is given, waits to be let through, reports the rest and ends."""

    def __init__(self, first, rest=(), between=(), result=None):
        self.first, self.rest, self.between, self.result = first, rest, between, result
        self.reported, self.open = threading.Event(), threading.Event()

    def report(self, *epochs):
        """Report further epochs while it waits."""
        for epoch in epochs:
            self.progress(0.35, "Training: NCF: epoch", epoch)

    def __call__(self, progress, cancel):
        self.progress = progress
        for epoch in self.first:
            progress(0.3, "Training: NCF: epoch", epoch)
        for stage in self.between:
            progress(0.4, stage)
        self.reported.set()
        self.open.wait(20)
        for epoch in self.rest:
            progress(0.9, "Training: Matrix: epoch", epoch)
        return self.result


@pytest.fixture
def watch(monkeypatch, small_data):
    """Open the Train screen on a run that has reported some epochs and waits."""
    started = []

    def start(first, rest=(), between=(), result=None):
        work = Watched(first, rest, between, result)
        started.append(work)
        monkeypatch.setattr(
            "pages.components.session.run_experiment",
            lambda data, config, progress, cancel: work(progress, cancel),
        )
        app = go(open_app(Lab(small_data)), "train")
        app.button(key="train_run").click().run()
        assert work.reported.wait(10)
        return app.run(), work

    yield start
    for work in started:
        work.open.set()


def alts(app):
    return [shown.proto.alt for shown in app.get("plotly_chart")]


def lines(chart):
    """Name, numbers and values of each curve of a figure."""
    return [(trace.name, list(trace.x), list(trace.y)) for trace in chart.data]


def test_another_model_and_a_count_that_starts_anew_begin_a_training():
    first, second = training([3, 2, 1]), training([9, 8], model="iALS")
    assert trainings(()) == []
    assert trainings(first) == [first]
    assert trainings((*first, *second)) == [first, second]
    assert trainings((*first, *first)) == [first, first]
    assert trainings((*first, *second, *first)) == [first, second, first]


def test_a_job_keeps_every_epoch_in_order_and_nothing_from_between_stages():
    epochs = training([3, 2, 1])
    work = Watched(epochs[:2], epochs[2:])
    job = Job.submit(work)
    assert work.reported.wait(10)
    seen = job.epochs
    assert seen == epochs[:2]
    work.open.set()
    job.wait(10)
    assert seen == epochs[:2]
    assert job.epochs == epochs


def test_the_curve_is_the_losses_as_reported_over_all_epochs_there_may_be():
    chart = training_chart(training([3.0, 2.0, 1.5]))
    assert lines(chart) == [("Loss", [1, 2, 3], [3.0, 2.0, 1.5])]
    assert chart.layout.xaxis.range == (0.5, 10.5)
    assert [note.text for note in chart.layout.annotations] == ["<b>1.5</b>"]
    assert chart.layout.height == HEIGHT
    assert training_chart(training([3.0, 2.0, 1.5]), whole=True).layout.xaxis.range == (0.5, 3.5)


def test_a_validation_measure_has_a_chart_of_its_own_below():
    epochs = training([3.0, 2.0, 1.5], metric="recall@20", values=[0.1, None, 0.2])
    chart = training_chart(epochs)
    loss, measure = chart.data
    assert lines(chart)[1] == ("recall@20", [1, 2, 3], [0.1, None, 0.2])
    assert (loss.yaxis, measure.yaxis) == ("y", "y2")
    assert chart.layout.yaxis2.title.text == "recall@20"
    assert [note.text for note in chart.layout.annotations] == ["<b>1.5</b>", "<b>0.2</b>"]
    # Nothing moves while it grows.
    assert training_chart(epochs[:1]).layout.height == chart.layout.height == HEIGHT_WITH_METRIC


def test_trees_are_counted_in_rounds_and_their_loss_has_the_engines_name():
    chart = training_chart(boosted([0.6, 0.5]))
    assert lines(chart) == [("Training logloss", [1, 2], [0.6, 0.5])]
    assert chart.layout.xaxis.title.text == "Round"
    assert training_chart(training([3.0])).layout.xaxis.title.text == "Epoch"
    watched = training_chart(boosted([0.6, 0.5], values=[0.7, 0.65]))
    assert [trace.name for trace in watched.data] == ["Training logloss", "Validation logloss"]
    assert curve_words(boosted([0.6, 0.5], values=[0.7, 0.65])) == (
        "Training logloss of XGBoost by round, from 0.6 to 0.5 after 2; Validation logloss from 0.7 to 0.65"
    )


def test_losses_that_are_no_numbers_leave_gaps():
    chart = training_chart(training([2.0, math.nan, math.inf, None]))
    assert lines(chart) == [("Loss", [1, 2, 3, 4], [2.0, None, None, None])]
    assert [note.text for note in chart.layout.annotations] == ["<b>2</b>"]
    assert not training_chart(training([math.nan])).layout.annotations


@pytest.mark.parametrize(
    ("total", "ticks"),
    [
        (1, [1]),
        (4, [1, 2, 3, 4]),
        (10, [1, 2, 4, 6, 8, 10]),
        (15, [1, 5, 10, 15]),
        (100, [1, 20, 40, 60, 80, 100]),
        (1003, [1, 500, 1003]),
    ],
)
def test_whole_epochs_are_labelled_the_first_and_the_last_among_them(total, ticks):
    assert list(training_chart(training([1.0], total=total)).layout.xaxis.tickvals) == ticks


def test_words_of_a_training_under_way_and_of_one_that_ended():
    going = training([3.0, 2.0], n_parameters=1234567)
    assert live_words(going) == "NCF · 1,234,567 parameters · epoch 2 of 10"
    assert past_words(going) == "1,234,567 parameters · 2 epochs of at most 10 · 1.0 s"
    ended = training([3.0, 2.0], total=2)
    assert live_words(ended) == "NCF · epoch 2 of 2"
    assert past_words(ended) == "2 epochs · 1.0 s"
    assert past_words(training([None], total=1)) == "1 epoch · 0.5 s · it reports no loss"
    rounds = boosted([0.6, 0.5, 0.4], values=[0.6, 0.55, 0.58])
    assert live_words(rounds) == "XGBoost · round 3 of 10"
    assert past_words(rounds) == "3 rounds of at most 10 · 1.5 s · best logloss 0.55 in round 2"
    stopped = training([3.0, 2.0, 1.5], metric="recall@20", values=[0.1, 0.25, 0.2])
    assert past_words(stopped) == "3 epochs of at most 10 · 1.5 s · best recall@20 0.25 in epoch 2"


def test_words_for_those_who_cannot_see_the_curve():
    assert curve_words(training([3.0, 1.25])) == "Loss of NCF by epoch, from 3 to 1.25 after 2"
    measured = training([3.0, 1.25], metric="recall@20", values=[0.1, 0.2])
    assert curve_words(measured).endswith("after 2; recall@20 from 0.1 to 0.2")


def test_the_panel_draws_the_present_training(watch):
    app, _ = watch((*training([9.0, 8.0], model="Other"), *training([3.0, 2.0], n_parameters=5000)))
    assert not app.exception
    drawn = figure(app, "Loss of NCF by epoch, from 3 to 2")
    assert drawn["data"][0]["y"] == [3.0, 2.0]
    assert len(alts(app)) == 1
    assert "NCF · 5,000 parameters · epoch 2 of 10" in texts(app)
    left = re.search(r"so far, at most (\d\.\d) s of training left\.", texts(app))
    assert left is not None
    assert float(left[1]) <= 4.0
    assert app.button(key="run_cancel")


@pytest.mark.parametrize(
    ("then", "between"),
    [((), ["Retrieving"]), (training([None], model="XGBoost"), [])],
    ids=["another stage", "a training without losses"],
)
def test_the_curve_stays_when_its_training_has_ended(watch, then, between):
    app, _ = watch((*training([3.0, 2.0]), *then), between=between)
    assert alts(app) == ["Loss of NCF by epoch, from 3 to 2 after 2"]
    assert "NCF · 2 epochs of at most 10 · 1.0 s" in texts(app)
    # The trees have a time of their own, the stage has none.
    assert ("training left" in texts(app)) is bool(then)


def test_the_curve_is_drawn_anew_when_there_is_something_new_only(watch, monkeypatch):
    drawn = []

    def chart(epochs, **options):
        drawn.append(len(epochs))
        return training_chart(epochs, **options)

    monkeypatch.setattr("pages.components.training_curves.training_chart", chart)
    app, work = watch(training([3.0, 2.0]))
    app.run()
    app.run()
    assert drawn == [2]
    work.report(training([3.0, 2.0, 1.0])[2])
    app.run()
    assert drawn == [2, 3]
    assert figure(app, "Loss of NCF by epoch, from 3 to 1")["data"][0]["y"] == [3.0, 2.0, 1.0]
    work.report(*training([3.0, 2.0, 0.5]))
    app.run()
    assert figure(app, "Loss of NCF by epoch, from 3 to 0.5")["data"][0]["y"] == [3.0, 2.0, 0.5]


def test_the_panel_never_grows_smaller(watch):
    measured = training([3.0, 2.0], metric="recall@20", values=[0.1, 0.2])
    app, _ = watch((*measured, *training([9.0, 8.0], model="Other")))
    assert figure(app, "Loss of Other")["layout"]["height"] == HEIGHT_WITH_METRIC


@pytest.mark.parametrize("epochs", [(), training([None, None])], ids=["none", "without loss"])
def test_the_panel_draws_nothing_for_a_training_without_losses(watch, epochs):
    app, _ = watch(epochs)
    assert not app.exception
    assert lab_of(app).is_running
    assert alts(app) == []


def test_every_training_of_a_finished_run_can_be_read_again(watch, small_result):
    ncf, trees = training([3.0, 2.0, 1.0], n_parameters=5000), training([None] * 4, model="XGBoost", total=4)
    app, work = watch(ncf, trees, result=small_result)
    work.open.set()
    finish(app)
    assert not app.exception
    story = next(shown for shown in app.expander if shown.label == "How training went")
    assert [words.value for words in story.markdown] == ["**NCF**", "**XGBoost**"]
    assert [words.value for words in story.caption] == [past_words(ncf), past_words(trees)]
    assert alts(app) == ["Loss of NCF by epoch, from 3 to 1 after 3"]


def test_each_run_keeps_its_own_story(small_data, small_result):
    other = replace(small_result, total_seconds=1.0)
    runs = [FinishedRun(2, other, training([5.0, 4.0], model="iALS")), FinishedRun(1, small_result)]
    app = go(open_app(Lab(small_data, runs=runs, shown=2)), "train")
    assert alts(app) == ["Loss of iALS by epoch, from 5 to 4 after 2"]
    app.selectbox(key="train_shown").set_value(1).run()
    assert not app.exception
    assert alts(app) == []
    assert "How training went" not in [shown.label for shown in app.expander]


def test_a_real_run_shows_the_losses_of_its_model(app):
    go(app, "train")
    app.number_input(key="train_mf_implicit_epochs").set_value(5).run()
    app.pills(key="train_retrievers").set_value(["embedding"]).run()
    app.button(key="train_run").click().run()
    finish(app)
    assert not app.exception
    losses = figure(app, "Loss of Matrix factorization")["data"][0]["y"]
    estimator = lab_of(app).result.recommenders["embedding"].scorer.estimator
    assert losses == pytest.approx(estimator.losses_)
    assert len(losses) == 5
