"""What is asked and told: answers agree with the figures, nothing is given away, texts have numbers."""

import re
from xml.etree import ElementTree

import pytest

from skrec_lite.exceptions import InvalidParameterError
from skrec_lite.experiment.lessons import (
    EXERCISES,
    STEPS,
    TERMS,
    Choice,
    Estimate,
    answered,
    matching_terms,
    score_words,
    teachers_sheet,
)
from skrec_lite.experiment.lessons.pools import crossing
from skrec_lite.experiment.report.definitions import GLOSSARY
from tests.experiment.lesson_run import small_lesson


@pytest.fixture(scope="module")
def lesson():
    return small_lesson()


def test_a_choice_is_right_by_its_option():
    question = Choice("Which?", ("a", "b"), 1)
    assert answered(question, "b").is_right
    assert not answered(question, "a").is_right
    assert question.answer_words == "b"
    with pytest.raises(InvalidParameterError, match="place among 2"):
        Choice("Which?", ("a", "b"), 2)


@pytest.mark.parametrize(("given", "right"), [(30.0, True), (50.0, True), (29.9, False), (50.1, False)])
def test_an_estimate_is_right_within_its_tolerance(given, right):
    assert answered(Estimate("How many?", 40.0), given).is_right is right


def test_to_be_shown_is_not_to_be_right():
    assert not answered(Estimate("How many?", 50.0), None).is_right


def test_the_score_counts_right_answers():
    question = Choice("Which?", ("a", "b"), 0)
    answers = {"x": answered(question, "a"), "y": answered(question, None)}
    assert score_words(answers, 8) == "1 of 2 predicted right, 6 questions to go"
    assert score_words(answers, 3) == "1 of 2 predicted right, 1 question to go"
    assert score_words(answers, 2) == "1 of 2 predicted right"


def test_answers_are_the_lessons_figures(lesson):
    hundred = {key: 100 * lesson.recall(key, lesson.top_k) for key in lesson.result.runs}
    questions = {key: step.question(lesson) for key, step in STEPS.items()}
    assert questions["profile"].answer == pytest.approx(hundred["content"])
    assert questions["pool"].answer == pytest.approx(hundred["embedding"])
    assert questions["ranker"].answer == pytest.approx(hundred["popularity"])
    worst = min(lesson.contenders.values(), key=lambda one: one.at(lesson.top_k))
    assert questions["surprise"].answer_words == worst.label
    seconds = 1e-6 * lesson.cost.trees * 100_000_000
    bounds = {"under 10 ms": 0.01, "10 ms to 1 s": 1, "1 s to 1 min": 60, "over a minute": float("inf")}
    assert questions["cost"].answer_words == next(words for words, most in bounds.items() if seconds < most)


def test_no_prompt_gives_its_answer_away_and_each_is_explained_by_it(lesson):
    for key, step in STEPS.items():
        question = step.question(lesson)
        if isinstance(question, Estimate):
            number = f"{question.answer:.1f}"
            assert not re.search(rf"\b{re.escape(number)}\b", step.intro + question.prompt), key
            assert number in " ".join(step.told(lesson)), key
            assert question.low <= question.answer <= question.high


def test_the_surprise_says_what_came_out(lesson):
    told = STEPS["surprise"].told(lesson)
    verdict = "The best for a list is the worst for a pool."
    assert (told[0] == verdict) is crossing(lesson).is_reversed
    published = STEPS["surprise"].small_print(lesson)[-1]
    assert ".5825" in published
    assert "computed elsewhere" in published


def test_every_term_has_an_example_with_a_number_and_a_place(lesson):
    assert 15 <= len(TERMS) <= 25
    screens = ("Compare", "Candidates", "Rankings", "Train", "Learn")
    for term in TERMS.values():
        assert re.search(r"\d", term.example(lesson)), term.name
        assert term.where.startswith(screens), term.name
    assert list(TERMS) == sorted(TERMS, key=str.lower)


def test_measures_are_defined_once():
    for name in ("Recall@k", "nDCG@k", "MRR", "MAP", "Hit rate@k", "Precision@k"):
        assert TERMS[name].definition == GLOSSARY[name]


def test_examples_agree_with_the_result(lesson):
    final = lesson.result.final_frame().set_index("retriever")
    assert f"{final.loc['embedding', 'mrr']:.3f}" in TERMS["MRR"].example(lesson)
    assert f"{final.loc['embedding', 'ndcg']:.3f}" in TERMS["nDCG@k"].example(lesson)
    assert f"{100 * final.loc['full', 'recall']:.1f}" in TERMS["Full catalogue"].example(lesson)


def test_search_finds_names_first():
    found = [term.name for term in matching_terms("RANKER")]
    assert found[0] == "Ranker"
    assert "Full catalogue" in found
    assert "MRR" not in found
    assert matching_terms("") == list(TERMS.values())
    assert matching_terms("zzz") == []


def test_exercises_are_answered_from_the_lesson(lesson):
    assert 8 <= len(EXERCISES) <= 12
    assert EXERCISES[0].takes == "5 minutes"
    assert EXERCISES[-1].takes == "homework"
    for one in EXERCISES:
        assert re.search(r"\d", one.answer(lesson)), one.title
    by_title = {one.title: one.answer(lesson) for one in EXERCISES}
    size = lesson.result.pool_reaching("embedding", 0.9)
    assert by_title["How large a pool?"].startswith(f"{size} of {lesson.top_k} candidates")
    assert by_title["Recall by hand"] == "0.0, 50.0 and 100.0 of 100; 1 / 3 = 0.333."


def test_the_sheet_is_one_well_formed_page_that_needs_nothing_else(lesson):
    page = teachers_sheet(lesson)
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    assert not list(root.iter("script"))
    assert not [link for link in root.iter() if link.get("src")]
    assert all(link.get("href").startswith("#") for link in root.iter("a"))
    words = " ".join(" ".join(root.itertext()).split())
    for one in EXERCISES:
        assert " ".join(one.task(lesson).split()) in words
        assert " ".join(one.answer(lesson).split()) in words
    for term in TERMS.values():
        assert term.name in words
    ids = [element.get("id") for element in root.iter("h2")]
    assert ids.index("exercises") < ids.index("answers")
