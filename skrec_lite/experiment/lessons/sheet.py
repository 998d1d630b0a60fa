"""The teacher's sheet: exercises, answers, the tour's questions and the glossary as one page to print."""

from __future__ import annotations

from typing import Final

from skrec_lite.experiment.lessons.exercises import EXERCISES
from skrec_lite.experiment.lessons.lesson import Lesson
from skrec_lite.experiment.lessons.questions import Choice
from skrec_lite.experiment.lessons.steps import STEPS
from skrec_lite.experiment.lessons.terms import TERMS
from skrec_lite.experiment.plan.software import library_version
from skrec_lite.experiment.report.markup import Html, bullets, joined, style, tag
from skrec_lite.experiment.report.theme import CSS

_MORE_CSS: Final = """
h3 .soft { font-weight: 400; }
@media print { #answers { break-before: page; } .task { break-inside: avoid; } }
"""


def teachers_sheet(lesson: Lesson) -> str:
    """Return exercises and, from a new page on, their answers, as one HTML page.

    It opens offline, prints in black and white, and holds no script. Answers are computed from the lesson.

    Returns
    -------
    str
        Well-formed as HTML and as XML.

    Examples
    --------
    >>> from pathlib import Path
    >>> Path("exercises.html").write_text(teachers_sheet(lesson), encoding="utf-8")  # doctest: +SKIP
    """
    title = "Two-stage retrieval: exercises"
    sections = [
        ("exercises", "Exercises", _tasks(lesson)),
        ("answers", "Answers", _answers(lesson)),
        ("tour", "The tour's questions and answers", _tour(lesson)),
        ("glossary", "Glossary", _glossary(lesson)),
    ]
    contents = tag("ul", [tag("li", tag("a", name, href=f"#{key}")) for key, name, _ in sections])
    body = [
        tag(
            "header",
            tag("h1", title),
            tag(
                "p",
                f"For the Learn screen of the two-stage retrieval lab, skrec_lite {library_version()}. All "
                "answers "
                f"were computed on the sample bookshop: {lesson.n_users:,} readers, {lesson.n_items:,} "
                f"books, pools of {lesson.top_k}, lists of {lesson.n}.",
                class_="soft",
            ),
            tag("nav", contents, aria_label="Contents"),
        ),
        tag("main", [tag("section", tag("h2", name, id=key), section) for key, name, section in sections]),
        tag("footer", "Figures come out the same on any machine, to rounding; times depend on the machine."),
    ]
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        style(CSS + _MORE_CSS),
    ]
    return "<!DOCTYPE html>\n" + tag("html", tag("head", head), tag("body", body), lang="en") + "\n"


def _tasks(lesson: Lesson) -> Html:
    return joined(
        tag(
            "div",
            tag("h3", f"{place}. {one.title} ", tag("span", f"({one.takes})", class_="soft")),
            tag("p", one.task(lesson)),
            class_="task",
        )
        for place, one in enumerate(EXERCISES, start=1)
    )


def _answers(lesson: Lesson) -> Html:
    return tag("ol", [tag("li", tag("strong", one.title), ": ", one.answer(lesson)) for one in EXERCISES])


def _tour(lesson: Lesson) -> Html:
    parts = []
    for place, step in enumerate(STEPS.values(), start=1):
        question = step.question(lesson)
        options = bullets(question.options) if isinstance(question, Choice) else None
        parts.append(
            [
                tag("h3", f"{place}. {step.title}"),
                tag("p", step.intro),
                tag("p", tag("strong", question.prompt)),
                options,
                tag("p", f"Answer: {question.answer_words}."),
                bullets([*step.told(lesson), *step.small_print(lesson)]),
            ]
        )
    return joined(parts)


def _glossary(lesson: Lesson) -> Html:
    return tag(
        "dl",
        [
            [tag("dt", term.name), tag("dd", term.definition, " ", tag("em", term.example(lesson)))]
            for term in TERMS.values()
        ],
    )
