"""The glossary: opened by its button, searched, with numbers once the lesson is there."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.components import learn_lesson
from pages.components.learn_lesson import LessonSlot
from pages.components.text import plain
from skrec_lite.experiment.lessons import TERMS
from tests.experiment.lesson_run import small_lesson
from tests.pages.driving import texts


def screen():
    """A screen that has nothing but the button."""
    from pages.components.glossary import glossary_button

    glossary_button()


@pytest.fixture
def opened(monkeypatch):
    slot = LessonSlot(small_lesson())
    monkeypatch.setattr(learn_lesson, "lesson_slot", lambda: slot)
    app = AppTest.from_function(screen, default_timeout=60).run()
    assert not texts(app)
    return app.button(key="glossary_open").click().run()


def test_every_term_is_there_with_its_example_and_place(opened):
    assert not opened.exception
    said = texts(opened)
    for term in TERMS.values():
        assert f"**{plain(term.name)}**" in said
        assert plain(term.definition) in said
        assert plain(term.example(small_lesson())) in said
        assert plain(term.where) in said


def search(app, query):
    """Search in the open dialog; a whole rerun, as the harness makes it, closes it unless opened again."""
    app.text_input(key="glossary_query").set_value(query)
    return app.button(key="glossary_open").click().run()


def test_search_leaves_what_matches(opened):
    search(opened, "permutation")
    said = texts(opened)
    assert "1 term." in said
    assert "**p-value, Holm**" in said
    assert "**Recall@k**" not in said


def test_a_search_without_a_match_says_so(opened):
    search(opened, "[x](http://e.org)")
    assert "No term has" in opened.info[0].value
    assert r"\[x\]\(http" in opened.info[0].value


def test_definitions_do_not_wait_for_the_numbers(monkeypatch):
    go_on, slot = threading.Event(), LessonSlot()
    monkeypatch.setattr(learn_lesson, "lesson_slot", lambda: slot)
    monkeypatch.setattr(learn_lesson, "make_lesson", lambda *given, **kwargs: go_on.wait(20))
    app = AppTest.from_function(screen, default_timeout=60).run()
    app.button(key="glossary_open").click().run()
    go_on.set()
    slot.job.wait(20)
    assert not app.exception
    assert plain(TERMS["MRR"].definition) in texts(app)
    assert "still being computed" in texts(app)


def test_the_lesson_comes_with_what_the_glossary_tells_of_it(monkeypatch):
    asked, lesson = [], small_lesson()
    monkeypatch.setattr(learn_lesson, "make_lesson", lambda *given, **kwargs: lesson)
    terms = {name: SimpleNamespace(example=lambda of, name=name: asked.append((name, of))) for name in "ab"}
    monkeypatch.setattr(learn_lesson, "TERMS", terms)
    slot = LessonSlot()
    slot.start()
    for _ in range(200):
        if slot.lesson is not None:
            break
        threading.Event().wait(0.05)
    assert slot.lesson is lesson
    assert asked == [("a", lesson), ("b", lesson)], "the glossary would otherwise work it out when opened"
