"""Learn: nothing is shown before a prediction, the score counts, every step draws what the lesson holds."""

from __future__ import annotations

import threading
from xml.etree import ElementTree

import pytest

from pages.components import learn_lesson
from pages.components.charts_learn import cost_chart
from pages.components.learn_lesson import LessonSlot
from pages.components.session import FinishedRun, Lab
from pages.components.text import plain
from skrec_lite.exceptions import Cancelled, InvalidDataError
from skrec_lite.experiment.lessons import STEPS, Choice, teachers_sheet
from skrec_lite.experiment.lessons.cost import Load, load_of, time_in_words
from skrec_lite.experiment.lessons.embedding import products
from skrec_lite.experiment.lessons.pools import ends, first_candidates
from tests.experiment.lesson_run import small_lesson
from tests.pages.driving import figure, go, metric, texts


@pytest.fixture(scope="module")
def lesson():
    return small_lesson()


@pytest.fixture
def learn(app, lesson, monkeypatch):
    """The Learn screen with the small lesson there."""
    slot = LessonSlot(lesson)
    monkeypatch.setattr(learn_lesson, "lesson_slot", lambda: slot)
    return go(app, "learn")


def at(app, step):
    """Go to a step by the picker."""
    app.segmented_control(key="step").set_value(step).run()
    assert not app.exception
    return app


def show(app, step):
    return at(app, step).button(key=f"learn_show_{step}").click().run()


def test_nothing_is_revealed_before_an_answer(learn, lesson):
    for key, step in STEPS.items():
        at(learn, key)
        assert plain(step.question(lesson).prompt) in texts(learn)
        assert not learn.get("plotly_chart")
        for sentence in step.told(lesson):
            assert plain(sentence) not in texts(learn)


@pytest.mark.parametrize("key", list(STEPS))
def test_show_me_reveals_the_explanation_and_one_chart(learn, lesson, key):
    show(learn, key)
    assert not learn.exception
    assert len(learn.get("plotly_chart")) == 1
    for sentence in [*STEPS[key].told(lesson), *STEPS[key].small_print(lesson)]:
        assert plain(sentence) in texts(learn)
    assert "0 of 1 predicted right, 7 questions to go" in texts(learn)
    assert f"It is **{plain(STEPS[key].question(lesson).answer_words)}**" in texts(learn)


def test_a_right_and_a_wrong_prediction_are_counted(learn, lesson):
    answer = STEPS["pool"].question(lesson).answer
    at(learn, "pool").slider(key="learn_guess_pool").set_value(round(answer)).run()
    learn.button(key="learn_check_pool").click().run()
    assert "**Right.**" in texts(learn)
    assert "1 of 1 predicted right, 7 questions to go" in texts(learn)
    question = STEPS["surprise"].question(lesson)
    assert isinstance(question, Choice)
    wrong = next(option for option in question.options if not question.is_right(option))
    assert at(learn, "surprise").button(key="learn_check_surprise").disabled
    learn.radio(key="learn_guess_surprise").set_value(wrong).run()
    learn.button(key="learn_check_surprise").click().run()
    assert "**Not quite.**" in texts(learn)
    assert "1 of 2 predicted right, 6 questions to go" in texts(learn)
    learn.button(key="learn_restart").click().run()
    assert "Nothing predicted yet" in texts(learn)
    assert not learn.get("plotly_chart")


def test_next_and_back_walk_through_all_steps(learn):
    assert learn.button(key="learn_back").disabled
    for step in list(STEPS.values())[1:]:
        learn.button(key="learn_next").click().run()
        assert learn.subheader[0].value.endswith(step.title)
    assert learn.button(key="learn_next").disabled
    learn.button(key="learn_back").click().run()
    assert learn.subheader[0].value.endswith(list(STEPS.values())[-2].title)


def test_score_and_step_survive_another_screen(learn):
    show(learn, "ranker")
    go(go(learn, "home"), "learn")
    assert "0 of 1 predicted right" in texts(learn)


def test_calculator_follows_its_sliders(learn, lesson):
    show(learn, "cost")
    learn.select_slider(key="learn_items").set_value(10**9).run()
    learn.select_slider(key="learn_looked_at").set_value(0.1).run()
    load = load_of(lesson.cost, 10**9, looked_at=0.1)
    assert metric(learn, "Every item scored") == time_in_words(load.full)
    assert metric(learn, "Two stages") == time_in_words(load.two_stages)


def test_dot_product_is_drawn_number_by_number(learn, lesson):
    show(learn, "dot")
    user = learn.selectbox(key="learn_reader").value
    offered = list(first_candidates(lesson, "embedding", user))
    learn.selectbox(key=f"learn_embedding_candidate_{user}").set_value(offered[4]).run()
    found = products(lesson, user, offered[4])
    assert f"add up to {found.total:.4f}; the model's score is {found.score:.4f}" in texts(learn)


def test_ranker_chart_has_the_ends_of_held_out_books(learn, lesson):
    show(learn, "ranker")
    drawn = figure(learn, "Where held-out books are lost")["data"]
    bars = [bar for bar in drawn if "text" in bar]
    assert [bar["name"] for bar in bars] == ["shown", "lost in ranking", "lost in retrieval"]
    expected = ends(lesson)["shown"].tolist()[::-1]
    assert [float(text) for text in bars[0]["text"]] == pytest.approx(expected, abs=0.051)


def test_recall_of_the_pool_step_follows_k(learn, lesson):
    show(learn, "pool")
    learn.slider(key="learn_k").set_value(20).run()
    assert metric(learn, "Embedding, recall@20") == f"{100 * lesson.recall('embedding', 20):.1f} of 100"


def test_sheet_is_offered(learn, lesson):
    assert any(button.key == "learn_sheet" for button in learn.get("download_button"))
    ElementTree.fromstring(teachers_sheet(lesson).removeprefix("<!DOCTYPE html>\n"))


def test_progress_until_the_lesson_is_there(app, lesson, monkeypatch, request):
    go_on, slot = threading.Event(), LessonSlot()
    request.addfinalizer(go_on.set)

    def slow(data, finished, *, progress, cancel):
        progress(0.4, "A large model: training")
        go_on.wait(20)
        return lesson

    monkeypatch.setattr(learn_lesson, "lesson_slot", lambda: slot)
    monkeypatch.setattr(learn_lesson, "make_lesson", slow)
    go(app, "learn")
    assert not app.exception
    assert "Making the lesson" in app.get("progress")[0].text
    assert app.segmented_control(key="step")
    go_on.set()
    slot.job.wait(20)
    app.run()
    assert "Nothing predicted yet" in texts(app)


def test_a_failure_is_said_and_can_be_tried_again(app, lesson, monkeypatch):
    slot = LessonSlot()

    def fail(data, finished, *, progress, cancel):
        raise InvalidDataError("The sample data is incomplete.")

    monkeypatch.setattr(learn_lesson, "lesson_slot", lambda: slot)
    monkeypatch.setattr(learn_lesson, "make_lesson", fail)
    slot.start()
    slot.job.wait(20)
    go(app, "learn")
    assert not app.exception
    assert app.error[0].value == "The sample data is incomplete."
    monkeypatch.setattr(learn_lesson, "make_lesson", lambda *given, **kwargs: lesson)
    app.button(key="learn_retry").click().run()
    slot.job.wait(20)
    app.run()
    assert "Nothing predicted yet" in texts(app)


def test_a_cancelled_making_is_no_end(monkeypatch):
    def cancelled(data, finished, *, progress, cancel):
        raise Cancelled("stopped")

    slot = LessonSlot()
    monkeypatch.setattr(learn_lesson, "make_lesson", cancelled)
    slot.start()
    slot.job.wait(20)
    assert slot.lesson is None
    slot.forget_failure()
    assert slot.job is None


def test_a_comparison_of_this_session_serves_where_it_suits(lesson, small_result, monkeypatch):
    monkeypatch.setattr(learn_lesson, "sample", lambda: lesson.result.data)
    here = Lab(lesson.result.data, runs=[FinishedRun(1, lesson.result)], shown=1)
    assert learn_lesson._finished(here) is lesson.result
    other = Lab(small_result.data, runs=[FinishedRun(1, small_result)], shown=1)
    assert learn_lesson._finished(other) is None
    assert learn_lesson._finished(Lab(lesson.result.data)) is None


@pytest.mark.parametrize("micro_rank", [0.05, 0.3, 1.0, 5.0])
def test_the_names_of_both_ways_keep_clear_of_the_line_of_what_is_noticed(micro_rank):
    """However fast the machine is on which the time of a pair was measured."""
    load = Load(10**8, 100.0, 200, 0.01, micro_retrieve=0.005, micro_rank=micro_rank)
    names = {note.text: note for note in cost_chart(load).layout.annotations}
    notice = names["0.1 s"].y
    assert names["<b>Every item scored</b>"].y > notice + 0.5, (
        "half a power of ten: a line of text on a phone"
    )
    assert names["<b>Two stages</b>"].y < notice - 0.5
